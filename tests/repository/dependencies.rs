//! The dependencies between packages, as cargo resolves them.
//!
//! Goal: the suite shares no code with the server that it judges, the model shares none with
//! anything, and the daemon holds nothing that only other programs need. Method: the resolve graph
//! of `cargo metadata`, along normal dependencies. Limits: only the dependencies on this platform
//! are seen; a target's own count in the closures, and not for the core, which has loom in tests.

use serde_json::Value;
use std::collections::BTreeSet;
use std::process::Command;

/// The standard output of cargo with these arguments.
fn cargo(arguments: &[&str]) -> Vec<u8> {
    let mut cargo = Command::new(env!("CARGO"));
    let output = cargo.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).output();
    let output = output.expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// The graph for this platform: cargo has not fetched the packages of others, and is offline.
fn metadata() -> Value {
    let version = String::from_utf8(cargo(&["-vV"])).expect("text");
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).expect("a host");
    let fixed = ["metadata", "--format-version", "1", "--offline", "--locked"];
    let output = cargo(&[&fixed[..], &["--filter-platform", host]].concat());
    serde_json::from_slice(&output).expect("JSON")
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// The name of the package with this id.
fn name<'a>(graph: &'a Value, id: &str) -> &'a str {
    let package = list(&graph["packages"]).iter().find(|package| package["id"] == id);
    package.and_then(|package| package["name"].as_str()).expect("an id has a package")
}

/// The ids of the direct normal dependencies of a package; those for single targets if `targets`.
fn direct<'a>(graph: &'a Value, id: &str, targets: bool) -> Vec<&'a str> {
    let node = list(&graph["resolve"]["nodes"]).iter().find(|node| node["id"] == id);
    let normal = |kind: &Value| kind["kind"].is_null() && (targets || kind["target"].is_null());
    list(&node.expect("an id has a node")["deps"])
        .iter()
        .filter(|dependency| list(&dependency["dep_kinds"]).iter().any(normal))
        .map(|dependency| dependency["pkg"].as_str().expect("an id"))
        .collect()
}

/// The id of a member of the workspace.
fn member<'a>(graph: &'a Value, wanted: &str) -> &'a str {
    let mut ids = list(&graph["workspace_members"]).iter().filter_map(Value::as_str);
    ids.find(|id| name(graph, id) == wanted).expect("a member of the workspace")
}

/// The names of all packages that a member is built with, itself included.
fn closure<'a>(graph: &'a Value, package: &str) -> BTreeSet<&'a str> {
    let mut seen = BTreeSet::new();
    let mut next = vec![member(graph, package)];
    while let Some(id) = next.pop() {
        if seen.insert(id) {
            next.extend(direct(graph, id, true));
        }
    }
    seen.into_iter().map(|id| name(graph, id)).collect()
}

/// One sentence for each dependency that a package must not have.
fn faults(graph: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    for (package, forbidden) in [
        ("parlance-conform", &["parlance-core", "parlance-server"][..]),
        ("parlance", &["maud", "hdrhistogram", "jiff", "parlance-layers"]),
        ("parlance-layers", &["parlance-core", "parlance-server"]),
    ] {
        let built = closure(graph, package);
        let found = forbidden.iter().filter(|name| built.contains(*name));
        faults.extend(found.map(|name| format!("{package} is built with {name}")));
    }
    for (package, targets, wanted) in
        [("parlance-model", true, &[][..]), ("parlance-core", false, &["memchr"])]
    {
        let ids = direct(graph, member(graph, package), targets);
        let found: Vec<&str> = ids.into_iter().map(|id| name(graph, id)).collect();
        if found != wanted {
            faults.push(format!("{package} depends on {found:?}, and not on {wanted:?}"));
        }
    }
    faults
}

#[test]
fn packages_depend_only_on_what_they_may() {
    assert_eq!(faults(&metadata()), Vec::<String>::new());
}

/// A graph in which each package has these normal dependencies.
fn graph(edges: &[(&str, &[&str])]) -> Value {
    let kinds = serde_json::json!([{ "kind": null, "target": null }]);
    let dependency = |id: &&str| serde_json::json!({ "pkg": id, "dep_kinds": kinds });
    let nodes: Vec<Value> = edges
        .iter()
        .map(|(id, to)| {
            let dependencies: Vec<Value> = to.iter().map(dependency).collect();
            serde_json::json!({ "id": id, "deps": dependencies })
        })
        .collect();
    let ids: Vec<&str> = edges.iter().map(|(id, _)| *id).collect();
    let packages: Vec<Value> =
        ids.iter().map(|id| serde_json::json!({ "id": id, "name": id })).collect();
    serde_json::json!({
        "packages": packages, "workspace_members": ids, "resolve": { "nodes": nodes }
    })
}

#[test]
fn every_forbidden_dependency_is_found() {
    let right: [(&str, &[&str]); 9] = [
        ("parlance", &["parlance-server"]),
        ("parlance-server", &["parlance-core"]),
        ("parlance-core", &["memchr"]),
        ("parlance-conform", &["parlance-model", "maud"]),
        ("parlance-model", &[]),
        ("memchr", &[]),
        ("maud", &[]),
        ("parlance-layers", &["rustls"]),
        ("rustls", &[]),
    ];
    assert_eq!(faults(&graph(&right)), Vec::<String>::new());
    let wrong: [(usize, &[&str], &str); 5] = [
        (1, &["parlance-core", "maud"], "parlance is built with maud"),
        (2, &["memchr", "maud"], "parlance-core depends on"),
        (3, &["parlance-server"], "parlance-conform is built with parlance-core"),
        (4, &["memchr"], "parlance-model depends on"),
        (7, &["parlance-core"], "parlance-layers is built with parlance-core"),
    ];
    for (package, dependencies, fault) in wrong {
        let mut edges = right;
        edges[package].1 = dependencies;
        let found = faults(&graph(&edges));
        assert!(found.iter().any(|found| found.starts_with(fault)), "{fault}: {found:?}");
    }
}

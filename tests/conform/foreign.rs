//! Goal: for servers written as people write their first one, the suite reports the known faults
//! and nothing else.
//!
//! Method: the servers of `foreign/`, in several languages, are built, then started and judged, all
//! at the same time; the failing cases are exactly those of `servers.json`, except for some races.
//! Limits: some clauses of each server, and the installed languages; the whole quick run, and all
//! languages, with `PARLANCE_FOREIGN_ALL`.

use super::together::in_turn;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

const SUITE: &str = env!("CARGO_BIN_EXE_parlance-conform");

fn folder() -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).join("tests/foreign")
}

fn words(list: &Value) -> Vec<String> {
    let list = list.as_array().expect("a list");
    list.iter().map(|word| word.as_str().expect("a string").to_owned()).collect()
}

fn text<'a>(server: &'a Value, field: &str) -> &'a str {
    server[field].as_str().unwrap_or_else(|| panic!("{field} is a string in {server}"))
}

/// Whether every clause is judged, in all languages.
fn all() -> bool {
    std::env::var_os("PARLANCE_FOREIGN_ALL").is_some()
}

/// A command of `servers.json` with its folders filled in.
fn command(list: &Value, out: &str) -> Vec<String> {
    let source = folder();
    let source = source.to_str().expect("a path of ours");
    words(list)
        .into_iter()
        .map(|word| word.replace("{source}", source).replace("{out}", out))
        .collect()
}

/// Whether the server can be judged here.
fn is_fit(server: &Value) -> bool {
    let program = text(server, "needs");
    let there = Command::new(program).arg("--version").output().is_ok();
    assert!(there || !all(), "PARLANCE_FOREIGN_ALL is set, and there is no {program}");
    if !there {
        eprintln!("{}: skipped: {program} is not installed", text(server, "name"));
    }
    there
}

/// The folder for what is made of a server.
fn out(server: &Value) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("foreign").join(text(server, "name"))
}

fn build(server: &Value) {
    let out = out(server);
    std::fs::create_dir_all(&out).expect("a folder of ours");
    let command = command(&server["build"], out.to_str().expect("a path of ours"));
    if let Some((program, arguments)) = command.split_first() {
        let built = Command::new(program).args(arguments).output().expect("the compiler starts");
        let said = String::from_utf8_lossy(&built.stderr);
        assert!(built.status.success(), "{}: {said}", text(server, "name"));
    }
}

/// Judges a server, and returns the result of each case.
fn results(server: &Value) -> Vec<Value> {
    let name = text(server, "name");
    let out = out(server);
    let folder = out.to_str().expect("a path of ours");
    let report = out.join("report.json");
    let mut suite = Command::new(SUITE);
    suite.args(["--dialect", text(server, "dialect"), "--name", name, "--quick", "--seed", "1"]);
    // A case that fails by a timeout is tried many times, so the wait is short when there are few
    // cases. Whole runs at the same time make the machine slow.
    suite.args(["--patience", if all() { "2" } else { "0.6" }]);
    if !all() {
        suite.args(words(&server["select"]).iter().flat_map(|glob| ["--select", glob.as_str()]));
    }
    suite.arg("--json").arg(&report).arg("--").args(command(&server["start"], folder));
    let output = suite.output().expect("the suite is built");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(matches!(output.status.code(), Some(0 | 1 | 3)), "{name}: {said}");
    let report = std::fs::read_to_string(&report).expect("the report is written");
    let mut report: Value = serde_json::from_str(&report).expect("it is JSON");
    serde_json::from_value(report["results"].take()).expect("a list")
}

fn ids<'a>(results: impl Iterator<Item = &'a Value>) -> BTreeSet<String> {
    results.map(|result| text(result, "id").to_owned()).collect()
}

/// The cases that are known to fail, by the faults and otherwise; every fault has some, or shows in
/// the full run only.
fn known(server: &Value) -> BTreeSet<String> {
    let mut known: BTreeSet<String> = words(&server["also"]).into_iter().collect();
    for fault in server["faults"].as_array().expect("a list") {
        let cases = words(&fault["cases"]);
        assert_eq!(cases.is_empty(), fault["quick"] == false, "{}", fault["what"]);
        known.extend(cases);
    }
    known
}

/// The differences from `servers.json`.
fn difference(server: &Value) -> Vec<String> {
    let (name, results) = (text(server, "name"), results(server));
    let (known, races) = (known(server), words(&server["races"]));
    let played = ids(results.iter());
    // What follows from another failure is one of its traces.
    let wrong =
        |result: &&Value| result["verdict"] == "fail" || result["cause"]["how"].as_str().is_some();
    let fails = ids(results.iter().filter(wrong));
    let is_race = |id: &&String| races.contains(id);
    let passing = known.intersection(&played).filter(|id| !fails.contains(*id) && !is_race(id));
    let failing = fails.difference(&known).filter(|id| !is_race(id));
    let faults = server["faults"].as_array().expect("a list").iter();
    let hidden = faults.filter(|fault| fault["quick"] != false).filter(|fault| {
        // A race may hide some of its cases, but not all.
        !words(&fault["cases"]).iter().any(|id| fails.contains(id))
    });
    let passing = passing.map(|id| format!("{name} passes {id}"));
    let failing = failing.map(|id| format!("{name} fails {id}"));
    let hidden = hidden.map(|fault| format!("{name} does not show: {}", fault["what"]));
    passing.chain(failing).chain(hidden).collect()
}

/// The results of `work` for each server, some made at the same time.
fn for_each_at_once<T: Send>(servers: &[&Value], work: impl Fn(&Value) -> T + Sync) -> Vec<T> {
    let work = &work;
    std::thread::scope(|scope| {
        let working: Vec<_> =
            servers.iter().map(|&server| scope.spawn(move || in_turn(|| work(server)))).collect();
        working.into_iter().map(|one| one.join().expect("it is done")).collect()
    })
}

#[test]
fn the_suite_finds_the_known_failures_of_each_server_and_no_others() {
    let list = std::fs::read_to_string(folder().join("servers.json")).expect("the list");
    let servers: Vec<Value> = serde_json::from_str(&list).expect("a list in JSON");
    assert!(servers.len() >= 5, "few servers");
    let fit: Vec<&Value> = servers.iter().filter(|server| is_fit(server)).collect();
    // A compiler on a machine that has just started would make the servers beside it slow.
    for_each_at_once(&fit, build);
    let told: Vec<String> = for_each_at_once(&fit, difference).concat();
    assert!(told.is_empty(), "not as tests/foreign/servers.json says: {told:#?}");
}

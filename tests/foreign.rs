//! Goal: of servers written as people write their first, the suite says what is known to be wrong with them.
//!
//! Method: the servers of `foreign/`, in several languages, are built, started and judged; every fault that is known
//! shows in the cases named for it. Limits: the quick run, and languages that are installed (all of them with
//! `PARLANCE_FOREIGN_ALL`); what else fails is not compared.
#![cfg(feature = "shell")]
#![allow(clippy::disallowed_types, reason = "outside the deterministic core")]

use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

const SUITE: &str = env!("CARGO_BIN_EXE_parlance-conform");

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/foreign")
}

fn words(list: &Value) -> Vec<String> {
    let list = list.as_array().expect("a list");
    list.iter().map(|word| word.as_str().expect("a string").to_owned()).collect()
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

/// Why the server cannot be judged here, if it cannot.
fn unfit(server: &Value) -> Option<String> {
    let program = server["needs"].as_str().expect("a program");
    if Command::new(program).arg("--version").output().is_err() {
        assert!(
            std::env::var_os("PARLANCE_FOREIGN_ALL").is_none(),
            "PARLANCE_FOREIGN_ALL is set, and there is no {program}"
        );
        return Some(format!("{program} is not installed"));
    }
    let dialect = server["dialect"].as_str().expect("a dialect");
    let list = Command::new(SUITE).args(["--dialect", dialect, "--list"]).output();
    let known = list.expect("the suite is built").status.success();
    (!known).then(|| format!("the suite has no cases for {dialect}"))
}

/// The MUST cases that fail.
fn failing(server: &Value) -> BTreeSet<String> {
    let name = server["name"].as_str().expect("a name");
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("foreign").join(name);
    std::fs::create_dir_all(&out).expect("a folder of ours");
    let compiler = command(&server["build"], out.to_str().expect("a path of ours"));
    if let Some((program, arguments)) = compiler.split_first() {
        let built = Command::new(program).args(arguments).output().expect("the compiler starts");
        assert!(built.status.success(), "{name}: {}", String::from_utf8_lossy(&built.stderr));
    }
    let report = out.join("report.json");
    let mut suite = Command::new(SUITE);
    suite.args(["--dialect", server["dialect"].as_str().expect("a dialect"), "--quick"]);
    suite.args(["--seed", "1", "--json"]).arg(&report).arg("--");
    suite.args(command(&server["start"], out.to_str().expect("a path of ours")));
    let output = suite.output().expect("the suite is built");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(matches!(output.status.code(), Some(0 | 1 | 3)), "{name}: {said}");
    let report = std::fs::read_to_string(&report).expect("the report is written");
    let report: Value = serde_json::from_str(&report).expect("it is JSON");
    let results = report["results"].as_array().expect("a list");
    let fails = results.iter().filter(|result| result["verdict"] == "fail");
    fails.map(|result| result["id"].as_str().expect("an id").to_owned()).collect()
}

fn compare(server: &Value) {
    let name = server["name"].as_str().expect("a name");
    if let Some(reason) = unfit(server) {
        eprintln!("{name}: skipped: {reason}");
        return;
    }
    let found = failing(server);
    eprintln!("{name}: {} cases fail", found.len());
    for fault in server["faults"].as_array().expect("a list") {
        let cases = words(&fault["cases"]);
        // Some show only in the full run.
        if fault["quick"] == false {
            continue;
        }
        assert!(!cases.is_empty(), "{name}: no case is named for {}", fault["what"]);
        for case in cases {
            assert!(found.contains(&case), "{name}: {case} does not show {}", fault["what"]);
        }
    }
}

#[test]
fn the_suite_says_what_is_known_of_each_server() {
    let list = std::fs::read_to_string(folder().join("servers.json")).expect("the list");
    let list: Value = serde_json::from_str(&list).expect("it is JSON");
    let servers = list.as_array().expect("a list");
    assert!(servers.len() >= 5, "few servers");
    servers.iter().for_each(compare);
}

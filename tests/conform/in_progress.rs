//! Goal: a run tells what it has while it goes on, keeps it when it is interrupted, and can be run
//! again for what failed, or whenever a file changes.
//!
//! Method: the built program judges the daemon, or small servers, and its files are read meanwhile.
//! Limits: the kernel does not interrupt it at every place.

use super::servers::{Fault, with};
use super::suite::daemon;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

const SUITE: &str = env!("CARGO_BIN_EXE_parlance-conform");
/// The server with [`Fault::ThirdWord`] fails the first, and passes the second.
const WRONG: &str = "rooms/join-5/rejects-a-third-word";
const RIGHT: &str = "rooms/join-1/joins";

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("in-progress-{name}"));
    // It is missing the first time.
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder of ours");
    folder
}

fn suite(folder: &Path, arguments: &[&str]) -> Command {
    let mut suite = Command::new(SUITE);
    suite.args(["--dialect", "rooms", "--patience", "2"]).args(arguments).current_dir(folder);
    suite
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    suite(folder, arguments).output().expect("the suite is built")
}

fn report(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_default()
}

fn ids(report: &Value) -> Vec<&str> {
    let results = report["results"].as_array().map(Vec::as_slice).unwrap_or_default();
    results.iter().filter_map(|result| result["id"].as_str()).collect()
}

fn terminate(child: &Child) {
    kill_process(Pid::from_child(child), Signal::TERM).expect("it runs");
}

#[test]
fn an_interrupted_run_keeps_what_it_has() {
    let folder = folder("interrupted");
    let daemon = daemon();
    // The second case takes a minute.
    let long = "common/limit-1/who-says-nothing";
    let files = ["--json", "a.json", "--junit", "a.xml", "--html", "a.html"];
    let select = ["--slow", "--select", RIGHT, "--select", long, "--", &daemon, "--host"];
    let mut suite = suite(&folder, &[&files[..], &select[..], &["127.0.0.1", "{port}"]].concat());
    let suite = suite.stdout(Stdio::piped()).spawn().expect("the suite is built");
    let end = Instant::now() + Duration::from_secs(60);
    let path = folder.join("a.json");
    while !ids(&report(&path)).contains(&RIGHT) {
        assert!(Instant::now() < end, "{:#}", report(&path));
        std::thread::yield_now();
    }
    terminate(&suite);
    let output = suite.wait_with_output().expect("it was started here");
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(128 + 15), "{text}");
    let report = report(&path);
    assert_eq!((&report["unfinished"], &report["conforms"]), (&true.into(), &Value::Null));
    assert!(!ids(&report).contains(&long), "{report:#}");
    assert!(text.starts_with("interrupted: "), "{text}");
    let last = text.lines().last().unwrap_or_default();
    assert!(last.starts_with("not run: 1 of ") && last.contains(" cases, interrupted; "), "{text}");
    for name in ["a.xml", "a.html"] {
        let text = std::fs::read_to_string(folder.join(name)).expect("it is written");
        assert!(text.contains("joins"), "{name}: {text}");
    }
    let mut names: Vec<_> =
        std::fs::read_dir(&folder).expect("it is there").flatten().map(|e| e.file_name()).collect();
    names.sort();
    assert_eq!(names, ["a.html", "a.json", "a.xml"], "nothing else is left behind");
}

#[test]
fn a_failure_is_told_at_once() {
    let folder = folder("at-once");
    let address = with(Fault::ThirdWord).to_string();
    let output = run(&folder, &["--select", WRONG, "--select", RIGHT, &address]);
    let lines = String::from_utf8_lossy(&output.stderr);
    assert!(lines.starts_with(&format!("fail {WRONG}: a: byte 1 is wrong")), "{lines}");
    assert_eq!(lines.lines().count(), 1, "{lines}");
}

#[test]
fn failures_are_run_again_and_then_all_cases() {
    let folder = folder("failed");
    let (wrong, right) = (with(Fault::ThirdWord).to_string(), with(Fault::None).to_string());
    let select = ["--select", WRONG, "--select", RIGHT, "--json", "last.json"];
    let again = [&select[..], &["--failed", "last.json"]].concat();
    let ran = |arguments: &[&str], address: &str| {
        let output = run(&folder, &[arguments, &[address]].concat());
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let report = report(&folder.join("last.json"));
        let all = ids(&report);
        let known = [WRONG, RIGHT].map(|id| all.contains(&id));
        (output.status.code(), known, text)
    };
    let (status, known, _) = ran(&select, &wrong);
    assert_eq!((status, known), (Some(1), [true, true]));
    let (status, known, text) = ran(&again, &wrong);
    assert_eq!((status, known), (Some(1), [true, false]));
    assert!(text.contains("; 1 case that passed before: without --failed\n"), "{text}");
    let (status, known, _) = ran(&again, &right);
    assert_eq!((status, known), (Some(0), [true, false]));
    let (status, known, text) = ran(&again, &right);
    assert_eq!((status, known), (Some(0), [true, true]), "{text}");
}

#[test]
fn a_report_that_does_not_fit_is_refused_by_name() {
    let folder = folder("refused");
    let result = |id: &str| format!(r#"{{"id":"{id}","verdict":"fail"}}"#);
    let of = |schema: &str, dialect: &str, id: &str| {
        let results = result(id);
        format!(r#"{{"schema":"{schema}","dialect":"{dialect}","results":[{results}]}}"#)
    };
    for (text, named) in [
        ("no JSON".to_owned(), "not JSON"),
        ("{}".to_owned(), "no \"schema\""),
        (of("parlance-conform/9", "rooms", WRONG), "parlance-conform/9"),
        (of("parlance-conform/1", "lobby", WRONG), "dialect lobby"),
        (of("parlance-conform/1", "rooms", "rooms/join-1/flies"), "rooms/join-1/flies"),
    ] {
        std::fs::write(folder.join("last.json"), &text).expect("a folder of ours");
        let output = run(&folder, &["--failed", "last.json", "127.0.0.1:1"]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains("last.json: ") && said.contains(named), "{text}: {said}");
    }
}

/// Reads lines until one contains `words`.
fn until(lines: &mut impl Iterator<Item = String>, words: &str) -> Vec<String> {
    let mut seen = Vec::new();
    for line in lines {
        let found = line.contains(words);
        seen.push(line);
        if found {
            return seen;
        }
    }
    panic!("no {words:?} in {seen:#?}");
}

#[test]
fn a_changed_file_starts_another_run() {
    let folder = folder("watch");
    let script = folder.join("server.sh");
    let daemon = format!("exec '{}' --host 127.0.0.1 \"$1\"\n", daemon());
    let version = |text: &str| std::fs::write(&script, text).expect("a folder of ours");
    version("exit 3\n");
    let select = ["--select", RIGHT, "--json", "w.json", "--watch", "--"];
    let mut suite = suite(&folder, &[&select[..], &["sh", "server.sh", "{port}"]].concat());
    let mut suite = suite.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("built");
    let stderr = suite.stderr.take().expect("it is piped");
    let mut lines = BufReader::new(stderr).lines().map_while(Result::ok);
    let seen = until(&mut lines, "waits for a file to change");
    assert!(seen[0].contains("it exited with status 3"), "{seen:?}");
    version(&daemon);
    until(&mut lines, "server.sh has changed");
    // The report of the suite itself is no reason to run again.
    until(&mut lines, "waits for a file to change");
    std::fs::write(folder.join("other.txt"), "x").expect("a folder of ours");
    until(&mut lines, "other.txt has changed");
    until(&mut lines, "waits for a file to change");
    terminate(&suite);
    assert_eq!(suite.wait().expect("it was started here").code(), Some(128 + 15));
    let mut text = String::new();
    suite.stdout.take().expect("it is piped").read_to_string(&mut text).expect("text");
    assert_eq!(format!("\n{text}").matches("\nconforms: ").count(), 2, "{text}");
}

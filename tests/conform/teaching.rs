//! Goal: docs/teaching.md shows real marks.
//!
//! Method: a right server and one with a fault are judged, and docs/teaching/marks.py makes a table
//! of their reports with docs/teaching/weights.json, which is the one on the page.
//! `UPDATE_GOLDEN=1` makes it anew. Limits: it needs python3; the cases about joining and a first
//! line.

use super::normal::golden;
use super::servers::{Fault, with};
use std::path::Path;
use std::process::Command;

const TABLE: &str = "docs/teaching/marks.py docs/teaching/weights.json ann.json bob.json\n";

fn marks(arguments: &[&str]) -> (Option<i32>, String) {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let mut script = Command::new("python3");
    script.arg(root.join("docs/teaching/marks.py")).args(arguments).current_dir(root);
    let output = script.output().expect("python3 starts");
    let said = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&said).into_owned())
}

fn file(name: &str, text: &str) -> String {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("marks-{name}"));
    std::fs::write(&path, text).expect("a folder of ours");
    path.to_str().expect("a path of ours").to_owned()
}

/// The report on a server.
fn report(name: &str, fault: Fault) -> String {
    let path = file(&format!("{name}.json"), "");
    let mut suite = Command::new(env!("CARGO_BIN_EXE_parlance-conform"));
    suite.args(["--dialect", "rooms", "--quick", "--seed", "1", "--patience", "3", "--name", name]);
    suite.args(["--select", "rooms/join-*", "--select", "rooms/text-1/*", "--json", &path]);
    suite.arg(with(fault).to_string()).output().expect("the suite is built");
    path
}

#[test]
fn the_page_shows_real_marks() {
    if Command::new("python3").arg("--version").output().is_err() {
        eprintln!("skipped: there is no python3");
        return;
    }
    let (ann, bob) = (report("ann", Fault::None), report("bob", Fault::ThirdWord));
    let (status, table) = marks(&["docs/teaching/weights.json", &ann, &bob]);
    assert_eq!(status, Some(0), "{table}");
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).join("docs/teaching.md");
    let page = std::fs::read_to_string(&path).expect("the page");
    let (before, rest) = page.split_once(TABLE).expect("the page has the command");
    let (_, after) = rest.split_once("```\n").expect("the block ends");
    golden(&path, &format!("{before}{TABLE}{table}```\n{after}")).unwrap_or_else(|e| panic!("{e}"));
    assert!(table.contains("\nann,") && table.contains(",rooms/join-5/"), "{table}");
}

#[test]
fn an_unjudged_case_earns_nothing_and_one_that_does_not_apply_does_not_count() {
    if Command::new("python3").arg("--version").output().is_err() {
        eprintln!("skipped: there is no python3");
        return;
    }
    let weights = file("weights.json", r#"{"rooms/join-1": 4, "rooms/*": 1}"#);
    let result = |id: &str, clause: &str, rest: &str| {
        format!(r#"{{"id": "{id}", "clause": "{clause}", "verdict": {rest}}}"#)
    };
    let results = [
        result("a", "rooms/join-1", r#""pass""#),
        result("b", "rooms/join-1", r#""fail""#),
        result("c", "rooms/join-2", r#""skip", "cause": {"how": "step", "of": "b"}"#),
        result("d", "rooms/join-3", r#""skip""#),
        result("e", "rooms/text-1", r#""inconclusive""#),
        result("f", "common/eos-1", r#""pass""#),
    ];
    let report = |schema: &str| {
        let results = results.join(", ");
        let text = format!(
            r#"{{"schema": "{schema}", "name": "x, y", "causes": [{{"root": "b"}}],
                "unfinished": true, "results": [{results}]}}"#
        );
        file(&format!("{}.json", schema.len()), &text)
    };
    let (status, table) = marks(&[&weights, &report("parlance-conform/1")]);
    let wanted = "name,marks,of,begin with,unknown\n\"x, y\",2.0,6,b,not finished e\n";
    assert_eq!((status, table.as_str()), (Some(0), wanted));
    let (status, said) = marks(&[&weights, &report("parlance-conform/99")]);
    assert!(status == Some(1) && said.contains("parlance-conform/99"), "{said}");
}

//! Goal: the conformance suite tells right servers from wrong ones, and names the faults.
//!
//! Method: the built program judges our own daemon (nothing may be wrong), servers that do nothing
//! useful (no MUST case may pass), and a small server that takes one read for one line. Limits: the
//! quick run, this machine; its self-test shows that the suite finds faults, and `pages` tests the
//! text about them.

use super::servers::{Fault, Null};
use super::together::{self, Runs, begun};
use crate::process::{clean, program};
use serde_json::Value;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::LazyLock;

const SUITE: &str = env!("CARGO_BIN_EXE_parlance-conform");

pub(super) fn daemon() -> String {
    program("parlance").into_os_string().into_string().expect("cargo takes such paths alone")
}

pub(super) fn suite(arguments: &[&str]) -> Output {
    let mut command = clean(Command::new(SUITE));
    command.args(["--dialect", "rooms"]).args(arguments).output().expect("the suite is built")
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name)
}

/// Runs with these arguments and returns the status and the JSON report.
pub(super) fn judged(name: &str, arguments: &[&str]) -> (Option<i32>, Value) {
    let path = file(&format!("{name}.json"));
    let report = path.to_str().expect("a path of ours");
    let output = suite(&[&["--json", report], arguments].concat());
    let json = std::fs::read_to_string(&path).expect("the report is written");
    (output.status.code(), serde_json::from_str(&json).expect("it is JSON"))
}

fn results(report: &Value) -> &[Value] {
    report["results"].as_array().expect("a list")
}

pub(super) fn with_verdict<'a>(report: &'a Value, verdict: &str) -> Vec<&'a str> {
    let of = |result: &&Value| result["verdict"] == verdict;
    results(report).iter().filter(of).map(|result| result["id"].as_str().expect("an id")).collect()
}

/// A run with our own daemon: its status and its reports.
struct Run {
    status: Option<i32>,
    report: Value,
    junit: String,
}

static RUNS: LazyLock<Runs<&str, Run>> =
    LazyLock::new(|| begun(&["rooms", "lobby", "simple", "login", "channels"], run));

/// The quick run, with patience for a busy machine.
fn run(dialect: &str) -> Run {
    let (json, junit) = (file(&format!("{dialect}.json")), file(&format!("{dialect}.xml")));
    let mut command = clean(Command::new(SUITE));
    command.args(["--dialect", dialect, "--quick", "--patience", "4", "--json"]).arg(&json);
    command.arg("--junit").arg(&junit).args(["--", &daemon(), "--dialect", dialect]);
    command.args(["--host", "127.0.0.1", "--port", "{port}"]);
    let status = command.output().expect("the suite is built").status.code();
    let report = std::fs::read_to_string(json).expect("the report is written");
    let report = serde_json::from_str(&report).expect("it is JSON");
    let junit = std::fs::read_to_string(junit).expect("it is written");
    Run { status, report, junit }
}

/// Nothing of our own daemon may be wrong, or unknown.
fn our_daemon_conforms(dialect: &'static str, few: usize) {
    let Run { status, report, junit } = together::result(&RUNS, dialect);
    for verdict in ["fail", "warn", "inconclusive"] {
        assert_eq!(with_verdict(&report, verdict), [""; 0], "{report:#}");
    }
    // A case about another reading than ours does not apply.
    let skipped = results(&report).iter().filter(|result| result["verdict"] == "skip");
    for result in skipped {
        let message = result["message"].as_str().expect("a message");
        assert!(message.starts_with("the server's reading of "), "{result}");
    }
    assert_eq!(status, Some(0));
    assert_eq!(report["schema"], "parlance-conform/1");
    assert_eq!(report["conforms"], true);
    assert!(with_verdict(&report, "pass").len() > few, "few cases");
    let history = results(&report).iter().find(|result| result["facts"].is_number());
    assert!(history.expect("a history")["facts"].as_u64() > Some(50), "few facts");
    well_formed(&junit);
}

#[test]
fn our_own_daemon_conforms_in_rooms() {
    our_daemon_conforms("rooms", 100);
}

#[test]
fn our_own_daemon_conforms_in_lobby() {
    our_daemon_conforms("lobby", 65);
}

#[test]
fn our_own_daemon_conforms_in_simple() {
    our_daemon_conforms("simple", 95);
}

#[test]
fn our_own_daemon_conforms_in_login() {
    our_daemon_conforms("login", 100);
}

#[test]
fn our_own_daemon_conforms_in_channels() {
    our_daemon_conforms("channels", 125);
}

/// With Nagle's algorithm left on, the second of two lines waits for an acknowledgement that the
/// system delays. [common/prompt-1]
#[test]
fn an_answer_that_nagle_delays_is_warned_of() {
    let case = "common/prompt-1/no-pause-between-two-lines";
    let select = ["--select", case, "--", &daemon(), "--host", "127.0.0.1"];
    let (_, report) = judged("nagle", &[&select[..], &["--nagle", "1", "{port}"]].concat());
    assert_eq!(with_verdict(&report, "warn"), [case], "{report:#}");
    // The last exchanges are shown, so that the reader sees where the time goes.
    let page = results(&report)[0]["page"].as_str().expect("a page");
    assert!(page.contains(" > first\\n | second\\n") && page.contains(" ms or more"), "{page}");
}

/// Checks that tags match and that all characters are allowed in XML. Enough for our own output.
fn well_formed(xml: &str) {
    let mut open: Vec<&str> = Vec::new();
    let body =
        xml.strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n").expect("a prologue");
    assert!(!body.contains(|c: char| c.is_control() && c != '\n'), "a control character");
    for tag in body.split('<').skip(1) {
        let (tag, _) = tag.split_once('>').expect("a tag has an end");
        let name = tag.split(' ').next().expect("a name");
        if let Some(name) = name.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name));
        } else if !tag.ends_with('/') {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "not closed: {open:?}");
    assert!(body.matches("<testcase ").count() > 0, "no case");
}

fn attached(address: SocketAddr) -> String {
    address.to_string()
}

#[test]
fn no_must_case_passes_on_a_server_that_does_nothing() {
    for null in Null::ALL.into_iter().filter(|null| *null != Null::Refuses) {
        let address = attached(super::servers::null(null));
        let arguments = ["--quick", "--patience", "0.2", "--jobs", "32", address.as_str()];
        let (status, report) = judged(&format!("null-{null:?}"), &arguments);
        assert_eq!(with_verdict(&report, "pass"), [""; 0], "{null:?}");
        assert_ne!(status, Some(0), "{null:?}");
    }
}

#[test]
fn where_nothing_listens_there_is_nothing_to_judge() {
    let address = attached(super::servers::null(Null::Refuses));
    let output = suite(&["--quick", &address]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains(&format!("no server answers at {address}")), "{said}");
    assert_eq!(text(&output), "");
}

#[test]
fn a_right_server_of_the_tests_conforms() {
    let address = attached(super::servers::with(Fault::None));
    let select =
        ["--quick", "--select", "rooms/*", "--select", "common/framing-*", address.as_str()];
    let (status, report) = judged("right", &select);
    assert_eq!(with_verdict(&report, "fail"), [""; 0], "{report:#}");
    assert_eq!(status, Some(0), "{report:#}");
}

#[test]
fn one_read_for_one_line_is_found_by_cutting() {
    let address = attached(super::servers::with(Fault::OneReadOneLine));
    let (status, report) = judged("cut", &["--select", "rooms/join-1/joins", &address]);
    assert_eq!(status, Some(1), "{report:#}");
    let result = &results(&report)[0];
    assert_eq!(result["segmentation"], "byte by byte");
    // The boundaries of its reads are random, so this page cannot be a golden one.
    let page = result["page"].as_str().expect("a page");
    assert!(page.contains("fails byte by byte") && page.contains("> J | O | I | N |"), "{page}");
    assert!(page.contains("(printf 'J'; sleep 0.1; printf 'OIN "), "{page}");
}

#[test]
fn selections_list_and_explain() {
    let list = text(&suite(&["--list", "--select", "rooms/join-4"]));
    assert!(
        list.lines().count() >= 4 && list.lines().all(|line| line.starts_with("rooms/join-4/"))
    );
    let ours = text(&suite(&["--list", "--document-only"]));
    assert!(!ours.contains("OURS") && ours.contains("PROFILE") && ours.contains("DOC"));
    let explained = text(&suite(&["--explain", "rooms/join-4"]));
    assert!(
        explained.contains("1 to 20 characters") && explained.contains("rooms/join-4/rejects-")
    );
    let reason = text(&suite(&["--explain", "common/outbox-8"]));
    assert!(reason.contains("Not judged: "), "{reason}");
}

#[test]
fn usage_errors_have_status_2() {
    let wrong: &[&[&str]] = &[
        &[],
        &["--select", "rooms/nothing-*", "127.0.0.1:1"],
        &["--exclude", "nothing", "127.0.0.1:1"],
        &["--select", "rooms/*", "--exclude", "*", "127.0.0.1:1"],
        &["--explain", "rooms/join-99"],
        &["--", &daemon()],
        &["--", "/there/is/no/such/program", "{port}"],
        &["--", "false", "{port}"],
        &["--patience", "0", "127.0.0.1:1"],
        &["--dialect", "smoke", "127.0.0.1:1"],
    ];
    for arguments in wrong {
        let output = suite(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty() && !output.stderr.is_empty(), "{arguments:?}");
    }
}

#[test]
fn a_value_is_repeated_without_its_escape_sequences() {
    for option in ["--select", "--explain", "--patience", "--dialect", "--baseline", "--no"] {
        for value in ["\u{1b}[2J", "\u{9b}2J", "\u{202e}\u{3164}"] {
            let output = suite(&[option, value, "127.0.0.1:1"]);
            let text = String::from_utf8_lossy(&output.stderr);
            let raw = ['\u{1b}', '\u{9b}', '\u{202e}', '\u{3164}'];
            assert!(!text.contains(raw) && !text.is_empty(), "{option}: {text:?}");
        }
    }
}

#[test]
fn tap_and_text_have_no_colour_in_a_pipe() {
    let address = attached(super::servers::with(Fault::None));
    let tap = text(&suite(&["--tap", "--select", "rooms/join-2", &address]));
    assert!(tap.starts_with("TAP version 14\n1..2\nok 1 - rooms/join-2/"), "{tap}");
    let plain = text(&suite(&["--select", "rooms/join-2", &address]));
    assert!(plain.starts_with("conforms: 2 passed in ") && !plain.contains('\x1b'), "{plain}");
}

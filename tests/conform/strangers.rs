//! Goal: one cause, one finding. Servers as strangers write them have one fault each that spoils
//! nearly every conversation; the suite tells each fault once, first things first, and says of
//! everything else that it follows or was not played.
//!
//! Method: the built program plays all quick cases to servers with such a fault, to all of them at
//! the same time, because it mostly waits; and the JSON report is compared with the findings that
//! somebody has read and found true. Limits: the faults are planted in a server that is right
//! otherwise; the time is bounded for a busy machine.

use super::together::{Runs, begun, result};
use parlance_conform::mutants::{mutations, serve};
use parlance_model::Dialect;
use serde_json::Value;
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

/// A server: its dialect, what is wrong with it, and further options of the suite.
type Stranger = (Dialect, &'static str, &'static [&'static str]);

const STRANGERS: [Stranger; 13] = [
    (Dialect::Login, "greets-and-announces", &[]),
    (Dialect::Login, "greets-and-announces", &["--document-only"]),
    (Dialect::Login, "first-member-that-goes-ends-service", &[]),
    (Dialect::Rooms, "first-member-that-goes-ends-service", &[]),
    (Dialect::Login, "first-arrival-ends-service", &[]),
    (Dialect::Login, "white-space-collapsed", &[]),
    (Dialect::Rooms, "white-space-collapsed", &[]),
    (Dialect::Rooms, "bad-joins-unanswered", &[]),
    (Dialect::Login, "errors-unanswered", &[]),
    (Dialect::Login, "names-never-released", &[]),
    (Dialect::Rooms, "names-in-a-room-never-released", &[]),
    (Dialect::Login, "long-lines-ignored", &[]),
    (Dialect::Rooms, "long-lines-ignored", &[]),
];

static RUNS: LazyLock<Runs<Stranger, Run>> = LazyLock::new(|| begun(&STRANGERS, run));

/// A machine that has nothing else to do needs less than a third of it.
const MILLIS_MAX: u64 = 90_000;

/// The findings of a run: each result that is wrong, or unknown, and follows from no other.
struct Run {
    status: Option<i32>,
    findings: Vec<(String, String)>,
    report: Value,
}

fn judged(dialect: Dialect, mutant: &'static str, more: &'static [&'static str]) -> Run {
    result(&RUNS, (dialect, mutant, more))
}

fn run((dialect, mutant, more): Stranger) -> Run {
    let mutation = mutations().find(|one| one.name == mutant);
    let mutation = mutation.unwrap_or_else(|| panic!("no mutant {mutant}"));
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let server = serve(dialect, Some(mutation), listener).expect("it serves");
    let name = format!("{dialect:?}").to_lowercase();
    let json = format!("strangers-{name}-{mutant}{}.json", more.len());
    let json = Path::new(env!("CARGO_TARGET_TMPDIR")).join(json);
    let mut suite = Command::new(env!("CARGO_BIN_EXE_parlance-conform"));
    suite.args(["--dialect", &name, "--quick", "--seed", "1", "--json"]).arg(&json).args(more);
    let status = suite.arg(server.address().to_string()).output().expect("it is built").status;
    let report = std::fs::read_to_string(json).expect("the report is written");
    let report: Value = serde_json::from_str(&report).expect("it is JSON");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let findings = report["results"].as_array().expect("a list").iter();
    let findings = findings.filter(|one| {
        one.get("cause").is_none() && !["pass", "skip"].contains(&&*text(&one["verdict"]))
    });
    let findings = findings.map(|one| (text(&one["id"]), text(&one["message"]))).collect();
    let millis = report["millis"].as_u64().expect("a number");
    assert!(millis < MILLIS_MAX, "{mutant} took {millis} ms");
    Run { status: status.code(), findings, report }
}

/// The findings must be these, in this order: the id of a case, and words of its message.
fn finds(dialect: Dialect, mutant: &'static str, wanted: &[(&str, &str)]) -> Run {
    let run = judged(dialect, mutant, &[]);
    let ids: Vec<&str> = run.findings.iter().map(|(id, _)| id.as_str()).collect();
    let wanted_ids: Vec<&str> = wanted.iter().map(|(id, _)| *id).collect();
    assert_eq!(ids, wanted_ids, "{mutant}: {:#?}", run.findings);
    for ((_, message), (_, words)) in run.findings.iter().zip(wanted) {
        assert!(message.contains(words), "{mutant}: {message}");
    }
    let follow = run.report["results"].as_array().expect("a list").iter();
    for result in follow.filter(|one| one.get("cause").is_some()) {
        let root = result["cause"]["of"].as_str().expect("an id");
        assert!(ids.contains(&root), "{mutant}: {root} is told nowhere");
        assert_eq!(result["verdict"], "skip", "{mutant}: {result}");
    }
    run
}

#[test]
fn a_server_that_greets_and_announces_is_judged_beyond_that() {
    let wanted = [
        ("common/framing-7/speaks-when-spoken-to", "came, and nothing may"),
        ("login/login-9/tells-nobody", "INFO bob"),
    ];
    let run = finds(Dialect::Login, "greets-and-announces", &wanted);
    assert_eq!(run.status, Some(1));
    let passed = run.report["results"].as_array().expect("a list").iter();
    let passed = passed.filter(|one| one["verdict"] == "pass").count();
    assert!(passed > 90, "only {passed} cases could be judged");
    // The document forbids neither.
    let run = judged(Dialect::Login, "greets-and-announces", &["--document-only"]);
    assert_eq!((run.status, run.findings), (Some(0), Vec::new()));
}

#[test]
fn a_lock_taken_twice_at_a_departure_is_one_finding() {
    let wanted = [("common/misuse-1/answers-to-the-end", "c: nothing came for")];
    let run = finds(Dialect::Login, "first-member-that-goes-ends-service", &wanted);
    assert_eq!(run.status, Some(1));
    let wanted = [("rooms/daemon-5/answers-to-the-end", "c: nothing came for")];
    finds(Dialect::Rooms, "first-member-that-goes-ends-service", &wanted);
}

#[test]
fn a_lock_taken_twice_at_a_login_is_one_finding() {
    let wanted = [("login/login-1/logs-in", "to LOGIN ann")];
    let run = finds(Dialect::Login, "first-arrival-ends-service", &wanted);
    assert_eq!(run.status, Some(3), "nothing shows that it speaks login at all");
}

#[test]
fn white_space_collapsed_is_one_finding() {
    let wanted = [("login/msg-1/keeps-its-spaces", "one two three")];
    finds(Dialect::Login, "white-space-collapsed", &wanted);
    let wanted = [("rooms/text-1/keeps-colons-and-spaces", "two spaces")];
    finds(Dialect::Rooms, "white-space-collapsed", &wanted);
}

#[test]
fn names_dropped_instead_of_refused_are_one_finding() {
    let wanted = [("rooms/join-3/rejects-twenty-one-characters", "nothing came for")];
    finds(Dialect::Rooms, "bad-joins-unanswered", &wanted);
    finds(
        Dialect::Login,
        "errors-unanswered",
        &[("login/login-4/refuses-two-words", "nothing came")],
    );
}

#[test]
fn names_that_are_never_given_back_are_one_finding() {
    let wanted = [("common/unique-1/until-it-departs", "ERR username-taken")];
    finds(Dialect::Login, "names-never-released", &wanted);
    let wanted = [("rooms/room-3/a-name-comes-free", "ERROR")];
    finds(Dialect::Rooms, "names-in-a-room-never-released", &wanted);
}

#[test]
fn long_lines_ignored_in_silence_are_one_finding() {
    let wanted = [("common/framing-8/the-limit", "neither delivered nor refused")];
    finds(Dialect::Login, "long-lines-ignored", &wanted);
    let wanted = [("rooms/text-2/delivers-twenty-thousand-bytes", "nothing came for")];
    finds(Dialect::Rooms, "long-lines-ignored", &wanted);
}

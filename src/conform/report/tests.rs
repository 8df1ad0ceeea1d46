//! Goal: reports of a run with every kind of result are valid, texts with markup included.

use super::{html, json, junit, tap, text};
use crate::result::{
    CaseResult, Checked, ClauseText, Like, Problem, ProblemKind, Report, SCHEMA, Verdict,
};
use roxmltree::{Document, Node};
use serde_json::Value;
use yaml_rust2::YamlLoader;

const NASTY: &str = "<script>alert(1)</script> & \"'`]]>\u{1}\u{1b}[31m\u{fffe} # TODO\n...\n--> ö";

fn result(name: &str, verdict: Verdict) -> CaseResult {
    let wrong = verdict.is_wrong();
    CaseResult {
        id: format!("rooms/join-1/{name}"),
        clause: "rooms/join-1".to_owned(),
        level: "MUST",
        kind: "DOC",
        verdict,
        message: if verdict == Verdict::Pass { String::new() } else { NASTY.to_owned() },
        expected: None,
        cause: None,
        place: crate::failure::Place::default(),
        outcome: wrong.then_some("mismatch"),
        segmentation: wrong.then(|| "byte by byte".to_owned()),
        race: wrong.then_some([2, 5]),
        reading: (verdict == Verdict::Pass).then(|| "allowed".to_owned()),
        proofs: Vec::new(),
        facts: None,
        millis: 12,
        page: wrong.then(|| format!("  first\n\n{NASTY}\n")),
    }
}

fn report() -> Report {
    let mut results: Vec<CaseResult> = [
        ("passes", Verdict::Pass),
        ("fails", Verdict::Fail),
        ("warns", Verdict::Warn),
        ("unknown", Verdict::Inconclusive),
        ("skips", Verdict::Skip),
        ("expected", Verdict::Fail),
    ]
    .map(|(name, verdict)| result(name, verdict))
    .into();
    results[5].expected = Some(NASTY.to_owned());
    let problem = Problem {
        id: "rooms/join-1/passes".to_owned(),
        kind: ProblemKind::Stale,
        message: NASTY.to_owned(),
    };
    let clause = ClauseText {
        id: "rooms/join-1".to_owned(),
        level: "MUST",
        kind: "DOC",
        sentence: NASTY.to_owned(),
    };
    Report {
        notes: Vec::new(),
        schema: SCHEMA,
        tool: "parlance-conform 0.1.0",
        name: NASTY.to_owned(),
        dialect: "rooms",
        address: "127.0.0.1:1".to_owned(),
        transport: Some("tls"),
        seed: 7,
        quick: false,
        document_only: false,
        conforms: Some(false),
        exit_status: 1,
        millis: 61_005,
        baseline: Some(Checked { expected: 1, not_judged: 0, problems: vec![problem] }),
        clauses: vec![clause],
        like: vec![Like { mutant: "deaf", story: "hears nothing" }],
        results,
    }
}

#[test]
fn junit_is_xml_and_counts_failures_errors_and_skips_apart() {
    let xml = junit(&report());
    let document = Document::parse(&xml).expect("well-formed XML 1.0");
    let count = |tag: &str| document.descendants().filter(|node| node.has_tag_name(tag)).count();
    assert_eq!(
        (count("testcase"), count("failure"), count("error"), count("skipped")),
        (7, 2, 1, 2)
    );
    let suite =
        document.descendants().find(|node| node.has_tag_name("testsuite")).expect("a suite");
    let said = |name| suite.attribute(name).expect("a count");
    assert_eq!(
        (said("tests"), said("failures"), said("errors"), said("skipped")),
        ("7", "2", "1", "2")
    );
    assert_eq!(suite.attribute("time"), Some("61.005"));
    let failure = document.descendants().find(|node| node.has_tag_name("failure")).expect("one");
    let clean = NASTY.replace(['\u{1}', '\u{1b}', '\u{fffe}'], "\u{fffd}");
    assert_eq!(failure.text(), Some(format!("  first\n\n{clean}\n").as_str()));
    let message = failure.attribute("message").expect("a message");
    assert_eq!(message, format!("{clean}, when sent byte by byte, in 2 of 5 attempts"));
    assert_eq!(
        failure.parent().as_ref().and_then(|node: &Node| node.attribute("name")),
        Some("fails")
    );
}

/// A case that judges no single wait has no outcome.
#[test]
fn junit_gives_every_failure_a_type() {
    let mut report = report();
    let types = |report: &Report| {
        let xml = junit(report);
        let document = Document::parse(&xml).expect("well-formed XML 1.0");
        let failures = document.descendants().filter(|node| node.has_tag_name("failure"));
        failures.map(|one| one.attribute("type").expect("a type").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(types(&report), ["mismatch", "stale"]);
    report.results[1].outcome = None;
    assert_eq!(types(&report), ["failure", "stale"]);
}

#[test]
fn a_tap_report_has_its_plan_its_directives_and_yaml() {
    let text = tap(&report());
    let mut lines = text.lines().peekable();
    assert_eq!((lines.next(), lines.next()), (Some("TAP version 14"), Some("1..7")));
    let mut points = Vec::new();
    while let Some(point) = lines.next() {
        points.push(point.split(' ').take(3).collect::<Vec<_>>().join(" "));
        if lines.next_if_eq(&"  ---").is_none() {
            continue;
        }
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "  ...").collect();
        let yaml = YamlLoader::load_from_str(&block.join("\n")).expect("YAML");
        assert!(
            yaml[0]["message"].as_str().expect("a message").starts_with("<script>"),
            "{yaml:?}"
        );
        if let Some(page) = yaml[0]["page"].as_str() {
            assert!(page.starts_with("  first\n\n<script>") && page.ends_with("ö\n"), "{page}");
        }
    }
    assert_eq!(
        points,
        ["ok 1 -", "not ok 2", "not ok 3", "not ok 4", "ok 5 -", "not ok 6", "not ok 7"]
    );
    let directive = |name: &str| {
        let line = text.lines().find(|line| line.contains(&format!("/{name}"))).expect("a point");
        line.split_once(" # ").map(|(_, directive)| &directive[..4])
    };
    let all = ["passes", "fails", "warns", "unknown", "skips", "expected"].map(directive);
    assert_eq!(all, [None, None, Some("TODO"), None, Some("SKIP"), Some("TODO")]);
}

#[test]
fn a_page_holds_all_and_lets_nothing_out() {
    let page = html(&report());
    assert_eq!(page.matches("<script>").count(), 1, "its own");
    assert!(!page.contains("alert(1)</script>") && page.contains("&lt;script&gt;alert(1)"));
    for outside in ["http:", "https:", "src=", "@import", "url("] {
        assert!(!page.contains(outside), "{outside}");
    }
    for part in ["What is wrong", "Its readings", "The baseline", "fails", "expected", "2 of 5"] {
        assert!(page.contains(part), "{part}");
    }
}

#[test]
fn the_json_report_is_as_the_schema_says() {
    let schema: Value = serde_json::from_str(include_str!("../../../spec/conformance.schema.json"))
        .expect("the schema is JSON");
    let schema = jsonschema::validator_for(&schema).expect("it is a schema");
    let right: Value = serde_json::from_str(&json(&report())).expect("the report is JSON");
    let wrong: Vec<String> = schema.iter_errors(&right).map(|error| error.to_string()).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn the_text_tells_expected_failures_from_others() {
    let text = text(&report(), false);
    let marks =
        ["FAIL   first", "WARN   first", "UNKNOWN rooms/", "SKIP rooms/", "EXPECTED rooms/"];
    for mark in marks.into_iter().chain(["BASELINE rooms/", "PROFILE rooms/join-1: allowed"]) {
        assert_eq!(text.matches(mark).count(), 1, "{mark}");
    }
    let sum = "does not conform: 1 passed, 1 failed, 1 warned, 1 wrong as expected, \
               1 inconclusive, 1 skipped in 61.005 s; --seed 7\n";
    assert!(text.ends_with(sum), "{text}");
}

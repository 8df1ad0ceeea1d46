//! Goal: reports of a run with every kind of result are valid, texts with markup included.

use super::causes::groups;
use super::{Style, html, json, junit, tap, text};
use crate::cause::{Cause, How};
use crate::failure::Place;
use crate::result::{
    CaseResult, Checked, ClauseText, LeftOut, Like, Problem, ProblemKind, Report, SCHEMA, Verdict,
};
use crate::stage::Stage;
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
        says: wrong.then(|| NASTY.to_owned()),
        message: if verdict == Verdict::Pass { String::new() } else { NASTY.to_owned() },
        expected: None,
        cause: None,
        place: Place::default(),
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
        extensions: false,
        conforms: Some(false),
        exit_status: 1,
        unfinished: false,
        not_run: vec![
            LeftOut { cases: 1, words: "1 slow case".to_owned(), option: Some("--slow") },
            LeftOut { cases: 2, words: "2 cases not selected".to_owned(), option: None },
        ],
        millis: 61_005,
        baseline: Some(Checked { expected: 1, not_judged: 0, problems: vec![problem] }),
        clauses: vec![clause],
        causes: Vec::new(),
        like: vec![Like { mutant: "deaf", story: "hears nothing" }],
        results,
    }
}

#[test]
fn failures_on_the_same_way_to_their_matters_are_one_cause() {
    let mut report = report();
    let place = |before| Place { stage: Some(Stage::Joined), before, words: false };
    report.results = ["first", "second", "third"].map(|name| result(name, Verdict::Fail)).into();
    for (number, result) in report.results.iter_mut().enumerate() {
        result.segmentation = None;
        result.clause = format!("rooms/join-{number}");
        result.place = place(number < 2);
    }
    let groups = groups(&report);
    let sizes: Vec<usize> = groups.iter().map(|group| group.also.len()).collect();
    assert_eq!(sizes, [1, 0], "the third one got as far as what it is about");
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
    assert_eq!(message, clean, "the sentence, and nothing of what came");
    // A reader turns a line end in an attribute into a space, unless it is written as a number.
    let of = |tag: &str, name: &str| {
        let nodes = document.descendants().filter(|node| node.has_tag_name(tag));
        nodes.filter_map(|node| node.attribute(name)).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(of("property", "value")[1], clean);
    assert!(of("skipped", "message").iter().all(|one| one.contains("\n...\n")), "{xml}");
    assert!(of("error", "message").iter().all(|one| one.contains("\n...\n")), "{xml}");
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
    let text = text(&report(), Style::default());
    let marks = [
        "FAIL   first",
        "\n    rooms/join-1/warns: ",
        "UNKNOWN rooms/",
        "SKIP rooms/",
        "EXPECTED rooms/",
    ];
    for mark in marks.into_iter().chain(["BASELINE rooms/", "PROFILE rooms/join-1: allowed"]) {
        assert_eq!(text.matches(mark).count(), 1, "{mark}");
    }
    let sum = "does not conform: 1 passed, 1 failed, 1 warned, 1 wrong as expected, \
               1 inconclusive, 1 skipped in 61.005 s; --seed 7\n\
               not run: 1 slow case: --slow; 2 cases not selected\n";
    assert!(text.ends_with(sum), "{text}");
}

/// Two failures of one clause, one of another kind, a warning, two that come with a cut alone, and
/// two that follow from others.
fn several() -> Report {
    let mut report = report();
    let of = |clause: &str, verdict, kind| {
        let mut one = result("a", verdict);
        one.clause = clause.to_owned();
        (one.kind, one.segmentation, one.race) = (kind, None, None);
        one
    };
    let mut results = vec![
        of("rooms/text-3", Verdict::Warn, "DOC"),
        of("common/eos-6", Verdict::Fail, "OURS"),
        of("rooms/text-1", Verdict::Fail, "DOC"),
        of("rooms/text-1", Verdict::Fail, "DOC"),
        of("rooms/text-9", Verdict::Skip, "DOC"),
        of("rooms/leave-1", Verdict::Fail, "DOC"),
        of("rooms/leave-2", Verdict::Fail, "DOC"),
        of("common/gate-1", Verdict::Inconclusive, "OURS"),
        of("rooms/join-1", Verdict::Skip, "DOC"),
        of("rooms/join-2", Verdict::Pass, "DOC"),
    ];
    for (number, result) in results.iter_mut().enumerate() {
        result.id = format!("{}/{number}", result.clause);
        result.message = format!("wrong in {number}");
        result.page = result.page.as_ref().map(|_| format!("{}\n", result.id));
    }
    let follows = |of: &str| Some(Cause { how: How::Needs, of: of.to_owned() });
    results[4].cause = follows("rooms/text-1/3");
    results[8].cause = follows("common/gate-1/7");
    results[5].segmentation = Some("byte by byte".to_owned());
    results[6].segmentation = Some("in two".to_owned());
    (report.results, report.like, report.baseline) = (results, Vec::new(), None);
    report
}

#[test]
fn causes_are_told_once_the_basics_first() {
    let report = several();
    let groups: Vec<(&str, usize, usize)> = groups(&report)
        .iter()
        .map(|group| (group.root.id.as_str(), group.also.len(), group.followers.len()))
        .collect();
    let wanted = [
        ("common/gate-1/7", 0, 1),
        ("rooms/text-1/2", 1, 1),
        ("rooms/leave-1/5", 1, 0),
        ("common/eos-6/1", 0, 0),
        ("rooms/text-3/0", 0, 0),
    ];
    assert_eq!(groups, wanted);
    let all = text(&report, Style::default());
    assert!(
        all.starts_with("5 causes behind 9 failures; start here:\n  1. common/gate-1/7: "),
        "{all}"
    );
    for id in report.results.iter().map(|result| &result.id) {
        let told = all.matches(id.as_str()).count();
        let root = wanted.iter().any(|(root, ..)| root == id);
        let wanted = if id == "rooms/join-2/9" { 0 } else { 1 + usize::from(root) };
        assert_eq!(told, wanted, "{id}: {all}");
    }
    let follows = "\n  Because of it 1 case could not be judged: rooms/text-9/4\n";
    assert!(all.contains(follows), "{all}");
    assert!(
        all.contains("\n  Wrong only when cut, too:\n    rooms/leave-2/6: wrong in 6, "),
        "{all}"
    );
    assert!(
        all.contains("\n  Wrong in the same clause, too:\n    rooms/text-1/3: wrong in 3\n"),
        "{all}"
    );
}

#[test]
fn the_next_thing_to_repair_stands_alone() {
    let text = text(&several(), Style { next: true, colour: false });
    assert!(text.starts_with("5 causes behind 9 failures; the first of them:\n"), "{text}");
    assert!(text.contains("\nUNKNOWN common/gate-1/7: "), "{text}");
    for other in ["rooms/text-1", "common/eos-6", "PROFILE", "leave"] {
        assert!(!text.contains(other), "{other}: {text}");
    }
}

#[test]
fn no_line_of_the_text_is_longer_than_any_reader_reads() {
    let mut report = several();
    for result in &mut report.results {
        result.message = "long ".repeat(1000);
        result.says = Some("says ".repeat(1000));
    }
    let text = text(&report, Style::default());
    let longest = text.lines().map(|line| line.chars().count()).max();
    assert!(longest <= Some(400), "{longest:?}");
}

//! Goal: machines can read the suite's output in the formats that they expect, and its baseline and
//! its table of servers are true.
//!
//! Method: the built program judges a right server, one with a fault and one that does nothing;
//! validators of the formats check its reports. Limits: few cases, one dialect; no browser opens
//! the page.

use super::servers::{Fault, Null};
use parlance_conform::mutants::serve;
use parlance_model::Dialect;
use roxmltree::Document;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const SUITE: &str = env!("CARGO_BIN_EXE_parlance-conform");
/// Two cases; the server with [`Fault::ThirdWord`] fails the first.
const SELECTED: [&str; 4] =
    ["--select", "rooms/join-5/rejects-a-third-word", "--select", "rooms/join-1/joins"];

fn suite(arguments: &[&str]) -> Output {
    Command::new(SUITE).args(arguments).output().expect("the suite is built")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// A file of this test alone.
fn file(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("outputs-{name}"));
    path.to_str().expect("a path of ours").to_owned()
}

fn read(name: &str) -> String {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn judge(address: std::net::SocketAddr, arguments: &[&str]) -> Output {
    let address = address.to_string();
    let fixed = ["--dialect", "rooms", "--quick", "--seed", "1", &address];
    suite(&[&fixed, &SELECTED[..], arguments].concat())
}

fn right() -> std::net::SocketAddr {
    super::servers::with(Fault::None)
}

fn wrong() -> std::net::SocketAddr {
    super::servers::with(Fault::ThirdWord)
}

/// The JSON and the `JUnit` report of a right server, a wrong one, and one that does nothing.
fn reports(test: &str) -> Vec<(Option<i32>, Value, String)> {
    let of = |(name, address)| {
        let (json, junit) =
            (file(&format!("{test}-{name}.json")), file(&format!("{test}-{name}.xml")));
        // Only the server that never answers can be given little patience.
        let patience = if name == "null" { "0.2" } else { "2" };
        let files = ["--json", &json, "--junit", &junit, "--name", name];
        let output = judge(address, &[&files[..], &["--patience", patience]].concat());
        let written = std::fs::read_to_string(json).expect("it is written");
        let report = serde_json::from_str(&written).expect("it is JSON");
        (output.status.code(), report, std::fs::read_to_string(junit).expect("it is written"))
    };
    let null = super::servers::null(Null::Mute);
    [("right", right()), ("wrong", wrong()), ("null", null)].into_iter().map(of).collect()
}

#[test]
fn real_reports_are_as_the_schema_says_and_broken_ones_are_not() {
    let schema: Value = serde_json::from_str(&read("spec/conformance.schema.json")).expect("JSON");
    let schema = jsonschema::validator_for(&schema).expect("a schema");
    let reports = reports("schema");
    let statuses: Vec<_> = reports.iter().map(|(status, ..)| *status).collect();
    assert_eq!(statuses, [Some(0), Some(1), Some(3)]);
    for (status, report, _) in &reports {
        let errors: Vec<String> =
            schema.iter_errors(report).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?}\n{report:#}");
        assert_eq!(report["exit_status"].as_i64(), status.map(i64::from));
    }
    let right = &reports[1].1;
    let breaks: [(&str, Value); 8] = [
        ("/schema", json!("parlance-conform/2")),
        ("/results/1/verdict", json!("failed")),
        ("/results/0/id", json!("third word")),
        ("/results/1/outcome", json!("wrong")),
        ("/results/0/millis", json!(-1)),
        ("/results/0/level", Value::Null),
        ("/clauses", json!([])),
        ("/conforms", json!("no")),
    ];
    for (place, value) in breaks {
        let mut broken = right.clone();
        *broken.pointer_mut(place).unwrap_or_else(|| panic!("{place} is there")) = value;
        assert!(!schema.is_valid(&broken), "{place}");
    }
    let mut more = right.clone();
    more["results"][0]["extra"] = json!(1);
    assert!(!schema.is_valid(&more), "a field that nobody has described");
}

#[test]
fn real_junit_is_as_its_readers_want_it() {
    for (_, report, xml) in reports("junit") {
        junit_is_valid(&xml);
        let document = Document::parse(&xml).expect("XML");
        let of = |verdict: &str| {
            let results = report["results"].as_array().expect("a list");
            results.iter().filter(|result| result["verdict"] == verdict).count()
        };
        for (tag, verdict) in [("failure", "fail"), ("error", "inconclusive"), ("skipped", "skip")]
        {
            let tags = document.descendants().filter(|node| node.has_tag_name(tag)).count();
            assert_eq!(tags, of(verdict), "{tag}");
        }
        // A second opinion, where there is one: the schema says the same as the rules here.
        let schema = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
            .join("tests/conform/junit.xsd");
        let path = file("checked.xml");
        std::fs::write(&path, &xml).expect("the folder is there");
        let lint =
            Command::new("xmllint").args(["--noout", "--schema"]).arg(schema).arg(path).output();
        if let Ok(lint) = lint {
            assert!(lint.status.success(), "{}", said(&lint));
        }
    }
}

/// The rules of `junit.xsd`, and the rule that no schema can express: that the counts are right.
fn junit_is_valid(xml: &str) {
    let document = Document::parse(xml).expect("well-formed");
    let names = |node: roxmltree::Node<'_, '_>| -> Vec<String> {
        node.attributes().map(|attribute| attribute.name().to_owned()).collect()
    };
    let root = document.root_element();
    assert_eq!(names(root), ["name", "tests", "failures", "errors", "time"]);
    for node in root.descendants().filter(roxmltree::Node::is_element) {
        let parent =
            node.parent_element().map_or("", |parent| parent.tag_name().name().to_owned().leak());
        let (tag, attributes) = (node.tag_name().name(), names(node));
        let known: &[&str] = match (parent, tag) {
            ("", "testsuites") => &["name", "tests", "failures", "errors", "time"],
            ("testsuites", "testsuite") => {
                &["name", "tests", "failures", "errors", "skipped", "time"]
            }
            ("testsuite", "properties") | ("testcase", "system-out") => &[],
            ("properties", "property") => &["name", "value"],
            ("testsuite", "testcase") => &["classname", "name", "time"],
            ("testcase", "failure" | "error") => &["message", "type"],
            ("testcase", "skipped") => &["message"],
            _ => panic!("{tag} in {parent}"),
        };
        assert_eq!(attributes, known, "{tag}");
        assert!(node.attributes().all(|attribute| !attribute.value().is_empty()), "{node:?}");
        if let Some(time) = node.attribute("time") {
            let (whole, part) = time.split_once('.').expect("a fraction");
            assert!(whole.parse::<u32>().is_ok() && part.len() == 3, "{time}");
        }
        assert!(
            tag != "testcase" || node.children().filter(roxmltree::Node::is_element).count() < 2
        );
        for (count, of) in [
            ("tests", "testcase"),
            ("failures", "failure"),
            ("errors", "error"),
            ("skipped", "skipped"),
        ] {
            let inside = node.descendants().filter(|inside| inside.has_tag_name(of)).count();
            let said = node.attribute(count).map_or(inside, |said| said.parse().expect("a number"));
            assert_eq!(said, inside, "{count} of {tag}");
        }
    }
}

fn baseline(name: &str, entries: &[[&str; 3]]) -> String {
    let path = file(&format!("{name}.toml"));
    let entry = |[id, message, reason]: &[&str; 3]| {
        format!("[[expected]]\nid = {id:?}\nmessage = {message:?}\nreason = {reason:?}\n\n")
    };
    std::fs::write(&path, entries.iter().map(entry).collect::<String>()).expect("a folder of ours");
    path
}

#[test]
fn a_baseline_forgives_its_entries_and_nothing_else() {
    let known = ["rooms/join-5/rejects-a-third-word", "byte 1 is wrong", "gone in 2.0"];
    let stale = ["rooms/join-1/joins", "byte 1", "an old fault"];
    let elsewhere = ["rooms/join-2/takes-lower-case", "byte 1", "not selected here"];
    let other = [known[0], "nothing came", "gone in 2.0"];
    let run = |name: &str, entries: &[[&str; 3]]| {
        let path = baseline(name, entries);
        let output = judge(wrong(), &["--baseline", &path]);
        (output.status.code(), said(&output))
    };
    let (status, text) = run("known", &[known, elsewhere]);
    assert_eq!(status, Some(0), "{text}");
    assert!(text.contains("as the baseline expects: 1 passed, 1 wrong as expected"), "{text}");
    assert!(
        text.contains("EXPECTED rooms/join-5/rejects-a-third-word: ")
            && text.contains("(gone in 2.0)")
    );

    let (status, text) = run("stale", &[known, stale]);
    assert_eq!(status, Some(1), "{text}");
    assert!(text.contains("BASELINE rooms/join-1/joins: passes now: take it out"), "{text}");
    assert!(text.contains("the baseline no longer holds: "), "{text}");

    let (status, text) = run("other", &[other]);
    assert_eq!(status, Some(1), "{text}");
    assert!(text.contains("the baseline expects \"nothing came\": if that is the same"), "{text}");
    assert!(text.contains("does not conform: "), "{text}");

    let (status, text) = run("empty", &[]);
    assert_eq!(status, Some(1), "{text}");
}

/// The next run has other names and other times.
#[test]
fn a_written_baseline_expects_what_it_was_written_of() {
    let path = file("written.toml");
    let with = |option: &str, seed: &str| {
        let address = wrong().to_string();
        let run = ["--dialect", "rooms", "--quick", "--select", "rooms/*", "--seed", seed];
        let output = suite(&[&run[..], &[option, &path, &address]].concat());
        (output.status.code(), said(&output))
    };
    // A file of before is no harm: it is written anew.
    std::fs::write(&path, "old").expect("a folder of ours");
    let (status, text) = with("--write-baseline", "1");
    assert_eq!(status, Some(1), "{text}");
    let written = std::fs::read_to_string(&path).expect("it is written");
    let entry = "id = \"rooms/join-5/rejects-a-third-word\"\nmessage = \"a: byte 1 is wrong\"\n\
                 reason = \"not looked at yet\"\n";
    assert!(written.starts_with("# ") && written.contains(entry), "{written}");
    let (status, text) = with("--baseline", "2");
    assert_eq!(status, Some(0), "{text}");
    // Reasons stay when it is written anew.
    let known = written.replace("not looked at yet", "gone in 2.0");
    std::fs::write(&path, &known).expect("a folder of ours");
    let address = wrong().to_string();
    let again = ["--dialect", "rooms", "--quick", "--select", "rooms/*", "--baseline", &path];
    let output = suite(&[&again[..], &["--write-baseline", &path, &address]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    assert_eq!(std::fs::read_to_string(&path).expect("it is written"), known);
}

#[test]
fn a_dash_is_standard_output_and_nothing_else_is_there() {
    let output = judge(wrong(), &["--json", "-"]);
    let report: Value = serde_json::from_slice(&output.stdout).expect("JSON alone");
    assert_eq!(report["conforms"], false);
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(text.contains("FAIL rooms/join-5/") && text.contains("does not conform: "), "{text}");
    let both = judge(wrong(), &["--json", "-", "--tap"]);
    assert_eq!(both.status.code(), Some(2), "{}", said(&both));
}

#[test]
fn only_channels_has_extensions() {
    let refused = suite(&["--dialect", "rooms", "--extensions", "--list"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(said(&refused).contains("rooms has no extensions"), "{}", said(&refused));
    let alone = ["--dialect", "channels", "--extensions", "--document-only", "--list"];
    assert_eq!(suite(&alone).status.code(), Some(2), "they exclude each other");
    let listed =
        |more: &[&str]| said(&suite(&[&["--dialect", "channels", "--list"], more].concat()));
    let ids = |text: &str| text.lines().filter(|line| line.contains("EXTENSION")).count();
    assert_eq!(ids(&listed(&[])), 0);
    assert!(ids(&listed(&["--extensions"])) >= 16, "{}", listed(&["--extensions"]));
}

/// A server that has none fails once, and the rest follows from that.
#[test]
fn a_server_without_extensions_has_one_finding() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let server = serve(Dialect::Channels, None, listener).expect("a server");
    let (path, address) = (file("without-extensions.json"), server.address().to_string());
    let arguments = ["--dialect", "channels", "--extensions", "--select", "extensions/*"];
    suite(&[&arguments[..], &["--quick", "--json", &path, &address]].concat());
    let text = std::fs::read_to_string(&path).expect("a report");
    let report: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(report["extensions"], json!(true));
    assert_eq!(report["causes"].as_array().map(Vec::len), Some(1), "{}", report["causes"]);
    assert_eq!(report["causes"][0]["root"], json!("extensions/frame-2/lists-what-is-on"));
}

#[test]
fn a_clause_is_explained_without_its_dialect() {
    for (id, words) in [
        ("login/dm-1", "login/dm-1 · MUST"),
        ("common/eos-1", "common/eos-1 · "),
        ("extensions/topic-1", "extensions/topic-1 · MUST · EXTENSION"),
    ] {
        let output = suite(&["--explain", id]);
        assert!(said(&output).starts_with(words), "{}", said(&output));
        assert_eq!(output.status.code(), Some(0));
    }
    let unknown = suite(&["--explain", "login/dm-99"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(said(&unknown).contains("login/dm-99"), "{}", said(&unknown));
    let elsewhere = suite(&["--dialect", "rooms", "--explain", "login/dm-1"]);
    assert_eq!(elsewhere.status.code(), Some(2));
    let neither = suite(&["127.0.0.1:1"]);
    assert!(neither.status.code() == Some(2) && said(&neither).contains("--dialect"));
}

#[test]
fn a_baseline_that_makes_no_sense_is_a_usage_error() {
    let known = "rooms/join-1/joins";
    for (name, entry, named) in [
        ("unknown", ["rooms/join-1/flies", "m", "r"], "no case \"rooms/join-1/flies\""),
        ("no-reason", [known, "m", " "], "has an empty reason"),
        ("no-message", [known, "", "r"], "has an empty message"),
    ] {
        let output = judge(right(), &["--baseline", &baseline(name, &[entry])]);
        assert_eq!(output.status.code(), Some(2), "{name}");
        assert!(said(&output).contains(named), "{}", said(&output));
    }
    let missing = judge(right(), &["--baseline", "/there/is/no/such.toml"]);
    assert_eq!(missing.status.code(), Some(2));
    assert!(said(&missing).contains("/there/is/no/such.toml"));
}

#[test]
fn a_report_that_cannot_be_written_is_told_before_the_run() {
    for option in ["--json", "--junit", "--html"] {
        let output = judge(right(), &[option, "/there/is/no/such/folder/report"]);
        assert_eq!(output.status.code(), Some(2), "{option}");
        assert!(output.stdout.is_empty() && said(&output).contains("/no/such/folder/report"));
    }
}

#[test]
fn the_matrix_has_a_column_for_each_server_and_a_row_for_each_clause() {
    reports("matrix");
    let [right, wrong] = ["right", "wrong"].map(|name| file(&format!("matrix-{name}.json")));
    let page = file("matrix.html");
    let output = suite(&["matrix", &right, &wrong, &right, "--html", &page]);
    let text = said(&output);
    let rows: Vec<Vec<&str>> = text
        .lines()
        .map(|line| line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).collect())
        .collect();
    assert_eq!(rows[0], ["rooms", "right", "wrong", "right (2)"], "{text}");
    assert_eq!(rows[1], ["rooms/join-1", "ok", "ok", "ok"]);
    assert_eq!(rows[2], ["rooms/join-5", "ok", "FAIL 1/1", "ok"]);
    assert_eq!(rows[3], ["sum", "2 of 2", "1 of 2", "2 of 2"]);
    assert_eq!(rows[4], ["verdict", "conforms", "does not", "conforms"]);
    assert_eq!(output.status.code(), Some(0));
    let html = std::fs::read_to_string(page).expect("it is written");
    assert!(html.contains("FAIL 1/1") && html.contains("<th class=\"cell\">right (2)</th>"));
    let markdown = said(&suite(&["matrix", "--markdown", &right, &wrong]));
    assert!(markdown.starts_with("| rooms | right | wrong |\n| --- | --- | --- |\n"), "{markdown}");
    assert!(markdown.contains("| rooms/join-5 | ok | FAIL 1/1 |"), "{markdown}");
}

#[test]
fn the_matrix_refuses_reports_that_it_cannot_compare() {
    let report = |name: &str, schema: Value, dialect: &str| {
        let path = file(&format!("refused-{name}.json"));
        let report = json!({ "schema": schema, "name": name, "dialect": dialect, "conforms": null,
            "clauses": [], "results": [] });
        std::fs::write(&path, report.to_string()).expect("a folder of ours");
        path
    };
    let good = report("good", json!("parlance-conform/1"), "rooms");
    let newer = report("newer", json!("parlance-conform/9"), "rooms");
    let lobby = report("lobby", json!("parlance-conform/1"), "lobby");
    let text = file("refused.txt");
    std::fs::write(&text, "no JSON").expect("a folder of ours");
    let refused: [(&[&str], &str); 6] = [
        (&["matrix"], "REPORT"),
        (&["matrix", &good, "/there/is/no/such.json"], "/there/is/no/such.json"),
        (&["matrix", &text], "not JSON"),
        (&["matrix", &newer], "parlance-conform/9"),
        (&["matrix", &good, &lobby], "is of the dialect lobby"),
        (&["matrix", &good, "--dialect", "rooms"], "--dialect"),
    ];
    for (arguments, named) in refused {
        let output = suite(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty() && said(&output).contains(named), "{}", said(&output));
    }
}

/// The long options that a text names.
fn options(text: &str) -> BTreeSet<&str> {
    let part = |c: char| c.is_ascii_lowercase() || c == '-';
    let words = text.split(|c: char| !part(c));
    words
        .filter(|word| word.starts_with("--") && word.len() > 2 && !word.starts_with("---"))
        .collect()
}

#[test]
fn the_guide_names_every_option_and_no_other() {
    let help = said(&suite(&["--help"])) + &said(&suite(&["matrix", "--help"]));
    let guide = read("spec/conformance.md");
    // Code that names another program first has that program's options.
    let guide: String =
        guide.lines().filter(|line| !line.contains("cargo ")).collect::<Vec<_>>().join("\n");
    assert_eq!(options(&guide), options(&help));
}

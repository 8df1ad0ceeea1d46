//! `parlance-load` as a process: correct servers of every kind are measured, faulty ones are
//! detected.
//!
//! Goal: a server of any kind that loses, repeats, reorders, changes or invents a line cannot be
//! measured; the output has its shape; bad arguments are named. Method: the built program runs for
//! a fraction of a second against the built daemon, against itself as the baseline, and against
//! small servers in this process, each with one fault. Limits: speed is not judged; redis and nats
//! are played, and real ones are tested by hand.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "what is tested measures real servers: sockets, threads and deadlines"
)]

#[path = "load/fake.rs"]
mod fake;
#[path = "load/fault.rs"]
#[allow(dead_code, reason = "receipts are tested by the clock of `truth.rs`")]
mod fault;
#[path = "conform/front.rs"]
#[allow(dead_code, reason = "the suite has further faults to find")]
mod front;
#[path = "process/mod.rs"]
mod process;

use fake::{Fake, Kind};
use fault::Fault;
use front::{Wrong, front};
use process::Daemon;
use serde_json::Value;
use std::process::{Command, Output};

const PROGRAM: &str = env!("CARGO_BIN_EXE_parlance-load");
const BRIEF: [&str; 5] = ["--seconds", "0.1", "--warmup", "0.05", "--json"];

fn load(arguments: &[&str]) -> Output {
    Command::new(PROGRAM).args(arguments).output().expect("the program is there")
}

/// The figures of a run that must succeed.
fn figures(arguments: &[&str]) -> Value {
    let output = load(arguments);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {errors}");
    serde_json::from_slice(&output.stdout).expect("one JSON object")
}

/// The message of a run that must end with this status.
fn refusal(arguments: &[&str], status: i32) -> String {
    let output = load(arguments);
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(status), "{arguments:?}: {errors}");
    assert!(output.stdout.is_empty(), "{arguments:?}");
    errors
}

fn number(figures: &Value, key: &str) -> f64 {
    figures[key].as_f64().unwrap_or_else(|| panic!("no {key} in {figures}"))
}

#[test]
fn every_dialect_is_measured_in_both_loops() {
    for dialect in ["rooms", "lobby", "simple", "login", "channels"] {
        for pace in [["--window", "3"], ["--rate", "2000"]] {
            let daemon = Daemon::serving(&[dialect], &[]);
            let target = daemon.address().to_string();
            let shape = ["--dialect", dialect, &target, "--members", "5", "--senders", "2"];
            let figures = figures(&[&shape[..], &pace, &BRIEF].concat());
            assert_eq!(figures["dialect"], dialect);
            assert!(number(&figures, "deliveries") > 0.0, "{figures}");
            assert!(number(&figures, "latency_p50_us") > 0.0, "{figures}");
        }
    }
}

/// Arguments for five members, two of whom send, in both loops. Each run has a server to itself:
/// the names of the run before may not be free yet.
const PACES: [[&str; 2]; 3] = [["--window", "3"], ["--window", "300"], ["--rate", "2000"]];
const SHAPE: [&str; 4] = ["--members", "5", "--senders", "2"];

#[test]
fn members_are_measured_in_tls() {
    for pace in PACES {
        let daemon = Daemon::serving(&["channels+tls"], &["--tls-self-signed"]);
        let target = daemon.address().to_string();
        let fixed = ["--dialect", "channels", "--tls", &target];
        let figures = figures(&[&fixed[..], &SHAPE, &pace, &BRIEF].concat());
        assert_eq!(figures["transport"], "tls");
        assert!(number(&figures, "deliveries") > 0.0, "{figures}");
    }
}

#[test]
fn members_are_measured_over_websocket() {
    for pace in PACES {
        let daemon = Daemon::serving(&["login"], &[]);
        let target = front(daemon.address(), Wrong::Nothing).to_string();
        let fixed = ["--dialect", "login", "--ws", &target];
        let figures = figures(&[&fixed[..], &SHAPE, &pace, &BRIEF].concat());
        assert_eq!(figures["transport"], "websocket");
        assert!(number(&figures, "deliveries") > 0.0, "{figures}");
    }
}

#[test]
fn a_layer_that_is_wrong_ends_the_run() {
    let daemon = Daemon::start(&[]);
    for (wrong, why) in [
        (Wrong::HalfMessages, "a message does not end with a line"),
        (Wrong::Masked, "a frame of the server is masked"),
    ] {
        let target = front(daemon.address(), wrong).to_string();
        let said = refusal(&[&["--ws", &target][..], &SHAPE, &BRIEF].concat(), 1);
        assert!(said.contains(why), "{said}");
    }
    let target = daemon.address().to_string();
    for (layer, why) in [("--tls", "TLS"), ("--ws", "HTTP")] {
        let said = refusal(&[&[layer, &target][..], &SHAPE, &BRIEF].concat(), 1);
        assert!(said.contains(why) && said.contains(&target), "{said}");
    }
    for (dialect, layer) in [("redis", "--ws"), ("nats", "--tls")] {
        let said = refusal(&["--dialect", dialect, layer, &target], 2);
        assert!(said.contains(dialect) && said.contains(layer), "{said}");
    }
}

#[test]
fn a_value_is_repeated_without_its_escape_sequences() {
    for value in ["\u{1b}[2J", "\u{9b}2J", "\u{202e}\u{3164}"] {
        for arguments in [
            &["--dialect", value, "127.0.0.1:1"][..],
            &["--seconds", value, "127.0.0.1:1"],
            &["--members", value, "127.0.0.1:1"],
            &[value],
            &["--no", value],
            &["bench", "--rows", value],
        ] {
            let text = refusal(arguments, 2);
            let raw = ['\u{1b}', '\u{9b}', '\u{202e}', '\u{3164}'];
            assert!(!text.contains(raw), "{arguments:?}: {text:?}");
        }
    }
}

#[test]
fn peers_are_measured() {
    for (dialect, kind) in [("rooms", Kind::Rooms), ("redis", Kind::Redis), ("nats", Kind::Nats)] {
        for pace in [["--window", "3"], ["--rate", "2000"]] {
            let fake = Fake::start(kind, Fault::None);
            let target = fake.address().to_string();
            let shape = ["--dialect", dialect, &target, "--members", "4", "--rooms", "2"];
            let figures = figures(&[&shape[..], &pace, &BRIEF].concat());
            assert!(number(&figures, "deliveries") > 0.0, "{figures}");
        }
    }
}

/// Whether a word is the name of a member in the first of up to ten rooms.
fn is_user(word: &str) -> bool {
    let letter = |byte: &u8| byte.is_ascii_lowercase();
    matches!(word.as_bytes(), [first, b'0', second, b'0'..=b'9', ..]
        if letter(first) && letter(second))
}

#[test]
fn faulty_servers_are_detected() {
    for kind in [Kind::Rooms, Kind::Redis, Kind::Nats] {
        for fault in Fault::ALL {
            for pace in [["--window", "4"], ["--rate", "4000"]] {
                let fake = Fake::start(kind, fault);
                let target = fake.address().to_string();
                let shape = ["--dialect", kind.name(), &target, "--members", "3"];
                let said = refusal(&[&shape[..], &pace, &BRIEF].concat(), 1);
                assert!(said.contains("lost, repeated or reordered"), "{kind:?} {fault:?}: {said}");
                assert!(said.split(' ').any(is_user), "the member is named: {said}");
            }
        }
    }
}

#[test]
fn a_server_that_disconnects_a_member_is_detected() {
    let fake = Fake::start(Kind::Rooms, Fault::Closes);
    let target = fake.address().to_string();
    let said = refusal(&[&[&target, "--members", "3"], &BRIEF[..]].concat(), 1);
    assert!(said.contains("closed the connection"), "{said}");
}

#[test]
fn a_child_server_is_started_measured_and_ended() {
    let command = ["--", PROGRAM, "baseline", "{port}"];
    let busy = figures(&[&["--rooms", "2", "--members", "4"], &BRIEF[..], &command].concat());
    for key in ["cpu_ns_per_delivery", "server_utilisation", "generator_ns_per_delivery"] {
        assert!(number(&busy, key) >= 0.0, "{busy}");
    }
    assert!(number(&busy, "rss_highest_bytes") >= number(&busy, "rss_before_bytes"));
    assert_eq!(busy["descriptors"], busy["descriptors_before"]);
    let idle = figures(&[&["--idle", "250", "--json"], &command[..]].concat());
    assert_eq!(idle["idle_clients"], 250);
    assert!(number(&idle, "descriptors") > 250.0, "{idle}");
    let storm = ["--storm", "20", "--storm-rounds", "2", "--members", "3", "--json"];
    let storm = figures(&[&storm[..], &command].concat());
    // Each round: three permanent members receive 20 joins and 20 departures; the guests receive
    // the joins of each other, 20 + 19 + ... + 1.
    assert_eq!(storm["deliveries"], 2 * (3 * 40 + 210));
}

#[test]
fn the_daemon_survives_storms_and_stalled_members() {
    // As above; in simple a joiner does not hear its own notice.
    for (dialect, joins_of_guests) in [("rooms", 210), ("simple", 190)] {
        let daemon = Daemon::serving(&[dialect], &[]);
        let target = daemon.address().to_string();
        let storm = ["--dialect", dialect, &target, "--storm", "20", "--members", "3", "--json"];
        let storm = figures(&storm);
        let rounds = storm["rounds"].as_u64().expect("a number");
        assert_eq!(storm["deliveries"], rounds * (3 * 40 + joins_of_guests), "{storm}");
    }
    let daemon = Daemon::start(&[]);
    let target = daemon.address().to_string();
    let target = ["--json", &target, "--members", "3", "--stalled", "2"];
    // Measured from the start, because there are deliveries before the stall.
    let busy = ["--window", "64", "--size", "4000", "--seconds", "0.5", "--warmup", "0"];
    let figures = figures(&[&target[..], &busy].concat());
    assert_eq!(figures["stalled"], 2);
}

#[test]
fn text_has_a_line_for_each_figure() {
    let daemon = Daemon::start(&[]);
    let target = daemon.address().to_string();
    let output = load(&[&target, "--members", "3", "--seconds", "0.1", "--warmup", "0"]);
    let text = String::from_utf8(output.stdout).expect("text");
    for label in ["deliveries per second  ", "generator, of a core", "latency p99.9, us"] {
        assert!(text.contains(label), "{text}");
    }
    let said = String::from_utf8(output.stderr).expect("text");
    let phases =
        ["3 members join a room of rooms", "0.1 s are measured", "waiting for the last lines"];
    for (line, phase) in said.lines().zip(phases) {
        assert!(line.starts_with("parlance-load: ") && line.contains(phase), "{line}");
    }
    assert_eq!(said.lines().count(), phases.len(), "{said}");
    assert!(!said.contains('\x1b'), "nothing is rewritten where no terminal is: {said}");
    let output = load(&[&target, "--members", "3", "--seconds", "0.1", "--warmup", "0", "--quiet"]);
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
}

/// A device that is always full.
#[test]
fn figures_that_cannot_be_written_are_an_error() {
    let fake = Fake::start(Kind::Rooms, Fault::None);
    let target = fake.address().to_string();
    let full = std::fs::File::options().write(true).open("/dev/full").expect("Linux has it");
    let output = Command::new(PROGRAM)
        .args([&target, "--quiet", "--members", "3"])
        .args(BRIEF)
        .stdout(full)
        .output()
        .expect("the program is there");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("could not be written: No space left"), "{said}");
    for option in ["--json", "--svg"] {
        let said = refusal(&["bench", option, "/nowhere/file"], 2);
        assert!(said.contains("/nowhere/file"), "{said}");
        assert!(!said.contains("round 1"), "nothing is measured: {said}");
    }
}

#[test]
fn bad_arguments_are_named() {
    let bad: [(&[&str], &str); 12] = [
        (&["192.0.2.1:80"], "192.0.2.1:80"),
        (&["127.0.0.1:1", "--dialect", "irc"], "irc"),
        (&["127.0.0.1:1", "--seconds", "never"], "never"),
        (&["127.0.0.1:1", "--seconds", "inf"], "inf"),
        (&["127.0.0.1:1", "--rate", "0"], "0"),
        (&["127.0.0.1:1", "--window", "2", "--rate", "5"], "--rate"),
        (&["127.0.0.1:1", "--members", "2", "--senders", "3"], "--senders 3"),
        (&["127.0.0.1:1", "--dialect", "lobby", "--rooms", "2"], "--rooms 2"),
        (&["127.0.0.1:1", "--dialect", "simple", "--members", "1"], "--members 1"),
        (&["127.0.0.1:1", "--dialect", "nats", "--senders", "2"], "--senders 2"),
        (&["127.0.0.1:1", "--dialect", "login", "--storm", "2"], "--storm"),
        (&["127.0.0.1:1", "--idle", "5"], "--idle"),
    ];
    for (arguments, named) in bad {
        let said = refusal(arguments, 2);
        assert!(said.contains(named), "{arguments:?}: {said}");
    }
    assert!(refusal(&["--", "true"], 2).contains("{port}"));
    assert!(refusal(&["--", "true", "{port}"], 2).contains("ended at once"));
    assert!(refusal(&["--", "./nothing-here", "{port}"], 2).contains("nothing-here"));
}

/// How many elements have this text.
fn text_nodes(drawn: &roxmltree::Document<'_>, text: &str) -> usize {
    let all = |node: roxmltree::Node<'_, '_>| -> String {
        node.children().filter_map(|child| child.text()).collect()
    };
    drawn.descendants().filter(|&node| node.has_tag_name("text") && all(node) == text).count()
}

#[test]
fn a_comparison_is_printed_kept_and_drawn() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    let [json, svg] = ["load-bench.json", "load-bench.svg"].map(|name| folder.join(name));
    let (json, svg) = (json.to_str().expect("text"), svg.to_str().expect("text"));
    let short = ["--rounds", "2", "--seconds", "0.1", "--warmup", "0"];
    let what = ["--servers", "parlance,parlance-1", "--rows", "one busy room,mixed"];
    let other = format!("other={PROGRAM} baseline {{port}}");
    let files = ["--other", &other, "--json", json, "--svg", svg];
    let output = load(&[&["bench"], &short[..], &what, &files].concat());
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{output:?}");
    for part in
        ["one busy room (1 x 100", "mixed (10 x 10", "  parlance ", "  baseline ", "  other "]
    {
        assert!(text.contains(part), "{part} in {text}");
    }
    let kept: Value = serde_json::from_slice(&std::fs::read(json).expect("kept")).expect("JSON");
    assert_eq!(kept.as_array().map(Vec::len), Some(2 * 2 * 4));
    let drawn = std::fs::read_to_string(svg).expect("drawn");
    let drawn = roxmltree::Document::parse(&drawn).expect("it is XML");
    let bars = |first| {
        let bars = drawn.descendants().filter(|node| node.has_tag_name("rect"));
        bars.filter(|node| node.attribute("x").is_some_and(|x| (x == "260.0") == first)).count()
    };
    assert_eq!(bars(true), 2 * 3, "a bar of the rate each, but for the baseline");
    assert!(bars(false) <= 2 * 3, "and of the processor time, if it was enough");
    // The lines at 1.0 have a name. Both rows have a goal, and one has one of processor time.
    assert!(text_nodes(&drawn, "1.0 = the baseline") > 0);
    let goals: Vec<_> = drawn.descendants().filter(|node| node.has_tag_name("path")).collect();
    assert!((2..=3).contains(&goals.len()), "{goals:?}");
    assert_eq!(text_nodes(&drawn, "10 rooms of 10 members,"), 1);
    // Against another server there are other bars, and no goals.
    let against = ["bench", "--from", json, "--yardstick", "other", "--svg", svg];
    assert!(load(&against).status.success());
    let drawn = std::fs::read_to_string(svg).expect("drawn");
    let drawn = roxmltree::Document::parse(&drawn).expect("it is XML");
    assert!(text_nodes(&drawn, "1.0 = other") > 0);
    assert!(!drawn.descendants().any(|node| node.has_tag_name("path")));
    // The kept samples give the same table again.
    let again = load(&["bench", "--from", json]);
    assert_eq!(String::from_utf8_lossy(&again.stdout), text);
    assert!(refusal(&["bench", "--from", svg], 2).contains("load-bench.svg"));
    assert!(refusal(&["bench", "--rows", "fast"], 2).contains("`fast`"));
    assert!(refusal(&["bench", "--servers", "irc"], 2).contains("`irc`"));
    assert!(refusal(&["bench", "--other", "x=./server"], 2).contains("{port}"));
}

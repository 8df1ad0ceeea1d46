//! Goal: over WebSocket and TLS the suite judges the same dialect, and the layers with it.
//!
//! Method: the built suite judges our daemon over TLS, WebSocket and both, and a plain daemon
//! behind a WebSocket front, which is right or has one fault. Limits: the quick run; of TLS itself
//! rustls judges everything.

use super::front::{Wrong, front};
use super::suite::{daemon, judged, suite, with_verdict};
use super::together::{self, Runs, begun};
use crate::process::Daemon;
use serde_json::Value;
use std::net::TcpListener;
use std::sync::LazyLock;

/// Cases that apply to servers with another reading than ours.
const OF_OTHER_READINGS: [&str; 3] = [
    "common/framing-4/a-larger-limit-is-a-limit",
    "common/framing-8/larger-however-it-is-cut",
    "rooms/room-3/a-name-comes-free",
];

/// A transport: its name, the suite's options, and the daemon's.
type Row = (&'static str, &'static [&'static str], &'static [&'static str]);

const ROWS: [Row; 3] = [
    ("tls", &["--tls"], &["rooms+tls://127.0.0.1:{port}", "--tls-self-signed"]),
    ("websocket", &["--ws"], &["http://127.0.0.1:{port}"]),
    ("websocket+tls", &["--ws", "--tls"], &["https://127.0.0.1:{port}", "--tls-self-signed"]),
];

static RUNS: LazyLock<Runs<Row, (Option<i32>, Value)>> = LazyLock::new(|| {
    begun(&ROWS, |(transport, layers, listener)| {
        let (name, daemon) = (transport.replace('+', "-"), daemon());
        let arguments = [layers, &["--", &daemon, "--listen"], listener].concat();
        judged(&name, &[&["--quick", "--patience", "4"], &arguments[..]].concat())
    })
});

/// Nothing is wrong over this transport but what cannot be tried, because the port is a part of an
/// argument.
fn conforms(transport: &str) {
    let row = ROWS.into_iter().find(|row| row.0 == transport).expect("a row");
    let (status, report) = together::result(&RUNS, row);
    for verdict in ["fail", "warn", "inconclusive"] {
        assert_eq!(with_verdict(&report, verdict), [""; 0], "{report:#}");
    }
    // Cases about the process do not apply, nor do those about other readings than ours.
    let applies = |id: &&str| id.starts_with("rooms/daemon-") || OF_OTHER_READINGS.contains(id);
    let skipped = with_verdict(&report, "skip");
    assert!(skipped.iter().all(applies), "{skipped:?}");
    assert!(with_verdict(&report, "pass").len() > 100, "few cases");
    assert_eq!((status, report["transport"].as_str()), (Some(0), Some(transport)));
}

#[test]
fn our_own_daemon_conforms_in_tls() {
    conforms("tls");
}

#[test]
fn our_own_daemon_conforms_over_websocket() {
    conforms("websocket");
}

#[test]
fn our_own_daemon_conforms_over_websocket_in_tls() {
    conforms("websocket+tls");
}

#[test]
fn a_right_front_spoils_nothing_and_a_wrong_one_is_noticed() {
    let daemon = Daemon::start(&[]);
    for (wrong, case, words) in [
        (Wrong::Nothing, "rooms/text-?", ""),
        (Wrong::FragmentsAreMessages, "common/framing-1/a-bare-lf-is-enough", "byte by byte"),
        (Wrong::OneLineInAMessage, "rooms/text-1/many-lines-at-once", "nothing came"),
        (Wrong::HalfMessages, "rooms/text-3", "a message does not end with a line"),
        (Wrong::AllIsText, "common/framing-3/what-*", "a text message is not UTF-8"),
        (Wrong::NoCloseFrame, "common/close-2/the-error-arrives", "without a close frame"),
        (Wrong::Masked, "rooms/text-3", "a frame of the server is masked"),
    ] {
        let address = front(daemon.address(), wrong).to_string();
        // A line that is lost is waited for, again and again.
        let patience = if wrong == Wrong::OneLineInAMessage { "0.3" } else { "2" };
        let fixed = ["--ws", "--ws-path", "/any", "--quick", "--patience", patience];
        let output = suite(&[&fixed[..], &["--select", case, &address]].concat());
        let said = String::from_utf8_lossy(&output.stdout);
        let status = i32::from(wrong != Wrong::Nothing);
        assert_eq!(output.status.code(), Some(status), "{wrong:?}: {said}");
        assert!(said.contains(words), "{wrong:?}: {said}");
    }
}

#[test]
fn a_server_without_the_layer_is_told_in_one_sentence() {
    let daemon = Daemon::start(&[]);
    let address = daemon.address().to_string();
    for (layer, words) in [("--ws", "HTTP"), ("--tls", "TLS")] {
        let output = suite(&[layer, &address]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(3), "{said}");
        assert!(said.contains("nothing to judge") && said.contains(words), "{said}");
    }
}

#[test]
fn a_path_that_is_none_is_named() {
    let closed = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = closed.local_addr().expect("it is bound").to_string();
    for (arguments, why) in [
        (&["--ws", "--ws-path", "ws"][..], "'ws'"),
        (&["--ws", "--ws-path", "/a b"], "'/a b'"),
        (&["--ws-path", "/ws"], "--ws"),
    ] {
        let output = suite(&[arguments, &[&address]].concat());
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(2) && said.contains(why), "{said}");
    }
}

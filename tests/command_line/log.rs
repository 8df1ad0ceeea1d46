//! The log of clients.
//!
//! Goal: the log answers why a client is gone, as text and as JSON. Method: a daemon with
//! `--log info`, clients of our own, and the lines of standard error. Limits: what is logged when
//! is tested in virtual time (`tests/network/observing.rs`).

use crate::process::{Chat, Daemon};
use rustix::process::Signal;
use serde_json::Value;

fn logging(options: &[&str]) -> Daemon {
    Daemon::start(&[&["--log", "info"], options].concat())
}

#[test]
fn each_event_of_a_client_is_an_object_of_json_with_its_fields() {
    let daemon = logging(&["--log-format", "json"]);
    let mut joe = Chat::join(daemon.address(), "den", "joe\"\\");
    joe.fence("joe\"\\");
    joe.leave();
    daemon.signal(Signal::TERM);
    let (listener, ended) = (format!("rooms://{}", daemon.address()), daemon.ended());
    let events: Vec<Value> =
        ended.stderr.iter().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let of_clients: Vec<&Value> =
        events.iter().filter(|event| event["target"] == "parlance::client").collect();
    let kinds: Vec<&str> =
        of_clients.iter().map(|event| event["fields"]["message"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["connected", "entered", "closed"]);
    for event in &of_clients {
        let fields = &event["fields"];
        assert_eq!(event["level"], "INFO");
        assert_eq!((&fields["conn"], &fields["dialect"]), (&1.into(), &"rooms".into()));
        assert_eq!(fields["listener"], *listener);
        assert!(fields["peer"].as_str().unwrap().starts_with("127.0.0.1:"));
    }
    let closed = &of_clients[2]["fields"];
    assert_eq!((&closed["name"], &closed["room"]), (&"joe\"\\".into(), &"den".into()));
    assert_eq!((&closed["reason"], &closed["lines_in"]), (&"end_of_stream".into(), &2.into()));
    assert_eq!((&closed["lines_out"], &closed["unsent_bytes"]), (&2.into(), &0.into()));
    assert!(closed.get("limit").is_none() && closed.get("fault").is_none(), "{closed}");
}

/// As docs/operating.md has it.
#[test]
fn one_search_says_why_a_client_was_thrown_out() {
    let daemon = logging(&["--outbox-bytes-max", "20000"]);
    let mut ann = Chat::join(daemon.address(), "den", "ann");
    let sam = Chat::connect_keeping(4_096, daemon.address()).joined("den", "sam");
    ann.expect("sam has joined\n");
    let line = "x".repeat(10_000);
    let told = loop {
        ann.send(format!("{line}\n"));
        if ann.line() != format!("ann: {line}") {
            break daemon.closing_logged(); // sam has left
        }
    };
    for text in [r#"name="sam""#, r#"reason="outbox_overflow""#, r#"limit="outbox-bytes-max""#] {
        assert!(told.contains(text), "{told}");
    }
    assert!(told.contains("max=20000 ") && !told.contains("xx"), "{told}");
    drop(sam);
}

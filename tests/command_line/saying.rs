//! What the daemon prints.
//!
//! Goal: one line for each listener, and nothing else unless it is asked for. Method: a session of
//! misuse, then all of both outputs up to the end of the process. Limits: the wording of logs is
//! not tested, only their form.

use crate::process::{Chat, Daemon, Ended, command, in_shell};
use rustix::process::Signal;

/// Everything that clients can do wrong, and a proper session.
fn misuse(daemon: &Daemon) {
    let long = "x".repeat(20_000);
    for address in daemon.addresses() {
        let mut member = Chat::join(*address, "r", "u\"\\");
        for bytes in [&b"EAT tacos\n"[..], b"\n", long.as_bytes(), b"\0\xff\n", b"JOIN r"] {
            let mut chat = Chat::connect(*address);
            chat.send(bytes);
            chat.leave();
        }
        Chat::join(*address, "s", "r").reset();
        Chat::connect(*address).reset();
        member.send(&long);
        member.expect("ERROR\n");
        member.leave();
    }
}

/// [rooms/daemon-5]
#[test]
fn it_announces_each_listener_and_is_silent_from_then_on() {
    let listen = ["--listen", "rooms://127.0.0.1:0", "--listen", "rooms://127.0.0.2:0"];
    let daemon = Daemon::launch(command().args(listen), 2).unwrap();
    misuse(&daemon);
    let announced: Vec<String> =
        daemon.addresses().iter().map(|at| format!("Listening on {at} (rooms)")).collect();
    daemon.signal(Signal::TERM);
    let Ended { status, stdout, stderr } = daemon.ended();
    assert_eq!(stdout, announced);
    assert_eq!(stderr, Vec::<String>::new());
    assert_eq!(status, Some(0));
}

#[test]
fn a_log_is_written_to_standard_error_in_the_form_that_was_asked_for() {
    for format in ["json", "text"] {
        let daemon = Daemon::start(&["--log", "debug", "--log-format", format]);
        misuse(&daemon);
        daemon.signal(Signal::TERM);
        let Ended { status, stdout, stderr } = daemon.ended();
        assert_eq!((status, stdout.len()), (Some(0), 1));
        let is_json = |line: &String| {
            line.starts_with("{\"timestamp\":")
                && line.ends_with('}')
                && line.contains("\"level\":")
        };
        assert!(stderr.iter().any(|line| line.contains("closed")), "{stderr:?}");
        if format == "json" {
            assert!(stderr.iter().all(is_json), "{stderr:?}");
        } else {
            assert!(!stderr.iter().any(is_json), "{stderr:?}");
        }
    }
}

/// Otherwise clients, who cause what is logged, could end the service by filling a disk.
///
/// [rooms/daemon-5]
#[test]
fn it_serves_though_its_log_cannot_be_written() {
    let listen = ["--listen", "rooms://127.0.0.1:0", "--log", "trace"];
    let daemon =
        Daemon::launch(in_shell("exec \"$0\" \"$@\" 2>/dev/full").args(listen), 1).unwrap();
    misuse(&daemon);
    Chat::join(daemon.address(), "r", "u").leave();
}

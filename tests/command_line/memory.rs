//! Memory that is limited.
//!
//! Goal: clients are refused before memory runs out, and those inside go on. Method: the shell's
//! `ulimit -v` somewhat above what the daemon needs for itself, and a member that does not read.
//! Limits: how the limit of a control group ends a process is the system's business.

use crate::process::{Chat, DEADLINE, Daemon, in_shell};
use rustix::process::Signal;
use std::time::Instant;

const OPTIONS: [&str; 8] = [
    "--listen",
    "rooms://127.0.0.1:0",
    "--threads",
    "1",
    "--outbox-bytes-max",
    "0",
    "--log",
    "warn",
];

/// A daemon that may have so many KiB of addresses.
fn limited_to(kibibytes: &str) -> Daemon {
    let mut command = in_shell(&format!("ulimit -v {kibibytes} && exec \"$0\" \"$@\""));
    // With this glibc gives back what a line of the test needs when it is gone.
    command.env("MALLOC_MMAP_THRESHOLD_", "16384");
    Daemon::launch(command.args(OPTIONS), 1).expect("it starts")
}

/// Whether a client that comes now is let in.
fn is_let_in(daemon: &Daemon) -> bool {
    let mut chat = Chat::connect(daemon.address());
    let _ = chat.try_send("JOIN late u\n");
    match &*chat.line() {
        "u has joined" => true,
        "ERROR" => false,
        other => panic!("{other:?}"),
    }
}

/// [common/limit-4] [common/misuse-1]
#[test]
fn clients_are_refused_before_memory_runs_out_and_those_inside_go_on() {
    let unlimited = limited_to("unlimited");
    Chat::join(unlimited.address(), "r", "u");
    let needed = unlimited.address_space_bytes() / 1024;
    drop(unlimited);

    let daemon = limited_to(&(needed + (40 + 24) * 1024).to_string());
    let mut a = Chat::join(daemon.address(), "r", "a");
    let sleepy = Chat::connect_keeping(64 * 1024, daemon.address()).joined("r", "sleepy");
    a.expect("sleepy has joined\n");
    let line = "x".repeat(19_000);
    let mut say = |count: usize| {
        for _ in 0..count {
            a.send(format!("{line}\n"));
            a.expect(format!("a: {line}\n"));
        }
    };
    assert!(is_let_in(&daemon));
    let mut rounds = 0;
    // One client in 16 is a reason to look.
    while (0..16).all(|_| is_let_in(&daemon)) {
        rounds += 1;
        assert!(rounds < 100, "{rounds} MB are pending and it goes on letting clients in");
        say(50);
    }
    assert!(!is_let_in(&daemon), "nor is the next");
    say(10);
    drop(sleepy);
    a.expect("sleepy has left\n");
    let begun = Instant::now();
    while !is_let_in(&daemon) {
        assert!(begun.elapsed() < DEADLINE, "its memory was not given back");
    }
    a.fence("a");
    daemon.signal(Signal::TERM);
    let ended = daemon.ended();
    assert_eq!(ended.status, Some(0));
    assert!(ended.stderr.len() == 1 && ended.stderr[0].contains("memory is short"), "{ended:?}");
}

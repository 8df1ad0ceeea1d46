//! Signals.
//!
//! Goal: an operator's stop loses nothing that was said, tells nobody that others leave, and ends
//! in bounded time; a second one ends it now. Method: a member that does not read has more pending
//! than the kernels can hold for it when the signal comes. Limits: the time that draining may take
//! is tested in virtual time.

use crate::process::{Chat, Daemon, Ended};
use rustix::process::Signal;

const LINE_BYTES: usize = 19_000;
/// The kernel holds up to 4 MiB that a peer does not read; this many lines are twice that.
const LINES: usize = 450;
/// As much as two kernels keep of what a client sends and the daemon does not read, or less.
const FLOOD_BYTES: usize = 5 * 512 * 1024;

/// A daemon in which `sleepy` has `LINES` pending lines, all of which `a` has said and heard.
fn with_a_backlog(options: &[&str]) -> (Daemon, Chat, Chat) {
    with_a_backlog_in(Daemon::start(&[&["--outbox-bytes-max", "0"], options].concat()))
}

/// The same in a daemon whose first listener is one of rooms.
fn with_a_backlog_in(daemon: Daemon) -> (Daemon, Chat, Chat) {
    let mut a = Chat::join(daemon.address(), "r", "a");
    let sleepy = Chat::connect_keeping(64 * 1024, daemon.address()).joined("r", "sleepy");
    a.expect("sleepy has joined\n");
    for _ in 0..LINES {
        a.send(text() + "\n");
        a.expect(format!("a: {}\n", text()));
    }
    (daemon, a, sleepy)
}

fn text() -> String {
    "x".repeat(LINE_BYTES)
}

/// [common/shutdown-1] [common/shutdown-2]
#[test]
fn a_first_signal_flushes_pending_output_and_announces_nothing() {
    for signal in [Signal::TERM, Signal::INT] {
        // How long flushing may take is not the subject: a machine may be slow.
        let (daemon, mut a, mut sleepy) = with_a_backlog(&["--drain-timeout", "60"]);
        let address = daemon.address();
        a.send("half a line");
        daemon.signal(signal);
        a.expect_end();
        sleepy.expect(format!("a: {}\n", text()).repeat(LINES));
        sleepy.expect_end();
        let Ended { status, stderr, .. } = daemon.ended();
        assert_eq!(status, Some(0), "after {signal:?}");
        assert_eq!(stderr, Vec::<String>::new());
        assert!(std::net::TcpStream::connect(address).is_err(), "nobody listens any more");
    }
}

/// [common/shutdown-3]
#[test]
fn a_second_signal_ends_it_while_a_reader_is_stalled() {
    for (first, second) in [(Signal::TERM, Signal::TERM), (Signal::TERM, Signal::INT)] {
        let limitless = ["--drain-timeout", "0", "--stall-timeout", "0", "--log", "warn"];
        let (daemon, mut a, sleepy) = with_a_backlog(&limitless);
        daemon.signal(first);
        a.expect_end(); // so the first has arrived, and draining goes on
        daemon.signal(second);
        let ended = daemon.ended();
        assert_ne!(ended.status, Some(0), "what was owed is lost, and scripts can tell");
        let told = ended.stderr.concat();
        assert!(told.contains("stopping at once") && told.contains("connections=1 "), "{told}");
        assert!(!told.contains("unsent_bytes=0"), "{told}");
        drop(sleepy);
    }
}

/// [common/shutdown-2]
#[test]
fn nobody_is_let_in_and_every_world_stops_while_one_drains() {
    let limitless = ["--drain-timeout", "0", "--stall-timeout", "0", "--outbox-bytes-max", "0"];
    let both = Daemon::serving(&["rooms", "login"], &limitless);
    let (daemon, mut a, mut sleepy) = with_a_backlog_in(both);
    let login = daemon.address_of("login");
    let mut other = Chat::connect(login);
    other.ask("LOGIN u\n", "OK\n");
    daemon.signal(Signal::TERM);
    a.expect_end(); // so it drains, and the listeners were closed before
    other.expect_end();
    for address in [daemon.address(), login] {
        let late = std::net::TcpStream::connect(address).map_err(|error| error.kind());
        assert_eq!(late.err(), Some(std::io::ErrorKind::ConnectionRefused));
    }
    sleepy.expect(format!("a: {}\n", text()).repeat(LINES));
    sleepy.expect_end();
    assert_eq!(daemon.ended().status, Some(0));
}

/// The client has sent megabytes that the daemon does not read, goes on sending while they are
/// discarded, and reads only then: every answer that is pending arrives, and the end of the stream.
/// [common/shutdown-2] [common/close-2]
#[test]
fn a_flood_that_was_not_read_destroys_no_answer() {
    let daemon = Daemon::serving(&["login"], &["--drain-timeout", "60"]);
    let mut chat = Chat::connect(daemon.address());
    chat.ask("LOGIN u\n", "OK\n");
    let flood = "PING\n".repeat(FLOOD_BYTES / 5);
    chat.send(&flood); // most of it waits in the kernels, because the answers are not read
    let behind = chat.sending(flood.repeat(2));
    chat.expect("PONG\n"); // the daemon has read some
    daemon.signal(Signal::TERM);
    let answers = String::from_utf8(chat.rest()).expect("it is text");
    assert!(answers.len() >= "PONG\n".len(), "some were pending");
    assert_eq!(answers, "PONG\n".repeat(answers.len() / 5), "whole answers and nothing else");
    behind.join().expect("the daemon takes it");
    chat.finish();
    assert_eq!(daemon.ended().status, Some(0));
}

/// [common/shutdown-2]
#[test]
fn it_stops_at_once_when_nothing_is_pending() {
    let daemon = Daemon::start(&["--drain-timeout", "0"]);
    let mut idle: Vec<Chat> = (0..20).map(|_| Chat::join(daemon.address(), "r", "u")).collect();
    let mut silent = Chat::connect(daemon.address());
    idle[19].fence("u");
    daemon.signal(Signal::TERM);
    silent.expect_end();
    for (number, chat) in idle.iter_mut().enumerate() {
        let heard = String::from_utf8(chat.rest()).unwrap();
        let joins = "u has joined\n".repeat(19 - number);
        let echo = if number < 19 { "u: fence 1\n" } else { "" };
        assert_eq!(heard, joins + echo);
    }
    assert_eq!(daemon.ended().status, Some(0));
}

//! Lines at the limit of length, and beyond it.
//!
//! Goal: 20,000 bytes pass whole, one more ends the connection with an error that arrives. Method:
//! lines of exact length; an error counts as arrived only if the stream then ends in good order, as
//! a reset would show as a failure to read or to send. Limits: on loopback a reset does not
//! overtake data, as it may on a network.

use crate::process::{Chat, Daemon};

const LINE_BYTES_MAX: usize = 20_000;

/// [common/framing-4] [rooms/text-2]
#[test]
fn a_line_of_exactly_the_limit_is_delivered_whole() {
    let daemon = Daemon::start(&[]);
    let mut sender = Chat::join(daemon.address(), "r", "s");
    let mut other = Chat::join(daemon.address(), "r", "o");
    sender.expect("o has joined\n");
    for end in ["\n", "\r\n"] {
        let text = "x".repeat(LINE_BYTES_MAX - end.len());
        sender.send(format!("{text}{end}"));
        sender.expect(format!("s: {text}\n"));
        other.expect(format!("s: {text}\n"));
    }
}

/// [common/framing-4] [rooms/error-2] [rooms/error-3] [common/close-1]
#[test]
fn a_line_one_byte_longer_ends_the_sender_and_the_others_hear_it_leave_once() {
    let daemon = Daemon::start(&[]);
    let mut other = Chat::join(daemon.address(), "r", "o");
    for end in ["\n", "\r\n"] {
        let mut sender = Chat::join(daemon.address(), "r", "s");
        let long = "x".repeat(LINE_BYTES_MAX + 1 - end.len());
        sender.send(format!("before\n{long}{end}after\n"));
        sender.expect("s: before\nERROR\n");
        sender.expect_end();
        other.expect("s has joined\ns: before\ns has left\n");
        sender.try_send("much later\n").ok(); // the server may have closed by now
        sender.reset();
    }
    assert_eq!(other.fence("o"), Vec::<String>::new());
}

/// [common/framing-5] [rooms/error-2]
#[test]
fn the_limit_without_a_line_feed_is_an_error_at_that_moment() {
    let daemon = Daemon::start(&[]);
    let mut almost = Chat::join(daemon.address(), "a", "a");
    almost.send("x".repeat(LINE_BYTES_MAX - 1));
    let mut member = Chat::join(daemon.address(), "r", "u");
    member.send("x".repeat(LINE_BYTES_MAX));
    member.expect("ERROR\n");
    member.expect_end();
    almost.expect_silence();
    almost.send("\n");
    almost.expect(format!("a: {}\n", "x".repeat(LINE_BYTES_MAX - 1)));
}

/// [common/framing-4] [common/framing-5] [rooms/error-2]
#[test]
fn a_first_line_that_is_too_long_is_an_error() {
    let daemon = Daemon::start(&[]);
    for line in ["x".repeat(LINE_BYTES_MAX), format!("JOIN r {}\n", "u".repeat(LINE_BYTES_MAX))] {
        let mut chat = Chat::connect(daemon.address());
        chat.send(line);
        chat.expect("ERROR\n");
        chat.expect_end();
    }
}

/// The client sends everything before it reads anything: only a server that goes on reading lets it
/// finish, and only an orderly close lets it read the error and the end. A reset behind the end of
/// the stream does not show in what is read, and is asked for when the server has closed.
///
/// [common/close-2] [common/close-1]
#[test]
fn the_error_arrives_even_with_four_mebibytes_of_input_behind_it() {
    let daemon = Daemon::start(&[]);
    let mut observer = Chat::join(daemon.address(), "observers", "o");
    let before = daemon.descriptors();
    let behind = "JOIN r u\n".repeat(4 * 1024 * 1024 / 9);
    for error in ["EAT tacos\n".to_owned(), "x".repeat(LINE_BYTES_MAX)] {
        let mut chat = Chat::connect(daemon.address());
        chat.send(error + &behind);
        chat.expect("ERROR\n");
        chat.expect_end();
        chat.finish();
        daemon.settle(before, || drop(observer.fence("o")));
        chat.expect_no_reset();
    }
}

/// [common/framing-5] [common/close-2] [rooms/daemon-5]
#[test]
fn a_flood_without_a_line_feed_is_cut_off() {
    let daemon = Daemon::start(&[]);
    let mut flood = Chat::connect(daemon.address());
    flood.send("x".repeat(64 * 1024));
    flood.expect("ERROR\n");
    flood.expect_end();
    let piece = "x".repeat(64 * 1024);
    // 16 MiB are read; the rest of the bound is what kernels may keep.
    let cut = (0..1024).position(|_| flood.try_send(&piece).is_err());
    assert!(cut.is_some(), "64 MiB more were taken");
}

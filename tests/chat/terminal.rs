//! The chat client at a terminal.
//!
//! Goal: received lines never tear the prompt, which has editing and history; no received byte
//! arrives raw; and the terminal is restored at every kind of end. Method: keys are written to a
//! pseudo-terminal, and the test waits for the contents of its emulated screen, cursor included.
//! Limits: one kind of terminal, one size.

use super::client::{bob, command};
use super::screen::{COLUMNS, Screen};
use super::server::{Nobody, Peer, Server};
use rustix::process::Signal;

const JOINED: [&str; 2] = ["* bob joined", "-- connected as bob"];

/// A user with an empty prompt, in a room.
fn user() -> (Screen, Peer, Server) {
    user_with(&[])
}

fn user_with(options: &[&str]) -> (Screen, Peer, Server) {
    let server = Server::open();
    let mut command = bob("rooms", server.address());
    command.args(options);
    let mut screen = Screen::start(command);
    let mut peer = server.accept();
    peer.answer("JOIN main bob", "bob has joined\n");
    screen.expect(&[&JOINED[..], &["main>"]].concat(), 6);
    (screen, peer, server)
}

fn with(rows: &[&'static str]) -> Vec<&'static str> {
    [&JOINED[..], rows].concat()
}

#[test]
fn a_line_that_arrives_does_not_tear_the_one_being_typed() {
    let (mut screen, mut peer, _server) = user();
    screen.press("send hal");
    screen.expect(&with(&["main> send hal"]), 14);
    peer.send("eve: hello\neve: you\n");
    screen.expect(&with(&["<eve> hello", "<eve> you", "main> send hal"]), 14);
    screen.press("f\r");
    peer.answer("half", "bob: half\n");
    screen.expect(&with(&["<eve> hello", "<eve> you", "<bob> half", "main>"]), 6);
}

#[test]
fn a_received_line_does_not_tear_a_line_wider_than_the_screen() {
    let (mut screen, mut peer, _server) = user();
    let width = usize::from(COLUMNS);
    let typed = "y".repeat(width);
    screen.press(&typed);
    let typed_rows = [format!("main> {}", &typed[6..]), "yyyyyy".to_owned()];
    let typed_rows = [&typed_rows[0][..], &typed_rows[1]];
    screen.expect(&[&JOINED[..], &typed_rows].concat(), 6);
    peer.send(format!("eve: {}\n", "x".repeat(width)));
    let first = format!("<eve> {}", "x".repeat(width - 6));
    let said = [&first[..], "xxxxxx"];
    screen.expect(&[&JOINED[..], &said, &typed_rows].concat(), 6);
}

#[test]
fn lines_can_be_edited_and_repeated() {
    let (mut screen, mut peer, _server) = user();
    screen.press("sent ac\x1b[Db"); // left, and a letter in between
    screen.expect(&with(&["main> sent abc"]), 13);
    // To the start; delete; to the end; backspace.
    screen.press("\x01\x1b[C\x1b[C\x1b[C\x1b[3~d\x05!?\x7f");
    screen.expect(&with(&["main> send abc!"]), 15);
    screen.press("\r");
    peer.answer("abc!", "bob: abc!\n");
    screen.expect(&with(&["<bob> abc!", "main>"]), 6);
    screen.press("\x1b[A");
    screen.expect(&with(&["<bob> abc!", "main> send abc!"]), 15);
    screen.press(" again\r");
    peer.answer("abc! again", "bob: abc! again\n");
    screen.expect(&with(&["<bob> abc!", "<bob> abc! again", "main>"]), 6);
    screen.press("\x1b[A\x1b[A");
    screen.expect(&with(&["<bob> abc!", "<bob> abc! again", "main> send abc!"]), 15);
    screen.press("\x15"); // everything before the cursor
    screen.expect(&with(&["<bob> abc!", "<bob> abc! again", "main>"]), 6);
}

#[test]
fn received_escape_sequences_are_shown_and_not_obeyed() {
    let (mut screen, mut peer, _server) = user();
    screen.press("send x");
    screen.expect(&with(&["main> send x"]), 12);
    peer.send("eve: \x1b]0;mine\x07\x1b[2J\x1b[1;1H\u{9b}5m\r\u{202e}\n");
    screen.expect(
        &with(&[r"<eve> \x1b]0;mine\x07\x1b[2J\x1b[1;1H\u{9b}5m\x0d\u{202e}", "main> send x"]),
        12,
    );
    let raw = String::from_utf8(screen.raw.clone()).expect("text");
    for sequence in ["\x1b]", "\x1b[2J", "\x1b[1;1H", "\u{9b}", "\x07", "\u{202e}"] {
        assert!(!raw.contains(sequence), "{sequence:?} in {raw:?}");
    }
}

#[test]
fn an_unknown_command_lists_the_known_ones() {
    let (mut screen, mut peer, _server) = user();
    screen.press("/hello\rx\r");
    peer.answer("x", "bob: x\n"); // and nothing before it
    screen.expect(
        &with(&[
            "error: no command is called /hello; there is /send, /help, /",
            "quit; //hello says it",
            "<bob> x",
            "main>",
        ]),
        6,
    );
}

#[test]
fn leaving_ends_with_success_and_an_orderly_terminal() {
    for keys in ["leave\r", "/quit\r", "/leave\r", "\x04", "\x03", "half\x03\x03"] {
        let (mut screen, mut peer, _server) = user();
        screen.press(keys);
        peer.expect_end();
        peer.send("eve: bye\n");
        drop(peer);
        assert_eq!(screen.ended(), (Some(0), true), "{keys:?}");
        assert!(screen.rows().contains(&"<eve> bye".to_owned()), "{keys:?}: {:#?}", screen.rows());
        assert!(
            !screen.rows().last().is_some_and(|row| row.contains('>') && !row.contains("<eve>")),
            "the prompt is gone"
        );
    }
}

#[test]
fn an_error_that_was_seen_is_no_failure() {
    let (mut screen, mut peer, _server) = user();
    screen.press("/hello\rleave\r");
    peer.expect_end();
    drop(peer);
    assert_eq!(screen.ended(), (Some(0), true));
}

#[test]
fn a_lost_server_ends_with_failure_and_an_orderly_terminal() {
    let (mut screen, peer, _server) = user_with(&["--reconnect", "0"]);
    screen.press("send hal");
    screen.expect(&with(&["main> send hal"]), 14);
    drop(peer);
    assert_eq!(screen.ended(), (Some(1), true));
    let rows = screen.rows();
    assert_eq!(rows.last().map(String::as_str), Some("error: this was not sent: send hal"));
    let reason = " stopped, or this client read too slowly for it";
    assert_eq!(rows.iter().rev().nth(1).map(String::as_str), Some(reason));
}

#[test]
fn a_signal_leaves_an_orderly_terminal() {
    for signal in [Signal::TERM, Signal::HUP, Signal::INT] {
        let (mut screen, _peer, _server) = user();
        screen.signal(signal);
        assert_eq!(screen.ended(), (Some(1), true), "{signal:?}");
    }
}

#[test]
fn the_user_can_leave_while_the_server_is_silent() {
    let server = Server::open();
    let mut screen = Screen::start(bob("simple", server.address()));
    let mut peer = server.accept();
    peer.expect("JOIN bob\n");
    screen.expect(&[">"], 2);
    screen.press("x\r/hello\r");
    screen.until("an answer", |screen| screen.rows()[0].starts_with("error: no command"));
    screen.press("leave\r");
    assert_eq!(screen.ended(), (Some(0), true));
}

#[test]
fn the_user_can_leave_while_the_server_is_absent() {
    let nobody = Nobody::home();
    let mut command = bob("simple", nobody.address());
    command.args(["--reconnect", "1000"]);
    let mut screen = Screen::start(command);
    screen.until("a second try", |screen| {
        screen.rows().iter().filter(|row| row.contains("trying again in")).count() == 2
    });
    screen.press("x\r");
    screen.until("an answer", |screen| {
        screen.rows().iter().any(|row| row == "-- kept until the server is back")
    });
    screen.press("leave\r");
    assert_eq!(screen.ended(), (Some(0), true));
}

#[test]
fn a_signal_ends_the_client_while_the_server_is_absent() {
    let nobody = Nobody::home();
    let mut command = bob("simple", nobody.address());
    command.args(["--reconnect", "1000"]);
    let mut screen = Screen::start(command);
    screen.until("a second try", |screen| {
        screen.rows().iter().filter(|row| row.contains("trying again in")).count() == 2
    });
    screen.signal(Signal::TERM);
    assert_eq!(screen.ended(), (Some(1), true));
}

#[test]
fn own_lines_are_shown_once_in_a_dialect_without_echo() {
    let server = Server::open();
    let mut screen = Screen::start(bob("simple", server.address()));
    let mut peer = server.accept();
    peer.answer("JOIN bob", "OK\n");
    screen.expect(&["-- connected as bob", ">"], 2);
    screen.press("hi\r");
    peer.expect("SEND hi\n");
    screen.expect(&["-- connected as bob", "<bob> hi", ">"], 2);
}

#[test]
fn bad_arguments_leave_the_terminal_alone() {
    let mut command = command();
    command.args(["--username", "bob", "--port", "0"]);
    let mut screen = Screen::start(command);
    assert_eq!(screen.ended(), (Some(2), true));
}

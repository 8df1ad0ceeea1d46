//! The client as a job in a terminal that changes, stops and vanishes.
//!
//! Goal: nothing that is typed is lost, and nothing is left behind, when the terminal has another
//! size, stops the program, is no UTF-8, can do nothing, or is gone. Method: as for the terminal.
//! Limits: the terminal does not control the program, so the signals that a shell and the kernel
//! send come from the test.

use super::client::bob;
use super::daemon::Daemon;
use super::screen::{COLUMNS, Screen, start_in, terminal};
use super::server::{Peer, Server};
use crate::process::DEADLINE;
use rustix::process::Signal;
use std::io::Read as _;
use std::process::Command;
use std::sync::mpsc::channel;

/// A member of the room `main`, as `change` has the program started.
fn member(change: impl FnOnce(Command) -> Screen) -> (Screen, Peer, Server) {
    let server = Server::open();
    let screen = change(bob("rooms", server.address()));
    let mut peer = server.accept();
    peer.answer("JOIN main bob", "bob has joined\n");
    (screen, peer, server)
}

/// The program announces this whenever it takes the terminal.
const PASTE_ON: &[u8] = b"\x1b[?2004h";

fn shows(screen: &mut Screen, row: &str) {
    screen.until(row, |screen| screen.rows().iter().any(|shown| shown == row));
}

#[test]
fn a_stopped_program_gives_the_terminal_back_and_continues_with_its_draft() {
    let (mut screen, mut peer, _server) = member(Screen::start);
    screen.press("draft");
    shows(&mut screen, "main> draft");
    screen.press("\x1a");
    screen.stopped();
    assert!(screen.is_cooked());
    screen.signal(Signal::CONT);
    shows(&mut screen, "main> draft");
    screen.press("s\r");
    peer.answer("drafts", "bob: drafts\n");
    shows(&mut screen, "<bob> drafts");
}

#[test]
fn a_program_that_was_stopped_from_outside_takes_its_terminal_again() {
    let (mut screen, mut peer, _server) = member(Screen::start);
    screen.press("draft");
    shows(&mut screen, "main> draft");
    screen.signal(Signal::STOP);
    screen.stopped();
    screen.cook();
    screen.signal(Signal::CONT);
    let announced = |screen: &Screen| {
        screen.raw.windows(PASTE_ON.len()).filter(|bytes| bytes == &PASTE_ON).count()
    };
    screen.until("its modes again", |screen| announced(screen) == 2);
    assert!(!screen.is_cooked());
    // In the modes before, the terminal would keep these keys until a line feed.
    screen.press("s");
    shows(&mut screen, "main> drafts");
    screen.press("\r");
    peer.expect("drafts\n");
}

#[test]
fn any_size_is_taken() {
    let (mut screen, mut peer, _server) = member(|command| {
        let mut command = command;
        command.env("TERM", "xterm");
        Screen::sized(command, 0, 0)
    });
    peer.send("eve: hello\n");
    shows(&mut screen, "<eve> hello");
    screen.press("draft");
    shows(&mut screen, "main> draft");
    for columns in [0, 1, 2, 0, COLUMNS] {
        screen.resize(24, columns);
    }
    screen.press("s");
    screen.until("a draft", |screen| screen.rows().last().is_some_and(|row| row.ends_with('s')));
    screen.press("\r");
    peer.expect("drafts\n");
}

#[test]
fn lines_of_an_unbracketed_paste_are_all_said() {
    let daemon = Daemon::start();
    let mut command = bob("rooms", daemon.address("rooms"));
    command.args(["--color", "never"]);
    let mut screen = Screen::start(command);
    shows(&mut screen, "main>");
    let lines: Vec<_> = (0..3000).map(|number| format!("line {number}\r")).collect();
    screen.press(&lines.concat());
    shows(&mut screen, "<bob> line 2999");
    let raw = String::from_utf8_lossy(&screen.raw).into_owned();
    let shown: Vec<_> =
        raw.match_indices("<bob> line ").map(|(at, found)| at + found.len()).collect();
    let numbers = shown.iter().map(|at| raw[*at..].split('\r').next().expect("a row"));
    assert!(numbers.eq((0..3000).map(|number| number.to_string())), "{}", shown.len());
}

#[test]
fn a_bracketed_paste_of_any_size_needs_no_further_key() {
    let (mut screen, mut peer, _server) = member(Screen::start);
    let text = "p".repeat(15_000);
    screen.press(&format!("\x1b[200~{text}\x1b[201~\r"));
    peer.expect(format!("{text}\n"));
}

#[test]
fn lines_typed_while_the_server_is_away_are_said_once() {
    let (mut screen, peer, server) = member(|mut command| {
        command.args(["--reconnect", "5"]);
        Screen::start(command)
    });
    screen.press("dra");
    shows(&mut screen, "main> dra");
    drop(peer);
    screen.until("a try", |screen| screen.rows().iter().any(|row| row.contains("trying again")));
    screen.press("ft\rhalf");
    let mut peer = server.accept();
    peer.answer("JOIN main bob", "bob has joined\n");
    peer.answer("draft", "bob: draft\n");
    shows(&mut screen, "main> half");
    screen.press("\x15/quit\r");
    peer.expect_end();
}

#[test]
fn a_program_whose_terminal_is_gone_ends() {
    let server = Server::open();
    let (mut keyboard, inside) = terminal(24, 80);
    let mut child = start_in(&inside, bob("rooms", server.address()).env("TERM", "xterm"));
    let mut peer = server.accept();
    peer.answer("JOIN main bob", "bob has joined\n");
    // Nothing is to be shown any more that would fail.
    let mut shown = Vec::new();
    while !String::from_utf8_lossy(&shown)
        .split_once("connected as bob")
        .is_some_and(|(_, rest)| rest.contains("main> "))
    {
        let mut buffer = [0; 1000];
        let read = keyboard.read(&mut buffer).expect("the program shows more");
        shown.extend_from_slice(&buffer[..read]);
    }
    drop((keyboard, inside));
    let (sender, ended) = channel();
    std::thread::spawn(move || sender.send(child.wait()));
    let status = ended.recv_timeout(DEADLINE).expect("it ends").expect("it is our child");
    assert_eq!(status.code(), Some(1), "it does not panic");
}

#[test]
fn a_terminal_without_abilities_gets_no_escape_sequence() {
    let (mut screen, mut peer, _server) = member(|mut command| {
        command.env("TERM", "dumb");
        Screen::sized(command, 24, COLUMNS)
    });
    screen.press("hi\r");
    peer.answer("hi", "bob: hi\nbob: bob\n");
    shows(&mut screen, "<bob> bob");
    assert!(!screen.raw.contains(&0x1b), "{}", screen.raw.escape_ascii());
}

#[test]
fn a_terminal_without_utf_8_gets_ascii_alone() {
    for term in ["xterm", "dumb"] {
        let (mut screen, mut peer, _server) = member(|mut command| {
            command.env("LC_ALL", "de_DE.ISO-8859-1").env("TERM", term);
            Screen::sized(command, 24, COLUMNS)
        });
        peer.send("eve: a\u{6db}\n");
        shows(&mut screen, r"<eve> a\u{6db}");
        assert!(screen.raw.is_ascii(), "{}", screen.raw.escape_ascii());
    }
}

#[test]
fn typed_bytes_of_another_charset_become_characters() {
    let (mut screen, mut peer, _server) = member(|mut command| {
        command.env("LC_ALL", "de_DE.ISO-8859-1");
        Screen::start(command)
    });
    screen.press_bytes(b"gr\xfc\xdfe");
    shows(&mut screen, r"main> gr\u{fc}\u{df}e");
    screen.press("\r");
    peer.expect("grüße\n");
}

#[test]
fn the_prompt_has_the_room_and_the_unread_private_lines() {
    let server = Server::open();
    let mut command = bob("channels", server.address());
    command.args(["--room", "#a"]);
    let mut screen = Screen::start(command);
    let mut peer = server.accept();
    peer.expect("USERNAME bob\nJOIN #a\nUSERS\n");
    peer.send("OK Welcome, bob!\r\nOK Joined #a (0 users)\r\nROOM #a eve old\r\nUSERLIST bob\r\n");
    shows(&mut screen, "| <eve> old");
    shows(&mut screen, "#a>");
    peer.send("PRIVMSG eve psst\r\nROOM #a eve hi bob\r\n");
    shows(&mut screen, "! [private from eve] psst");
    shows(&mut screen, "! <eve> hi bob");
    shows(&mut screen, "(1 private) #a>");
    assert_eq!(screen.raw.split(|byte| *byte == 7).count(), 2, "one bell for both");
    screen.press("/leave\r");
    peer.answer("LEAVE", "OK Left #a\r\n");
    shows(&mut screen, ">");
}

#[test]
fn the_next_run_has_the_history_of_this_one() {
    let folder = std::env::temp_dir().join(format!("parlance-chat-{}", std::process::id()));
    for typed in ["first\r", "\x1b[A again\r"] {
        let (mut screen, mut peer, _server) = member(|mut command| {
            command.env("XDG_STATE_HOME", &folder).env_remove("CHAT_NO_HISTORY");
            Screen::start(command)
        });
        shows(&mut screen, "main>");
        screen.press(typed);
        peer.expect(if typed == "first\r" { "first\n" } else { "first again\n" });
    }
    std::fs::remove_dir_all(folder).expect("it is ours");
}

#[test]
fn names_have_colours_unless_they_are_refused() {
    for (name, value, coloured) in
        [("NO_COLOR", "", true), ("NO_COLOR", "1", false), ("CHAT_COLOR", "never", false)]
    {
        let (mut screen, mut peer, _server) = member(|mut command| {
            command.env(name, value);
            Screen::start(command)
        });
        peer.send("eve: hello\n");
        shows(&mut screen, "<eve> hello");
        let raw = String::from_utf8_lossy(&screen.raw);
        assert_eq!(raw.contains("<\u{1b}[3"), coloured, "{name}={value}: {raw:?}");
    }
}

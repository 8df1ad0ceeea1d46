//! The chat client in a script.
//!
//! Goal: without a terminal the client takes lines from standard input, prints plainly, sends bytes
//! unchanged, waits for pending answers, and reports success in its exit status. Method: a played
//! server, one fault in each test. Limits: none known.

use super::client::{Script, bob};
use super::server::Server;
use std::process::Stdio;

#[test]
fn the_client_does_not_end_before_its_echo() {
    let server = Server::open();
    let script = Script::start(&mut bob("rooms", server.address()), "send hi\n");
    let mut peer = server.accept();
    peer.answer("JOIN main bob", "bob has joined\n");
    peer.expect("hi\n");
    drop(peer); // without the echo; had it not waited, this would be the end that it expects
    script.ended().expect_failure("the server closed the connection");
}

#[test]
fn the_client_does_not_end_before_the_ok_to_its_farewell() {
    let server = Server::open();
    let script = Script::start(&mut bob("simple", server.address()), "send hi\n");
    let mut peer = server.accept();
    peer.answer("JOIN bob", "OK\n");
    peer.expect("SEND hi\nLEAVE\n");
    drop(peer);
    script.ended().expect_failure("the server closed the connection");
}

#[test]
fn no_text_is_sent_before_the_name_is_accepted() {
    let server = Server::open();
    let script = Script::start(&mut bob("simple", server.address()), "send hi\n");
    let mut peer = server.accept();
    peer.answer("JOIN bob", "ERROR username-taken\n");
    peer.expect_end();
    let ended = script.ended();
    ended.expect_failure("the name bob is taken");
    assert_eq!(ended.stdout, Vec::<String>::new());
}

#[test]
fn an_error_is_explained_and_fails_the_script() {
    let server = Server::open();
    let script = Script::start(&mut bob("login", server.address()), "/dm eve hi\non\n");
    let mut peer = server.accept();
    peer.answer("LOGIN bob", "OK\n");
    peer.answer("DM eve hi\nPING", "ERR user-not-found\nPONG\n");
    peer.answer("MSG on\nPING", "MSG bob on\nPONG\n");
    peer.expect_end();
    drop(peer);
    let ended = script.ended();
    ended.expect_failure("nobody is called eve");
    assert_eq!(ended.stdout, ["<bob> on"], "the rest is done all the same");
}

#[test]
fn an_unknown_command_is_reported_and_not_sent() {
    let server = Server::open();
    let script = Script::start(&mut bob("rooms", server.address()), "/rooms\n");
    let mut peer = server.accept();
    peer.answer("JOIN main bob", "bob has joined\n");
    peer.expect_end();
    drop(peer);
    script.ended().expect_failure("no command is called /rooms; there is /send, /help, /quit");
}

#[test]
fn bytes_are_sent_unchanged() {
    let server = Server::open();
    let input = b"send \xff\0\x1b\t\r\nsend last".to_vec(); // a CR LF, and no LF at all
    let script = Script::start(&mut bob("rooms", server.address()), input);
    let mut peer = server.accept();
    peer.answer("JOIN main bob", "bob has joined\n");
    peer.expect(b"\xff\0\x1b\t\nlast\n");
    peer.send(b"bob: \xff\0\x1b\t\nbob: last\n");
    peer.expect_end();
    drop(peer);
    script.ended().expect_success(&["* bob joined", r"<bob> \xff\x00\x1b\x09", "<bob> last"]);
}

#[test]
fn the_longest_line_is_sent_and_a_longer_one_is_not() {
    let server = Server::open();
    let longest = "x".repeat(19_999);
    let input = format!("send {longest}x\nsend {longest}\nsend {}\n", "x".repeat(1_000_000));
    let script = Script::start(&mut bob("rooms", server.address()), input);
    let mut peer = server.accept();
    peer.answer("JOIN main bob", "bob has joined\n");
    peer.expect(format!("{longest}\n"));
    peer.send(format!("bob: {longest}\n"));
    peer.expect_end();
    drop(peer);
    let ended = script.ended();
    ended.expect_failure("too long");
    assert_eq!(ended.stdout.len(), 2);
}

#[test]
fn more_lines_than_the_bound_of_unanswered_ones_are_all_sent() {
    let server = Server::open();
    let input = "send x\n".repeat(5_000);
    let script = Script::start(&mut bob("rooms", server.address()), input);
    let mut peer = server.accept();
    peer.answer("JOIN main bob", "bob has joined\n");
    for _ in 0..5 {
        peer.expect("x\n".repeat(1_000));
        peer.send("bob: x\n".repeat(1_000));
    }
    peer.expect_end();
    drop(peer);
    let ended = script.ended();
    assert_eq!((ended.status, ended.stdout.len()), (Some(0), 5_001));
}

#[test]
fn a_closed_output_ends_the_client_quietly() {
    let server = Server::open();
    let mut command = bob("rooms", server.address());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program is there");
    drop(child.stdout.take());
    let mut peer = server.accept();
    peer.answer("JOIN main bob", "bob has joined\n");
    peer.expect_end();
    let stdin = child.stdin.take();
    let output = child.wait_with_output().expect("it is our child");
    drop(stdin);
    assert_eq!(output.status.code(), Some(1));
    assert!(!String::from_utf8_lossy(&output.stderr).contains("panicked"));
}

#[test]
fn a_byte_order_mark_belongs_to_no_line() {
    let server = Server::open();
    let input = "\u{feff}/help\n\u{feff}x\n";
    let script = Script::start(&mut bob("rooms", server.address()), input);
    let mut peer = server.accept();
    peer.answer("JOIN main bob", "bob has joined\n");
    peer.answer("\u{feff}x", "bob: \u{feff}x\n");
    peer.expect_end();
    drop(peer);
    let ended = script.ended();
    assert_eq!(ended.stdout.len(), 5, "{ended:?}");
    assert_eq!(ended.stdout.last().map(String::as_str), Some(r"<bob> \u{feff}x"));
}

#[test]
fn events_are_json_for_scripts_that_want_it() {
    let server = Server::open();
    let mut command = bob("login", server.address());
    let script = Script::start(command.arg("--json"), "hi\n/nothing\n");
    let mut peer = server.accept();
    peer.answer("LOGIN bob", "OK\n");
    peer.answer("MSG hi\nPING", "DM eve \u{9b}2J\nMSG bob hi\nPONG\n");
    peer.expect_end();
    drop(peer);
    let ended = script.ended();
    assert_eq!((ended.stderr.len(), ended.status), (0, Some(1)));
    let events: Vec<serde_json::Value> =
        ended.stdout.iter().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    // The error is the user's, the others are the server's: there is no order between them.
    let mut names: Vec<_> = events.iter().filter_map(|event| event["event"].as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["error", "notice", "private", "said"]);
    let private = events.iter().find(|event| event["event"] == "private");
    assert_eq!(private.expect("a private line")["text"], "\u{9b}2J");
    assert!(!ended.stdout.concat().contains('\u{9b}'));
}

#[test]
fn bare_leave_is_refused_where_it_may_mean_the_room() {
    let server = Server::open();
    let script = Script::start(&mut bob("channels", server.address()), "leave\n");
    let mut peer = server.accept();
    peer.answer("USERNAME bob", "OK Welcome, bob!\r\n");
    peer.answer("QUIT", "OK Goodbye!\r\n");
    drop(peer);
    script.ended().expect_failure("/leave leaves the room, /quit ends the program");
}

#[test]
fn colours_and_times_are_shown_on_demand() {
    let server = Server::open();
    let mut command = bob("simple", server.address());
    command.args(["--color", "always", "--timestamps"]);
    let script = Script::start(&mut command, "hi\n");
    let mut peer = server.accept();
    peer.answer("JOIN bob", "OK\n");
    peer.expect("SEND hi\n");
    peer.answer("LEAVE", "OK\n");
    drop(peer);
    let ended = script.ended();
    let line = &ended.stdout[0];
    assert!(line[5..].starts_with(" <\u{1b}[3") && line.as_bytes()[2] == b':', "{line:?}");
}

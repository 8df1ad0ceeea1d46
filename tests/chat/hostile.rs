//! Hostile servers and users.
//!
//! Goal: no received byte reaches the output raw, no received line makes the client grow without
//! bound, and long lists are shown complete. Method: a played server. Limits: the bytes are chosen;
//! random bytes are tested on values.

use super::client::{Script, bob};
use super::server::Server;

#[test]
fn no_received_byte_reaches_the_output_raw() {
    let server = Server::open();
    let script = Script::start(&mut bob("simple", server.address()), "");
    let mut peer = server.accept();
    peer.expect("JOIN bob\n");
    peer.send(
        "OK\nMSG eve \x1b]0;mine\x07\u{9b}31m\u{202e}\x7f\nJOINED \x1b[2J\nERROR \x1b[2J\n\x1bc\n",
    );
    peer.send(b"MSG eve \x80\x9b\xff\n");
    peer.answer("LEAVE", "OK\n");
    peer.expect_end();
    drop(peer);
    let ended = script.ended();
    let shown = [
        r"<eve> \x1b]0;mine\x07\u{9b}31m\u{202e}\x7f",
        r"* \x1b[2J joined",
        r"? \x1bc",
        r"<eve> \x80\x9b\xff",
    ];
    assert_eq!(ended.stdout, shown);
    ended.expect_failure(r"the server says: \x1b[2J");
}

#[test]
fn an_endless_line_ends_the_client() {
    let server = Server::open();
    let (script, stdin) = Script::start_open(&mut bob("rooms", server.address()));
    let mut peer = server.accept();
    peer.answer("JOIN main bob", "bob has joined\n");
    let part = vec![b'x'; 64 * 1024];
    let mut sent = 0;
    // The client ends as soon as the line is known to be too long.
    while peer.try_send(&part).is_ok() {
        sent += part.len();
        assert!(sent < 64 * 1024 * 1024, "the client still listens");
    }
    script.ended().expect_failure("a line without end");
    drop(stdin);
}

#[test]
fn ten_thousand_names_are_shown_complete() {
    let names = vec!["n".repeat(32); 10_000].join(" ");
    let server = Server::open();
    let script = Script::start(&mut bob("channels", server.address()), "/rooms\n");
    let mut peer = server.accept();
    peer.answer("USERNAME bob", "OK Welcome, bob!\r\n");
    peer.answer("ROOMS", format!("ROOMLIST {names}\r\n"));
    peer.answer("QUIT", "OK Goodbye!\r\n");
    peer.expect_end();
    drop(peer);
    script.ended().expect_success(&[&format!("* rooms: {names}")]);

    let server = Server::open();
    let script = Script::start(&mut bob("login", server.address()), "/who\n");
    let mut peer = server.accept();
    peer.answer("LOGIN bob", "OK\n");
    let users = format!("USER {}\n", "n".repeat(32)).repeat(10_000);
    peer.answer("WHO\nPING", users + "PONG\n");
    peer.expect_end();
    drop(peer);
    script.ended().expect_success(&[&format!("* users: {names}")]);
}

//! The bytes on the wire and the lines shown, in each dialect.
//!
//! Goal: a script of commands becomes exactly these bytes, and the answers become these lines.
//! Method: a played server. Limits: one order of events in each test.

use super::client::{Ended, Script, bob};
use super::server::{Peer, Server};

/// Runs `input` against a server that does `play`.
fn played(dialect: &str, options: &[&str], input: &str, play: impl FnOnce(&mut Peer)) -> Ended {
    let server = Server::open();
    let script = Script::start(bob(dialect, server.address()).args(options), input);
    let mut peer = server.accept();
    play(&mut peer);
    drop(peer);
    script.ended()
}

#[test]
fn rooms() {
    let ended = played("rooms", &["--room", "r"], "hi\n there \nleave\n", |peer| {
        peer.answer("JOIN r bob", "bob has joined\n");
        peer.expect("hi\n there \n");
        peer.send("eve has joined\neve: yo\nbob: hi\nbob:  there \n");
        peer.expect_end();
        peer.send("eve has left\n");
    });
    let shown =
        ["* bob joined", "* eve joined", "<eve> yo", "<bob> hi", "<bob>  there ", "* eve left"];
    ended.expect_success(&shown);
}

#[test]
fn rooms_has_a_default_room() {
    let ended = played("rooms", &[], "", |peer| {
        peer.answer("JOIN main bob", "bob has joined\n");
        peer.expect_end();
    });
    ended.expect_success(&["* bob joined"]);
}

#[test]
fn lobby() {
    let ended = played("lobby", &[], "send hi\n", |peer| {
        peer.expect("bob\nhi\n");
        peer.send("eve:yo\nbob:hi\n");
        peer.expect_end();
    });
    ended.expect_success(&["<eve> yo", "<bob> hi"]);
}

#[test]
fn simple() {
    let ended = played("simple", &[], "send hi\nleave\nsend no more\n", |peer| {
        peer.answer("JOIN bob", "OK\n");
        peer.expect("SEND hi\nLEAVE\n");
        peer.send("JOINED eve\nMSG eve yo\nLEFT eve\nOK\n");
        peer.expect_end();
    });
    ended.expect_success(&["<bob> hi", "* eve joined", "<eve> yo", "* eve left"]);
}

#[test]
fn login() {
    let input = "hi\n/who\n/dm eve psst\n";
    let ended = played("login", &[], input, |peer| {
        peer.answer("LOGIN bob", "OK\n");
        peer.expect("MSG hi\nPING\nWHO\nPING\nDM eve psst\nPING\n");
        peer.send(
            "MSG bob hi\nPONG\nUSER eve\nUSER bob\nPONG\nDM eve ah\nINFO ann disconnected\nPONG\n",
        );
        peer.expect_end();
    });
    let shown = [
        "<bob> hi",
        "* users: eve bob",
        "[private from eve] ah",
        "* ann left",
        "[private to eve] psst",
    ];
    ended.expect_success(&shown);
}

#[test]
fn channels() {
    let input = "send hi\r\n/users\r\n/rooms\r\n/msg eve psst\r\n/leave\r\n/join #b\r\n/quit\r\n";
    let ended = played("channels", &["--room", "#a"], input, |peer| {
        peer.expect("USERNAME bob\nJOIN #a\n");
        peer.send(
            "OK Welcome, bob!\r\nOK Joined #a (1 users)\r\nJOIN #a eve\r\nROOM #a eve old\r\n",
        );
        peer.expect("MSG hi\nUSERS\nROOMS\nPRIVMSG eve psst\nLEAVE\nJOIN #b\n");
        peer.send("ROOM #a bob hi\r\nUSERLIST eve bob\r\nROOMLIST #a\r\nOK Sent\r\nOK Left #a\r\n");
        peer.send("OK Joined #b (0 users)\r\n");
        peer.answer("QUIT", "OK Goodbye!\r\n");
        peer.expect_end();
    });
    let shown = [
        "* you joined #a",
        "* eve is here",
        "<eve> old",
        "<bob> hi",
        "* users: eve bob",
        "* rooms: #a",
        "[private to eve] psst",
        "* you left the room",
        "* you joined #b",
    ];
    ended.expect_success(&shown);
}

#[test]
fn a_silent_user_of_login_sends_ping() {
    let server = Server::open();
    let options = ["--ping", "0.02"];
    let (script, stdin) = Script::start_open(bob("login", server.address()).args(options));
    let mut peer = server.accept();
    peer.answer("LOGIN bob", "OK\n");
    for _ in 0..5 {
        peer.answer("PING", "PONG\n");
    }
    drop(peer);
    let ended = script.ended();
    drop(stdin);
    // A PING that the server did not read makes the end a reset.
    ended.expect_failure("the connection");
    assert_eq!(ended.stdout, Vec::<String>::new(), "its own PONGs are not shown");
}

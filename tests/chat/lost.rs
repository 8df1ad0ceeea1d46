//! Servers that close, and servers that are absent.
//!
//! Goal: a lost connection is reported and fails the run; with `--reconnect` the client tries again
//! as often as the option says and logs in again. Method: a played server that closes. Limits: the
//! pauses between tries are tested on values.

use super::client::{Script, bob};
use super::server::{Nobody, Server};
use std::io::Write as _;

#[test]
fn a_lost_server_is_reported() {
    let server = Server::open();
    let (script, stdin) = Script::start_open(&mut bob("login", server.address()));
    server.accept().answer("LOGIN bob", "OK\n");
    script.ended().expect_failure("the server closed the connection");
    drop(stdin);
}

#[test]
fn a_lobby_that_closes_may_have_refused_the_name() {
    let server = Server::open();
    let (script, stdin) = Script::start_open(&mut bob("lobby", server.address()));
    server.accept().expect("bob\n");
    script.ended().expect_failure("perhaps it does not take bob as a name");
    drop(stdin);
}

#[test]
fn lines_before_a_close_are_shown() {
    let server = Server::open();
    let (script, stdin) = Script::start_open(&mut bob("rooms", server.address()));
    let mut peer = server.accept();
    peer.answer("JOIN main bob", "bob has joined\neve: bye\nhalf a li");
    drop(peer);
    let ended = script.ended();
    drop(stdin);
    ended.expect_failure("the server closed the connection");
    assert_eq!(ended.stdout, ["* bob joined", "<eve> bye"], "a line without an end is none");
}

#[test]
fn an_absent_server_is_reported_with_its_address() {
    let nobody = Nobody::home();
    let address = nobody.address();
    let ended = Script::start(&mut bob("rooms", address), "").ended();
    ended.expect_failure(&format!("cannot connect to 127.0.0.1 port {}: ", address.port()));
    ended.expect_failure(&format!("start `parlance --dialect rooms {}`", address.port()));
}

#[test]
fn the_client_reconnects_and_logs_in_again() {
    let server = Server::open();
    let options = ["--room", "r", "--reconnect"];
    let (script, stdin) = Script::start_open(bob("rooms", server.address()).args(options));
    for _ in 0..2 {
        server.accept().answer("JOIN r bob", "bob has joined\n");
    }
    let mut peer = server.accept();
    peer.answer("JOIN r bob", "bob has joined\n");
    drop(stdin);
    peer.expect_end();
    drop(peer);
    let ended = script.ended();
    assert_eq!(ended.stdout, ["* bob joined"; 3]);
    let kinds: Vec<_> = ended.stderr.iter().map(|line| &line[..12]).collect();
    let (connected, lost, again) = ("-- connected", "error: the s", "-- trying ag");
    assert_eq!(kinds, [connected, lost, again, connected, lost, again, connected]);
    assert_eq!(ended.status, Some(1), "a script may have lost something");
}

#[test]
fn the_client_reconnects_only_as_often_as_told() {
    let nobody = Nobody::home();
    let address = nobody.address();
    let ended = Script::start(bob("rooms", address).args(["--reconnect", "2"]), "").ended();
    let pauses = ended.stderr.iter().filter(|line| line.starts_with("-- trying again in "));
    assert_eq!(pauses.count(), 2);
    ended.expect_failure("cannot connect");
}

#[test]
fn a_reconnect_outlasts_the_client_s_stale_name() {
    let server = Server::open();
    let script = Script::start(bob("simple", server.address()).args(["--reconnect", "2"]), "");
    let mut peer = server.accept();
    peer.answer("JOIN bob", "OK\n");
    peer.expect("LEAVE\n");
    drop(peer); // it was leaving: no reason to come back
    script.ended().expect_failure("closed the connection");

    let (script, stdin) =
        Script::start_open(bob("simple", server.address()).args(["--reconnect", "2"]));
    server.accept().answer("JOIN bob", "OK\n");
    server.accept().answer("JOIN bob", "ERROR username-taken\n");
    let mut peer = server.accept();
    peer.answer("JOIN bob", "OK\n");
    drop(stdin);
    peer.answer("LEAVE", "OK\n");
    peer.expect_end();
    drop(peer);
    let ended = script.ended();
    assert!(ended.stderr.contains(&"error: the name bob is taken".to_owned()), "{ended:?}");
    assert_eq!(ended.stderr.last().map(String::as_str), Some("-- connected as bob"));
}

#[test]
fn a_name_taken_at_first_is_not_retried() {
    let server = Server::open();
    let script = Script::start(bob("simple", server.address()).args(["--reconnect", "2"]), "");
    server.accept().answer("JOIN bob", "ERROR username-taken\n");
    script.ended().expect_failure("the name bob is taken");
}

#[test]
fn a_silent_server_is_lost_within_the_time_that_the_option_says() {
    let server = Server::open();
    let options = ["--ping", "0.01", "--timeout", "1"];
    let (script, stdin) = Script::start_open(bob("login", server.address()).args(options));
    let mut peer = server.accept();
    peer.answer("LOGIN bob", "OK\n");
    let ended = script.ended();
    drop((stdin, peer));
    ended.expect_failure("the server has not answered for 1 s");
}

#[test]
fn a_client_that_comes_back_goes_into_its_last_room() {
    let server = Server::open();
    let options = ["--room", "#a", "--reconnect"];
    let mut command = bob("channels", server.address());
    let (script, mut stdin) = Script::start_open(command.args(options));
    let mut peer = server.accept();
    peer.expect("USERNAME bob\nJOIN #a\n");
    peer.send("OK Welcome, bob!\r\nOK Joined #a (0 users)\r\n");
    stdin.write_all(b"/join #b\n").expect("it is read");
    peer.answer("JOIN #b", "OK Joined #b (0 users)\r\n");
    drop(peer);
    let mut peer = server.accept();
    peer.expect("USERNAME bob\nJOIN #b\n");
    peer.send("OK Welcome, bob!\r\nOK Joined #b (0 users)\r\n");
    drop(stdin);
    peer.answer("QUIT", "OK Goodbye!\r\n");
    drop(peer);
    assert_eq!(script.ended().stdout.last().map(String::as_str), Some("* you joined #b"));
}

#[test]
fn the_reason_of_an_ending_is_told() {
    let server = Server::open();
    let (script, stdin) = Script::start_open(&mut bob("login", server.address()));
    server.accept().answer("LOGIN bob", "OK\nERR idle-timeout\n");
    script.ended().expect_failure("connection: the server heard nothing from you for too long");
    drop(stdin);
}

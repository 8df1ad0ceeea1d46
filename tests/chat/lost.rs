//! Servers that close, and servers that are absent.
//!
//! Goal: a lost connection is reported and fails the run; with `--reconnect` the client tries again
//! as often as the option says and logs in again. Method: a played server that closes. Limits: the
//! pauses between tries are tested on values.

use super::client::{Script, bob};
use super::server::{Nobody, Server};

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
    let connected = "-- connected as bob";
    let lost = "error: the server closed the connection";
    // Connections that do not last do not reset the number of tries.
    let (again, later) = ("-- trying again in 0.25 s", "-- trying again in 0.5 s");
    assert_eq!(ended.stderr, [connected, lost, again, connected, lost, later, connected]);
    assert_eq!(ended.status, Some(1), "a script may have lost something");
}

#[test]
fn the_client_reconnects_only_as_often_as_told() {
    let nobody = Nobody::home();
    let address = nobody.address();
    let ended = Script::start(bob("rooms", address).args(["--reconnect", "2"]), "").ended();
    let pauses: Vec<_> = ended.stderr.iter().filter(|line| line.starts_with("--")).collect();
    assert_eq!(pauses, ["-- trying again in 0.25 s", "-- trying again in 0.5 s"]);
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

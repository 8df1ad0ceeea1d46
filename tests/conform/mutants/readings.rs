//! The other readings are as documented.

use crate::process::Chat;
use parlance_conform::mutants::{Handle, serve_other_readings};
use parlance_model::Dialect;
use std::net::TcpListener;

fn server(dialect: Dialect) -> Handle {
    serve_other_readings(dialect, TcpListener::bind("127.0.0.1:0").unwrap()).unwrap()
}

#[test]
fn in_rooms() {
    let server = server(Dialect::Rooms);
    let mut ann = Chat::connect(server.address());
    ann.ask("JOIN r ann\x01\r\n", "ann\x01\r has joined\n");
    ann.ask("hi\r\n", "ann\x01\r: hi\r\n");
    let mut twin = Chat::connect(server.address());
    twin.ask("JOIN r ann\x01\r\n", "ERROR\n");
    twin.expect_end();
    let long = "x".repeat(30_000);
    ann.ask(format!("{long}\n"), format!("ann\x01\r: {long}\n"));
    ann.ask("x".repeat(32_768), "ERROR\n");
    ann.expect_end();
    Chat::connect(server.address()).ask("JOIN s ann\n", "ann has joined\n");
}

#[test]
fn in_lobby() {
    let server = server(Dialect::Lobby);
    let mut silent = Chat::connect(server.address());
    let mut ann = Chat::connect(server.address());
    ann.ask("Ann: B\nhi\n", "Ann: B: hi\n");
    silent.ask("bob\nyo\n", "bob: yo\n");
    ann.expect("bob: yo\n");
    let mut twin = Chat::connect(server.address());
    twin.send("bob\n");
    twin.expect_end();
}

#[test]
fn in_simple() {
    let server = server(Dialect::Simple);
    let mut ann = Chat::connect(server.address());
    ann.ask("LEAVE\r\n", "ERROR unknown-command\n");
    ann.ask("JOIN ann\r\n", "OK\n");
    let mut bob = Chat::connect(server.address());
    bob.ask("JOIN bob\n", "OK\n");
    bob.send("SEND x\r\n");
    ann.expect("JOINED bob\nMSG bob x\r\n");
}

#[test]
fn in_login() {
    let server = server(Dialect::Login);
    let mut ann = Chat::connect(server.address());
    let name = "n".repeat(64);
    ann.ask(format!("LOGIN {name}\n"), "OK\n");
    ann.ask("WHO\nPING\nDM x y\n", "ERR unknown-command\n".repeat(3));
    let mut bob = Chat::connect(server.address());
    bob.ask(format!("LOGIN {name}\n"), "ERR username-taken\n");
    bob.ask("LOGIN bob\n", "OK\n");
    ann.send("MSG hi\n");
    bob.expect(format!("MSG {name} hi\n"));
    ann.ask("WHO\n", "ERR unknown-command\n"); // and no echo before
}

#[test]
fn in_channels() {
    let server = server(Dialect::Channels);
    let mut ann = Chat::connect(server.address());
    ann.ask("x\n", "ERROR Who are you?\r\n");
    ann.ask("USERNAME ann\n", "OK Welcome, ann!\r\n");
    ann.ask("JOIN r\n/join #r\n", "ERROR Bad room name\r\nERROR What?\r\n");
    ann.ask("JOIN #r\nhi\n", "OK Joined #r (0 users)\r\nROOM #r ann hi\r\n");
    let mut bob = Chat::connect(server.address());
    let (name, room) = ("b".repeat(63), format!("#{}", "q".repeat(62)));
    bob.ask(format!("USERNAME {name}\n"), format!("OK Welcome, {name}!\r\n"));
    bob.ask(
        format!("JOIN {room}\nROOMS\n"),
        format!("OK Joined {room} (0 users)\r\nROOMLIST {room} #r\r\n"),
    );
    bob.ask("JOIN #r\nLEAVE\n", format!("ERROR Bad room name\r\nOK Left {room}\r\n"));
    bob.ask("JOIN #r\n", "OK Joined #r (1 users)\r\nJOIN #r ann\r\n");
    ann.expect(format!("JOIN #r {name}\r\n"));
    ann.ask(format!("PRIVMSG {name} x\n"), "OK Sent\r\n");
    bob.expect("PRIVMSG ann x\r\n");
}

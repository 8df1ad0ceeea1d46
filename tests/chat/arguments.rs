//! The command line and the environment of the chat client.
//!
//! Goal: each setting can be an option or a variable, the option takes precedence, and a bad value
//! is named with status 2. Method: the built program. Limits: another process may have the default
//! ports, so they are tested on values elsewhere.

use super::client::{Script, bob, command};
use super::server::Server;
use std::process::Command;

#[test]
fn bad_values_are_named_with_status_2() {
    for (option, value) in [
        ("--dialect", "irc"),
        ("--port", "0"),
        ("--port", "65536"),
        ("--port", "+80"),
        ("--username", "a b"),
        ("--username", "\u{1b}[2J"),
        ("--room", "a b"),
        ("--host", ""),
        ("--ping", "never"),
        ("--reconnect", "-1x"),
    ] {
        let variable = format!("CHAT_{}", option[2..].to_uppercase());
        let typed = [option, "=", value].concat();
        let mut by_option = command();
        by_option.arg(typed);
        let mut by_variable = command();
        by_variable.env(variable, value);
        for command in [&mut by_option, &mut by_variable] {
            if value.is_empty() && command.get_envs().any(|(_, value)| value == Some("".as_ref())) {
                continue; // an empty variable is none
            }
            if option != "--username" {
                command.env("CHAT_USERNAME", "bob");
            }
            let output = command.output().expect("the program is there");
            let stderr = String::from_utf8(output.stderr).expect("text");
            assert_eq!(output.status.code(), Some(2), "{option} {value}: {stderr}");
            let shown = format!("'{}'", value.replace('\u{1b}', r"\x1b"));
            assert!(
                stderr.contains(&shown) && stderr.contains(option),
                "{option} {value}: {stderr}"
            );
        }
    }
}

#[test]
fn a_value_is_repeated_without_its_escape_sequences() {
    for option in [
        "--dialect",
        "--host",
        "--port",
        "--username",
        "--room",
        "--ping",
        "--reconnect",
        "--none",
        "--help",
    ] {
        for value in ["\u{1b}]0;mine\u{7}", "\u{9b}2J", "a\u{202e}\u{3164}b"] {
            let variable = format!("CHAT_{}", option[2..].to_uppercase());
            let mut by_option = command();
            by_option.args(["--username", "bob", "--port", "0", &[option, "=", value].concat()]);
            let mut by_variable = command();
            by_variable.args(["--port", "0"]).env("CHAT_USERNAME", "bob").env(variable, value);
            let mut in_help = command();
            in_help.arg("--help").env(format!("CHAT_{}", option[2..].to_uppercase()), value);
            for command in [&mut by_option, &mut by_variable, &mut in_help] {
                let output = command.output().expect("the program is there");
                let text = String::from_utf8([output.stdout, output.stderr].concat());
                let text = text.expect("text");
                let raw = ['\u{1b}', '\u{7}', '\u{9b}', '\u{202e}', '\u{3164}'];
                assert!(!text.contains(raw), "{option} {value:?}: {text:?}");
                assert_ne!(text, "", "{option} {value:?}");
            }
        }
    }
}

#[test]
fn a_name_is_that_of_the_account_if_none_is_given() {
    let server = Server::open();
    let mut command = command();
    let address = server.address().to_string();
    command.args(["--dialect", "simple", &address]).env("USER", "ann");
    let script = Script::start(&mut command, "");
    let mut peer = server.accept();
    peer.answer("JOIN ann", "OK\n");
    peer.answer("LEAVE", "OK\n");
    drop(peer);
    assert_eq!(script.ended().stderr, ["-- connected as ann"]);
}

/// The client that `command` starts joins `#r` of a channels server as bob, and leaves.
fn expect_bob_in_r(server: &Server, command: &mut Command) {
    let script = Script::start(command, "");
    let mut peer = server.accept();
    peer.expect("USERNAME bob\nJOIN #r\n");
    peer.send("OK Welcome, bob!\r\nOK Joined #r (0 users)\r\n");
    peer.answer("QUIT", "OK Goodbye!\r\n");
    drop(peer);
    script.ended().expect_success(&["* you joined #r"]);
}

#[test]
fn a_server_is_named_by_its_address_alone() {
    let server = Server::open();
    let mut command = command();
    let url = format!("channels://{}/%23r", server.address());
    command.args(["--username", "bob", &url]).env("CHAT_PORT", "1").env("CHAT_DIALECT", "simple");
    expect_bob_in_r(&server, &mut command);
}

#[test]
fn empty_variables_and_those_of_kubernetes_are_not_set() {
    for port in ["", "tcp://10.96.0.9:4000", "udp://10.96.0.9:4000"] {
        let server = Server::open();
        let mut command = command();
        for name in ["HOST", "ROOM", "PING", "DIALECT", "RECONNECT", "COLOR", "JSON"] {
            command.env(format!("CHAT_{name}"), "");
        }
        command.env("CHAT_PORT", port).env("CHAT_USERNAME", "bob");
        command.arg(server.address().to_string());
        let script = Script::start(&mut command, "");
        let mut peer = server.accept();
        peer.answer("JOIN main bob", "bob has joined\n");
        peer.expect_end();
        drop(peer);
        script.ended().expect_success(&["* bob joined"]);
    }
    let mut command = command();
    command.args(["--username", "bob"]).env("CHAT_PORT", "http");
    assert_eq!(command.output().expect("it is there").status.code(), Some(2));
}

#[test]
fn a_bad_variable_that_the_server_replaces_is_not_looked_at() {
    let server = Server::open();
    let mut command = command();
    let url = format!("channels://{}/%23r", server.address());
    command.args(["--username", "bob", &url]);
    command.envs([("CHAT_PORT", "http"), ("CHAT_DIALECT", "irc"), ("CHAT_ROOM", "a b")]);
    expect_bob_in_r(&server, &mut command);
}

#[test]
fn a_name_is_needed() {
    let output = command().output().expect("the program is there");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("--username"));
}

#[test]
fn every_option_has_a_variable() {
    let server = Server::open();
    let mut command = command();
    command.envs([
        ("CHAT_DIALECT", "channels"),
        ("CHAT_HOST", "localhost"),
        ("CHAT_PORT", &server.address().port().to_string()),
        ("CHAT_USERNAME", "bob"),
        ("CHAT_ROOM", "#r"),
    ]);
    expect_bob_in_r(&server, &mut command);
}

#[test]
fn options_beat_the_environment() {
    let server = Server::open();
    let mut command = bob("simple", server.address());
    command.envs([
        ("CHAT_DIALECT", "channels"),
        ("CHAT_HOST", "nowhere.invalid"),
        ("CHAT_PORT", "1"),
        ("CHAT_USERNAME", "eve"),
        ("CHAT_ROOM", "#r"), // meant for another dialect
    ]);
    let script = Script::start(&mut command, "");
    let mut peer = server.accept();
    peer.answer("JOIN bob", "OK\n");
    peer.answer("LEAVE", "OK\n");
    drop(peer);
    script.ended().expect_success(&[]);
}

#[test]
fn a_room_in_a_dialect_without_rooms_is_refused() {
    let server = Server::open();
    let output =
        bob("lobby", server.address()).args(["--room", "r"]).output().expect("it is there");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("'r'"));
}

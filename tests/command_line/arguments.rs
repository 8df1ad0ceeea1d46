//! The command line.
//!
//! Goal: a mistyped argument is noticed by whoever typed it. Method: the options are parsed in this
//! process where no port may be bound, and the program is started where its words and its status
//! matter. Limits: the values are samples.

use crate::process::{Daemon, Ended, command};
use parlance_server::config::options::Options;

/// Where the arguments alone say to listen.
fn endpoints(arguments: &[&str]) -> Vec<String> {
    let options = Options::from_arguments([&["parlance"], arguments].concat()).unwrap();
    let endpoints = options.endpoints(|_| None).unwrap();
    endpoints.iter().map(ToString::to_string).collect()
}

/// Runs the program with arguments that must keep it from serving.
fn refused(arguments: &[&str]) -> Ended {
    refused_with(&[], arguments)
}

/// The same with variables in its environment.
pub(super) fn refused_with(variables: &[(&str, &str)], arguments: &[&str]) -> Ended {
    match Daemon::launch(command().envs(variables.iter().copied()).args(arguments), 1) {
        Err(ended) => ended,
        Ok(_) => panic!("{arguments:?} with {variables:?} was taken"),
    }
}

/// [rooms/daemon-1]
#[test]
fn the_port_is_1234_or_the_argument() {
    assert_eq!(endpoints(&[]), ["rooms://[::]:1234"]);
    assert_eq!(endpoints(&["1"]), ["rooms://[::]:1"]);
    assert_eq!(endpoints(&["65535"]), ["rooms://[::]:65535"]);
    assert_eq!(endpoints(&["--host", "127.0.0.1"]), ["rooms://127.0.0.1:1234"]);
    assert_eq!(endpoints(&["--host", "::1", "4000"]), ["rooms://[::1]:4000"]);
    assert_eq!(
        endpoints(&["--listen", "rooms://127.0.0.1:0", "--listen", "rooms://[::1]:7"]),
        ["rooms://127.0.0.1:0", "rooms://[::1]:7"]
    );
}

/// [rooms/daemon-2] [rooms/daemon-3] [rooms/daemon-4]
#[test]
fn an_invalid_port_is_named_on_standard_error_with_status_2() {
    let invalid = [
        "+80",
        "0",
        "65536",
        "",
        "0x50",
        " 80",
        "80 ",
        "-1",
        "http",
        "1e3",
        "99999999999999999999",
    ];
    for value in invalid {
        for arguments in [&[value][..], &["-p", value], &["--port", value]] {
            let Ended { status, stdout, stderr } = refused(arguments);
            assert_eq!(status, Some(2), "for {arguments:?}");
            assert_eq!(stdout, Vec::<String>::new(), "for {arguments:?}");
            assert!(stderr[0].contains(&format!("'{value}'")), "{stderr:?} names {value:?}");
        }
    }
}

/// [rooms/daemon-3] [rooms/daemon-4]
#[test]
fn a_second_argument_is_named_on_standard_error_with_status_2() {
    for second in ["5678", "1234", "rooms", ""] {
        let Ended { status, stdout, stderr } = refused(&["1234", second]);
        assert_eq!(status, Some(2), "for {second:?}");
        assert_eq!(stdout, Vec::<String>::new(), "for {second:?}");
        assert!(stderr[0].contains(&format!("'{second}'")), "{stderr:?} names {second:?}");
    }
}

/// [rooms/daemon-4]
#[test]
fn an_invalid_option_is_named_too() {
    let cases = [
        (["--listen", "irc://127.0.0.1:0"], "irc"),
        (["--listen", "127.0.0.1:0"], "127.0.0.1:0"),
        (["--listen", "rooms://127.0.0.1:70000"], "70000"),
        (["--listen", "rooms://:0"], ":0"),
        (["--host", "nowhere at all"], "nowhere at all"),
        (["--proxy-protocol", "10.0.0.1/8"], "10.0.0.0/8"),
        (["--proxy-protocol", "proxy.example"], "proxy.example"),
        (["--rate-lines", "10"], "10/s:60"),
        (["--rate-limits", "private"], "private"),
        (["--stall-timeout", "-3"], "-3"),
        (["--idle-timeout", "soon"], "soon"),
        (["--drain-timeout", "soon"], "soon"),
        (["--nagle", "2"], "2"),
        (["--threads", "0"], "0"),
        (["--log", "debug=,="], "debug=,="),
        (["--no-such-option", "1"], "--no-such-option"),
    ];
    for (arguments, named) in cases {
        let Ended { status, stdout, stderr } = refused(&arguments);
        assert_eq!(status, Some(2), "for {arguments:?}");
        assert_eq!(stdout, Vec::<String>::new(), "for {arguments:?}");
        assert!(stderr.concat().contains(named), "{stderr:?} names {named:?}");
    }
}

/// [rooms/daemon-4]
#[test]
fn a_value_is_repeated_without_its_escape_sequences() {
    for value in ["\u{1b}[2J", "\u{9b}2J", "\u{202e}\u{3164}"] {
        for option in ["--log", "--port", "--listen", "--dialect", "--host", "--threads"] {
            let Ended { stdout, stderr, .. } = refused(&[option, value]);
            let text = [stdout, stderr].concat().concat();
            assert!(!text.contains(['\u{1b}', '\u{9b}', '\u{202e}', '\u{3164}']), "{text:?}");
            assert!(text.contains(r"\x1b[2J") || text.contains(r"\u{"), "{option}: {text}");
        }
    }
    let Ended { status, stderr, .. } =
        refused_with(&[("CHAT_PORT", "\u{1b}[2J")], &["--dialect", "login"]);
    assert_eq!(status, Some(2));
    assert!(stderr.concat().contains(r"invalid value '\x1b[2J' for 'CHAT_PORT'"), "{stderr:?}");
}

#[test]
fn help_shows_a_newcomer_the_commands_and_version_the_version() {
    let Ended { status, stdout, stderr } = ended_at_once("--help");
    let text = stdout.join(" ").split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("nc localhost 1234"), "{text}");
    assert!(text.contains("JOIN kitchen joe"), "{text}");
    assert!(text.contains("[default: 1234]"), "{text}");
    assert_eq!((status, stderr), (Some(0), Vec::new()));

    let first = concat!("parlance ", env!("CARGO_PKG_VERSION"));
    let Ended { status, stdout, .. } = ended_at_once("-V");
    assert_eq!((status, stdout), (Some(0), vec![first.to_owned()]));
}

#[test]
fn the_long_version_has_the_commit_and_the_features_of_the_build() {
    let Ended { status, stdout, .. } = ended_at_once("--version");
    assert_eq!(status, Some(0));
    let [first, commit, features] = &stdout[..] else { panic!("{stdout:?}") };
    assert_eq!(first, concat!("parlance ", env!("CARGO_PKG_VERSION")));
    let commit = commit.strip_prefix("commit ").expect("a commit");
    let is_one = commit.len() >= 7 && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
    assert!(is_one || commit == "unknown", "{commit}");
    let cryptography = if cfg!(feature = "aws-lc-rs") { "aws-lc-rs" } else { "ring" };
    assert!(features.starts_with("features ") && features.contains(cryptography), "{features}");
}

fn ended_at_once(option: &str) -> Ended {
    Daemon::launch(command().arg(option), 0).unwrap().ended()
}

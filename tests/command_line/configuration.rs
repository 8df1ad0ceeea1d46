//! The configuration file, and `parlance check`.
//!
//! Goal: an operator sees which value counts and why, and a mistake in a file never starts a server
//! that is not what the file says. Method: the program with files made for the test. Limits: that
//! each kind of mistake is named is tested beside the code.

use super::arguments::refused_with;
use crate::certificates::folder;
use crate::process::{Chat, Daemon, command};
use parlance_server::config::configuration::Configuration;
use parlance_server::config::defaults;
use parlance_server::config::program::{check_command, program};
use std::fs;
use std::path::{Path, PathBuf};

fn file(name: &str, text: &str) -> PathBuf {
    let path = folder(name).join("parlance.toml");
    fs::write(&path, text).expect("it is written");
    path
}

/// The output of `parlance check` and its status.
fn checked(variables: &[(&str, &str)], path: &Path, typed: &[&str]) -> (Option<i32>, String) {
    let mut program = command();
    program.envs(variables.iter().copied()).arg("check").arg(path).args(typed);
    let output = program.output().expect("the program runs");
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(text).expect("it is text"))
}

/// [common/config-1]
#[test]
fn typed_options_count_before_variables_before_the_file() {
    let text = "[network]\nlisten = [\"rooms://127.0.0.1:0\"]\n[limits]\nclients-max = 1\n";
    let path = file("counts", text);
    let start = |variables: &[(&str, &str)], typed: &[&str]| {
        let mut program = command();
        program.env("PARLANCE_CONFIG", &path).envs(variables.iter().copied()).args(typed);
        Daemon::launch(&mut program, 1).expect("it starts")
    };
    let places = |daemon: &Daemon| {
        let chats = (0..5).map(|_| Chat::connect(daemon.address()));
        let mut chats: Vec<_> = chats.collect();
        let let_in = |(number, chat): (usize, &mut Chat)| {
            let name = format!("u{number}");
            chat.send(format!("JOIN r{number} {name}\n"));
            chat.line() == format!("{name} has joined")
        };
        chats.iter_mut().enumerate().map(let_in).filter(|is| *is).count()
    };
    assert_eq!(places(&start(&[], &[])), 1);
    let two = [("PARLANCE_CLIENTS_MAX", "2")];
    assert_eq!(places(&start(&two, &[])), 2);
    assert_eq!(places(&start(&two, &["--clients-max", "3"])), 3);
}

/// [common/config-1]
#[test]
fn check_says_where_each_value_comes_from_and_can_be_read_again() {
    let text = "[network]\nlisten = ['rooms://127.0.0.1:0']\n\n[limits]\nidle-timeout = '2m'\n";
    let path = file("from", text);
    let set = [("PARLANCE_TOTAL_BYTES_MAX", "64MiB")];
    let (status, said) = checked(&set, &path, &["--stall-timeout", "500ms"]);
    assert_eq!(status, Some(0), "{said}");
    let shown = path.display();
    for line in [
        "# Listens on rooms://127.0.0.1:0",
        &format!("listen = [\"rooms://127.0.0.1:0\"] # {shown}:2"),
        &format!("idle-timeout = \"2m\" # {shown}:5"),
        "total-bytes-max = \"64MiB\" # environment variable PARLANCE_TOTAL_BYTES_MAX",
        "stall-timeout = \"500ms\" # flag --stall-timeout",
        "clients-max = 10000 # default",
        "# threads is not set",
    ] {
        let has = |said: &str| said.split_whitespace().collect::<Vec<_>>().join(" ") == line;
        assert!(said.lines().any(has), "{line}: {said}");
    }
    let again = file("again", &said);
    let (status, repeated) = checked(&[], &again, &[]);
    assert_eq!(status, Some(0), "{repeated}");
    let values = |text: &str| {
        let value = |line: &str| line.split(" # ").next().unwrap_or_default().trim().to_owned();
        text.lines().map(value).collect::<Vec<_>>()
    };
    assert_eq!(values(&repeated), values(&said));
}

/// [common/config-2]
#[test]
fn a_file_with_a_fault_is_refused_by_check_and_by_the_daemon() {
    for (text, named) in [
        ("[limits]\n\nclient-max = 1\n", ":3: there is no key 'client-max' in [limits]"),
        ("[limits]\nidle-timeout = '5w'\n", ":2: invalid value '5w' for 'idle-timeout'"),
        ("[network]\nlisten = ['rooms+tls://127.0.0.1:0']\n", ":2: rooms+tls://127.0.0.1:0 needs"),
        ("[tls]\ntls-key = ['x']\n", ":2: '--tls-key' without a listener of TLS"),
        ("[log]\nlog = 'everything'\n", ":2: invalid value 'everything' for '--log'"),
        ("x", ":1: "),
    ] {
        let path = file("fault", text);
        let name = path.to_str().expect("it is text");
        let named = format!("error: {name}{named}");
        let (status, said) = checked(&[], &path, &[]);
        assert_eq!(status, Some(2), "{said}");
        assert!(said.starts_with(&named), "{said} begins with {named}");
        let ended = refused_with(&[], &["--config", name]);
        assert_eq!((ended.status, ended.stdout.len()), (Some(2), 0));
        assert!(ended.stderr[0].starts_with(&named), "{:?} begins with {named}", ended.stderr);
    }
    let ended = refused_with(&[], &["--config", "/nowhere/parlance.toml"]);
    assert!(ended.stderr[0].starts_with("error: /nowhere/parlance.toml: the file cannot be read"));
}

#[test]
fn the_default_file_has_every_default() {
    let shown = command().args(["check", "--defaults"]).output().expect("it runs");
    let text = defaults::file();
    assert_eq!(String::from_utf8_lossy(&shown.stdout), text);
    // A value that is a placeholder is in capitals.
    let is_default = |line: &&str| {
        let value = line.split_once(" = ").map(|(_, value)| value);
        line.starts_with('[')
            || line.starts_with('#')
                && !line.starts_with("# ")
                && value.is_some_and(|value| !value.bytes().any(|byte| byte.is_ascii_uppercase()))
    };
    let lines = text.lines().filter(is_default);
    let bare: Vec<_> = lines.map(|line| line.trim_start_matches('#')).collect();
    assert!(bare.len() > 15, "{bare:?}");
    let options = |text: &str| {
        let path = file("defaults", text);
        let typed = ["parlance", "--config", path.to_str().expect("it is text")];
        let mut options = Configuration::from_arguments(typed).expect("it is read").options;
        options.config = None;
        format!("{options:?}")
    };
    let built_in = Configuration::from_arguments(["parlance"]).expect("they are right").options;
    assert_eq!(options(&bare.join("\n")), format!("{built_in:?}"));
    assert_eq!(options(&text), format!("{built_in:?}"), "every key is a comment");
}

/// Whatever may be typed behind `--config FILE` may be typed behind `check FILE`.
#[test]
fn check_has_every_option_of_the_daemon() {
    let ours = check_command();
    let ids: Vec<_> = ours.get_arguments().map(|option| option.get_id().clone()).collect();
    for option in program().get_arguments() {
        assert!(ids.contains(option.get_id()), "{option}");
    }
}

//! `--accounts`: names that are for whoever knows their password.
//!
//! Goal: the operator's accounts and those of clients are the same, passwords are refused where
//! they could be read on their way, and none is found in what the server keeps, writes or
//! remembers. Method: a daemon on a directory of its own; its files, its log and all of its memory
//! are searched for what was typed. Limits: what the system has of it (sockets' buffers, swap) is
//! not looked at, nor what a layer of TLS or WebSocket keeps.

use super::keeping::Data;
use crate::process::{Chat, Daemon, command, loopback, program};
use rustix::process::Signal;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::process::Stdio;

const OPEN: [&str; 3] = ["--accounts", "optional", "--register"];

/// What `parlance user` prints when this is its standard input, and whether it succeeds.
fn user(data: &Data, arguments: &[&str], input: &str) -> (bool, String) {
    let mut tool = command();
    let tool = tool.arg("user").args(arguments).args(["--data", data.text()]);
    let tool = tool.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = tool.spawn().expect("the program is there");
    let mut stdin = child.stdin.take().expect("it is a pipe");
    let _ = stdin.write_all(input.as_bytes()); // one that reads nothing may have ended
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(text).expect("text"))
}

/// [extensions/account-1] [extensions/account-2] [extensions/account-6]
#[test]
fn an_operator_makes_accounts_before_and_while_the_server_runs() {
    let data = Data::new("users");
    let done = (true, String::new());
    assert_eq!(user(&data, &["add", "ann"], "ann-has-it\n"), done);
    let daemon = data.serve(&["--accounts", "required"]);
    assert_eq!(user(&data, &["add", "bob"], "bob-has-it"), done);
    assert_eq!(user(&data, &["list"], ""), (true, "ann\nbob\n".to_owned()));
    let log_in = |name: &str, password: &str| {
        let mut chat = Chat::connect(daemon.address());
        chat.send(format!("/login {name} {password}\n"));
        chat.line()
    };
    assert_eq!(log_in("ann", "ann-has-it"), "OK Welcome, ann!\r");
    assert_eq!(log_in("bob", "bob-has-it"), "OK Welcome, bob!\r");
    assert_eq!(user(&data, &["passwd", "bob"], "new-word-\n"), done);
    assert_eq!(log_in("bob", "bob-has-it"), "ERROR Wrong name or password\r");
    assert_eq!(user(&data, &["del", "bob"], ""), done);
    assert_eq!(log_in("bob", "new-word-"), "ERROR Wrong name or password\r");
    for (arguments, input, expected) in [
        (&["add", "ann"][..], "another-one\n", "there is an account \"ann\" already"),
        (&["passwd", "eve"], "another-one\n", "there is no account \"eve\""),
        (&["del", "eve"], "", "there is no account \"eve\""),
        (&["add", "eve"], "short\n", "8 to 128 bytes"),
        (&["add", "e ve"], "another-one\n", "1 to 31 graphic characters"),
    ] {
        let (succeeds, error) = user(&data, arguments, input);
        assert!(!succeeds && error.contains(expected), "{arguments:?}: {error}");
    }
}

/// [extensions/account-4] [extensions/account-7]
#[test]
fn accounts_outlive_the_server_and_are_hashes() {
    let data = Data::new("accounts");
    let daemon = data.serve(&OPEN);
    let mut ann = Chat::connect(daemon.address());
    ann.ask("/register ann ann-has-it\n", "OK Welcome, ann!\r\n");
    daemon.signal(Signal::TERM);
    assert_eq!(daemon.ended().status, Some(0));
    let files = data.files();
    let has = |text: &[u8]| {
        files.values().any(|bytes| bytes.windows(text.len()).any(|part| part == text))
    };
    assert!(has(b"$argon2id$v=19$m=19456,t=2,p=1$") && !has(b"ann-has-it"));
    let daemon = data.serve(&OPEN);
    let mut ann = Chat::connect(daemon.address());
    ann.ask("USERNAME ann\n", "ERROR Password required\r\n");
    ann.ask("/login ann ann-has-it\n", "OK Welcome, ann!\r\n");
}

/// [extensions/account-6]
#[test]
fn passwords_are_taken_on_loopback_and_elsewhere_only_if_the_operator_says_so() {
    let data = Data::new("loopback");
    let serve = |more: &[&str]| {
        let mut started = command();
        let listen = ["--listen", "channels://127.0.0.1:0", "--listen", "channels://0.0.0.0:0"];
        let started = started.args(listen).args(["--data", data.text()]).args(OPEN).args(more);
        Daemon::launch(started, 2).expect("it starts")
    };
    let daemon = serve(&[]);
    let [near, far] = daemon.addresses() else { panic!("there are two") };
    Chat::connect(*near).ask("/register ann ann-has-it\n", "OK Welcome, ann!\r\n");
    let mut bob = Chat::connect(loopback(far.port()));
    bob.ask("/login ann ann-has-it\n", "ERROR Passwords need TLS\r\n");
    bob.ask("USERNAME bob\n", "OK Welcome, bob!\r\n");
    drop(daemon);
    let daemon = serve(&["--insecure-passwords"]);
    let mut bob = Chat::connect(loopback(daemon.addresses()[1].port()));
    bob.ask("/login ann ann-has-it\n", "OK Welcome, ann!\r\n");
}

/// Whether `text` is anywhere in the memory of the daemon that can be written.
fn remembers(daemon: &Daemon, text: &str) -> bool {
    let maps = std::fs::read_to_string(format!("/proc/{}/maps", daemon.pid())).expect("it lives");
    let mut memory = File::open(format!("/proc/{}/mem", daemon.pid())).expect("it is our child");
    let regions =
        maps.lines().filter(|line| line.split(' ').nth(1).is_some_and(|m| m.contains('w')));
    let ranges = regions.filter_map(|line| {
        let (from, to) = line.split(' ').next()?.split_once('-')?;
        let number = |text| u64::from_str_radix(text, 16).ok();
        Some((number(from)?, number(to)?))
    });
    let mut found = false;
    for (from, to) in ranges {
        let mut bytes = Vec::new();
        memory.seek(SeekFrom::Start(from)).expect("an address");
        let _ = (&mut memory).take(to - from).read_to_end(&mut bytes); // some cannot be read
        found |= bytes.windows(text.len()).any(|part| part == text.as_bytes());
    }
    found
}

/// [extensions/account-7]
#[test]
fn a_password_is_found_in_no_memory_file_or_log_of_the_server() {
    let data = Data::new("secrets");
    let daemon = data.serve(&[&OPEN[..], &["--log", "trace", "--threads", "1"]].concat());
    let mut ann = Chat::connect(daemon.address());
    // In two parts, so that a beginning of the line is kept for a while.
    ann.send("/register ann first-se");
    Chat::connect(daemon.address()).ask("USERNAME bob\n", "OK Welcome, bob!\r\n");
    ann.ask("cret-word\nJOIN #den\n", "OK Welcome, ann!\r\nOK Joined #den (0 users)\r\n");
    ann.ask("/topic needle-in-memory\n", "TOPIC #den ann needle-in-memory\r\n");
    ann.ask("/password first-secret-word second-secret-word\n", "OK Password changed\r\n");
    ann.ask("/password third-secret-word fourth-secret-word\n", "ERROR Wrong name or password\r\n");
    ann.ask("/login ann fifth-secret-word\n", "ERROR Already named\r\n");
    ann.ask("hi\n/register sixth-secret-word\nhi\n", {
        "ROOM #den ann hi\r\nERROR Account exists\r\nROOM #den ann hi\r\n"
    });
    let mut eve = Chat::connect(daemon.address());
    eve.ask("/login ann seventh-secret-word\n", "ERROR Wrong name or password\r\n");
    eve.ask("/login ann second-secret-word\n", "ERROR Username taken\r\n");
    assert!(remembers(&daemon, "needle-in-memory"), "the search finds what is there");
    for part in ["first-se", "cret-word", "secret-word", "-secret-wo"] {
        assert!(!remembers(&daemon, part), "{part} is in memory");
        let in_files = data
            .files()
            .values()
            .any(|file| file.windows(part.len()).any(|at| at == part.as_bytes()));
        assert!(!in_files, "{part} is in a file");
    }
    daemon.signal(Signal::TERM);
    let ended = daemon.ended();
    assert!(ended.stderr.iter().any(|line| line.contains("login failed")), "{:?}", ended.stderr);
    assert!(!ended.stderr.concat().contains("secret-word"), "{:?}", ended.stderr);
}

/// A client that knows the document alone notices nothing. [extensions/frame-1]
#[test]
fn with_every_extension_on_the_document_is_kept() {
    let data = Data::new("document");
    let parlance = program("parlance");
    let server = [parlance.to_str().expect("text"), "--dialect", "channels", "--host", "127.0.0.1"];
    let mut suite = crate::process::clean(std::process::Command::new(program("parlance-conform")));
    let suite = suite.args(["--dialect", "channels", "--document-only", "--"]).args(server);
    let output = suite.args(["--data", data.text()]).args(OPEN).args(["-p", "{port}"]).output();
    let output = output.expect("the program is there");
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(0), "{told}");
}

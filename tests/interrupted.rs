//! Programs that are stopped for a moment, by a shell, a debugger or a machine that is put to
//! sleep.
//!
//! Goal: it changes nothing but the time that everything takes. The kernel does not begin a wait
//! again that has a deadline, or is for many sockets at once: it says that it was interrupted, and
//! code that takes that for an error of the connection loses it.
//! Method: each built program is stopped and continued again and again, each time after every
//! thread has waited for something, and must do what it does otherwise. Limits: not every wait is
//! hit; what a signal with a handler interrupts is more; these programs have none but those that
//! end them.

use crate::process::{self, Chat, Daemon, Stumbling};
use serde_json::Value;
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Child, Command, Stdio};

const CHAT: &str = "parlance-chat";
const DAEMON: &str = "parlance";
const LOAD: &str = "parlance-load";
const SUITE: &str = "parlance-conform";

/// So often a program that runs long enough is stopped before a test is content.
const STOPS: usize = 20;

fn start(command: &mut Command) -> Child {
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    piped.spawn().expect("the program is there")
}

/// What it wrote, if all was well.
fn written(child: Child) -> String {
    let output = child.wait_with_output().expect("it is our child");
    let errors = String::from_utf8_lossy(&output.stderr);
    let said = String::from_utf8(output.stdout).expect("it writes text");
    assert!(output.status.success(), "{}: {errors}{said}", output.status);
    said
}

#[test]
fn a_daemon_loses_no_line() {
    let daemon = Daemon::serving(&["rooms"], &[]);
    let stumbling = Stumbling::of(daemon.pid());
    let mut ann = Chat::join(daemon.address(), "r", "ann");
    let mut bob = Chat::join(daemon.address(), "r", "bob");
    ann.expect("bob has joined\n");
    let mut number = 0;
    while stumbling.stops() < STOPS {
        number += 1;
        for (chat, name) in [(&mut ann, "ann"), (&mut bob, "bob")] {
            chat.send(format!("{name}'s {number}\n"));
        }
        let mut heard = [ann.line(), ann.line()];
        assert_eq!([bob.line(), bob.line()], heard);
        heard.sort();
        assert_eq!(heard, [format!("ann: ann's {number}"), format!("bob: bob's {number}")]);
    }
    assert_eq!(ann.leave(), b"");
    bob.expect("ann has left\n");
}

#[test]
fn the_suite_finds_nothing_wrong_with_a_right_server() {
    let report = concat!(env!("CARGO_TARGET_TMPDIR"), "/interrupted.json");
    let daemon = process::program(DAEMON).into_os_string().into_string().expect("a path in UTF-8");
    let mut suite = process::clean(Command::new(process::program(SUITE)));
    suite.args(["--dialect", "rooms", "--select", "rooms/*", "--quick", "--patience", "4"]);
    suite.args(["--json", report, "--", &daemon, "--host", "127.0.0.1", "--port", "{port}"]);
    let suite = start(&mut suite);
    assert!(Stumbling::of(suite.id()).until_it_ends() >= STOPS);
    written(suite);
    let report = std::fs::read_to_string(report).expect("the report is written");
    let report: Value = serde_json::from_str(&report).expect("it is JSON");
    let results = report["results"].as_array().expect("a list");
    let count = |verdict| results.iter().filter(|result| result["verdict"] == verdict).count();
    let (passed, skipped) = (count("pass"), count("skip")); // about another reading
    assert_eq!(passed + skipped, results.len(), "{report:#}");
    assert!(passed > 20, "{report:#}");
}

#[test]
fn the_load_generator_measures() {
    let daemon = Daemon::serving(&["rooms"], &[]);
    let mut load = Command::new(process::program(LOAD));
    load.args(["--seconds", "0.3", "--warmup", "0.05", "--json"]);
    load.arg(daemon.address().to_string());
    let load = start(&mut load);
    assert!(Stumbling::of(load.id()).until_it_ends() > 0);
    let said = written(load);
    let figures: Value = serde_json::from_str(&said).expect("one JSON object");
    assert!(figures["deliveries"].as_u64() > Some(0), "{said}");
}

#[test]
fn a_piped_client_hears_all_its_lines() {
    let daemon = Daemon::serving(&["rooms"], &[]);
    let (host, port) = (daemon.address().ip().to_string(), daemon.address().port().to_string());
    let mut chat = process::clean(Command::new(process::program(CHAT)));
    chat.args(["--host", &host, "--port", &port, "--username", "ann"]);
    let mut chat = start(&mut chat);
    let stumbling = Stumbling::of(chat.id());
    let mut keyboard = chat.stdin.take().expect("it is piped");
    let mut expected = "* ann joined\n".to_owned();
    // It hears them while it is fed, and nobody reads what it writes yet: a pipe keeps that.
    while stumbling.stops() < STOPS && expected.len() < 40_000 {
        let number = expected.len();
        writeln!(keyboard, "send {number}").expect("it reads");
        writeln!(expected, "<ann> {number}").expect("text grows");
    }
    drop(keyboard);
    assert!(stumbling.until_it_ends() > 0);
    assert_eq!(written(chat), expected);
}

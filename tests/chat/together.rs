//! Client and daemon together.
//!
//! Goal: the two programs understand each other in every dialect. Method: both built programs run.
//! Limits: the daemon itself is tested elsewhere.

use super::client::{Ended, Script, bob};
use super::daemon::Daemon;

fn script(daemon: &Daemon, dialect: &str, options: &[&str], input: &str) -> Ended {
    Script::start(bob(dialect, daemon.address(dialect)).args(options), input).ended()
}

#[test]
fn a_script_has_its_own_lines_and_answers_in_every_dialect() {
    let daemon = Daemon::start();
    script(&daemon, "rooms", &[], "send hi\nleave\n").expect_success(&["* bob joined", "<bob> hi"]);
    script(&daemon, "lobby", &[], "send hi\n").expect_success(&["<bob> hi"]);
    script(&daemon, "simple", &[], "send hi\n").expect_success(&["<bob> hi"]);
    let input = "hi\n/users\n/msg bob psst\n";
    let private = ["[private from bob] psst", "[private to bob] psst"];
    let shown = [&["<bob> hi", "* users: bob"], &private[..]].concat();
    script(&daemon, "login", &[], input).expect_success(&shown);
    let input = "/rooms\nhi\n/users\n/msg bob psst\n/join #b\n/rooms\n/leave\n/rooms\n";
    let shown = [
        &["* you joined #a", "* rooms: #a", "<bob> hi", "* users: bob"],
        &private[..],
        &["* you joined #b", "* rooms: #b", "* you left the room", "* rooms: none"],
    ];
    script(&daemon, "channels", &["--room", "#a"], input).expect_success(&shown.concat());
}

#[test]
fn every_error_of_the_daemon_has_a_message() {
    let daemon = Daemon::start();
    script(&daemon, "login", &[], "/msg eve hi\n").expect_failure("nobody is called eve");
    for (input, words) in [
        ("send hi\n", "you are in no room"),
        ("/part\n", "you are in no room"),
        ("/users\n", "you are in no room"),
        ("/msg eve hi\n", "nobody is called eve"),
        ("/join #r\n/join #r\n", "you are in #r already"),
        ("/join a\u{e4}\n", "the server does not take a\u{e4} as a room"),
    ] {
        script(&daemon, "channels", &[], input).expect_failure(words);
    }
    for dialect in ["simple", "login", "channels"] {
        let long = ["--username", &"x".repeat(33)];
        let mut command = super::client::command();
        let port = daemon.address(dialect).port().to_string();
        command.args(["--dialect", dialect, "--host", "127.0.0.1", "--port", &port]).args(long);
        Script::start(&mut command, "").ended().expect_failure("as a name");
    }
    script(&daemon, "rooms", &["--room", &"x".repeat(21)], "").expect_failure("does not take bob");
}

#[test]
fn a_taken_name_is_reported() {
    let daemon = Daemon::start();
    for dialect in ["simple", "login", "channels"] {
        let (first, stdin) = Script::start_open(&mut bob(dialect, daemon.address(dialect)));
        // The first client to arrive has the name; the second is told so, and only then the first
        // ends.
        let (second, stdin_2) = Script::start_open(&mut bob(dialect, daemon.address(dialect)));
        let (first, second) = std::thread::scope(|scope| {
            let one = scope.spawn(|| {
                let ended = first.ended();
                drop(stdin_2);
                ended
            });
            let other = scope.spawn(|| {
                let ended = second.ended();
                drop(stdin);
                ended
            });
            (one.join().expect("it ended"), other.join().expect("it ended"))
        });
        let (refused, taken) =
            if first.status == Some(1) { (first, second) } else { (second, first) };
        refused.expect_failure("the name bob is taken");
        taken.expect_success(&[]);
    }
}

#[test]
fn thousands_of_lines_come_back_in_order() {
    let daemon = Daemon::start();
    for dialect in ["rooms", "lobby", "simple", "login"] {
        let commands: Vec<_> = (0..3000).map(|n| format!("send {n}\n")).collect();
        let input = commands.concat();
        let ended = script(&daemon, dialect, &[], &input);
        let own = ended.stdout.iter().filter(|line| line.starts_with('<'));
        assert!(own.eq(&(0..3000).map(|n| format!("<bob> {n}")).collect::<Vec<_>>()), "{dialect}");
        assert_eq!(ended.status, Some(0), "{dialect}");
    }
}

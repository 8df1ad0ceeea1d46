//! Signals that are no request to stop.
//!
//! Goal: a signal that other daemons know does not end this one, and a person who closes the
//! terminal in which it runs ends it in order. Method: the signals themselves; a pseudo-terminal as
//! the standard input. Limits: that the system sends SIGHUP when a terminal closes is its business.

use crate::process::{Chat, Daemon, command};
use rustix::fs::{Mode, OFlags, open};
use rustix::process::Signal;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use std::fs::File;
use std::process::Stdio;

const LISTEN: [&str; 2] = ["--listen", "rooms://127.0.0.1:0"];

/// [common/shutdown-4]
#[test]
fn hup_and_usr1_do_not_end_it_and_are_logged() {
    let daemon = Daemon::start(&["--log", "info"]);
    let mut chat = Chat::join(daemon.address(), "r", "u");
    for signal in [Signal::HUP, Signal::USR1] {
        daemon.signal(signal);
        let logged = daemon.line_logged("ignored");
        assert!(logged.contains("ignored: "), "{signal:?}: {logged}");
        assert_eq!(chat.fence("u"), Vec::<String>::new(), "after {signal:?}");
    }
    daemon.signal(Signal::TERM);
    chat.expect_end();
    assert_eq!(daemon.ended().status, Some(0));
}

/// [common/shutdown-4]
#[test]
fn a_terminal_that_closes_ends_it_as_sigterm_does() {
    let (_keyboard, inside) = terminal();
    let mut command = command();
    let daemon = Daemon::launch_reading(command.args(LISTEN), Stdio::from(inside), 1).unwrap();
    let mut chat = Chat::join(daemon.address(), "r", "u");
    daemon.signal(Signal::HUP);
    chat.expect_end();
    let ended = daemon.ended();
    assert_eq!((ended.status, ended.stderr), (Some(0), Vec::new()));
}

/// A new pseudo-terminal: the end of the keyboard, and the end of the program.
fn terminal() -> (File, File) {
    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
    let terminal = openpt(flags).expect("there are pseudo-terminals");
    grantpt(&terminal).expect("it is ours");
    unlockpt(&terminal).expect("it is ours");
    let name = ptsname(&terminal, Vec::new()).expect("it has a name");
    let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
    let inside = open(name, flags, Mode::empty()).expect("it is unlocked");
    (File::from(terminal), File::from(inside))
}

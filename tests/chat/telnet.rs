//! The telnet of this system as a client, at a terminal.
//!
//! Goal: a person with `telnet` chats with a listener of `DIALECT+telnet`, Ctrl-C included. Method:
//! the program runs in a pseudo-terminal. Limits: a machine without it skips this; `.ci/run`
//! installs Debian's. The terminal does not control the program, so the signal that Ctrl-C sends
//! comes from the test. What other clients send is in `tests/sockets/telnet.rs`.

use super::screen::Screen;
use crate::process::{Daemon, command};
use rustix::process::Signal;
use std::process::{Command, Stdio};

/// The program at a terminal, connected to this listener, if there is one.
fn telnet(daemon: &Daemon, listener: &str) -> Option<Screen> {
    let version = Command::new("telnet").arg("--version").stdout(Stdio::null()).status();
    if version.is_err() {
        let all = std::env::var_os("PARLANCE_FOREIGN_ALL").is_some();
        assert!(!all, "telnet is missing: apt-get install telnet");
        println!("this machine has no telnet: not tested with it");
        return None;
    }
    let address = daemon.address_of(listener);
    let mut command = Command::new("telnet");
    command.args([address.ip().to_string(), address.port().to_string()]);
    let mut screen = Screen::start(command);
    shows(&mut screen, "Escape character is '^]'.");
    Some(screen)
}

#[track_caller]
fn shows(screen: &mut Screen, row: &str) {
    screen.until(row, |screen| screen.rows().iter().any(|shown| shown == row));
}

/// Types a line, waits for `row`, and sees that nothing else came with it.
#[track_caller]
fn says(screen: &mut Screen, line: &str, row: &str) {
    let before = screen.rows();
    screen.press(&format!("{line}\r"));
    shows(screen, row);
    assert_eq!(screen.rows(), [&before[..], &[line.to_owned(), row.to_owned()]].concat());
}

/// [common/telnet-1] [common/telnet-2] [common/telnet-3] [common/telnet-5]
#[test]
fn a_telnet_that_was_interrupted_goes_on() {
    let daemon = Daemon::serving(&["rooms+telnet", "login+telnet"], &[]);
    let Some(mut screen) = telnet(&daemon, "rooms+telnet") else { return };
    says(&mut screen, "JOIN den joe", "joe has joined");
    says(&mut screen, "hello", "joe: hello");
    for text in ["once", "and again"] {
        screen.signal(Signal::INT); // IP, and DO TIMING-MARK, until whose answer it shows nothing
        says(&mut screen, text, &format!("joe: {text}"));
    }
    let mut screen = telnet(&daemon, "login+telnet").expect("it is there");
    says(&mut screen, "LOGIN joe", "OK");
    says(&mut screen, "PING", "PONG");
}

/// [common/telnet-1]
#[test]
fn a_daemon_at_a_terminal_says_how_to_reach_its_first_listener() {
    for (scheme, words) in [
        ("rooms+telnet", "Chat with: telnet 127.0.0.1 PORT"),
        ("rooms", "Chat with: parlance-chat --dialect rooms --port PORT --username NAME"),
    ] {
        let mut daemon = command();
        daemon.args(["--listen", &format!("{scheme}://127.0.0.1:0")]);
        let mut screen = Screen::sized(daemon, 24, 100);
        shows(&mut screen, "Stop with Ctrl-C.");
        let rows = screen.rows();
        let place = rows[0].strip_prefix("Listening on 127.0.0.1:");
        let port = place.and_then(|rest| rest.strip_suffix(&format!(" ({scheme})")));
        let words = words.replace("PORT", port.unwrap_or_else(|| panic!("{rows:?}")));
        assert_eq!(rows[1..], [words, "Stop with Ctrl-C.".to_owned()]);
    }
}

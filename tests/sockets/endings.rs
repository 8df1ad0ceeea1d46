//! How connections end.
//!
//! Goal: a departure, however it comes about, is announced once, after what was said before it.
//! Method: half-closed, closed and reset connections beside an observer; "once" is judged when the
//! daemon has closed the connection's descriptor, so that nothing more can come. Limits: a peer
//! that vanishes without a word cannot be had on loopback.

use crate::process::{Chat, Daemon};

/// [common/eos-2] [common/eos-3] [common/eos-6] [rooms/text-1]
#[test]
fn a_piped_session_prints_its_own_lines() {
    let daemon = Daemon::start(&[]);
    let mut observer = Chat::join(daemon.address(), "r", "o");
    let mut chat = Chat::connect(daemon.address());
    chat.send("JOIN r u\nhello\n");
    assert_eq!(chat.leave(), b"u has joined\nu: hello\n");
    observer.expect("u has joined\nu: hello\nu has left\n");
}

/// [common/eos-1] [common/eos-3]
#[test]
fn an_unfinished_last_line_is_dropped() {
    let daemon = Daemon::start(&[]);
    let mut observer = Chat::join(daemon.address(), "r", "o");
    let mut chat = Chat::connect(daemon.address());
    chat.send("JOIN r u\nwhole\nhalf");
    assert_eq!(chat.leave(), b"u has joined\nu: whole\n");
    observer.expect("u has joined\nu: whole\nu has left\n");
    let mut chat = Chat::connect(daemon.address());
    chat.send("JOIN r v");
    assert_eq!(chat.leave(), b"", "half a JOIN is neither a member nor an error");
    assert_eq!(observer.fence("o"), Vec::<String>::new());
}

/// [common/eos-5] [common/eos-6] [rooms/leave-1]
#[test]
fn a_reset_announces_the_departure_once() {
    let daemon = Daemon::start(&[]);
    let mut observer = Chat::join(daemon.address(), "r", "o");
    let before = daemon.descriptors();
    let idle = Chat::join(daemon.address(), "r", "idle");
    observer.expect("idle has joined\n");
    idle.reset();
    observer.expect("idle has left\n");
    // One with pending output at that moment, and was in the middle of a line.
    let mut deaf = Chat::join(daemon.address(), "r", "deaf");
    observer.expect("deaf has joined\n");
    deaf.send("half a li");
    observer.fence("o");
    deaf.reset();
    observer.expect("deaf has left\n");
    let mut later = Vec::new();
    daemon.settle(before, || later.extend(observer.fence("o")));
    later.extend(observer.fence("o"));
    assert_eq!(later, Vec::<String>::new(), "nothing more of either");
}

/// [common/eos-3] [common/eos-4] [common/order-1]
#[test]
fn many_lines_before_the_end_are_all_delivered() {
    let daemon = Daemon::start(&[]);
    let mut observer = Chat::join(daemon.address(), "r", "o");
    let mut chat = Chat::join(daemon.address(), "r", "u");
    observer.expect("u has joined\n");
    let lines: Vec<String> = (0..500).map(|number| format!("line {number}\n")).collect();
    chat.send(lines.concat());
    let echo: String = lines.iter().flat_map(|line| ["u: ", line]).collect();
    assert_eq!(chat.leave(), echo.as_bytes());
    observer.expect(echo + "u has left\n");
}

/// More is pending for the client than the kernels can hold, 4 MiB, when it ends its stream, and
/// reads it only when the others have heard it leave.
///
/// [common/eos-4] [common/eos-3]
#[test]
fn pending_output_is_flushed_after_the_end_of_the_stream() {
    let daemon = Daemon::start(&["--outbox-bytes-max", "0", "--drain-timeout", "0"]);
    let mut observer = Chat::join(daemon.address(), "r", "o");
    let mut chat = Chat::connect_keeping(64 * 1024, daemon.address()).joined("r", "u");
    observer.expect("u has joined\n");
    let text = "x".repeat(19_000);
    for _ in 0..450 {
        chat.send(format!("{text}\n"));
        observer.expect(format!("u: {text}\n"));
    }
    chat.finish();
    observer.expect("u has left\n");
    observer.fence("o");
    chat.expect(format!("u: {text}\n").repeat(450));
    chat.expect_end();
}

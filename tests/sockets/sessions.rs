//! The example sessions of the rooms document.
//!
//! Goal: a reader of the document sees its examples happen, byte for byte. Method: each row of its
//! tables is one call. Limits: the space before the LF in one of its lines is taken for a slip.

use crate::process::{Chat, Daemon};

/// [rooms/join-1] [rooms/join-2] [rooms/join-7] [rooms/text-1] [rooms/leave-1] [common/order-2]
#[test]
fn the_typical_session_is_served_byte_for_byte() {
    let daemon = Daemon::start(&[]);
    let mut a = Chat::connect(daemon.address());
    a.send("JOIN cooking joe\n");
    a.expect("joe has joined\n");
    a.send("no one here yet\n");
    a.expect("joe: no one here yet\n");
    let mut b = Chat::connect(daemon.address());
    b.send("Join cooking bob\n");
    a.expect("bob has joined\n");
    b.expect("bob has joined\n");
    b.send("hi joe\n");
    a.expect("bob: hi joe\n");
    b.expect("bob: hi joe\n");
    a.send("good day, bob\n");
    a.expect("joe: good day, bob\n");
    b.expect("joe: good day, bob\n");
    a.expect_silence();
    drop(a);
    b.expect("joe has left\n");
    b.send("all alone now\n");
    b.expect("bob: all alone now\n");
    assert_eq!(b.leave(), b"", "nobody is told of its own departure");
}

/// [rooms/error-1] [rooms/join-1] [rooms/join-4] [rooms/join-5]
#[test]
fn the_three_error_sessions_are_served_byte_for_byte() {
    let daemon = Daemon::start(&[]);
    let lines = ["JOIN foo bar blah\n", "JOIN foo usernameislongerthan20chars\n", "EAT tacos\n"];
    for line in lines {
        let mut a = Chat::connect(daemon.address());
        a.send(line);
        a.expect("ERROR\n");
        a.expect_end();
    }
}

//! The first line.
//!
//! Goal: exactly the grammar of the specification is let in. Method: tables of lines, valid and
//! invalid, each on a connection of its own. Limits: the tables are samples; every first line up to
//! a length is tried against the model without sockets.

use crate::process::{Chat, Daemon};

/// [rooms/join-2] [common/framing-2]
#[test]
fn join_is_understood_in_any_case_and_from_telnet() {
    let daemon = Daemon::start(&[]);
    for line in ["JOIN k joe\n", "join k joe\n", "Join k joe\n", "jOiN k joe\n", "JOIN k joe\r\n"] {
        let mut chat = Chat::connect(daemon.address());
        chat.send(line);
        chat.expect("joe has joined\n");
        chat.send("hello\r\n");
        chat.expect("joe: hello\n");
        assert_eq!(chat.leave(), b"");
    }
}

/// [rooms/join-3] [rooms/join-4] [rooms/join-7] [common/name-1]
#[test]
fn names_of_one_and_of_twenty_characters_are_let_in_as_written() {
    let daemon = Daemon::start(&[]);
    let long = "!Names-Of-20-Chars~~";
    for (room, user) in [("r", "u"), (long, long), ("r", "JOIN"), ("\"", "<script>"), (":", ":")] {
        Chat::join(daemon.address(), room, user).leave();
    }
}

/// [rooms/error-1] [rooms/join-1] [rooms/join-3] [rooms/join-4] [rooms/join-5] [rooms/join-6]
/// [common/name-1] [common/framing-2]
#[test]
fn any_other_first_line_gets_the_error_and_the_end() {
    let daemon = Daemon::start(&[]);
    let lines: [&[u8]; 27] = [
        b"\n",
        b"\r\n",
        b" \n",
        b"JOIN\n",
        b"JOIN \n",
        b"JOIN  \n",
        b"JOIN r\n",
        b"JOIN r \n",
        b"JOIN  u\n",
        b"JOIN r u \n",
        b" JOIN r u\n",
        b"JOIN  r u\n",
        b"JOIN r  u\n",
        b"JOIN\tr\tu\n",
        b"JOINr u\n",
        b"JOINT r u\n",
        b"JOI r u\n",
        b"hello\n",
        b"QUIT r u\n",
        b"JOIN r u v\n",
        b"JOIN r \x00\n",
        b"JOIN r u\x7f\n",
        b"JOIN r\x1b u\n",
        b"JOIN r jos\xc3\xa9\n",
        b"JOIN \xff u\n",
        b"JOIN r u\r\r\n",
        b"JOIN rrrrrrrrrrrrrrrrrrrrr u\n",
    ];
    for line in lines {
        let mut chat = Chat::connect(daemon.address());
        chat.send(line);
        let reply = chat.rest();
        assert_eq!(reply, b"ERROR\n", "to the line {:?}", line.escape_ascii().to_string());
    }
}

/// [rooms/room-3] [rooms/leave-1] [common/eos-6]
#[test]
fn two_members_may_have_the_same_name_and_depart_each_for_itself() {
    let daemon = Daemon::start(&[]);
    let mut one = Chat::join(daemon.address(), "r", "joe");
    let mut two = Chat::join(daemon.address(), "r", "joe");
    one.expect("joe has joined\n");
    two.send("which one?\n");
    one.expect("joe: which one?\n");
    two.expect("joe: which one?\n");
    assert_eq!(one.leave(), b"");
    two.expect("joe has left\n");
    assert_eq!(two.fence("joe"), Vec::<String>::new(), "the other departed once");
}

/// [common/framing-7] [rooms/error-1]
#[test]
fn the_server_waits_for_the_client_to_speak_first() {
    let daemon = Daemon::start(&[]);
    let mut silent = Chat::connect(daemon.address());
    let mut other = Chat::join(daemon.address(), "r", "u");
    other.fence("u"); // the silent one was accepted before
    silent.expect_silence();
    silent.send("JOIN r v");
    other.fence("u");
    silent.expect_silence(); // half a line is not a line
    silent.send("\n");
    silent.expect("v has joined\n");
}

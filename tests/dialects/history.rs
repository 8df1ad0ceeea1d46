//! The history of channels.
//!
//! Goal: whoever enters a room is shown its last messages, each once, and no more than is kept.
//! Method: rooms filled to the line and to the byte before somebody enters. Limits: one order; a
//! join that races with messages is in [`crowds`](super::crowds).

use crate::process::{Chat, Daemon};

const KEPT_BYTES: usize = 65_536;

fn named(daemon: &Daemon, name: &str) -> Chat {
    let mut chat = Chat::connect(daemon.address());
    chat.ask(format!("USERNAME {name}\n"), format!("OK Welcome, {name}!\r\n"));
    chat
}

/// A member of `#r`, alone in it.
fn alone(daemon: &Daemon, name: &str) -> Chat {
    let mut chat = named(daemon, name);
    chat.ask("JOIN #r\n", "OK Joined #r (0 users)\r\n");
    chat
}

/// What somebody who enters `#r`, where ann is, is shown of its past.
fn shown(daemon: &Daemon, ann: &mut Chat) -> Vec<u8> {
    let mut chat = named(daemon, "joe");
    chat.ask("JOIN #r\n", "OK Joined #r (1 users)\r\nJOIN #r ann\r\n");
    ann.expect("JOIN #r joe\r\n");
    let shown = chat.leave();
    ann.expect("LEAVE #r joe\r\n");
    shown
}

/// [channels/history-1] [channels/history-2]
#[test]
fn the_last_50_messages_are_shown_oldest_first() {
    let daemon = Daemon::serving(&["channels"], &[]);
    let mut ann = alone(&daemon, "ann");
    let lines: Vec<String> = (0..51).map(|n| format!("ROOM #r ann line {n}\r\n")).collect();
    let sent: Vec<String> = (0..50).map(|n| format!("MSG line {n}\n")).collect();
    ann.ask(sent.concat(), lines[..50].concat());
    assert_eq!(shown(&daemon, &mut ann), lines[..50].concat().as_bytes());
    ann.ask("line 50\n", &lines[50]);
    assert_eq!(shown(&daemon, &mut ann), lines[1..].concat().as_bytes());
}

/// [channels/history-3]
#[test]
fn exactly_64_kib_are_kept_and_one_byte_more_costs_the_oldest_line() {
    let daemon = Daemon::serving(&["channels"], &[]);
    let mut ann = alone(&daemon, "ann");
    let line = |length: usize, letter: &str| {
        let text = letter.repeat(length - "ROOM #r ann \r\n".len());
        (format!("{text}\n"), format!("ROOM #r ann {text}\r\n"))
    };
    let mut kept = String::new();
    for letter in ["a", "b", "c", "d"] {
        let (sent, heard) = line(KEPT_BYTES / 4, letter);
        ann.ask(sent, &heard);
        kept += &heard;
    }
    assert_eq!(kept.len(), KEPT_BYTES);
    assert_eq!(shown(&daemon, &mut ann), kept.as_bytes());
    let (sent, heard) = line(15, "e");
    ann.ask(sent, &heard);
    assert_eq!(shown(&daemon, &mut ann), (kept[KEPT_BYTES / 4..].to_owned() + &heard).as_bytes());
}

/// Neither joins nor departures, private messages, errors or lists are part of it.
///
/// [channels/history-1] [channels/tell-1]
#[test]
fn only_messages_are_remembered_those_of_departed_members_too() {
    let daemon = Daemon::serving(&["channels"], &[]);
    let mut ann = alone(&daemon, "ann");
    let mut bob = named(&daemon, "bob");
    bob.ask("JOIN #r\n", "OK Joined #r (1 users)\r\nJOIN #r ann\r\n");
    ann.expect("JOIN #r bob\r\n");
    bob.ask("MSG of bob\n\nPRIVMSG ann psst\n", "ROOM #r bob of bob\r\nERROR Empty message\r\n");
    bob.expect("OK Sent\r\n");
    ann.expect("ROOM #r bob of bob\r\nPRIVMSG bob psst\r\n");
    bob.ask("USERS\nLEAVE\n", "USERLIST ann bob\r\nOK Left #r\r\n");
    ann.expect("LEAVE #r bob\r\n");
    assert_eq!(shown(&daemon, &mut ann), b"ROOM #r bob of bob\r\n");
}

/// [channels/history-4] [channels/room-2]
#[test]
fn the_history_goes_with_its_room() {
    let daemon = Daemon::serving(&["channels"], &[]);
    let mut ann = alone(&daemon, "ann");
    ann.ask("MSG old\nLEAVE\n", "ROOM #r ann old\r\nOK Left #r\r\n");
    ann.ask("JOIN #r\n", "OK Joined #r (0 users)\r\n");
    ann.ask("MSG new\nJOIN #s\n", "ROOM #r ann new\r\nOK Joined #s (0 users)\r\n");
    ann.ask("JOIN #r\n", "OK Joined #r (0 users)\r\n");
    assert_eq!(shown(&daemon, &mut ann), b"");
}

/// [channels/history-1] [channels/move-2]
#[test]
fn a_returning_client_is_shown_its_own_and_missed_messages() {
    let daemon = Daemon::serving(&["channels"], &[]);
    let mut ann = alone(&daemon, "ann");
    let mut bob = named(&daemon, "bob");
    bob.ask("JOIN #r\n", "OK Joined #r (1 users)\r\nJOIN #r ann\r\n");
    bob.ask("MSG 1\nLEAVE\n", "ROOM #r bob 1\r\nOK Left #r\r\n");
    ann.expect("JOIN #r bob\r\nROOM #r bob 1\r\nLEAVE #r bob\r\n");
    ann.ask("MSG 2\n", "ROOM #r ann 2\r\n");
    let block = "OK Joined #r (1 users)\r\nJOIN #r ann\r\nROOM #r bob 1\r\nROOM #r ann 2\r\n";
    bob.ask("JOIN #r\n", block);
    ann.ask("MSG 3\n", "JOIN #r bob\r\nROOM #r ann 3\r\n");
    bob.expect("ROOM #r ann 3\r\n");
    assert_eq!(bob.leave(), b"");
}

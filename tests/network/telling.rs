//! Goal: a private message is flow-controlled like any line, for its target alone: its sender
//! waits, nobody else does; and a target that never reads is evicted, which its sender learns.
//!
//! Method: targets that stall on demand, in channels, where the target may be in another room.
//!
//! Limits: login's private messages go the same way, and are tried once.

use super::house::{House, TICK, before};
use super::replay::in_each_of;
use super::wire::{Client, End};
use crate::speech::{CHANNELS, LOGIN};
use std::time::Duration;

const STALL_BUDGET: Duration = Duration::from_millis(250);

/// ann and bob in one room; joe, who does not read, in another.
fn three(house: &mut House) -> [Client; 3] {
    let (ann, bob) = (house.member("den", "ann"), house.member("den", "bob"));
    house.quirks.down_max = 100;
    let joe = house.member("attic", "joe");
    joe.stall();
    for client in [&ann, &bob, &joe] {
        client.heard();
    }
    [ann, bob, joe]
}

/// So many private messages to joe, each with its place in the sequence.
fn messages(count: usize, command: &str) -> String {
    let line = |n: usize| [command, &n.to_string(), &"x".repeat(500), "\n"].concat();
    (0..count).map(line).collect()
}

/// [common/tell-2] [common/flow-1] [common/flow-2] [channels/tell-2]
#[test]
fn a_congested_target_holds_the_sender_alone_and_loses_nothing() {
    in_each_of(&[&CHANNELS], |house| {
        let [ann, bob, joe] = three(house);
        house.send(&ann, &messages(400, "PRIVMSG joe "));
        let held = ann.unread();
        assert!(held > 0, "the sender is held");
        house.send(&bob, "MSG hi ann\nROOMS\n");
        assert_eq!(bob.heard(), "ROOM den bob hi ann\r\nROOMLIST attic den\r\n");
        house.pass(before(STALL_BUDGET));
        assert_eq!(ann.unread(), held, "and still is");
        let mut pauses = 0;
        while ann.unread() > 0 {
            joe.sip(house.random.between(1, 20_000));
            house.settle();
            pauses += 1;
            assert!(pauses < 100_000, "the sender is never let go on");
        }
        joe.resume();
        house.settle();
        assert!(joe.heard() == messages(400, "PRIVMSG ann ").replace('\n', "\r\n"));
        let heard = ann.heard();
        assert!(heard.replacen("ROOM den bob hi ann\r\n", "", 1) == "OK Sent\r\n".repeat(400));
    });
}

/// [common/tell-3] [common/tell-2] [common/flow-3] [common/unique-2] [channels/leave-2]
#[test]
fn a_target_that_never_reads_runs_into_its_bound_and_the_sender_is_told() {
    in_each_of(&[&CHANNELS], |house| {
        let [ann, _bob, joe] = three(house);
        house.quirks.down_max = 65_536;
        let sam = house.member("attic", "sam");
        sam.heard();
        house.send(&ann, &messages(3_000, "PRIVMSG joe "));
        house.pass(before(STALL_BUDGET));
        assert_eq!(joe.end(), End::Open);
        house.pass(TICK);
        assert!(joe.is_closed(), "evicted at 1 MiB");
        assert_eq!(sam.heard(), "LEAVE attic joe\r\n");
        let heard = ann.heard();
        let sent = heard.matches("OK Sent\r\n").count();
        let refused = "ERROR User not found\r\n".repeat(3_000 - sent);
        assert!(
            heard == format!("{}{refused}", "OK Sent\r\n".repeat(sent)),
            "first all, then none"
        );
        // 1 MiB, each with its entry, beside what the wire took.
        let each = messages(1, "PRIVMSG ann ").len() + 64;
        assert!((1_048_576 / (each + 5)..1_048_576 / each + 2).contains(&sent), "{sent} were sent");
        let again = house.member("attic", "joe");
        assert!(again.heard().starts_with("OK Welcome, joe!\r\n"), "its name is free");
    });
}

/// [common/tell-2] [common/tell-3] [login/dm-1] [login/dm-2]
#[test]
fn login_holds_the_sender_of_private_messages_too() {
    in_each_of(&[&LOGIN], |house| {
        let [ann, _bob, joe] = three(house);
        house.send(&ann, &messages(3_000, "DM joe "));
        assert!(ann.unread() > 0, "the sender is held");
        house.pass(STALL_BUDGET);
        assert!(joe.is_closed(), "evicted");
        let heard = ann.heard();
        let refused = heard.strip_prefix("INFO joe disconnected\n").expect("it is told first");
        assert!(refused.len() > 1_000);
        assert!(refused == "ERR user-not-found\n".repeat(refused.len() / 19));
    });
}

/// What is refused reaches nobody: it waits neither for a target nor for a room that holds others
/// at the moment. [common/flow-2] [common/tell-2]
#[test]
fn a_line_that_is_refused_waits_for_nobody() {
    let in_channels = [
        ("PRIVMSG joe \n", "ERROR Empty message\r\n"),
        ("PRIVMSG eve psst\n", "ERROR User not found\r\n"),
        ("MSG \n", "ERROR Empty message\r\n"),
        ("JOIN room\n", "ERROR Already in room\r\n"),
        ("JOIN a b\n", "ERROR Invalid room\r\n"),
        ("USERNAME bob\n", "ERROR Already named\r\n"),
        ("/nick\n", "ERROR Unknown command\r\n"),
    ];
    let in_login = [
        ("DM joe \n", "ERR empty-message\n"),
        ("DM eve psst\n", "ERR user-not-found\n"),
        ("MSG \n", "ERR empty-message\n"),
        ("LOGIN bob\n", "ERR already-logged-in\n"),
        ("NICK\n", "ERR unknown-command\n"),
    ];
    let dialects =
        [(&CHANNELS, "PRIVMSG joe ", &in_channels[..]), (&LOGIN, "DM joe ", &in_login[..])];
    for (speech, tell, refused) in dialects {
        in_each_of(&[speech], |house| {
            let [ann, bob, dan] = ["ann", "bob", "dan"].map(|name| house.member("room", name));
            house.quirks.down_max = 100;
            let joe = house.member("room", "joe");
            joe.stall();
            house.send(&dan, &messages(400, "MSG "));
            house.send(&ann, &messages(400, tell));
            assert!(ann.unread() > 0 && dan.unread() > 0, "one is held by joe, one by the room");
            bob.heard();
            for (line, answer) in refused {
                house.send(&bob, line);
                assert_eq!(&bob.heard(), answer, "after {line:?}, and no time has passed");
            }
        });
    }
}

/// [common/tell-2]
#[test]
fn a_sender_that_does_not_read_may_tell_until_its_receipts_hold_it() {
    in_each_of(&[&LOGIN], |house| {
        let [ann, bob, joe] = three(house);
        house.send(&ann, &messages(100, "MSG ")); // joe is congested now, and the room held
        assert!(joe.end() == End::Open);
        joe.post(b"DM bob psst\n");
        house.settle();
        let heard = bob.heard();
        assert!(heard.ends_with("DM joe psst\n"), "its own budget holds no private line");
    });
}

//! Goal: clients that flood, feed one another or stall in turn share their room with those that
//! talk: a short line waits for one hold, and a room is held for a bounded part of the time.
//!
//! Method: floods and readers that stall on demand, on a clock that a test moves.
//!
//! Limits: one thread. The figures on real sockets are those of `scripts/pressure`.

use super::house::{House, TICK, before};
use super::replay::{
    in_each_of, on_each_network, on_each_network_of_lines, on_each_plain_network_of,
};
use super::wire::Client;
use crate::speech::{CHANNELS, ROOMS};
use parlance_core::limits::Limits;
use std::time::Duration;

const STALL_BUDGET: Duration = Duration::from_millis(250);
const SHORT_HOLD: Duration = Duration::from_millis(50);
const FIRST_HOLD: Duration = Duration::from_millis(10);
const NEWCOMER_HOLD: Duration = Duration::from_millis(1);

/// More than the high-water mark and what a connection takes.
fn flood() -> String {
    format!("{}\n", "f".repeat(99)).repeat(2_000)
}

/// The room's members read at once, and the flooding ones send all the time; one reader is slow.
fn slow_reader_and_floods<const FLOODS: usize>(house: &mut House) -> (Client, [Client; FLOODS]) {
    house.quirks.down_max = 1_000;
    let slow = house.member("den", "slow");
    slow.stall();
    house.quirks.down_max = 1 << 20;
    let floods = std::array::from_fn(|n| house.member("den", &format!("flood{n}")));
    (slow, floods)
}

/// [common/flow-5]
#[test]
fn a_short_line_goes_before_the_runs_of_floods() {
    on_each_network(|house| {
        let (slow, floods) = slow_reader_and_floods::<5>(house);
        let [ann, bob] = ["ann", "bob"].map(|name| house.member("den", name));
        for sender in &floods {
            house.send(sender, &flood());
        }
        house.send(&ann, "hello\n");
        bob.heard();
        // The slow reader comes under the high-water mark in small steps.
        let mut heard = String::new();
        while heard.is_empty() {
            slow.sip(1_000);
            house.settle();
            heard = bob.heard();
        }
        assert!(heard.starts_with("ann: hello\n"), "{heard:.40}");
    });
}

/// Lines that wait have equal tags, and a line that comes after the first of them has gone on is
/// short. [common/flow-5]
#[test]
fn a_short_line_that_comes_later_goes_before_the_runs_of_floods() {
    on_each_network(|house| {
        let (slow, floods) = slow_reader_and_floods::<12>(house);
        let [ann, bob] = ["ann", "bob"].map(|name| house.member("den", name));
        for sender in &floods {
            house.send(sender, &flood());
        }
        let wait_for = |house: &mut House, what: &str| {
            let (mut heard, mut taken) = (bob.heard(), 0);
            while !heard.contains(what) {
                slow.sip(1_000);
                house.settle();
                heard += &bob.heard();
                taken += 1_000;
                assert!(taken < 1 << 22, "{what}");
            }
            taken
        };
        for _ in 0..2 {
            wait_for(house, "flood");
        }
        house.send(&ann, "hello\n");
        let taken = wait_for(house, "ann: hello");
        assert!(taken < 150_000, "{taken}");
    });
}

/// Each of the floods is heard in its turn. [common/flow-5]
#[test]
fn floods_share_a_room_run_by_run() {
    on_each_network(|house| {
        let (slow, floods) = slow_reader_and_floods::<4>(house);
        let bob = house.member("den", "bob");
        for sender in &floods {
            house.send(sender, &flood());
        }
        slow.resume();
        house.settle();
        let heard = bob.heard();
        let first_of = |n: usize| heard.find(&format!("flood{n}: ")).expect("all are heard");
        let last_of = |n: usize| heard.rfind(&format!("flood{n}: ")).expect("all are heard");
        let last_begun = (0..4).map(first_of).max().expect("there are four");
        for n in 1..4 {
            assert!(last_of(n) > last_begun, "flood {n} ended before another was heard");
        }
    });
}

/// [common/flow-1] [common/tell-2]
#[test]
fn a_room_does_not_wait_for_a_member_that_is_fed_with_private_lines() {
    in_each_of(&[&CHANNELS], |house| {
        house.quirks.down_max = 1_000;
        let slow = house.member("den", "slow");
        slow.stall();
        let [ann, bob] = ["ann", "bob"].map(|name| house.member("den", name));
        let feeder = house.member("attic", "feeder");
        let line = format!("PRIVMSG slow {}\n", "x".repeat(900));
        house.send(&feeder, &line.repeat(200));
        assert!(feeder.unread() > 0, "the sender of private lines is held");
        bob.heard();
        house.say(&ann, "hello");
        assert_eq!(bob.heard(), "ROOM den ann hello\r\n");
    });
}

/// The other way round. [common/flow-1] [common/tell-2]
#[test]
fn a_private_line_does_not_wait_for_the_lines_of_a_room() {
    in_each_of(&[&CHANNELS], |house| {
        house.quirks.down_max = 1_000;
        let slow = house.member("den", "slow");
        slow.stall();
        let [ann, bob] = ["den", "attic"].map(|room| house.member(room, &format!("of-{room}")));
        house.send(&ann, &format!("MSG {}\n", "x".repeat(900)).repeat(200));
        let echoes = ann.heard().lines().filter(|line| line.contains("xxx")).count();
        assert!(echoes < 200, "the sender in the room is held");
        bob.heard();
        house.send(&bob, "PRIVMSG slow psst\n");
        assert_eq!(bob.heard(), "OK Sent\r\n");
    });
}

/// The reader takes 2 MB/s, more than it has to of either flood. Each of them fills its queue again
/// as soon as it falls under its mark, so that there is always one that congests the reader.
/// [common/flow-3] [common/flow-4] [common/tell-2]
#[test]
fn a_reader_that_keeps_up_with_a_room_and_with_private_lines_is_waited_for() {
    on_each_plain_network_of(&CHANNELS, &Limits::default(), |house| {
        let slow = house.member("den", "slow");
        slow.stall();
        let (sue, feeder) = (house.member("den", "sue"), house.member("attic", "feeder"));
        let x = "x".repeat(900);
        let said = format!("MSG {x}\n").repeat(100);
        let psst = format!("PRIVMSG slow {x}\n").repeat(100);
        for moment in 0..1_000 {
            for (sender, lines) in [(&sue, &said), (&feeder, &psst)] {
                if sender.unread() == 0 {
                    house.send(sender, lines);
                }
            }
            slow.sip(2_000);
            house.pass(Duration::from_millis(1));
            assert!(!slow.is_closed(), "evicted after {moment} ms");
        }
        assert!(sue.unread() > 0 && feeder.unread() > 0, "both are held");
    });
}

/// A short private line goes before those of a flood as well. [common/tell-2]
#[test]
fn private_lines_to_one_client_share_it_by_bytes() {
    in_each_of(&[&CHANNELS], |house| {
        house.quirks.down_max = 1_000;
        let slow = house.member("den", "slow");
        slow.heard();
        slow.stall();
        let line = format!("PRIVMSG slow {}\n", "x".repeat(900));
        for n in 0..5 {
            let feeder = house.member("attic", &format!("feeder{n}"));
            house.send(&feeder, &line.repeat(200));
        }
        let ann = house.member("attic", "ann");
        ann.heard();
        house.send(&ann, "PRIVMSG slow psst\n");
        let mut steps = 0;
        while ann.heard().is_empty() {
            slow.sip(1_000);
            house.settle();
            steps += 1;
        }
        // One kilobyte after another; before it come at most the bytes over the high-water mark,
        // and those that a layer has sealed.
        assert!(steps < 10 + house.sealed_bytes_max() / 1_000, "{steps}");
    });
}

/// Ann waits for a slow member, and then for herself, because she does not read an answer and is
/// fed with private lines. Bob, behind her, goes on. [common/flow-5] [common/reply-2]
#[test]
fn a_client_that_waits_for_its_replies_holds_no_other() {
    on_each_plain_network_of(&CHANNELS, &Limits::default(), |house| {
        let [joe, bob] = ["joe", "bob"].map(|name| house.member("den", name));
        let feeder = house.member("attic", "feeder");
        house.quirks.down_max = 1_000;
        let slow = house.member("den", "slow");
        house.quirks.down_max = 200_000;
        let ann = house.member("den", "ann");
        slow.stall();
        ann.stall();
        house.send(&joe, &format!("MSG {}\n", "x".repeat(900)).repeat(200));
        let psst = format!("PRIVMSG ann {}\n", "x".repeat(900));
        while ann.waiting() < 200_000 {
            house.send(&feeder, &psst);
        }
        house.send(&ann, "ROOMS\nMSG hi\n");
        house.send(&feeder, &psst.repeat(80));
        house.send(&bob, "MSG hello, everybody here\n");
        slow.resume();
        house.settle();
        let heard = slow.heard();
        assert!(heard.contains("ROOM den bob hello") && !heard.contains("ROOM den ann"));
        ann.resume();
        house.settle();
        assert!(slow.heard().contains("ROOM den ann hi"));
    });
}

/// A stalled member comes, holds the room until its budget is exhausted, and goes; and so on.
/// Returns for how long the sender was held, in the time of all holds together.
fn held_by_newcomers(house: &mut House, newcomers: usize) -> Duration {
    let sender = house.member("den", "joe");
    let _readers = ["ann", "bob", "cat"].map(|name| house.member("den", name));
    house.quirks.down_max = 1_000;
    let mut held = Duration::ZERO;
    for n in 0..newcomers {
        let stalled = house.member("den", &format!("new{n}"));
        stalled.stall();
        house.send(&sender, &flood());
        while sender.unread() > 0 {
            house.pass(NEWCOMER_HOLD);
            held += NEWCOMER_HOLD;
        }
        stalled.reset(true);
        house.settle();
    }
    held
}

/// [common/flow-9]
#[test]
fn members_that_come_and_stall_hold_their_room_for_a_bounded_time_together() {
    on_each_network(|house| assert_eq!(held_by_newcomers(house, 1), STALL_BUDGET));
    on_each_network(|house| {
        // 200 ms of the first hold count, of the second 63: the budget recovers in its first 50.
        let held = held_by_newcomers(house, 10);
        let strained = STALL_BUDGET + 2 * SHORT_HOLD + Duration::from_millis(13);
        assert_eq!(held, strained + 5 * FIRST_HOLD + 3 * NEWCOMER_HOLD);
    });
}

/// The one sender that is held goes. Nobody is held from then on, so the budget of the room rests,
/// and a line of the next minute finds it whole. [common/flow-3] [common/flow-9]
#[test]
fn a_hold_ends_with_the_last_sender_that_waits() {
    on_each_network(|house| {
        let sue = house.member("den", "sue");
        let _readers = ["ann", "bob", "cat"].map(|name| house.member("den", name));
        house.quirks.down_max = 1_000;
        let slow = house.member("den", "slow");
        slow.stall();
        let joe = house.member("den", "joe");
        house.send(&joe, &flood());
        house.pass(2 * SHORT_HOLD);
        assert!(joe.unread() > 0, "held for half of the hold budget");
        joe.reset(true);
        house.pass(SHORT_HOLD);
        assert!(joe.is_closed());
        house.pass(Duration::from_secs(60));
        slow.reset(true);
        house.settle();
        let stalled = house.member("den", "new");
        stalled.stall();
        house.send(&sue, &flood());
        house.pass(before(STALL_BUDGET));
        assert!(sue.unread() > 0, "held for as long as in a room that was never strained");
        house.pass(TICK);
        assert_eq!(sue.unread(), 0);
    });
}

/// A proven reader is waited for briefly, and one that needs no longer without end.
/// [common/flow-9]
#[test]
fn a_strained_room_waits_for_a_reader_that_takes_bytes() {
    on_each_network_of_lines(|house| {
        house.quirks.down_max = 1_000;
        let slow = house.member("den", "slow");
        house.quirks.down_max = 1 << 20;
        let sender = house.member("den", "sue");
        for _ in 0..5 {
            house.send(&sender, &flood());
        }
        assert!(slow.heard().len() > 1 << 20, "proven");
        held_by_newcomers(house, 3);
        slow.stall();
        house.send(&sender, &flood());
        let mut rounds = 0;
        while sender.unread() > 0 {
            house.pass(before(SHORT_HOLD));
            assert!(sender.unread() > 0, "held in round {rounds}");
            let unread = sender.unread();
            while sender.unread() == unread {
                slow.sip(1_000);
                house.settle();
            }
            rounds += 1;
        }
        assert!(rounds > 1, "{rounds}");
        house.send(&sender, &flood());
        house.pass(before(SHORT_HOLD));
        assert!(sender.unread() > 0, "overstrained, but the reader was there before");
        house.pass(TICK);
        assert_eq!(sender.unread(), 0, "no longer than that");
    });
}

/// [common/flow-9]
#[test]
fn a_room_whose_members_are_all_congested_is_not_strained() {
    on_each_plain_network_of(&ROOMS, &Limits::default(), |house| {
        house.quirks.down_max = 1_000;
        let readers = ["ann", "bob", "cat"].map(|name| house.member("den", name));
        let sender = house.member("den", "sue");
        for _ in 0..4 {
            for reader in &readers {
                reader.stall();
            }
            house.send(&sender, &flood());
            house.pass(before(STALL_BUDGET));
            assert!(sender.unread() > 0, "held for all of them");
            for reader in &readers {
                reader.resume();
            }
            house.settle();
            assert_eq!(sender.unread(), 0);
        }
        assert_eq!(held_by_newcomers(house, 1), STALL_BUDGET);
    });
}

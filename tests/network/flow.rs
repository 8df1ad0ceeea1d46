//! Goal: a fast sender waits for slow readers as long as the spec says, to the nanosecond and the
//! byte, and not longer.
//!
//! Method: readers that stall on demand, on a clock that a test moves.
//!
//! Limits: one thread; [`threads`](super::threads) has the floods on two.

use super::house::{House, TICK, before};
use super::replay::{on_each_network, on_each_network_of_lines, on_each_plain_network_of};
use super::wire::{Client, End};
use crate::speech::ROOMS;
use parlance_core::limits::Limits;
use std::time::Duration;

const STALL_BUDGET: Duration = Duration::from_millis(250);
const RENEWED_AFTER: Duration = Duration::from_secs(5);
/// The mark, one run above it, the part of a run that is written but counts until all of it is,
/// what the entries are charged, and the held input: a run and the rest of a read.
const HELD_CHARGE_MAX: usize = 5 * 65_536 + 8_192;

/// A sender that reads and a member that does not.
fn sender_and_stalled(house: &mut House) -> [Client; 2] {
    let joe = house.member("den", "joe");
    house.quirks.down_max = 1_000;
    let sam = house.member("den", "sam");
    sam.stall();
    [joe, sam]
}

fn flood(house: &mut House, sender: &Client) {
    house.send(sender, &format!("{}\n", "f".repeat(62)).repeat(5_000));
}

/// The sender is held, until `span` has passed and not a nanosecond longer.
fn assert_held_for(house: &House, sender: &Client, span: Duration) {
    assert!(sender.unread() > 0, "held");
    house.pass(before(span));
    assert!(sender.unread() > 0, "to the last moment");
    house.pass(TICK);
    assert_eq!(sender.unread(), 0, "and no longer");
}

/// Many short lines, each with its place in the sequence.
fn numbered(prefix: &str) -> String {
    (0..50_000).flat_map(|n| [prefix.to_owned(), n.to_string(), "\n".to_owned()]).collect()
}

/// [common/flow-1] [common/outbox-4]
#[test]
fn a_sender_is_held_while_a_reader_is_congested_and_loses_nothing() {
    on_each_network(|house| {
        let (joe, sam) = (house.member("den", "joe"), house.member("den", "sam"));
        sam.heard();
        let lines = numbered("");
        sam.stall();
        house.send(&joe, &lines);
        let mut pauses = 0;
        while joe.unread() > 0 {
            let charge = house.service.registry().census().charge;
            assert!((65_536..HELD_CHARGE_MAX).contains(&charge), "held with {charge} queued");
            sam.resume();
            sam.read(house.random.between(1, 100_000));
            sam.stall();
            house.settle();
            pauses += 1;
            assert!(pauses < 100_000, "the sender is never let go on");
        }
        assert!(pauses > 2, "the sender was held more than once");
        sam.resume();
        house.settle();
        let wanted = numbered("joe: ");
        assert!(sam.heard() == wanted, "each line once and in order");
    });
}

/// [common/flow-3] [common/flow-1]
#[test]
fn a_stalled_member_holds_its_room_for_250_ms_once() {
    on_each_network(|house| {
        let [joe, sam] = sender_and_stalled(house);
        flood(house, &joe);
        let (unread, heard) = (joe.unread(), joe.received_len());
        assert!(unread > 0, "the sender is held");
        house.pass(before(STALL_BUDGET));
        assert_eq!((joe.unread(), joe.received_len()), (unread, heard), "and still is");
        house.pass(TICK);
        assert_eq!(joe.unread(), 0, "the stall budget is exhausted");
        assert_eq!(sam.end(), End::Open);
        flood(house, &joe);
        assert_eq!(joe.unread(), 0, "and is not renewed");
        let wanted = format!("joe: {}\n", "f".repeat(62)).repeat(10_000);
        assert!(joe.heard().replacen("joe has joined\nsam has joined\n", "", 1) == wanted);
    });
}

/// A sender that reads and two stalled members. Fewer bytes are pending for the second: its
/// connection takes `lead` bytes more.
fn two_stalled(house: &mut House, lead: usize) -> [Client; 3] {
    let [joe, sam] = sender_and_stalled(house);
    house.quirks.down_max = 1_000 + lead;
    let sue = house.member("den", "sue");
    sue.stall();
    [joe, sam, sue]
}

/// [common/flow-3]
#[test]
fn stalled_members_hold_their_room_together() {
    on_each_network(|house| {
        let [joe, sam, sue] = two_stalled(house, 30_000);
        flood(house, &joe);
        house.pass(before(STALL_BUDGET));
        assert!(joe.unread() > 0, "held by the first");
        house.pass(TICK);
        assert_eq!(joe.unread(), 0, "and by the other for no longer");
        assert_eq!([sam.end(), sue.end()], [End::Open, End::Open]);
        let wanted = format!("joe: {}\n", "f".repeat(62)).repeat(5_000);
        assert!(joe.heard().ends_with(&wanted));
    });
}

/// [common/flow-3]
#[test]
fn a_notice_does_not_prolong_the_hold() {
    on_each_network(|house| {
        let [joe, _sam, sue] = two_stalled(house, 30_000);
        flood(house, &joe);
        house.pass(before(STALL_BUDGET));
        let _eve = house.member("den", "eve");
        assert!(joe.unread() > 0, "a join waits for no client, and no client for it");
        house.pass(TICK);
        assert_eq!((joe.unread(), sue.end()), (0, End::Open));
    });
}

/// [common/flow-3] [common/flow-4]
#[test]
fn a_member_that_takes_bytes_has_its_stall_budget_whole() {
    on_each_plain_network_of(&ROOMS, &Limits::default(), |house| {
        house.quirks.down_max = 61_000;
        let sue = house.member("den", "sue");
        sue.stall();
        let [joe, sam] = sender_and_stalled(house);
        flood(house, &joe);
        house.pass(before(STALL_BUDGET));
        sue.resume();
        sue.read(1);
        sue.stall();
        house.settle();
        sam.reset(true); // of two members, the older one is not few
        house.settle();
        assert_held_for(house, &joe, STALL_BUDGET);
    });
}

/// [common/flow-3]
#[test]
fn the_stall_budget_rests_while_no_line_waits() {
    on_each_network_of_lines(|house| {
        let [joe, sam, sue] = two_stalled(house, 60_000);
        // Two reads, of which the first takes one member over the high-water mark.
        house.send(&joe, &format!("{}\n", "f".repeat(62)).repeat(1_100));
        house.pass(Duration::from_millis(100));
        sam.resume();
        house.settle();
        house.pass(Duration::from_secs(10));
        flood(house, &joe);
        assert_held_for(house, &joe, Duration::from_millis(150));
        assert_eq!(sue.end(), End::Open);
    });
}

/// [common/outbox-4] [common/flow-3]
#[test]
fn an_exhausted_member_is_evicted_at_its_bound_and_the_others_hear_everything() {
    on_each_network(|house| {
        let [joe, sam] = sender_and_stalled(house);
        flood(house, &joe);
        house.pass(STALL_BUDGET);
        for _ in 0..5 {
            flood(house, &joe);
        }
        assert!(sam.is_closed(), "evicted at 1 MiB, and no more time has passed");
        let heard = joe.heard();
        assert_eq!(heard.lines().filter(|line| *line == "sam has left").count(), 1);
        let said = heard.lines().filter(|line| line.starts_with("joe: f")).count();
        assert_eq!((joe.unread(), said), (0, 30_000));
    });
}

/// An exhausted member reads all pending lines and rests. Returns whether senders wait for it
/// again.
fn is_held_after(house: &mut House, rest: Duration) -> bool {
    let [joe, sam] = sender_and_stalled(house);
    flood(house, &joe);
    house.pass(STALL_BUDGET);
    sam.resume();
    house.settle();
    house.pass(rest);
    sam.stall();
    flood(house, &joe);
    let held = joe.unread() > 0;
    if held {
        assert_held_for(house, &joe, STALL_BUDGET); // it is whole
    }
    held
}

/// [common/flow-4]
#[test]
fn an_exhausted_stall_budget_is_renewed_after_five_seconds_and_not_before() {
    on_each_network(|house| assert!(is_held_after(house, RENEWED_AFTER)));
    on_each_network(|house| assert!(!is_held_after(house, before(RENEWED_AFTER))));
}

/// [common/flow-4] [common/flow-5]
#[test]
fn a_stall_budget_that_is_not_exhausted_is_given_back_whole() {
    on_each_network(|house| {
        house.quirks.down_max = 1_000;
        let sam = house.member("den", "sam"); // the older one of two members is not few
        let joe = house.member("den", "joe");
        for _ in 0..3 {
            sam.stall();
            flood(house, &joe);
            house.pass(before(STALL_BUDGET));
            assert!(joe.unread() > 0, "held to the last moment each time");
            sam.resume();
            house.settle();
            assert_eq!(joe.unread(), 0, "and let go as soon as the reader has caught up");
        }
        assert!(sam.heard() == format!("sam has joined\n{}", joe.heard()));
    });
}

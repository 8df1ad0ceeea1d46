//! Goal: in every dialect senders wait for slow readers and for nobody longer than the
//! specification says, a reader that never reads goes, told once, and a stop announces nobody.
//!
//! Method: what the tests of rooms do in detail, done once in each dialect.
//!
//! Limits: the details, to the byte and the nanosecond, are shown for rooms alone.

use super::house::{House, TICK, before};
use super::replay::in_each_of;
use super::wire::{Client, End};
use crate::speech::{ALL, CHANNELS, LOBBY, LOGIN, ROOMS, SIMPLE};
use std::time::Duration;

const STALL_BUDGET: Duration = Duration::from_millis(250);
const STALL: Duration = Duration::from_secs(30);
const LINES: usize = 5_000;

fn flood(house: &mut House, sender: &Client) {
    sender.post(&house.speech.say("f".repeat(62)).repeat(LINES));
    house.settle();
}

/// joe, behind a small wire, who does not read.
fn stalled(house: &mut House) -> Client {
    house.quirks.down_max = 1_000;
    let [joe] = house.members(["joe"]);
    joe.stall();
    joe
}

/// [common/flow-1] [common/flow-3] [common/outbox-4] [common/outbox-5] [common/unique-2]
/// [lobby/hear-4] [simple/leave-3] [login/leave-1] [channels/leave-2]
#[test]
fn a_stalled_member_holds_its_room_for_250_ms_and_then_runs_into_its_bound() {
    in_each_of(&ALL, |house| {
        let [ann, bob] = house.members(["ann", "bob"]);
        let joe = stalled(house);
        bob.heard();
        flood(house, &ann);
        let held = ann.unread();
        assert!(held > 0, "the sender is held");
        house.pass(before(STALL_BUDGET));
        assert_eq!(ann.unread(), held, "and still is");
        house.pass(TICK);
        assert_eq!((ann.unread(), joe.end()), (0, End::Open));
        for _ in 0..5 {
            flood(house, &ann);
        }
        assert!(joe.is_closed(), "evicted, and no more time has passed");
        let said = String::from_utf8(house.speech.said("ann", "f".repeat(62))).expect("text");
        let left = String::from_utf8(house.speech.left("joe")).expect("text");
        let heard = bob.heard();
        assert_eq!(heard.matches(&said).count(), 6 * LINES);
        assert_eq!(heard.len(), 6 * LINES * said.len() + left.len());
        assert!(left.is_empty() || heard.matches(&left).count() == 1, "told once");
        let again = house.member("den", "joe");
        house.say(&again, "again");
        let said = house.speech.said("joe", "again");
        assert!(bob.heard().into_bytes().ends_with(&said), "its name is free");
    });
}

/// [lobby/hear-2] [common/flow-1]
#[test]
fn a_listener_without_a_name_is_waited_for_like_anybody() {
    in_each_of(&[&LOBBY], |house| {
        let [ann] = house.members(["ann"]);
        house.quirks.down_max = 1_000;
        let mute = house.connect();
        mute.stall();
        flood(house, &ann);
        assert!(ann.unread() > 0, "the sender is held");
        house.pass(before(STALL_BUDGET));
        assert!(ann.unread() > 0, "and still is");
        mute.resume();
        house.settle();
        assert_eq!(ann.unread(), 0);
        assert!(mute.heard() == ann.heard(), "each line reached it");
    });
}

/// Its own lines would not reach it, but what the others said is on its way to it.
///
/// [common/flow-1] [simple/send-2]
#[test]
fn a_congested_sender_is_held_even_without_an_echo() {
    in_each_of(&[&SIMPLE], |house| {
        let [ann] = house.members(["ann"]);
        let joe = stalled(house);
        ann.heard();
        flood(house, &ann);
        assert!(ann.unread() > 0, "joe is congested");
        house.say(&joe, "hello");
        assert_eq!(ann.heard(), "", "joe is held");
        house.pass(STALL_BUDGET);
        assert_eq!(ann.heard(), "MSG joe hello\n");
    });
}

/// [common/outbox-9]
#[test]
fn the_input_of_held_senders_counts_towards_the_total() {
    in_each_of(&[&ROOMS], |house| {
        let [ann, bob] = house.members(["ann", "bob"]);
        let joe = stalled(house);
        flood(house, &ann);
        let charge = |house: &House| house.service.registry().census().charge;
        let before = charge(house);
        let lines = format!("{}\n", "x".repeat(99)).repeat(300);
        house.send(&bob, &lines);
        assert!(charge(house) > before, "bob is held");
        joe.resume();
        house.settle();
        assert_eq!(charge(house), 0);
    });
}

/// [common/outbox-8] [common/eos-6] [common/unique-2]
#[test]
fn a_stalled_reader_is_evicted_after_30_s_and_its_name_is_free() {
    in_each_of(&ALL, |house| {
        let [ann] = house.members(["ann"]);
        let joe = stalled(house);
        ann.heard();
        let text = "x".repeat(2_000);
        house.say(&ann, &text);
        ann.heard();
        house.pass(before(STALL));
        assert_eq!((joe.end(), ann.heard().as_str()), (End::Open, ""));
        house.pass(TICK);
        assert!(joe.is_closed());
        assert_eq!(ann.heard().into_bytes(), house.speech.left("joe"));
        house.quirks.down_max = 65_536;
        let again = house.member("den", "joe");
        house.say(&again, "again");
        assert!(ann.heard().into_bytes().ends_with(&house.speech.said("joe", "again")));
    });
}

/// [common/shutdown-1] [common/shutdown-2]
#[test]
fn a_stop_flushes_pending_output_and_announces_no_departure() {
    in_each_of(&ALL, |house| {
        let [ann, joe] = house.members(["ann", "joe"]);
        ann.heard();
        let fresh = house.connect();
        joe.post(&house.speech.say("published"));
        joe.deliver(usize::MAX);
        house.executor.run();
        house.stop_accepting();
        house.service.shutdown();
        joe.post(&house.speech.say("too late"));
        house.settle();
        assert_eq!(ann.heard().into_bytes(), house.speech.said("joe", "published"));
        assert_eq!(joe.heard().into_bytes(), house.speech.echo("joe", "published"));
        let queued = if house.speech.dialect == "lobby" { "joe:published\n" } else { "" };
        assert_eq!(fresh.heard(), queued);
        assert_eq!([ann.end(), joe.end(), fresh.end()], [End::Closed; 3]);
        house.assert_empty();
    });
}

/// [common/eos-4] [common/eos-3]
#[test]
fn a_departed_client_that_does_not_read_is_flushed_for_five_seconds_in_every_dialect() {
    in_each_of(&[&LOBBY, &SIMPLE, &LOGIN, &CHANNELS], |house| {
        let [ann] = house.members(["ann"]);
        house.quirks.down_max = 10;
        let joe = house.member("den", "joe");
        joe.heard();
        joe.stall();
        house.say(&ann, "one");
        house.say(&ann, "two");
        joe.half_close();
        house.settle();
        house.say(&ann, "three");
        house.pass(before(Duration::from_secs(5)));
        assert_eq!(joe.end(), End::Open);
        joe.resume();
        house.settle();
        let queued = [house.speech.said("ann", "one"), house.speech.said("ann", "two")].concat();
        assert_eq!((joe.heard().into_bytes(), joe.end()), (queued, End::Closed));
    });
}

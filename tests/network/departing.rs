//! Goal: every way to leave is one departure, told once, and keeps nothing alive.
//!
//! Method: members that stay write down what they are sent; the census says what is kept.
//!
//! Limits: a reset is seen by the server's next call on the socket, as the wire has it.

use super::house::{House, TICK, before};
use super::replay::{in_each_of, on_each_network};
use super::wire::{Client, End};
use crate::speech::{CHANNELS, ROOMS};
use parlance_core::limits::{CrowdLimits, Limits};
use std::time::Duration;

const FLUSH: Duration = Duration::from_secs(5);
const STALL_BUDGET: Duration = Duration::from_millis(250);
const LOOK_INTERVAL: Duration = Duration::from_millis(50);
const HELD_INTERVAL: Duration = Duration::from_millis(250);
const HELD_INTERVAL_EACH: Duration = Duration::from_micros(250);

/// [common/eos-1] [common/eos-2] [common/eos-3] [common/eos-6]
#[test]
fn a_half_close_departs_after_its_lines_and_closes_without_a_reset() {
    on_each_network(|house| {
        let (ann, joe) = (house.member("den", "ann"), house.connect());
        joe.post(b"JOIN den joe\nhello\nunfinished");
        joe.half_close();
        house.settle();
        assert_eq!(joe.heard(), "joe has joined\njoe: hello\n");
        assert_eq!(joe.end(), End::Closed, "at once: nothing is owed any more");
        let wanted = "ann has joined\njoe has joined\njoe: hello\njoe has left\n";
        assert_eq!(ann.heard(), wanted);
        assert_eq!(house.service.connections(), 1);
    });
}

/// A member with unread lines that has sent its end of stream.
fn departed_without_reading(house: &mut House) -> Client {
    house.quirks.down_max = 10;
    let joe = house.member("den", "joe");
    joe.stall();
    house.send(&joe, "one\ntwo\n");
    joe.half_close();
    house.settle();
    joe
}

/// [common/eos-4]
#[test]
fn a_departed_client_is_flushed_its_pending_output_and_nothing_later() {
    on_each_network(|house| {
        let (ann, joe) = (house.member("den", "ann"), departed_without_reading(house));
        house.send(&ann, "too late\n");
        house.pass(before(FLUSH));
        assert_eq!(joe.end(), End::Open);
        joe.resume();
        house.settle();
        assert_eq!(joe.heard(), "joe has joined\njoe: one\njoe: two\n");
        assert_eq!(joe.end(), End::Closed);
        assert!(ann.heard().ends_with("joe: two\njoe has left\nann: too late\n"));
    });
}

/// [common/eos-4]
#[test]
fn a_departed_client_that_does_not_read_is_given_up_after_five_seconds() {
    on_each_network(|house| {
        let joe = departed_without_reading(house);
        house.pass(before(FLUSH));
        assert_eq!((joe.end(), house.service.connections()), (End::Open, 1));
        house.pass(TICK);
        assert!(joe.is_closed());
        house.assert_empty();
    });
}

/// [common/eos-5]
#[test]
fn a_reset_in_the_middle_of_a_flood_is_one_departure() {
    on_each_network(|house| {
        let (ann, joe) = (house.member("den", "ann"), house.member("den", "joe"));
        joe.post("flood\n".repeat(50_000).as_bytes());
        for _ in 0..house.random.between(1, 20) {
            joe.deliver(house.random.between(1, 20_000));
            ann.read(usize::MAX);
            house.executor.step();
        }
        joe.reset(house.random.percent(50));
        house.settle();
        let heard = ann.heard();
        let rest = heard.strip_prefix("ann has joined\njoe has joined\n").expect("both joins");
        let flood = rest.strip_suffix("joe has left\n").expect("one departure, at the end");
        assert_eq!(flood, "joe: flood\n".repeat(flood.len() / 11), "whole lines before it");
        assert!(joe.is_closed());
        assert_eq!(house.service.registry().census().clients, 1);
        ann.half_close();
        house.settle();
        house.assert_empty();
    });
}

/// Two members and one that does not read; the second is held. What they heard is forgotten.
fn held(house: &mut House) -> [Client; 3] {
    let (ann, joe) = (house.member("den", "ann"), house.member("den", "joe"));
    house.quirks.down_max = 10;
    let sam = house.member("den", "sam");
    sam.stall();
    house.send(&joe, &"flood\n".repeat(30_000));
    assert!(joe.unread() > 0, "the sender is held");
    ann.heard();
    joe.heard();
    [ann, joe, sam]
}

fn count(heard: &str, line: &str) -> usize {
    heard.lines().filter(|heard| *heard == line).count()
}

/// [common/flow-6]
#[test]
fn a_reset_while_held_takes_effect_before_the_hold_ends() {
    on_each_network(|house| {
        let [ann, joe, _sam] = held(house);
        joe.reset(false); // what it sent stays readable, so that no read shows the reset
        house.pass(LOOK_INTERVAL);
        assert_eq!(ann.heard(), "joe has left\n");
        assert!(joe.is_closed());
    });
}

/// Behind other senders, which a slow reader holds one after the other. The server writes nothing
/// to the client that was reset. [common/flow-6]
#[test]
fn a_reset_of_a_client_that_waits_for_others_takes_effect_within_250_ms() {
    in_each_of(&[&CHANNELS], |house| {
        house.quirks.down_max = 1_000;
        let slow = house.member("den", "slow");
        slow.stall();
        let names = ["eve", "fay", "gus", "tom"];
        let senders = names.map(|name| house.member("den", name));
        house.quirks.down_max = 1 << 20;
        let ann = house.member("attic", "ann");
        for sender in &senders {
            house.send(sender, "LEAVE\n");
            house.send(sender, &format!("PRIVMSG slow {}\n", "x".repeat(900)).repeat(200));
        }
        let tom = &senders[3];
        tom.reset(false);
        house.pass(HELD_INTERVAL + 4 * HELD_INTERVAL_EACH);
        assert!(tom.is_closed());
        house.send(&ann, "PRIVMSG tom are you there?\n");
        assert!(ann.heard().ends_with("ERROR User not found\r\n"));
    });
}

/// [common/flow-6] [common/flow-2]
#[test]
fn a_reset_while_held_takes_effect_at_once_if_the_server_writes() {
    on_each_network(|house| {
        let [ann, joe, _sam] = held(house);
        joe.reset(true);
        house.quirks.down_max = 65_536;
        house.member("den", "tom");
        assert_eq!(ann.heard(), "tom has joined\njoe has left\n");
        assert!(joe.is_closed(), "and no time has passed");
    });
}

/// [common/flow-6] [common/eos-3]
#[test]
fn the_end_of_a_held_senders_stream_comes_after_its_lines() {
    on_each_network(|house| {
        let ann = house.member("den", "ann");
        let before = ann.heard().len();
        let [_, joe, _sam] = held(house);
        joe.half_close();
        house.pass(STALL_BUDGET);
        let heard = ann.heard();
        assert_eq!((before, count(&heard, "joe: flood")), (15, 30_000));
        assert!(heard.ends_with("joe: flood\njoe has left\n"));
        assert!(joe.is_closed());
    });
}

/// A crowd of which half departs while the line of a member that stays is written to all. Returns
/// how many departures the leaving ones hear of each other.
fn exodus(seed: u64) -> usize {
    const HALF: usize = 30;
    let crowd = CrowdLimits { members_min: HALF, ..CrowdLimits::default() };
    let mut house = House::serving(&ROOMS, seed, Limits { crowd, ..Limits::default() });
    let stay: Vec<_> = (0..HALF).map(|n| house.member("den", &format!("s{n}"))).collect();
    let leave: Vec<_> = (0..HALF).map(|n| house.member("den", &format!("l{n}"))).collect();
    for client in stay.iter().chain(&leave) {
        client.heard();
    }
    stay[0].post(b"hello\n");
    stay[0].deliver(usize::MAX);
    while stay[0].unread() > 0 && house.executor.step() {}
    for client in &leave {
        client.half_close();
        client.deliver(usize::MAX);
    }
    house.settle();
    let first = stay[0].heard();
    assert!(first.starts_with("s0: hello\n"), "{first:.40}");
    assert_eq!(first.matches(" has left\n").count(), HALF);
    assert!(stay[1..].iter().all(|client| client.heard() == first), "in one order");
    leave.iter().map(|client| client.heard().matches(" has left\n").count()).sum()
}

/// One after the other, each of them would be told to those that leave later, in 435 notices.
/// [common/flow-8] [common/outbox-6]
#[test]
fn members_that_leave_a_crowd_in_one_turn_are_not_told_of_each_other() {
    let told: Vec<usize> = (0..20).map(exodus).collect();
    assert!(told.iter().all(|told| *told <= 435), "{told:?}");
    assert!(told.iter().any(|told| *told < 435 / 2), "the order is the seed's: {told:?}");
}

//! Goal: readiness is a hint. A client that can be read or written to is served although the
//! reactor answers *pending*, and no deadline is judged before the call itself was tried.
//!
//! Method: wires that never admit to be ready, and virtual time that moves while no task runs.
//!
//! Limits: the reactor of async-io lies under load only; here it always does.

use super::house::{House, TICK, before};
use super::replay::{in_each_of, on_each_plain_network_of};
use super::wire::{Client, End, Quirks};
use crate::speech::{ALL, LOGIN, ROOMS};
use parlance_core::limits::Limits;
use std::time::Duration;

const IDLE: Duration = Duration::from_secs(60);
const FIRST_LINE: Duration = Duration::from_secs(30);
const STALL: Duration = Duration::from_secs(30);

/// Wires that lie and have no other quirk.
const LIES: Quirks = Quirks { lies: true, ..Quirks::NONE };

/// Time passes while no task runs: the process is stopped.
fn pause(house: &House, span: Duration) {
    house.clock.set(house.now() + span);
    house.settle();
}

/// `client` has sent `line`, and no task has run since it arrived.
fn arrived(client: &Client, line: &str) {
    client.post(line.as_bytes());
    client.deliver(usize::MAX);
}

/// [common/prompt-2]
#[test]
fn a_client_with_input_is_read_although_the_reactor_says_pending() {
    in_each_of(&ALL, |house| {
        house.quirks = LIES;
        let [ann, joe] = house.members(["ann", "joe"]);
        for text in ["one", "two", "three"] {
            house.say(&ann, text);
            assert_eq!(joe.heard().into_bytes(), house.speech.said("ann", text));
        }
    });
}

/// [common/flow-5]
#[test]
fn a_reader_is_written_to_although_the_reactor_says_pending() {
    in_each_of(&[&ROOMS], |house| {
        house.quirks = LIES;
        let ann = house.member("den", "ann");
        house.quirks.down_max = 10;
        let joe = house.member("den", "joe");
        joe.stall();
        ann.heard();
        house.send(&ann, &"much to read\n".repeat(100));
        joe.resume();
        house.settle();
        let wanted = format!("joe has joined\n{}", "ann: much to read\n".repeat(100));
        assert_eq!(joe.heard(), wanted);
        assert_eq!(joe.end(), End::Open);
    });
}

/// [common/idle-2] [common/idle-1]
#[test]
fn a_member_is_idle_only_after_its_input_was_tried() {
    in_each_of(&[&LOGIN], |house| {
        house.quirks = LIES;
        let [joe] = house.members(["joe"]);
        house.pass(before(IDLE));
        arrived(&joe, "PING\n");
        pause(house, IDLE);
        assert_eq!((joe.heard().as_str(), joe.end()), ("PONG\n", End::Open));
        house.pass(before(IDLE));
        assert_eq!(joe.end(), End::Open);
        house.pass(TICK);
        assert_eq!(joe.heard(), "ERR idle-timeout\n");
    });
}

/// [common/idle-2] [common/limit-1]
#[test]
fn a_first_line_is_late_only_after_the_input_was_tried() {
    in_each_of(&[&ROOMS], |house| {
        house.quirks = LIES;
        let (joe, silent) = (house.connect(), house.connect());
        house.pass(before(FIRST_LINE));
        arrived(&joe, "JOIN den joe\n");
        pause(house, FIRST_LINE);
        assert_eq!((joe.heard().as_str(), joe.end()), ("joe has joined\n", End::Open));
        assert!(silent.is_closed());
    });
}

/// [common/outbox-8]
#[test]
fn a_stall_ends_only_after_the_socket_was_tried() {
    for lies in [false, true] {
        on_each_plain_network_of(&ROOMS, &Limits::default(), |house| {
            house.quirks = Quirks { lies, ..Quirks::NONE };
            let ann = house.member("den", "ann");
            house.quirks.down_max = 10;
            let joe = house.member("den", "joe");
            joe.stall();
            house.send(&ann, "joe?\njoe!\n");
            joe.sip(9);
            pause(house, STALL + TICK);
            assert_eq!(joe.end(), End::Open, "it read while the process was stopped");
            house.pass(before(STALL));
            assert_eq!(joe.end(), End::Open);
            house.pass(TICK);
            assert!(joe.is_closed(), "it has accepted no byte for 30 s");
        });
    }
}

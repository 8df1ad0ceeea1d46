//! Goal: the login dialect sends away who says nothing for a minute, to the nanosecond, and nobody
//! else; the other dialects let their members be silent.
//!
//! Method: virtual time; lines of all kinds in the last moment.
//!
//! Limits: the moment is when the server looks at the clock, which on a busy machine may be late.

use super::house::{House, TICK, before};
use super::replay::{in_each_of, on_each_plain_network_of};
use super::wire::{Client, End};
use crate::speech::{CHANNELS, LOBBY, LOGIN, ROOMS, SIMPLE};
use parlance_core::limits::Limits;
use std::time::Duration;

const IDLE: Duration = Duration::from_secs(60);
const LINGER: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_secs(86_400);

/// ann, who says something each half minute, and joe, who was sent nothing yet.
fn ann_and_joe(house: &mut House) -> [Client; 2] {
    house.members(["ann", "joe"])
}

fn half_a_minute(house: &mut House, ann: &Client) {
    house.send(ann, "PING\n");
    assert_eq!(ann.heard(), "PONG\n");
    house.pass(IDLE / 2);
}

/// [login/idle-1] [common/idle-1] [login/leave-1] [common/close-2]
#[test]
fn a_client_silent_for_60_s_gets_the_error_and_is_closed_and_the_others_hear_it() {
    in_each_of(&[&LOGIN], |house| {
        let [ann, joe] = ann_and_joe(house);
        let fresh = house.connect(); // logged in or not
        half_a_minute(house, &ann);
        house.send(&ann, "PING\n");
        ann.heard();
        house.pass(before(IDLE / 2));
        assert_eq!([joe.end(), fresh.end()], [End::Open; 2]);
        assert_eq!((joe.heard() + &fresh.heard() + &ann.heard()).as_str(), "");
        house.pass(TICK);
        for client in [&joe, &fresh] {
            assert_eq!(
                (client.heard().as_str(), client.end()),
                ("ERR idle-timeout\n", End::HalfClosed)
            );
        }
        assert_eq!(ann.heard(), "INFO joe disconnected\n");
        house.send(&joe, "MSG too late\nLOGIN joe\n");
        house.pass(LINGER);
        assert!(joe.is_closed() && fresh.is_closed());
        assert_eq!(joe.heard() + &ann.heard(), "");
        let [again] = house.members(["joe"]);
        house.send(&again, "WHO\n");
        assert_eq!(again.heard(), "USER ann\nUSER joe\n", "its name is free");
    });
}

/// [common/idle-1]
#[test]
fn every_complete_line_counts_a_refused_one_too() {
    in_each_of(&[&LOGIN], |house| {
        for line in ["PING\n", "\n", "\r\n", "nonsense\n", "MSG\n", "DM nobody hi\n", "LOGIN joe\n"]
        {
            let (member, fresh) = (house.member("", "joe"), house.connect());
            house.pass(before(IDLE));
            house.send(&member, line);
            // It is refused, whatever it is.
            house.send(&fresh, if line.starts_with("LOGIN") { "LOGIN a b\n" } else { line });
            house.pass(before(IDLE));
            assert_eq!([member.end(), fresh.end()], [End::Open; 2], "{line:?}");
            house.pass(TICK);
            for client in [member, fresh] {
                assert!(client.heard().ends_with("ERR idle-timeout\n"), "{line:?}");
            }
            house.pass(LINGER);
        }
        house.assert_empty();
    });
}

/// [common/idle-1]
#[test]
fn half_a_line_does_not_count() {
    in_each_of(&[&LOGIN], |house| {
        let [joe] = house.members(["joe"]);
        let fresh = house.connect();
        for byte in ["P", "I", "N", "G"] {
            house.pass(IDLE / 5);
            house.send(&joe, byte);
            house.send(&fresh, byte);
        }
        house.pass(before(IDLE / 5));
        assert_eq!([joe.end(), fresh.end()], [End::Open; 2]);
        house.pass(TICK);
        assert_eq!(
            (joe.heard(), fresh.heard()),
            ("ERR idle-timeout\n".into(), "ERR idle-timeout\n".into())
        );
    });
}

/// [common/idle-2]
#[test]
fn a_line_that_has_arrived_and_was_not_read_yet_is_not_late() {
    in_each_of(&[&LOGIN], |house| {
        house.quirks.percent = 0; // what has arrived can be read at once
        let [joe] = house.members(["joe"]);
        house.pass(before(IDLE));
        joe.post(b"PING\n");
        joe.deliver(usize::MAX);
        house.clock.set(house.now() + IDLE); // nobody was polled meanwhile
        house.settle();
        assert_eq!((joe.heard().as_str(), joe.end()), ("PONG\n", End::Open));
        house.pass(before(IDLE));
        assert_eq!(joe.end(), End::Open);
        house.pass(TICK);
        assert_eq!(joe.heard(), "ERR idle-timeout\n");
    });
}

/// It takes a byte now and then, or it would be evicted. [common/idle-1] [common/reply-2]
#[test]
fn the_rule_rests_while_the_client_is_held() {
    on_each_plain_network_of(&LOGIN, &Limits::default(), |house| {
        let [ann] = house.members(["ann"]);
        house.quirks.down_max = 100;
        let [joe] = house.members(["joe"]);
        joe.stall();
        house.send(&joe, &"?\n".repeat(5_000));
        let waiting = house.service.registry().census().charge;
        assert!(waiting > 65_000, "joe is held");
        for _ in 0..6 {
            house.pass(IDLE / 3);
            joe.sip(1);
            house.send(&ann, "PING\n");
        }
        assert_eq!(ann.heard(), "PONG\n".repeat(6), "nobody has left");
        assert_eq!(joe.end(), End::Open);
        joe.resume();
        house.settle();
        assert!(joe.heard() == "ERR unknown-command\n".repeat(5_000), "each was answered");
        ann.half_close();
        house.pass(before(IDLE));
        assert_eq!((joe.heard().as_str(), joe.end()), ("INFO ann disconnected\n", End::Open));
        house.pass(TICK);
        assert_eq!(joe.heard(), "ERR idle-timeout\n");
    });
}

/// Being spoken to is no sign of life. [common/idle-1]
#[test]
fn lines_sent_to_a_client_do_not_count_as_activity() {
    in_each_of(&[&LOGIN], |house| {
        let [ann, joe] = ann_and_joe(house);
        house.pass(IDLE / 2);
        house.send(&ann, "MSG joe?\nDM joe joe!\n");
        house.pass(IDLE / 2);
        assert_eq!(joe.heard(), "MSG ann joe?\nDM ann joe!\nERR idle-timeout\n");
    });
}

/// [common/idle-1] [common/limit-1]
#[test]
fn members_of_the_other_dialects_may_be_silent_for_ever() {
    in_each_of(&[&ROOMS, &LOBBY, &SIMPLE, &CHANNELS], |house| {
        let [ann, joe] = ann_and_joe(house);
        house.pass(DAY);
        house.say(&ann, "joe?");
        let said = house.speech.said("ann", "joe?");
        assert_eq!((joe.heard().into_bytes(), joe.end()), (said, End::Open));
    });
}

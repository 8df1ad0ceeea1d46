//! Goal: whoever takes no name within 30 s goes without a word, in each dialect that has no rule of
//! its own, and no refused line helps.
//!
//! Method: virtual time; refused lines in the last moment.
//!
//! Limits: the rooms dialect, where every refused line is fatal, is in [`limits`](super::limits).

use super::house::{House, TICK, before};
use super::replay::in_each_of;
use super::wire::{Client, End};
use crate::speech::{CHANNELS, LOBBY, SIMPLE};
use std::time::Duration;

const FIRST_LINE: Duration = Duration::from_secs(30);

/// Lets all but the last moment of the rule pass, with a refused line in between and the answer to
/// it.
fn refused_until_the_last_moment(house: &mut House, client: &Client) -> String {
    for line in ["?\n", "/?\n", "JOIN a b\n", "USERNAME a b\n", "JOIN ann\n", "USERNAME ann\n"] {
        house.pass(FIRST_LINE / 10);
        house.send(client, line);
    }
    house.pass(FIRST_LINE * 3 / 10);
    house.send(client, "half a line");
    house.pass(before(FIRST_LINE / 10));
    client.heard()
}

/// [common/limit-1] [simple/error-4] [channels/error-2]
#[test]
fn refused_lines_do_not_help_a_client_without_a_name() {
    in_each_of(&[&SIMPLE, &CHANNELS], |house| {
        let _ann = house.members(["ann"]);
        let joe = house.connect();
        let heard = refused_until_the_last_moment(house, &joe);
        assert_eq!(heard.lines().filter(|line| line.starts_with("ERROR ")).count(), 6);
        assert_eq!(joe.end(), End::Open);
        house.pass(TICK);
        assert_eq!((joe.heard().as_str(), joe.end()), ("", End::Closed), "without a word");
    });
}

/// [common/limit-1] [channels/name-1]
#[test]
fn a_name_in_the_last_moment_is_in_time_and_needs_no_room() {
    in_each_of(&[&LOBBY, &SIMPLE, &CHANNELS], |house| {
        let (joe, mute) = (house.connect(), house.connect());
        house.pass(before(FIRST_LINE));
        joe.post(&house.speech.claim("joe"));
        house.settle();
        joe.heard();
        house.pass(TICK);
        assert_eq!((joe.end(), mute.end()), (End::Open, End::Closed));
        house.pass(Duration::from_secs(3_600));
        if house.speech.dialect == CHANNELS.dialect {
            house.send(&joe, "ROOMS\nJOIN den\n");
            assert_eq!(joe.heard(), "ROOMLIST\r\nOK Joined den (0 users)\r\n");
        }
        house.say(&joe, "here");
        let echo = String::from_utf8(house.speech.echo("joe", "here")).expect("text");
        assert_eq!(joe.heard(), echo);
    });
}

/// [common/limit-1] [lobby/hear-1] [lobby/hear-2]
#[test]
fn a_listener_of_the_lobby_hears_until_its_time_is_up_and_has_nothing_pending_then() {
    in_each_of(&[&LOBBY], |house| {
        let [ann] = house.members(["ann"]);
        let mute = house.connect();
        house.quirks.down_max = 10;
        let deaf = house.connect();
        deaf.stall();
        house.send(&ann, "is anybody there?\n");
        house.pass(before(FIRST_LINE));
        assert_eq!(mute.heard(), "ann:is anybody there?\n");
        assert_eq!([mute.end(), deaf.end()], [End::Open; 2]);
        house.pass(TICK);
        assert!(mute.is_closed() && deaf.is_closed(), "at once, whatever it is owed");
        assert_eq!(mute.heard(), "");
        house.send(&ann, "no\n");
        assert_eq!(ann.heard(), "ann:is anybody there?\nann:no\n");
        assert_eq!(house.service.registry().census().clients, 1);
    });
}

/// [channels/name-8]
#[test]
fn a_client_with_a_name_and_no_room_may_be_silent_for_ever() {
    in_each_of(&[&CHANNELS], |house| {
        let (joe, ann) = (house.connect(), house.connect());
        house.send(&joe, "USERNAME joe\n");
        house.send(&ann, "USERNAME ann\nJOIN den\nLEAVE\n");
        let welcome = "OK Welcome, ann!\r\nOK Joined den (0 users)\r\nOK Left den\r\n";
        assert_eq!((joe.heard().as_str(), ann.heard().as_str()), ("OK Welcome, joe!\r\n", welcome));
        house.pass(Duration::from_secs(7 * 24 * 3_600));
        assert_eq!((joe.end(), ann.end()), (End::Open, End::Open));
        house.send(&joe, "PRIVMSG ann still there?\n");
        assert_eq!(joe.heard(), "OK Sent\r\n");
        assert_eq!(ann.heard(), "PRIVMSG joe still there?\r\n");
    });
}

//! Goal: a client that is faster than its rates allow waits to the nanosecond, loses nothing, holds
//! nobody else, and ends as any held client does.
//!
//! Method: clients of an address that is no loopback one, on the networks of the other scenarios;
//! virtual time.
//!
//! Limits: the arithmetic is compared with the reference model in `tests/core/model.rs`.

use super::house::{House, LOOPBACK, TICK, before};
use super::log::events_in;
use super::replay::{on_each_network_of, on_each_network_with, on_each_plain_network_of};
use super::wire::{Client, End};
use crate::speech::{CHANNELS, LOGIN, ROOMS};
use parlance_core::limits::{HELD_INTERVAL, Limits};
use parlance_core::protocol::CloseReason;
use parlance_core::rate::{Rate, Rates, Rule};
use std::net::IpAddr;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tracing::Level;

const SECOND: Duration = Duration::from_secs(1);
const INTERVAL: Duration = Duration::from_millis(100);
const HOUR: Duration = Duration::from_secs(3_600);

fn with(rates: Rates) -> Limits {
    Limits { rates, ..Limits::default() }
}

/// Three lines at once, and ten a second.
fn lines() -> Limits {
    with(Rates { lines: Rate::new(10, SECOND, 3), ..Rates::OFF })
}

/// One line an hour, and two at once.
fn hourly() -> Limits {
    with(Rates { lines: Rate::new(1, HOUR, 2), ..Rates::OFF })
}

fn far(house: &mut House, address: &str) -> Client {
    let client = house.knock(address.parse::<IpAddr>().expect("an address"));
    house.settle();
    client
}

/// A member from elsewhere that has sent so much behind its first lines.
fn far_member(house: &mut House, name: &str, text: &str) -> Client {
    let client = far(house, "192.0.2.1");
    let text = String::from_utf8(house.speech.enter_room("den", name)).expect("text") + text;
    house.send(&client, &text);
    client
}

/// [common/rate-1] [common/rate-2]
#[test]
fn lines_that_come_too_fast_are_said_one_each_interval() {
    on_each_network_with(&lines(), |house| {
        let ann = house.member("den", "ann");
        ann.heard();
        let joe = far_member(house, "joe", "1\n2\n3\n4\n5\n");
        assert_eq!(ann.heard(), "joe has joined\njoe: 1\njoe: 2\n");
        for line in ["joe: 3\n", "joe: 4\n", "joe: 5\n"] {
            house.pass(before(INTERVAL));
            assert_eq!(ann.heard(), "");
            house.pass(TICK);
            assert_eq!(ann.heard(), line);
        }
        // After a pause there is a burst again.
        house.pass(SECOND);
        house.send(&joe, "6\n7\n8\n9\n");
        assert_eq!(ann.heard(), "joe: 6\njoe: 7\njoe: 8\n");
        house.pass(INTERVAL);
        assert_eq!(ann.heard(), "joe: 9\n");
    });
}

/// [common/rate-1]
#[test]
fn bytes_have_a_rate_of_their_own() {
    let rates = Rates { bytes: Rate::new(1_000, SECOND, 2_000), ..Rates::OFF };
    on_each_plain_network_of(&ROOMS, &with(rates), |house| {
        let ann = house.member("den", "ann");
        ann.heard();
        let long = "x".repeat(4_999 - "JOIN den joe\n".len());
        far_member(house, "joe", &format!("{long}\n1\n"));
        assert_eq!(ann.heard(), format!("joe has joined\njoe: {long}\n"), "within the burst");
        house.pass(3 * SECOND); // 4,999 bytes, of which 1,999 may be ahead
        assert_eq!(ann.heard(), "");
        house.pass(Duration::from_millis(1));
        assert_eq!(ann.heard(), "joe: 1\n");
    });
}

/// [common/rate-2]
#[test]
fn waits_are_counted_by_the_rule_that_a_client_waits_for() {
    on_each_network_with(&lines(), |house| {
        let waits = |house: &House| Rule::ALL.map(|rule| house.service.rate_waits(rule));
        let joe = far_member(house, "joe", "1\n2\n");
        assert_eq!(waits(house), [0; 5], "its burst is enough");
        house.send(&joe, "3\n");
        assert_eq!(waits(house), [1, 0, 0, 0, 0]);
        house.pass(INTERVAL);
        house.send(&joe, "4\n");
        assert_eq!(waits(house), [2, 0, 0, 0, 0]);
    });
    let bytes = with(Rates { bytes: Rate::new(100, SECOND, 100), ..Rates::OFF });
    on_each_network_with(&bytes, |house| {
        let joe = far_member(house, "joe", "");
        house.send(&joe, &format!("{}\n{}\n", "x".repeat(99), "y".repeat(99)));
        let waits = Rule::ALL.map(|rule| house.service.rate_waits(rule) > 0);
        assert_eq!(waits, [false, true, false, false, false]);
    });
}

/// [common/rate-2]
#[test]
fn nothing_is_lost_of_a_client_that_ends_while_it_waits() {
    on_each_network_with(&lines(), |house| {
        let ann = house.member("den", "ann");
        ann.heard();
        let joe = far_member(house, "joe", "1\n2\n3\n4\n");
        joe.half_close();
        house.pass(SECOND);
        let said = "joe: 1\njoe: 2\njoe: 3\njoe: 4\n";
        assert_eq!(ann.heard(), format!("joe has joined\n{said}joe has left\n"));
        assert!(joe.heard().ends_with(said));
        assert_eq!(joe.end(), End::Closed);
    });
}

/// [common/rate-2] [common/flow-6]
#[test]
fn a_reset_of_a_client_that_waits_is_noticed_soon() {
    on_each_network_with(&hourly(), |house| {
        let ann = house.member("den", "ann");
        ann.heard();
        let joe = far_member(house, "joe", "1\n2\n3\n");
        assert_eq!(ann.heard(), "joe has joined\njoe: 1\n");
        joe.reset(true);
        house.pass(HELD_INTERVAL);
        assert_eq!(ann.heard(), "joe has left\n");
        assert_eq!(house.endings(), [(CloseReason::Reset, 1)]);
    });
}

/// [common/rate-2] [common/shutdown-2]
#[test]
fn a_shutdown_does_not_wait_for_a_rate() {
    on_each_network_with(&hourly(), |house| {
        let joe = far_member(house, "joe", "1\n2\n3\n");
        joe.half_close();
        let drained = house.stop();
        house.pass(2 * SECOND);
        assert!(drained.load(Ordering::Relaxed));
        assert_eq!(joe.heard(), "joe has joined\njoe: 1\n");
        house.assert_empty();
    });
}

/// [common/rate-2] [common/outbox-8]
#[test]
fn a_client_that_waits_and_reads_nothing_is_evicted() {
    let limits = Limits { stall: 5 * SECOND, ..hourly() };
    on_each_plain_network_of(&ROOMS, &limits, |house| {
        house.quirks.down_max = 64;
        let joe = far_member(house, "joe", "1\n2\n3\n");
        house.quirks.down_max = 65_536;
        let ann = house.member("den", "ann");
        joe.stall();
        house.say(&ann, &"x".repeat(1_000));
        house.pass(5 * SECOND);
        assert_eq!(house.endings(), [(CloseReason::Stalled, 1)]);
        assert!(ann.heard().ends_with("joe has left\n"));
    });
}

/// [common/rate-2] [common/idle-1]
#[test]
fn a_client_that_waits_is_not_idle_and_may_be_later() {
    let rates = Rates { lines: Rate::new(1, 90 * SECOND, 1), ..Rates::OFF };
    on_each_plain_network_of(&LOGIN, &with(rates), |house| {
        let joe = far(house, "192.0.2.1");
        house.send(&joe, "LOGIN joe\nPING\n");
        joe.heard();
        house.pass(before(90 * SECOND));
        assert_eq!((joe.heard().as_str(), joe.end()), ("", End::Open));
        house.pass(TICK);
        assert_eq!(joe.heard(), "PONG\n");
        house.pass(before(60 * SECOND));
        assert_eq!(joe.end(), End::Open);
        house.pass(TICK);
        assert_eq!(joe.heard(), "ERR idle-timeout\n");
    });
}

/// [common/rate-1]
#[test]
fn names_and_rooms_that_are_asked_for_have_rates_of_their_own() {
    let one = Rate::new(1, SECOND, 1);
    let rates = Rates { joins: one, names: one, ..Rates::OFF };
    on_each_network_of(&CHANNELS, &with(rates), |house| {
        house.member("den", "ann");
        let joe = far(house, "192.0.2.1");
        house.send(&joe, "USERNAME ann\r\nUSERNAME joe\r\n");
        assert_eq!(joe.heard().lines().count(), 1, "the first is answered");
        house.pass(before(SECOND));
        assert_eq!(joe.heard(), "");
        house.pass(TICK);
        assert_ne!(joe.heard(), "", "it has its name");
        house.send(&joe, "/join den\r\nhi\r\n/join pit\r\n");
        assert!(joe.heard().contains("hi"), "only the second waits");
        house.pass(before(SECOND));
        assert_eq!(joe.heard(), "");
        house.pass(TICK);
        assert_ne!(joe.heard(), "");
    });
}

/// [common/rate-3]
#[test]
fn loopback_has_no_rates() {
    on_each_network_with(&hourly(), |house| {
        let ann = house.member("den", "ann");
        house.send(&ann, "1\n2\n3\n4\n");
        assert_eq!(ann.heard(), "ann has joined\nann: 1\nann: 2\nann: 3\nann: 4\n");
        let joe = far(house, "::ffff:127.0.0.1");
        house.send(&joe, "JOIN den joe\n1\n2\n3\n");
        assert_eq!(ann.heard(), "joe has joined\njoe: 1\njoe: 2\njoe: 3\n");
    });
}

/// [common/rate-4]
#[test]
fn rooms_that_a_client_creates_have_a_rate_and_others_have_none() {
    let rates = Rates { rooms: Rate::new(1, SECOND, 2), ..Rates::OFF };
    on_each_network_of(&CHANNELS, &with(rates), |house| {
        let ann = house.member("den", "ann");
        let joe = far(house, "192.0.2.1");
        house.send(
            &joe,
            "USERNAME joe\r\n/join one\r\n/join two\r\n/join den\r\nhi\r\n/join three\r\n",
        );
        assert!(ann.heard().contains("hi"), "a room that there is can be entered");
        assert!(joe.heard().contains("hi"));
        house.say(&ann, "still here?");
        assert!(joe.heard().contains("still here?"), "it has not left yet");
        house.pass(before(SECOND));
        house.say(&ann, "and now?");
        assert!(joe.heard().contains("and now?"));
        house.pass(TICK);
        house.say(&ann, "gone?");
        assert!(!joe.heard().contains("gone?"));
    });
}

/// [common/rate-4] [common/flow-6]
#[test]
fn a_reset_of_a_client_that_waits_to_create_a_room_is_noticed_soon() {
    let rates = Rates { rooms: Rate::new(1, HOUR, 1), ..Rates::OFF };
    on_each_network_of(&CHANNELS, &with(rates), |house| {
        let joe = far(house, "192.0.2.1");
        house.send(&joe, "USERNAME joe\r\n/join one\r\n/join two\r\n");
        joe.reset(true);
        house.pass(HELD_INTERVAL);
        assert_eq!(house.endings(), [(CloseReason::Reset, 1)]);
    });
}

/// [common/rate-5]
#[test]
fn connections_of_an_address_have_a_rate() {
    let rates = Rates { connects: Rate::new(1, SECOND, 2), ..Rates::OFF };
    on_each_plain_network_of(&ROOMS, &with(rates), |house| {
        house.quirks.percent = 0; // the farewell is tried once, so the wire must take it
        let comes = |house: &mut House, address: &str| far(house, address).end() == End::Open;
        assert!(comes(house, "2001:db8::1") && comes(house, "2001:db8::2"));
        let logged = events_in(Level::INFO, || {
            let third = far(house, "2001:db8::3");
            assert_eq!((third.heard().as_str(), third.end()), ("ERROR\n", End::Closed));
        });
        let limit = r#"reason="too_many_clients" limit="rate-connects""#;
        assert!(logged.len() == 1 && logged[0].contains(limit), "{logged:?}");
        assert_eq!(house.endings(), [(CloseReason::TooManyClients, 1)]);
        assert!(comes(house, "2001:db8:0:1::1"), "that is another network");
        house.pass(before(SECOND));
        assert!(!comes(house, "2001:db8::3"));
        house.pass(TICK);
        assert!(comes(house, "2001:db8::3"), "what was turned away does not count");
        assert!(!comes(house, "2001:db8::3"));
        for _ in 0..10 {
            assert!(comes(house, &LOOPBACK.to_string()));
        }
    });
}

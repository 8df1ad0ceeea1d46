//! Goal: the log explains what happened to each client: once, with figures, at a bounded rate, and
//! without what people say.
//!
//! Method: the events of a server on a scripted network, in virtual time. Limits: their form, as
//! text and JSON, is a matter of the process (`tests/command_line/log.rs`).

use super::endings::{end_for, house_for};
use super::house::{House, LOOPBACK};
use super::log::events_in;
use crate::speech::{CHANNELS, ROOMS};
use parlance_core::limits::Limits;
use parlance_core::protocol::CloseReason;
use std::time::Duration;
use tracing::Level;

/// The events of this kind.
pub(crate) fn of<'a>(events: &'a [String], kind: &str) -> Vec<&'a str> {
    let begin = format!("message={kind} ");
    events.iter().filter(|event| event.contains(&begin)).map(String::as_str).collect()
}

/// As the log writes it.
fn snake_case(reason: CloseReason) -> String {
    let mut snake = String::new();
    for letter in format!("{reason:?}").chars() {
        if letter.is_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}

/// [common/tls-9]
#[test]
fn each_ending_is_told_once_with_its_reason() {
    for reason in CloseReason::ALL {
        let mut house = house_for(reason, 1);
        let events = events_in(Level::INFO, || end_for(&mut house, reason));
        let closed = of(&events, "closed");
        assert_eq!(closed.len(), 1, "{reason:?}: {events:?}");
        let expected = format!("reason={:?} ", snake_case(reason));
        assert!(closed[0].contains(&expected), "{}", closed[0]);
        assert!(closed[0].contains("peer=127.0.0.1:4242 "), "{}", closed[0]);
        drop(events_in(Level::INFO, || house.executor.clear()));
    }
}

#[test]
fn a_client_is_followed_from_its_coming_to_its_end() {
    let mut house = House::serving(&CHANNELS, 1, Limits::default());
    let events = events_in(Level::INFO, || {
        let joe = house.connect();
        for line in ["USERNAME joe\n", "JOIN den\n", "a word\n", "JOIN bar\n", "LEAVE\n"] {
            house.send(&joe, line);
        }
        house.pass(Duration::from_secs(3));
        joe.half_close();
        house.settle();
    });
    let kinds: Vec<&str> = events.iter().filter_map(|event| event.split(' ').next()).collect();
    let expected = ["connected", "named", "entered", "entered", "left", "closed"];
    assert_eq!(kinds, expected.map(|kind| format!("message={kind}")), "{events:?}");
    assert!(events.iter().all(|event| event.contains("conn=1 ")), "{events:?}");
    assert!(events[2].contains(r#"name="joe" room="den" "#), "{}", events[2]);
    assert!(events[4].contains(r#"room="bar" "#), "{}", events[4]);
    let last = &events[5];
    for field in
        [r#"dialect="channels""#, r#"name="joe""#, "lines_in=5", "bytes_in=44", "duration_ms=3000"]
    {
        assert!(last.contains(&format!("{field} ")), "{field}: {last}");
    }
    assert!(!last.contains("lines_out=0"), "{last}");
}

#[test]
fn a_slow_consumer_is_told_with_the_figures_that_ended_it() {
    let cases = [
        (CloseReason::OutboxOverflow, r#"limit="outbox-bytes-max""#, "max=1000"),
        (CloseReason::TotalBound, r#"limit="total-bytes-max""#, "max=1000"),
        (CloseReason::Stalled, r#"limit="stall-timeout" value=30000"#, "max=30000"),
        (CloseReason::TooManyClients, r#"limit="clients-max" value=1"#, "max=1"),
        (CloseReason::FirstLineLate, r#"limit="first-line-timeout" value=30000"#, "max=30000"),
    ];
    for (reason, limit, max) in cases {
        let mut house = house_for(reason, 1);
        let events = events_in(Level::INFO, || end_for(&mut house, reason));
        let closed = of(&events, "closed");
        assert!(closed[0].contains(limit) && closed[0].contains(max), "{}", closed[0]);
        let pending = !closed[0].contains("unsent_bytes=0 ");
        let of_registry = matches!(
            reason,
            CloseReason::OutboxOverflow | CloseReason::TotalBound | CloseReason::Stalled
        );
        assert_eq!(pending, of_registry, "{}", closed[0]);
        drop(events_in(Level::INFO, || house.executor.clear()));
    }
}

#[test]
fn a_refused_name_is_told_and_a_bad_one_is_not_repeated() {
    let mut house = House::serving(&CHANNELS, 1, Limits::default());
    let (joe, other) = (house.connect(), house.connect());
    house.send(&joe, "USERNAME joe\n");
    let events = events_in(Level::INFO, || {
        house.send(&other, "USERNAME joe\n");
        house.send(&other, "USERNAME b\u{7}ad\n");
    });
    let refused = of(&events, "name refused");
    assert_eq!(refused.len(), 2, "{events:?}");
    assert!(refused[0].contains(r#"name="joe" fault="name_taken""#), "{}", refused[0]);
    assert!(refused[1].contains(r#"fault="name_invalid""#), "{}", refused[1]);
    assert!(!refused[1].contains("ad\"") && !refused[1].contains('\u{7}'), "{}", refused[1]);
}

/// Even where everything is logged.
#[test]
fn nothing_that_people_say_is_logged() {
    let mut house = House::serving(&CHANNELS, 1, Limits::default());
    let events = events_in(Level::TRACE, || {
        let (joe, ann) = (house.connect(), house.connect());
        for (client, name) in [(&joe, "joe"), (&ann, "ann")] {
            house.send(client, &format!("USERNAME {name}\n"));
            house.send(client, "JOIN den\n");
        }
        for line in ["sesame\n", "/msg ann sesame\n", "MSG ann sesame\n", "/sesame\n"] {
            house.send(&joe, line);
        }
        joe.post(b"sesame");
        joe.half_close();
        house.settle();
    });
    assert!(events.len() > 5);
    assert!(!events.concat().contains("sesame"), "{events:?}");
}

#[test]
fn a_flood_of_connections_is_no_flood_of_log() {
    let mut house = House::serving(&ROOMS, 1, Limits { clients_max: 1, ..Limits::default() });
    let events = events_in(Level::INFO, || {
        let _first = house.connect();
        for _ in 0..1_100 {
            house.knock(LOOPBACK);
        }
        house.settle();
    });
    assert_eq!(of(&events, "closed").len(), 1_000, "as many as a burst may have");
    let events = events_in(Level::INFO, || {
        house.pass(Duration::from_secs(1));
        house.knock(LOOPBACK);
        house.settle();
    });
    let left_out = events.iter().find(|event| event.contains("left out"));
    assert!(left_out.is_some_and(|event| event.contains("events=100 ")), "{events:?}");
    assert_eq!(of(&events, "closed").len(), 1);
}

#[test]
fn a_client_that_sends_much_is_named_and_again_after_each_doubling() {
    let mut house = House::serving(&ROOMS, 1, Limits::default());
    let joe = house.member("den", "joe");
    joe.heard();
    let events = events_in(Level::INFO, || {
        for _ in 0..2_200 {
            house.send(&joe, &format!("{}\n", "x".repeat(1_023)));
            joe.heard();
        }
    });
    let much = of(&events, "sends much");
    assert_eq!(much.len(), 2, "{events:?}");
    assert!(much[0].contains(r#"name="joe""#) && much[0].contains("lines_in="), "{}", much[0]);
}

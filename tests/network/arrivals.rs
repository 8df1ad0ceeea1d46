//! Goal: an arrival stands between accept and session, under a permit and a deadline; it costs
//! nobody else anything, and each way in which it ends is counted once.
//!
//! Method: connections that begin with a line ([`preamble`](super::preamble)), on the networks of
//! the other scenarios; virtual time to the nanosecond.
//!
//! Limits: arrivals that make a stream of their own are in `layers`.

use super::house::{House, LOOPBACK, TICK, before};
use super::preamble::{PREAMBLE_BYTES_MAX, Preamble};
use super::replay::{each_seed, on_each_plain_network_of};
use super::wire::{Client, End, Quirks};
use crate::speech::ROOMS;
use parlance_core::limits::{ARRIVAL, Limits};
use parlance_core::protocol::CloseReason;
use std::net::IpAddr;
use std::sync::atomic::Ordering;
use std::time::Duration;

const FIRST_LINE: Duration = Duration::from_secs(30);
const NETWORKS: u64 = 12;

fn behind_a_preamble(limits: &Limits, scenario: impl Fn(&mut House)) {
    each_seed(NETWORKS, |seed| {
        let mut house = House::behind(Preamble, &ROOMS, seed, limits.clone());
        if seed > 0 {
            house.quirks = Quirks { percent: 25, lies: seed % 3 == 2, ..Quirks::NONE };
        }
        scenario(&mut house);
    });
}

/// A client that has sent `text`.
fn with(house: &mut House, text: &str) -> Client {
    let client = house.connect();
    house.send(&client, text);
    client
}

/// A member of the den.
fn member(house: &mut House, name: &str) -> Client {
    with(house, &format!("FROM 192.0.2.1\nJOIN den {name}\n"))
}

fn address(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

/// A connection that has nothing to do first has the one timer of its first line.
#[test]
fn a_plain_arrival_has_no_timer() {
    on_each_plain_network_of(&ROOMS, &Limits::default(), |house| {
        house.connect();
        assert_eq!(house.clock.timers_made(), 1);
        assert_eq!(house.clock.next_due(), Some(house.now() + FIRST_LINE));
    });
}

#[test]
fn the_session_gets_every_byte_behind_the_arrival() {
    behind_a_preamble(&Limits::default(), |house| {
        let joe = with(house, "FROM 192.0.2.1\nJOIN den joe\nhello\n");
        assert_eq!(joe.heard(), "joe has joined\njoe: hello\n");
        let ann = house.connect();
        for byte in "FROM 2001:db8::1\nJOIN den ann\nhi\n".chars() {
            house.send(&ann, &byte.to_string());
        }
        assert_eq!(ann.heard(), "ann has joined\nann: hi\n");
        assert_eq!(house.endings(), []);
    });
}

#[test]
fn a_failed_arrival_is_closed_without_a_byte_and_its_place_is_free() {
    behind_a_preamble(&Limits { clients_max: 2, ..Limits::default() }, |house| {
        let ann = member(house, "ann");
        let too_long = "x".repeat(PREAMBLE_BYTES_MAX);
        for (count, wrong) in (1..).zip(["HELLO\n", "FROM nowhere\n", &too_long]) {
            let joe = with(house, wrong);
            assert_eq!((joe.end(), joe.received_len()), (End::Closed, 0), "{wrong:?}");
            assert_eq!(house.endings(), [(CloseReason::ArrivalFailed, count)]);
            assert_eq!(house.service.connections(), 1);
        }
        let gone = with(house, "FROM 192");
        gone.half_close();
        house.settle();
        assert_eq!(gone.end(), End::Closed);
        assert_eq!(house.endings(), [(CloseReason::ArrivalFailed, 4)]);
        house.send(&ann, "alone?\n");
        assert_eq!(ann.heard(), "ann has joined\nann: alone?\n", "it has noticed nothing");
    });
}

#[test]
fn an_arrival_is_given_up_at_its_deadline_and_not_before() {
    behind_a_preamble(&Limits { clients_max: 3, ..Limits::default() }, |house| {
        let ann = member(house, "ann");
        let (mute, slow) = (house.connect(), house.connect());
        for byte in "FROM ".chars() {
            house.pass(before(ARRIVAL / 5));
            house.send(&slow, &byte.to_string());
            house.send(&ann, "still here\n");
        }
        house.pass(4 * TICK);
        assert_eq!([mute.end(), slow.end()], [End::Open; 2]);
        assert_eq!((house.service.connections(), house.endings()), (3, vec![]));
        house.pass(TICK);
        assert_eq!([mute.end(), slow.end()], [End::Closed; 2]);
        assert_eq!([mute.received_len(), slow.received_len()], [0; 2]);
        assert_eq!(house.endings(), [(CloseReason::ArrivalLate, 2)]);
        assert_eq!(house.service.connections(), 1, "their places are free");
        assert_eq!(ann.heard(), format!("ann has joined\n{}", "ann: still here\n".repeat(5)));
    });
}

#[test]
fn an_arrival_whose_last_byte_has_come_is_not_late() {
    behind_a_preamble(&Limits::default(), |house| {
        house.quirks.percent = 0; // what has arrived can be read at once
        let joe = with(house, "FROM 192.0.2.1");
        house.pass(before(ARRIVAL));
        joe.post(b"\nJOIN den joe\n");
        joe.deliver(usize::MAX);
        house.clock.set(house.now() + ARRIVAL); // nobody was polled meanwhile
        house.settle();
        assert_eq!(joe.heard(), "joe has joined\n");
    });
}

/// [common/limit-1]
#[test]
fn the_time_for_the_first_line_begins_with_the_session() {
    behind_a_preamble(&Limits::default(), |house| {
        let joe = house.connect();
        house.pass(before(ARRIVAL));
        house.send(&joe, "FROM 192.0.2.1\n");
        house.pass(before(FIRST_LINE));
        assert_eq!(joe.end(), End::Open);
        house.pass(TICK);
        assert_eq!(joe.end(), End::Closed);
        assert_eq!(house.endings(), [(CloseReason::FirstLineLate, 1)]);
    });
}

#[test]
fn a_reset_ends_an_arrival_at_once() {
    behind_a_preamble(&Limits::default(), |house| {
        for harsh in [false, true] {
            let joe = with(house, "FROM");
            joe.reset(harsh);
            house.settle();
            assert!(joe.is_closed());
        }
        assert_eq!(house.endings(), [(CloseReason::Reset, 2)]);
        house.assert_empty();
    });
}

/// [common/shutdown-2]
#[test]
fn a_shutdown_ends_arrivals_at_once() {
    behind_a_preamble(&Limits::default(), |house| {
        let (ann, joe) = (member(house, "ann"), with(house, "FROM"));
        let drained = house.stop();
        house.settle();
        assert!(ann.is_closed() && joe.is_closed());
        assert!(drained.load(Ordering::Relaxed), "and no time has passed");
        assert_eq!(house.endings(), [(CloseReason::Shutdown, 2)]);
        house.assert_empty();
    });
}

#[test]
fn an_arrival_that_is_made_after_the_shutdown_is_closed() {
    behind_a_preamble(&Limits::default(), |house| {
        let joe = house.knock(LOOPBACK);
        joe.post(b"FROM 192.0.2.1\nJOIN den joe\n");
        joe.deliver(usize::MAX);
        house.executor.step(); // accepted, and no more
        house.stop_accepting();
        house.service.shutdown();
        house.settle();
        joe.half_close(); // it had sent something
        house.settle();
        assert!(joe.is_closed());
        assert_eq!(joe.received_len(), 0);
        assert_eq!(house.endings(), [(CloseReason::Shutdown, 1)]);
        house.assert_empty();
    });
}

/// [common/limit-2]
#[test]
fn arrivals_count_as_clients() {
    behind_a_preamble(&Limits { clients_max: 2, ..Limits::default() }, |house| {
        house.quirks.percent = 0; // the farewell is tried once, so the wire must take it
        let arriving = [house.connect(), house.connect()];
        assert_eq!(house.service.connections(), 2);
        let third = house.connect();
        assert_eq!((third.heard().as_str(), third.end()), ("ERROR\n", End::Closed));
        assert_eq!(house.endings(), [(CloseReason::TooManyClients, 1)]);
        assert_eq!(arriving.each_ref().map(|client| client.end()), [End::Open; 2]);
    });
}

/// [common/limit-2]
#[test]
fn unfinished_arrivals_of_one_address_are_bounded() {
    behind_a_preamble(&Limits { clients_per_address_max: 2, ..Limits::default() }, |house| {
        house.quirks.percent = 0; // as above
        let flood = [(); 5].map(|()| house.knock(address("192.0.2.9")));
        house.settle();
        let open = flood.iter().filter(|client| client.end() == End::Open);
        assert_eq!(open.count(), 2);
        assert_eq!(house.endings(), [(CloseReason::TooManyClients, 3)]);
    });
}

/// [common/limit-2]
#[test]
fn the_limit_per_address_counts_the_address_that_the_arrival_found() {
    behind_a_preamble(&Limits { clients_per_address_max: 1, ..Limits::default() }, |house| {
        house.quirks.percent = 0; // as above
        let proxy = address("192.0.2.9");
        let mut through_proxy = |text: &str| {
            let client = house.knock(proxy);
            client.post(text.as_bytes());
            house.settle();
            client
        };
        let first = through_proxy("FROM 2001:db8::1\nJOIN den joe\n");
        assert_eq!(first.heard(), "joe has joined\n");
        let second = through_proxy("FROM 2001:db8::2\nJOIN den ann\n");
        assert_eq!((second.heard().as_str(), second.end()), ("ERROR\n", End::Closed));
        let third = through_proxy("FROM 2001:db8:0:1::\nJOIN den tom\n");
        assert_eq!(third.heard(), "tom has joined\n", "the proxy's own place is free");
        first.reset(true);
        let again = through_proxy("FROM 2001:db8::2\nJOIN den ann\n");
        assert_eq!(again.heard(), "ann has joined\n");
        let wanted = [(CloseReason::Reset, 1), (CloseReason::TooManyClients, 1)];
        assert_eq!(house.endings(), wanted);
        assert_eq!(house.service.connections(), 2);
    });
}

/// A handshake costs as much as the share of a poll. [common/prompt-2]
#[test]
fn a_thousand_arrivals_go_on_a_few_at_a_time() {
    const COUNT: usize = 1_000;
    behind_a_preamble(&Limits::default(), |house| {
        let crowd: Vec<_> = (0..COUNT).map(|_| house.connect()).collect();
        house.settle();
        for (number, client) in crowd.iter().enumerate() {
            client.post(format!("FROM 192.0.2.1\nJOIN r{number} joe\n").as_bytes());
            client.deliver(usize::MAX);
        }
        while house.executor.ready() > 2 * 64 && house.executor.step() {}
        let unread = crowd.iter().filter(|client| client.unread() > 0).count();
        assert!(unread > COUNT / 2, "{unread} of {COUNT} have to wait");
        house.settle();
        assert!(crowd.iter().all(|client| client.heard() == "joe has joined\n"));
    });
}

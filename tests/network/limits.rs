//! Goal: silence, crowds and failing accepts cost little and stop nobody else.
//!
//! Method: virtual time to the nanosecond, a door that fails on demand and counts the attempts.
//!
//! Limits: what is kept per idle connection is judged by the registry's own counters, not by
//! memory.

use super::house::{House, LOOPBACK, TICK, before};
use super::log::warnings_in;
use super::replay::{on_each_network, on_each_plain_network_of};
use super::wire::End;
use crate::speech::{CHANNELS, ROOMS};
use parlance_core::limits::Limits;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

const FIRST_LINE: Duration = Duration::from_secs(30);
const STALL_BUDGET: Duration = Duration::from_millis(250);

/// [common/limit-1] [common/framing-7]
#[test]
fn a_client_without_a_first_line_is_closed_silently_at_30_s_and_not_before() {
    on_each_network(|house| {
        let (mute, slow) = (house.connect(), house.connect());
        for byte in ["J", "O", "I", "N", " "] {
            house.pass(before(FIRST_LINE / 5));
            house.send(&slow, byte);
        }
        house.pass(4 * TICK);
        assert_eq!([mute.end(), slow.end()], [End::Open; 2]);
        house.pass(TICK);
        assert_eq!([mute.end(), slow.end()], [End::Closed; 2]);
        assert_eq!([mute.received_len(), slow.received_len()], [0; 2]);
        house.assert_empty();
    });
}

/// [common/limit-1]
#[test]
fn a_client_that_joined_in_the_last_moment_stays() {
    on_each_network(|house| {
        let joe = house.connect();
        house.pass(before(FIRST_LINE));
        house.send(&joe, "JOIN den joe\n");
        house.pass(Duration::from_secs(3600));
        house.send(&joe, "still here\n");
        assert_eq!(joe.heard(), "joe has joined\njoe: still here\n");
    });
}

/// [common/reload-2] [common/limit-1] [common/limit-2]
#[test]
fn a_changed_limit_judges_clients_that_come_later_and_throws_nobody_out() {
    const SHORT: Duration = Duration::from_secs(10);
    on_each_plain_network_of(&ROOMS, &Limits::default(), |house| {
        let (ann, mute) = (house.member("den", "ann"), house.connect());
        let short = Limits { first_line: SHORT, ..Limits::default() };
        house.service.set_limits(&Limits { clients_max: 1, ..short.clone() });
        house.settle();
        let late = house.connect();
        assert_eq!([ann.end(), mute.end(), late.end()], [End::Open, End::Open, End::Closed]);
        house.service.set_limits(&short);
        let quick = house.connect();
        house.pass(before(SHORT));
        assert_eq!(quick.end(), End::Open);
        house.pass(TICK);
        assert_eq!([mute.end(), quick.end()], [End::Open, End::Closed]);
        house.pass(FIRST_LINE.saturating_sub(SHORT));
        assert_eq!([ann.end(), mute.end()], [End::Open, End::Closed], "each has its own limit");
    });
}

/// [common/reload-2] [common/outbox-8]
#[test]
fn a_longer_stall_limit_counts_for_a_stall_that_lasts_already() {
    let stall = Limits::default().stall;
    on_each_plain_network_of(&ROOMS, &Limits::default(), |house| {
        house.quirks.down_max = 10;
        let joe = house.member("den", "joe");
        joe.stall();
        house.send(&joe, "one\ntwo\n");
        house.pass(before(stall));
        house.service.set_limits(&Limits { stall: 2 * stall, ..Limits::default() });
        house.pass(stall);
        assert_eq!(joe.end(), End::Open);
        house.pass(TICK);
        assert!(joe.is_closed());
    });
}

/// [common/limit-3]
#[test]
fn a_server_out_of_descriptors_waits_without_spinning_and_goes_on() {
    on_each_network(|house| {
        let ann = house.member("den", "ann");
        house.door.run_short(usize::MAX);
        let before = house.door.attempts();
        let joe = house.knock(LOOPBACK);
        joe.post(b"JOIN den joe\n");
        house.settle();
        assert_eq!(house.door.attempts(), before + 1, "one attempt, then it waits");
        house.pass(Duration::from_secs(10));
        let attempts = house.door.attempts() - before;
        assert!((2..=1_000).contains(&attempts), "{attempts} attempts in 10 s");
        house.send(&ann, "who is there?\n");
        assert!(ann.heard().ends_with("ann: who is there?\n"), "the others are served meanwhile");
        house.door.run_short(0);
        house.pass(Duration::from_millis(100));
        assert_eq!(joe.heard(), "joe has joined\n");
    });
}

/// Those inside get their turn while a crowd comes in. [common/prompt-2]
#[test]
fn a_crowd_at_the_door_is_let_in_by_32_at_a_time() {
    const CROWD: usize = 200;
    on_each_network(|house| {
        house.settle();
        for _ in 0..CROWD {
            house.knock(LOOPBACK);
        }
        let mut attempts = house.door.attempts();
        while house.executor.step() {
            let accepted = house.door.attempts() - attempts;
            assert!(accepted <= 32, "{accepted} without a break");
            attempts += accepted;
        }
        assert_eq!(house.service.connections(), CROWD);
    });
}

/// A shortage can last for hours, and the log is read. [common/limit-3]
#[test]
fn a_shortage_is_told_once_however_long_it_lasts() {
    on_each_network(|house| {
        for shortage in 1..=3 {
            house.door.run_short(usize::MAX);
            let late = house.knock(LOOPBACK);
            let warnings = warnings_in(|| house.pass(Duration::from_secs(60)));
            assert_eq!(warnings.len(), 1, "{warnings:?} in shortage {shortage}");
            assert!(warnings[0].contains("cannot accept") && warnings[0].contains("os error 24"));
            house.door.run_short(0);
            assert_eq!(warnings_in(|| house.pass(Duration::from_secs(60))), [""; 0]);
            late.half_close();
        }
    });
}

/// [common/limit-3]
#[test]
fn an_aborted_connection_delays_no_other() {
    on_each_network(|house| {
        for _ in 0..3 {
            house.door.knock_and_go();
        }
        let joe = house.member("den", "joe");
        assert_eq!(joe.heard(), "joe has joined\n", "and no time has passed");
    });
}

/// [common/limit-2]
#[test]
fn one_client_too_many_is_told_and_closed_until_a_place_is_free() {
    let limits = Limits { clients_max: 2, ..Limits::default() };
    on_each_plain_network_of(&ROOMS, &limits, |house| {
        let (ann, joe) = (house.member("den", "ann"), house.member("den", "joe"));
        house.quirks.percent = 0; // the line is tried once, so the wire must take it
        let sam = house.knock(LOOPBACK);
        sam.post(b"JOIN den sam\n");
        sam.deliver(usize::MAX);
        house.settle();
        assert_eq!((sam.heard().as_str(), sam.end()), ("ERROR\n", End::Closed));
        assert_eq!(house.service.connections(), 2);
        joe.half_close();
        house.settle();
        let tom = house.member("den", "tom");
        assert_eq!(tom.heard(), "tom has joined\n");
        assert_eq!(ann.heard(), "ann has joined\njoe has joined\njoe has left\ntom has joined\n");
    });
}

/// [common/limit-2]
#[test]
fn the_limit_per_address_counts_each_address_but_loopback() {
    let limits = Limits { clients_per_address_max: 1, ..Limits::default() };
    on_each_plain_network_of(&ROOMS, &limits, |house| {
        house.quirks.percent = 0; // as above
        let address = |last| IpAddr::V4(Ipv4Addr::new(192, 0, 2, last));
        let knocks = [address(1), address(1), address(2), LOOPBACK, LOOPBACK];
        let clients = knocks.map(|address| house.knock(address));
        house.settle();
        assert_eq!(
            clients.each_ref().map(|client| client.end()),
            [End::Open, End::Closed, End::Open, End::Open, End::Open]
        );
        assert_eq!(clients[1].heard(), "ERROR\n");
        clients[0].reset(true);
        house.settle();
        let again = house.knock(address(1));
        house.settle();
        assert_eq!(again.end(), End::Open, "its place is free again");
    });
}

/// [common/limit-2]
#[test]
fn the_limit_per_address_counts_an_ipv6_network_of_64_bits_as_one() {
    let limits = Limits { clients_per_address_max: 1, ..Limits::default() };
    on_each_plain_network_of(&ROOMS, &limits, |house| {
        house.quirks.percent = 0; // as above
        let knocks = ["2001:db8:1:2::1", "2001:db8:1:2:ffff::1", "2001:db8:1:3::1", "192.0.2.1"];
        let clients = knocks.map(|knock| house.knock(knock.parse().expect("an address")));
        house.settle();
        assert_eq!(
            clients.each_ref().map(|client| client.end()),
            [End::Open, End::Closed, End::Open, End::Open]
        );
        clients[0].reset(true);
        house.settle();
        let again = house.knock("2001:db8:1:2:3::".parse().expect("an address"));
        house.settle();
        assert_eq!(again.end(), End::Open, "the network's place is free again");
    });
}

/// [rooms/daemon-5]
#[test]
fn idle_connections_keep_nothing_and_leave_nothing() {
    on_each_network(|house| {
        let mut clients: Vec<_> = (0..20).map(|_| house.connect()).collect();
        clients.extend((0..20).map(|n| house.member("den", &format!("n{n}"))));
        house.send(&clients[30], &"a burst\n".repeat(5_000));
        house.pass(STALL_BUDGET);
        let census = house.service.registry().census();
        assert_eq!((census.clients, census.members, census.rooms), (40, 20, 1));
        assert_eq!(census.charge, 0, "nothing is kept once it is written");
        for client in &clients {
            client.half_close();
        }
        house.settle();
        house.assert_empty();
    });
}

/// Three clients that never read hold nearly all of the total bound, and a newcomer that reads asks
/// for a list that is longer than the queue of any of them. [common/outbox-9]
#[test]
fn under_the_total_bound_a_newcomer_gets_its_list_and_the_longest_stalled_goes() {
    const ROOMS_MAX: usize = 300;
    for seed in 0..3 {
        let limits = Limits { total_bytes_max: 32_000, ..Limits::default() };
        let mut house = House::serving(&CHANNELS, seed, limits);
        let rooms = (0..ROOMS_MAX).map(|n| format!("{n:031}"));
        let _guests: Vec<_> =
            rooms.enumerate().map(|(n, room)| house.member(&room, &format!("m{n}"))).collect();
        house.quirks.down_max = 1_000;
        let feeder = house.member("attic", "feeder");
        let hoarders = ["ann", "bob", "cat"].map(|name| {
            let client = house.member("attic", name);
            client.stall();
            house.send(&feeder, &format!("PRIVMSG {name} {}\n", "x".repeat(7_500)));
            house.pass(Duration::from_secs(1));
            client
        });
        let newcomer = house.connect();
        house.send(&newcomer, "USERNAME new\nROOMS\n");
        let heard = newcomer.heard();
        assert!(heard.ends_with('\n') && heard.len() > 32 * ROOMS_MAX, "{heard:.40}");
        assert_eq!(hoarders.map(|client| client.is_closed()), [true, false, false]);
        assert_eq!(newcomer.end(), End::Open);
    }
}

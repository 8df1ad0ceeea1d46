//! Goal: an operator's stop delivers what was published, in bounded time and without a word more.
//!
//! Method: what the daemon does at a signal, in its order: drop the accept loop, shut the world
//! down, wait until it is drained.
//!
//! Limits: the signals themselves are the daemon's tests.

use super::house::{TICK, before};
use super::replay::{on_each_network, on_each_plain_network_of};
use super::wire::End;
use crate::speech::ROOMS;
use parlance_core::limits::Limits;
use std::sync::atomic::Ordering;
use std::time::Duration;

const FLUSH: Duration = Duration::from_secs(5);
const LINGER: Duration = Duration::from_secs(1);

/// More than a client's system and the server's keep by default, on Linux.
const FLOOD_BYTES: usize = 10 * 1024 * 1024;

/// [common/shutdown-1] [common/shutdown-2]
#[test]
fn pending_lines_are_flushed_and_no_departure_is_announced() {
    on_each_network(|house| {
        let (ann, joe) = (house.member("den", "ann"), house.member("den", "joe"));
        let fresh = house.connect();
        joe.post(b"published\n");
        joe.deliver(usize::MAX);
        house.executor.run();
        let drained = house.stop();
        assert!(house.door.is_closed(), "it stops accepting");
        house.settle();
        let common = "joe has joined\njoe: published\n";
        assert_eq!(
            (joe.heard(), ann.heard()),
            (common.into(), format!("ann has joined\n{common}"))
        );
        assert_eq!([ann.end(), joe.end(), fresh.end()], [End::Closed; 3]);
        assert_eq!(fresh.received_len(), 0);
        assert!(drained.load(Ordering::Relaxed), "and no time has passed");
        house.assert_empty();
    });
}

/// [common/shutdown-2]
#[test]
fn nothing_is_read_after_the_stop() {
    on_each_network(|house| {
        let (ann, joe) = (house.member("den", "ann"), house.member("den", "joe"));
        house.stop();
        joe.post(b"too late\n");
        joe.deliver(usize::MAX);
        let fresh = house.connect();
        house.settle();
        assert_eq!(ann.heard(), "ann has joined\njoe has joined\n");
        assert_eq!((ann.end(), joe.end()), (End::Closed, End::HalfClosed));
        assert_eq!(fresh.end(), End::Open, "nobody lets it in");
        joe.half_close();
        house.settle();
        assert_eq!(joe.end(), End::Closed, "without a reset although it went on sending");
    });
}

/// A client that sends more than its system and the server's keep, and reads nothing meanwhile, is
/// read to its end, so that no reset destroys what is pending. [common/shutdown-2]
#[test]
fn a_flood_that_has_arrived_is_discarded_before_the_close() {
    on_each_network(|house| {
        let (ann, joe) = (house.member("den", "ann"), house.member("den", "joe"));
        joe.stall();
        house.send(&ann, "published\n");
        joe.post(&b"too late\n".repeat(FLOOD_BYTES / 9));
        joe.deliver(usize::MAX);
        house.stop();
        house.settle();
        assert_eq!((joe.end(), joe.unread()), (End::HalfClosed, 0));
        joe.half_close();
        joe.resume();
        house.settle();
        assert_eq!((joe.end(), &*joe.heard()), (End::Closed, "joe has joined\nann: published\n"));
        house.assert_empty();
    });
}

/// [common/shutdown-2] [common/close-2]
#[test]
fn a_client_that_has_sent_something_and_stays_delays_the_end_by_one_second() {
    on_each_network(|house| {
        let joe = house.member("den", "joe");
        let drained = house.stop();
        joe.post(b"too late\n");
        joe.deliver(usize::MAX);
        house.pass(before(LINGER));
        assert_eq!((joe.end(), drained.load(Ordering::Relaxed)), (End::HalfClosed, false));
        house.pass(TICK);
        assert_eq!((joe.end(), drained.load(Ordering::Relaxed)), (End::Closed, true));
    });
}

/// Signals come at any moment. [common/shutdown-2]
#[test]
fn an_interrupted_call_loses_nothing_of_a_stop() {
    on_each_plain_network_of(&ROOMS, &Limits::default(), |house| {
        let names = ["ann", "bob", "joe"];
        let clients = names.map(|name| house.member(name, name));
        for client in &clients {
            client.stall();
            client.post(b"published\n");
            client.deliver(usize::MAX);
        }
        house.executor.run();
        for (client, interrupts) in clients.iter().zip(1..) {
            client.post(b"too late\n");
            client.deliver(usize::MAX);
            client.interrupt(interrupts);
        }
        house.stop();
        house.settle();
        for (name, client) in names.iter().zip(&clients) {
            client.resume();
            client.half_close();
            house.settle();
            assert_eq!((client.interrupts(), client.end()), (0, End::Closed), "no reset");
            assert_eq!(client.heard(), format!("{name} has joined\n{name}: published\n"));
        }
        house.assert_empty();
    });
}

/// [common/shutdown-2]
#[test]
fn a_slow_reader_gets_five_seconds_and_then_the_server_is_drained() {
    on_each_network(|house| {
        let ann = house.member("den", "ann");
        house.quirks.down_max = 10;
        let (slow, dead) = (house.member("den", "slow"), house.member("den", "dead"));
        slow.stall();
        dead.stall();
        house.send(&ann, "goodbye\n");
        let drained = house.stop();
        house.pass(before(FLUSH));
        assert_eq!([ann.end(), slow.end(), dead.end()], [End::Closed, End::Open, End::Open]);
        slow.resume();
        house.settle();
        assert_eq!(slow.heard(), "slow has joined\ndead has joined\nann: goodbye\n");
        assert_eq!(slow.end(), End::Closed);
        assert!(!drained.load(Ordering::Relaxed));
        house.pass(TICK);
        assert!(dead.is_closed());
        assert!(drained.load(Ordering::Relaxed));
    });
}

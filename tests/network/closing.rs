//! Goal: an error line arrives, nothing that follows the error counts, and closing ends in time.
//!
//! Method: the wire destroys what a client has not read when the server closes with unread input,
//! so an error line arrives only if the server reads on as specified.
//!
//! Limits: input that arrives after the server has closed is lost without effect here; on TCP it
//! can still destroy an error line that the client has not read by then.

use super::house::{House, TICK, before};
use super::replay::{on_each_network, on_each_plain_network_of};
use super::wire::{Client, End};
use crate::speech::ROOMS;
use parlance_core::limits::Limits;
use std::time::Duration;

const FLUSH: Duration = Duration::from_secs(5);
const LINGER: Duration = Duration::from_secs(1);
const LINGER_BYTES: usize = 16 * 1024 * 1024;

/// A client that does not read and whose first line is wrong; the server lingers.
fn lingering(house: &mut House) -> Client {
    let client = house.connect();
    client.stall();
    house.send(&client, "HELLO\n");
    assert_eq!(client.end(), End::HalfClosed, "flushed, then the sending half is shut down");
    client
}

fn reads_everything(house: &House, client: &Client) -> String {
    client.resume();
    house.settle();
    client.heard()
}

/// [common/close-2] [rooms/error-1]
#[test]
fn an_error_line_arrives_although_the_client_goes_on_sending() {
    on_each_network(|house| {
        let client = lingering(house);
        for _ in 0..20 {
            house.send(&client, &"junk\n".repeat(2_000));
        }
        assert_eq!((client.unread(), client.end()), (0, End::HalfClosed));
        client.half_close();
        house.settle();
        assert_eq!(client.end(), End::Closed, "at the end of the stream, without a reset");
        assert_eq!(reads_everything(house, &client), "ERROR\n");
        house.assert_empty();
    });
}

/// [common/close-2]
#[test]
fn an_error_line_comes_last_after_all_pending_output() {
    on_each_network(|house| {
        house.quirks.down_max = 100;
        let client = house.member("den", "joe");
        client.stall();
        house.send(&client, &"line\n".repeat(1_000));
        house.send(&client, &"x".repeat(20_000));
        assert_eq!(client.end(), End::Open, "the sending half stays open while something is owed");
        let wanted = format!("joe has joined\n{}ERROR\n", "joe: line\n".repeat(1_000));
        assert_eq!(reads_everything(house, &client), wanted);
        assert_eq!(client.end(), End::HalfClosed);
    });
}

/// [common/close-2]
#[test]
fn lingering_ends_after_one_second_and_not_before() {
    on_each_network(|house| {
        let client = lingering(house);
        house.pass(LINGER / 2);
        house.send(&client, "more");
        house.pass(before(LINGER / 2));
        assert_eq!((client.end(), house.service.connections()), (End::HalfClosed, 1));
        house.pass(TICK);
        assert_eq!(client.end(), End::Closed);
        assert_eq!(reads_everything(house, &client), "ERROR\n");
        house.assert_empty();
    });
}

/// [common/close-2]
#[test]
fn lingering_reads_16_mebibytes_and_no_more() {
    on_each_plain_network_of(&ROOMS, &Limits::default(), |house| {
        let client = lingering(house);
        client.post(&vec![b'x'; LINGER_BYTES - 1]);
        house.settle();
        assert_eq!(
            (client.read_after_half_close(), client.end()),
            (LINGER_BYTES - 1, End::HalfClosed)
        );
        client.post(b"xx");
        house.settle();
        assert_eq!(client.read_after_half_close(), LINGER_BYTES);
        assert!(client.is_closed(), "no time has passed, but enough was read");
        house.assert_empty();
    });
}

/// [common/close-2]
#[test]
fn a_client_that_does_not_read_its_error_is_given_up_after_five_seconds() {
    on_each_network(|house| {
        house.quirks.down_max = 3;
        let client = house.connect();
        client.stall();
        house.send(&client, "HELLO\n");
        house.pass(before(FLUSH));
        assert_eq!(client.end(), End::Open, "half of ERROR is not accepted yet");
        house.pass(TICK);
        assert!(client.is_closed());
        house.assert_empty();
    });
}

/// Signals come at any moment: in the last writes, and in the reads that follow. [common/close-2]
#[test]
fn an_interrupted_call_ends_no_close() {
    on_each_plain_network_of(&ROOMS, &Limits::default(), |house| {
        let client = house.connect();
        client.stall();
        client.post(b"HELLO\n");
        client.deliver(usize::MAX);
        client.interrupt(3); // a read, and then the write of the error and what comes next
        house.settle();
        assert_eq!((client.interrupts(), client.end()), (0, End::HalfClosed));
        for count in 1..4 {
            client.interrupt(count);
            house.send(&client, &"junk\n".repeat(2_000));
            assert_eq!((client.interrupts(), client.unread()), (0, 0));
            assert_eq!(client.end(), End::HalfClosed, "it lingers as before");
        }
        client.half_close();
        house.settle();
        assert_eq!(
            (client.end(), reads_everything(house, &client)),
            (End::Closed, "ERROR\n".into())
        );
        house.assert_empty();
    });
}

/// [common/close-1] [rooms/error-3]
#[test]
fn input_after_a_members_error_has_no_effect() {
    on_each_network(|house| {
        let (ann, joe) = (house.member("den", "ann"), house.member("den", "joe"));
        let too_long = "x".repeat(20_000);
        let input = format!("before\n{too_long}\nafter\n");
        house.send(&joe, &input);
        house.send(&joe, "later\nJOIN den joe\n");
        let wanted = "ann has joined\njoe has joined\njoe: before\njoe has left\n";
        assert_eq!(ann.heard(), wanted);
        assert_eq!(joe.heard(), "joe has joined\njoe: before\nERROR\n");
        assert_eq!((joe.end(), joe.unread()), (End::HalfClosed, 0));
    });
}

/// [common/close-1] [rooms/error-1]
#[test]
fn input_after_a_wrong_first_line_has_no_effect() {
    on_each_network(|house| {
        let ann = house.member("den", "ann");
        let joe = house.connect();
        house.send(&joe, "JOIN den\nJOIN den joe\nhello\n");
        house.send(&joe, "JOIN den joe\nhello\n");
        assert_eq!(joe.heard(), "ERROR\n");
        assert_eq!(ann.heard(), "ann has joined\n");
    });
}

/// [common/framing-5] [rooms/error-2]
#[test]
fn data_without_a_newline_is_too_long_at_20_000_bytes_and_not_before() {
    on_each_network(|house| {
        for first in ["", "JOIN den joe\n"] {
            let client = house.connect();
            house.send(&client, first);
            client.heard();
            house.send(&client, &"x".repeat(19_999));
            assert_eq!((client.heard(), client.end()), (String::new(), End::Open));
            house.send(&client, "x");
            assert_eq!((client.heard().as_str(), client.end()), ("ERROR\n", End::HalfClosed));
        }
    });
}

//! Goal: a stream over a stream serves like the stream below, and the contract that both sides keep
//! is the one that matters.
//!
//! Method: a layer ([`layer`](super::layer)) with a handshake, records that cannot be made twice,
//! bytes held inside, output of its own and a closing record. Most scenarios and the random
//! sessions are played over it as well; here is what it has beside that. For each clause of the
//! contract a layer breaks it on purpose, and a scenario notices. The layer asserts what it may
//! rely on: after a refusal the same bytes are offered first, and nothing is written after the end.
//!
//! Limits: one layer, whose progress shows in batches of 4,000 bytes. Scenarios that count bytes of
//! the wire are not played over it.

use super::house::{House, Network, TICK, before};
use super::layer::server::Wrong;
use super::replay::{each_seed, in_each_of};
use super::wire::{End, Quirks};
use crate::speech::{LOGIN, ROOMS, SIMPLE, Speech};
use parlance_core::limits::{ARRIVAL, Limits};
use parlance_core::protocol::CloseReason;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

const IDLE: Duration = Duration::from_secs(60);
const FLUSH: Duration = Duration::from_secs(5);
const NETWORKS: u64 = 12;

fn layered(speech: &'static Speech, scenario: impl Fn(&mut House)) {
    each_seed(NETWORKS, |seed| {
        let network = Network::Layered(Wrong::Nothing);
        let mut house = House::on(network, speech, seed, Limits::default());
        if seed > 0 {
            house.quirks = Quirks { percent: 25, lies: seed % 3 == 2, ..Quirks::NONE };
        }
        scenario(&mut house);
    });
}

/// A line longer than what a wrong layer reads at once has arrived when its time is over.
fn a_line_comes_in_the_last_moment(house: &mut House) {
    let [joe] = house.members(["joe"]);
    house.pass(before(IDLE));
    joe.post(b"a long command\n");
    joe.deliver(usize::MAX);
    house.clock.set(house.now() + IDLE);
    house.settle();
    assert_eq!(joe.heard(), "ERR unknown-command\n", "the line counts as late");
}

fn a_long_line_is_said(house: &mut House) {
    let [joe] = house.members(["joe"]);
    house.send(&joe, "a long command\n");
    assert_eq!(joe.heard(), "ERR unknown-command\n", "the line is not read");
}

fn nothing_is_said(house: &mut House) {
    house.connect();
    house.pass(TICK);
}

/// Every record is refused many times.
fn a_line_passes_through_a_narrow_wire(house: &mut House) {
    let [joe] = house.members(["joe"]);
    house.quirks.down_max = 7;
    let [ann] = house.members(["ann"]);
    house.say(&joe, "somewhat more than seven bytes");
    assert_eq!(ann.heard(), "MSG joe somewhat more than seven bytes\n");
}

fn a_reader_stands_still(house: &mut House) {
    let [joe] = house.members(["joe"]);
    house.quirks.down_max = 7;
    let [ann] = house.members(["ann"]);
    ann.stall();
    house.say(&joe, "somewhat more than seven bytes");
    let charge = house.service.registry().census().charge;
    assert!(charge > 0, "bytes count as written that nobody has accepted");
}

fn a_client_is_told_and_closed(house: &mut House) {
    let [joe] = house.members(["joe"]);
    house.send(&joe, &"x".repeat(20_000));
    assert_eq!((joe.heard().as_str(), joe.end()), (LOGIN.too_long, End::HalfClosed));
}

type Scenario = fn(&mut House);

/// What a layer does wrong, in which scenario that shows, and as what.
const SHOWN: [(Wrong, Scenario, &str); 6] = [
    (Wrong::ShortReads, a_line_comes_in_the_last_moment, "the line counts as late"),
    (Wrong::HeldBytesAreNotReadable, a_long_line_is_said, "the line is not read"),
    (Wrong::OwnOutputStays, nothing_is_said, "the layer's own output stays"),
    (Wrong::SealsTwice, a_line_passes_through_a_narrow_wire, "whole records, in order"),
    (Wrong::CountsSealedBytes, a_reader_stands_still, "bytes count as written"),
    (Wrong::NoClosingRecord, a_client_is_told_and_closed, "ended before the layer's"),
];

/// How a layer that is `wrong` fails in `scenario`.
fn failure(wrong: Wrong, scenario: Scenario) -> Option<String> {
    let play = || scenario(&mut House::on(Network::Layered(wrong), &LOGIN, 0, Limits::default()));
    let panic = catch_unwind(AssertUnwindSafe(play)).err()?;
    let said = panic.downcast_ref::<String>().cloned();
    said.or_else(|| panic.downcast_ref::<&str>().map(|said| (*said).to_owned()))
}

#[test]
fn a_layer_that_breaks_a_clause_of_the_contract_is_noticed() {
    for (wrong, scenario, shown) in SHOWN {
        assert_eq!(failure(Wrong::Nothing, scenario), None);
        let failure = failure(wrong, scenario).unwrap_or_default();
        assert!(failure.contains(shown), "{wrong:?} fails as {failure:?}");
    }
}

#[test]
fn a_handshake_arrives_however_it_is_cut() {
    layered(&ROOMS, |house| {
        house.quirks.up_max = 1;
        house.quirks.down_max = 1;
        let joe = house.member("den", "joe");
        assert_eq!(joe.heard(), "joe has joined\n");
    });
}

#[test]
fn a_wrong_or_unfinished_hello_is_a_failed_arrival() {
    layered(&ROOMS, |house| {
        let (plain, silent, short) =
            (house.connect_plainly(), house.connect_plainly(), house.connect_plainly());
        house.send(&plain, "JOIN den joe\n");
        assert!(plain.is_closed());
        assert_eq!(plain.received_len(), 0);
        short.post(b"\0");
        short.half_close();
        house.settle();
        assert_eq!(house.endings(), [(CloseReason::ArrivalFailed, 2)]);
        house.pass(ARRIVAL);
        assert!(silent.is_closed());
        assert_eq!(
            house.endings(),
            [(CloseReason::ArrivalFailed, 2), (CloseReason::ArrivalLate, 1)]
        );
        house.assert_empty();
    });
}

/// [common/eos-5]
#[test]
fn an_end_below_without_a_closing_record_is_a_reset() {
    layered(&ROOMS, |house| {
        let (ann, joe) = (house.member("den", "ann"), house.member("den", "joe"));
        joe.post(b"my last line\n");
        joe.cut();
        house.settle();
        let told = "ann has joined\njoe has joined\njoe: my last line\njoe has left\n";
        assert_eq!(ann.heard(), told);
        assert_eq!(house.endings(), [(CloseReason::Reset, 1)]);
    });
}

/// The last record waits for the reader as lines do. [common/eos-4] [common/close-2]
#[test]
fn a_closing_record_waits_for_the_client_to_read() {
    layered(&ROOMS, |house| {
        for wrong in [false, true] {
            house.quirks.down_max = 3;
            let joe = house.connect();
            joe.stall();
            if wrong {
                house.send(&joe, "HELLO\n");
            } else {
                joe.half_close();
            }
            house.pass(before(FLUSH));
            assert_eq!(joe.end(), End::Open);
            joe.resume();
            house.settle(); // it looks for the record
            assert_ne!(joe.end(), End::Open);
            assert_eq!(joe.heard(), if wrong { "ERROR\n" } else { "" });
        }
    });
}

/// [common/eos-4] [common/shutdown-2]
#[test]
fn a_closing_record_that_nobody_reads_is_given_up_after_five_seconds() {
    layered(&ROOMS, |house| {
        house.quirks.down_max = 3;
        let (gone, stopped) = (house.connect(), house.connect());
        gone.stall();
        stopped.stall();
        gone.half_close();
        house.settle();
        house.stop_accepting();
        house.service.shutdown();
        house.pass(before(FLUSH));
        assert_eq!([gone.end(), stopped.end()], [End::Open; 2]);
        house.pass(TICK);
        assert!(gone.is_closed() && stopped.is_closed());
        house.assert_empty();
    });
}

/// [common/flow-1]
#[test]
fn a_pong_is_written_although_the_sender_is_held() {
    layered(&SIMPLE, |house| {
        let [sam] = house.members(["sam"]);
        house.quirks.down_max = 3;
        let [joe] = house.members(["joe"]);
        sam.stall();
        joe.stall();
        let ping = joe.ping();
        house.settle();
        let line = String::from_utf8(SIMPLE.say("x".repeat(1_000))).expect("text");
        house.send(&joe, &line.repeat(500));
        assert!(joe.unread() > 0, "it is held");
        assert_ne!(joe.last_pong(), ping);
        joe.resume();
        house.settle();
        assert!(joe.unread() > 0, "it is held still");
        assert_eq!(joe.last_pong(), ping);
    });
}

/// [common/outbox-8] [common/close-3]
#[test]
fn a_member_evicted_within_a_record_disturbs_nobody() {
    layered(&ROOMS, |house| {
        let ann = house.member("den", "ann");
        house.quirks.down_max = 10;
        let sam = house.member("den", "sam");
        sam.stall();
        house.send(&ann, "sam?\nsam!\n");
        house.pass(Duration::from_secs(30));
        assert!(sam.is_closed());
        house.send(&ann, "gone\n");
        let told =
            "ann has joined\nsam has joined\nann: sam?\nann: sam!\nsam has left\nann: gone\n";
        assert_eq!(ann.heard(), told);
        assert_eq!(house.endings(), [(CloseReason::Stalled, 1)]);
    });
}

/// Each record is cut at each of its bytes, going up and going down. [common/framing-1]
#[test]
fn lines_over_a_layer_are_heard_wherever_writes_are_cut() {
    in_each_of(&[&ROOMS, &LOGIN], |house| {
        for width in (1..20).chain([100, 1_000]) {
            (house.quirks.up_max, house.quirks.down_max) = (width, width);
            let [joe, ann] = house.members(["joe", "ann"]);
            for text in ["one", "two, which is longer", "three"] {
                house.say(&joe, text);
                let said = house.speech.said("joe", text);
                assert_eq!(ann.heard().into_bytes(), said, "{width} bytes at a time");
            }
            joe.half_close();
            ann.half_close();
            house.settle();
        }
        house.assert_empty();
    });
}

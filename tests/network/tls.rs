//! Goal: over TLS the session has its bytes and the client whole records, whatever the client sends
//! and however it reads, and a handshake costs nobody else anything.
//!
//! Method: clients that write the bytes of the wire themselves, with rustls as their end where they
//! need one, on the networks of the other scenarios. Those scenarios and the random sessions are
//! played over TLS as well, by a client with an end of its own ([`layer::tls`](super::layer::tls)).
//!
//! Limits: both ends are rustls; other implementations, versions, ciphers and certificates are the
//! matter of `sockets::tls`.

use super::house::{House, LOOPBACK, Network, TICK, before};
use super::layer::tls;
use super::random::Random;
use super::replay::each_seed;
use super::wire::{Client, End, Quirks};
use crate::speech::{CHANNELS, LOGIN, ROOMS, SIMPLE, Speech};
use crate::tls_records::tls_records;
use parlance_core::limits::{ARRIVAL, LINGER, Limits, READ_BYTES_MAX};
use parlance_core::protocol::CloseReason;
use rustls::ClientConnection;
use std::io::{Read, Write};
use std::time::Duration;

const NETWORKS: u64 = 12;
const HANDSHAKE_BYTES_MAX: usize = 32 * 1024;
const RECORD_BYTES_MAX: usize = 16 * 1024;
/// How many bytes of records a read takes before others have their turn, and a record's worth.
const RAW_BYTES_MAX: usize = 160 * 1024;

/// A closing alert in the clear, of the level *warning*.
const CLOSE_NOTIFY: &[u8] = b"\x15\x03\x03\x00\x02\x01\x00";

fn over_tls(speech: &'static Speech, scenario: impl Fn(&mut House)) {
    over_tls_with(speech, &Limits::default(), scenario);
}

fn over_tls_with(speech: &'static Speech, limits: &Limits, scenario: impl Fn(&mut House)) {
    each_seed(NETWORKS, |seed| {
        let mut house = House::on(Network::Tls, speech, seed, limits.clone());
        if seed > 0 {
            house.quirks = Quirks { percent: 25, lies: seed % 3 == 2, ..Quirks::NONE };
        }
        scenario(&mut house);
    });
}

/// A client that writes the bytes of the wire itself, and what it would do with them.
struct ByHand {
    wire: Client,
    tls: ClientConnection,
    heard: Vec<u8>,
    /// The bytes of each record that came.
    records: Vec<usize>,
    closed: bool,
}

impl ByHand {
    fn new(house: &mut House, newer: bool) -> ByHand {
        let wire = house.connect_plainly();
        let (heard, records) = (Vec::new(), Vec::new());
        ByHand { wire, tls: tls::client(newer), heard, records, closed: false }
    }

    /// What its end has to say.
    fn wire_bytes(&mut self) -> Vec<u8> {
        let mut out = Vec::new();
        tls::write(&mut self.tls, &mut out);
        out
    }

    fn seal(&mut self, text: &str) -> Vec<u8> {
        self.tls.writer().write_all(text.as_bytes()).expect("there is no limit");
        self.wire_bytes()
    }

    /// Takes what has come, and sends what its end has to say to that.
    fn take(&mut self, house: &House) {
        let sealed = self.wire.take_received();
        let mut rest = &sealed[..];
        while let [_, _, _, high, low, ..] = *rest {
            let length = 5 + usize::from(u16::from_be_bytes([high, low]));
            self.records.push(length);
            rest = rest.get(length..).unwrap_or_default();
        }
        let mut sealed = &sealed[..];
        while !sealed.is_empty() {
            assert!(!self.closed, "a record comes after the last");
            self.tls.read_tls(&mut sealed).expect("there is room");
            let state = self.tls.process_new_packets().expect("the records are whole");
            let from = self.heard.len();
            self.heard.resize(from + state.plaintext_bytes_to_read(), 0);
            self.tls.reader().read_exact(&mut self.heard[from..]).expect("so much is there");
            self.closed = state.peer_has_closed();
        }
        let out = self.wire_bytes();
        self.wire.post(&out);
        house.settle();
    }

    /// Makes the handshake.
    fn shake(&mut self, house: &House) {
        while self.tls.is_handshaking() {
            let out = self.wire_bytes();
            self.wire.post(&out);
            house.settle();
            self.take(house);
        }
    }

    /// Sends `text` and returns what came since the last call.
    fn ask(&mut self, house: &House, text: &str) -> String {
        let sealed = self.seal(text);
        self.wire.post(&sealed);
        house.settle();
        self.take(house);
        String::from_utf8(std::mem::take(&mut self.heard)).expect("text")
    }
}

/// A member that writes the bytes of the wire itself.
fn member(house: &mut House, name: &str, newer: bool) -> ByHand {
    let mut client = ByHand::new(house, newer);
    client.shake(house);
    client.ask(house, &format!("JOIN den {name}\n"));
    client
}

/// [common/tls-1] [common/framing-1]
#[test]
fn a_handshake_arrives_however_it_is_cut() {
    over_tls(&ROOMS, |house| {
        for width in [1, 2, 5, 6, 100] {
            (house.quirks.up_max, house.quirks.down_max) = (width, width);
            let joe = house.member("den", "joe");
            assert_eq!(joe.heard(), "joe has joined\n", "{width} bytes at a time");
            joe.half_close();
            house.settle();
        }
        house.assert_empty();
    });
}

/// [common/tls-3] [common/tls-2] [common/limit-2]
#[test]
fn a_plain_client_is_closed_at_once_and_without_a_byte() {
    over_tls(&ROOMS, |house| {
        for first in [&b"J"[..], b"JOIN den joe\n", b"GET / HTTP/1.1\r\n\r\n", b"\x80\x2e", b"\x15"]
        {
            let plain = house.connect_plainly();
            plain.post(first);
            house.settle();
            assert_eq!((plain.end(), plain.received_len()), (End::Closed, 0), "{first:?}");
        }
        assert_eq!(house.endings(), [(CloseReason::ArrivalFailed, 5)]);
        house.assert_empty();
    });
}

/// [common/tls-2]
#[test]
fn a_handshake_that_goes_wrong_ends_with_an_alert() {
    over_tls(&ROOMS, |house| {
        let mut cases =
            vec![b"\x16\x03\x01\xff\xff".to_vec(), b"\x16\x03\x01\0\x04\x01\0\0\0".into()];
        let mut hello = ByHand::new(house, true).wire_bytes();
        hello[5] = 2; // a hello of a server
        cases.push(hello);
        for bytes in cases {
            let joe = house.connect_plainly();
            joe.post(&bytes);
            house.settle();
            assert_eq!(joe.end(), End::Closed, "{bytes:?}");
            let alert = joe.take_received();
            assert_eq!((alert[0], alert[5], alert.len()), (0x15, 2, 7), "{alert:?}");
        }
    });
}

/// [common/tls-2]
#[test]
fn a_client_that_ends_or_breaks_its_handshake_leaves_nothing_behind() {
    over_tls(&ROOMS, |house| {
        let mut ends = Vec::new();
        for cut in [0, 1, 5, 40, 200] {
            let mut joe = ByHand::new(house, cut % 2 == 0);
            let hello = joe.wire_bytes();
            joe.wire.post(&hello[..cut]);
            joe.wire.half_close();
            ends.push((joe.wire, CloseReason::ArrivalFailed));
            let mut ann = ByHand::new(house, cut % 2 == 0);
            let hello = ann.wire_bytes();
            ann.wire.post(&hello[..cut]);
            ann.wire.deliver(usize::MAX);
            house.settle();
            ann.wire.reset(true);
            ends.push((ann.wire, CloseReason::Reset));
        }
        let mut joe = ByHand::new(house, true);
        let hello = joe.wire_bytes();
        joe.wire.post(&[&hello, CLOSE_NOTIFY].concat());
        ends.push((joe.wire, CloseReason::ArrivalFailed));
        house.settle();
        let of = |reason| ends.iter().filter(|(_, each)| *each == reason).count() as u64;
        let [failed, reset] = [CloseReason::ArrivalFailed, CloseReason::Reset];
        assert_eq!(house.endings(), [(reset, of(reset)), (failed, of(failed))]);
        house.assert_empty();
    });
}

/// [common/tls-2]
#[test]
fn a_handshake_has_ten_seconds_and_takes_a_place() {
    let limits = Limits { clients_max: 2, ..Limits::default() };
    over_tls_with(&ROOMS, &limits, |house| {
        let (silent, mut slow) = (house.connect_plainly(), ByHand::new(house, true));
        let hello = slow.wire_bytes();
        let third = house.connect_plainly();
        assert_eq!((third.end(), third.received_len()), (End::Closed, 0), "there is no place");
        for byte in &hello[..9] {
            slow.wire.post(&[*byte]);
            house.pass(Duration::from_secs(1));
        }
        house.pass(before(Duration::from_secs(1)));
        assert_eq!([silent.end(), slow.wire.end()], [End::Open; 2]);
        house.pass(TICK);
        assert!(silent.is_closed() && slow.wire.is_closed(), "{ARRIVAL:?} have passed");
        assert_eq!((silent.received_len(), slow.wire.received_len()), (0, 0));
        let late = [(CloseReason::TooManyClients, 1), (CloseReason::ArrivalLate, 2)];
        assert_eq!(house.endings(), late);
        let joe = house.member("den", "joe");
        assert_eq!(joe.heard(), "joe has joined\n", "the places are free");
    });
}

/// A hello in parts of one byte each, whose own length the library takes. [common/tls-2]
#[test]
fn a_handshake_is_bounded_in_bytes() {
    over_tls(&ROOMS, |house| {
        let joe = house.connect_plainly();
        let begun = b"\x16\x03\x01\0\x04\x01\0\xff\xff";
        joe.post(begun);
        let part = b"\x16\x03\x01\0\x01x";
        let parts = (HANDSHAKE_BYTES_MAX - begun.len()) / part.len();
        joe.post(&part.repeat(parts));
        house.settle();
        assert_eq!(joe.end(), End::Open);
        joe.post(part);
        house.settle();
        assert!(joe.is_closed());
        assert_eq!(house.endings(), [(CloseReason::ArrivalFailed, 1)]);
        house.assert_empty();
    });
}

/// [common/tls-4]
#[test]
fn a_batch_of_lines_is_one_record() {
    let mut house = House::on(Network::Tls, &ROOMS, 0, Limits::default());
    let joe = house.member("den", "joe");
    let mut ann = member(&mut house, "ann", true);
    ann.records.clear();
    joe.post(&ROOMS.say("x").repeat(30));
    joe.post(&ROOMS.say("y".repeat(20_000 - 1)).repeat(2));
    house.settle();
    ann.take(&house);
    let (most, least) = (RECORD_BYTES_MAX + 5 + 17, 40_000);
    assert!(ann.records.iter().all(|record| *record <= most), "{:?}", ann.records);
    assert!(ann.heard.len() > least && ann.records.len() < 12, "{:?}", ann.records);
}

/// What a wire that takes a little at a time has taken of a record counts as nothing, until it has
/// taken all of it. [common/tls-4] [common/outbox-3]
#[test]
fn bytes_count_as_written_with_the_last_byte_of_their_record() {
    let mut house = House::on(Network::Tls, &ROOMS, 0, Limits::default());
    let joe = house.member("den", "joe");
    house.quirks.down_max = 4_000;
    let mut ann = member(&mut house, "ann", true);
    ann.wire.stall();
    let charge = |house: &House| house.service.registry().census().charge;
    assert_eq!(charge(&house), 0);
    house.send(&joe, &format!("{}\n", "y".repeat(9_000)));
    let one = charge(&house);
    assert!(one > 9_000, "{one}");
    for is_written in [false, true] {
        ann.wire.sip(4_000);
        house.settle();
        assert_eq!(charge(&house), if is_written { 0 } else { one });
    }
    house.send(&joe, &format!("{}\n", "x".repeat(15_000)).repeat(10));
    let whole = charge(&house);
    assert!(whole > 64_000, "{whole}");
    let mut steps = 0;
    let mut last = whole;
    while charge(&house) > 0 {
        ann.wire.sip(1_000);
        house.settle();
        steps += usize::from(charge(&house) != last);
        last = charge(&house);
    }
    assert!((2..=whole / RECORD_BYTES_MAX + 1).contains(&steps), "{steps} steps for {whole}");
    ann.wire.resume();
    house.settle();
    ann.take(&house);
    assert!(String::from_utf8(ann.heard).is_ok_and(|heard| heard.matches("joe: x").count() == 10));
}

/// [common/tls-5] [common/close-2] [common/eos-4]
#[test]
fn a_closing_alert_is_the_last_that_a_client_is_sent() {
    over_tls(&LOGIN, |house| {
        for newer in [false, true] {
            let mut joe = ByHand::new(house, newer);
            joe.shake(house);
            assert_eq!(joe.ask(house, &"x".repeat(20_000)), LOGIN.too_long);
            assert!(joe.closed && joe.wire.end() == End::HalfClosed);
            joe.wire.half_close();
            house.settle();
            assert_eq!(joe.wire.end(), End::Closed);
            let mut ann = ByHand::new(house, newer);
            ann.shake(house);
            ann.tls.send_close_notify();
            let alert = ann.wire_bytes();
            ann.wire.post(&alert);
            house.settle();
            ann.take(house);
            assert!(ann.closed, "the end of the stream is answered with one");
        }
        house.assert_empty();
    });
}

/// [common/tls-1] [common/eos-5] [common/eos-2]
#[test]
fn an_end_below_without_a_closing_alert_is_a_reset() {
    over_tls(&ROOMS, |house| {
        let (ann, joe) = (house.member("den", "ann"), house.member("den", "joe"));
        joe.post(b"my last line\nhalf a li");
        joe.cut();
        house.settle();
        let told = "ann has joined\njoe has joined\njoe: my last line\njoe has left\n";
        assert_eq!(ann.heard(), told);
        assert_eq!(house.endings(), [(CloseReason::Reset, 1)]);
    });
}

/// [common/tls-1] [common/eos-5] [common/misuse-1]
#[test]
fn a_record_that_does_not_open_ends_the_connection_behind_the_lines_before_it() {
    over_tls(&ROOMS, |house| {
        for newer in [false, true] {
            let ann = house.member("den", "ann");
            let mut joe = member(house, "joe", newer);
            let (good, mut bad) = (joe.seal("one\ntwo\n"), joe.seal("three\n"));
            *bad.last_mut().expect("it is long") ^= 1;
            joe.wire.post(&[good, bad, b"\x17\x03\x03\0\x01x".to_vec()].concat());
            house.pass(LINGER); // so that the alert arrives
            assert!(joe.wire.is_closed());
            let told = "ann has joined\njoe has joined\njoe: one\njoe: two\njoe has left\n";
            assert_eq!(ann.heard(), told);
            ann.half_close();
            house.settle();
        }
        house.assert_empty();
    });
}

/// [common/tls-5] [common/close-3] [common/outbox-8]
#[test]
fn a_member_evicted_within_a_record_disturbs_nobody_and_hears_no_more() {
    over_tls(&ROOMS, |house| {
        let ann = house.member("den", "ann");
        house.quirks.down_max = 30;
        let mut sam = member(house, "sam", true);
        sam.wire.stall();
        house.send(&ann, "sam?\nsam!\n");
        house.pass(Duration::from_secs(30));
        assert!(sam.wire.is_closed());
        house.send(&ann, "gone\n");
        let told =
            "ann has joined\nsam has joined\nann: sam?\nann: sam!\nsam has left\nann: gone\n";
        assert_eq!(ann.heard(), told);
        assert_eq!(house.endings(), [(CloseReason::Stalled, 1)]);
        sam.wire.resume();
        house.settle();
        sam.take(house);
        assert!(!sam.closed);
    });
}

/// A few are part of the protocol, and a flood is none. [common/tls-1] [common/misuse-1]
#[test]
fn new_keys_are_taken_a_flood_of_them_is_not() {
    over_tls(&ROOMS, |house| {
        let mut joe = member(house, "joe", true);
        for n in 0..40 {
            joe.tls.refresh_traffic_keys().expect("the handshake is over");
            assert_eq!(joe.ask(house, &format!("{n}\n")), format!("joe: {n}\n"));
        }
        for _ in 0..40 {
            joe.tls.refresh_traffic_keys().expect("the handshake is over");
            let out = joe.wire_bytes();
            joe.wire.post(&out);
        }
        house.pass(LINGER); // so that the alert arrives
        assert!(joe.wire.is_closed());
        assert_eq!(house.endings(), [(CloseReason::Reset, 1)]);
        house.assert_empty();
    });
}

/// Sends each byte of `text` in a record of its own, behind eight with new keys. Returns the number
/// of polls in which they are read, if they have come before.
fn flood_with_keys(house: &House, joe: &mut ByHand, text: &str) -> usize {
    let mut flood = Vec::new();
    for byte in text.chars() {
        for _ in 0..8 {
            joe.tls.refresh_traffic_keys().expect("the handshake is over");
        }
        flood.extend(joe.seal(&byte.to_string()));
    }
    joe.wire.post(&flood);
    joe.wire.deliver(usize::MAX);
    let begun = house.executor.polls();
    house.settle();
    house.executor.polls() - begun
}

/// Records count, not only their bytes: some take as long as kilobytes. [common/prompt-2]
#[test]
fn a_flood_of_new_keys_leaves_others_their_turn() {
    for (network, begin) in [(Network::Tls, "JOIN den joe\n"), (Network::WebSocketInTls, "")] {
        let mut house = House::on(network, &ROOMS, 0, Limits::default());
        house.quirks = Quirks { up_max: 1 << 23, down_max: 1 << 20, ..Quirks::NONE };
        let mut joe = ByHand::new(&mut house, true);
        joe.shake(&house);
        joe.ask(&house, begin);
        let text = format!("GET /healthz HTTP/1.1\r\nHost: a\r\nX: {}\r\n\r\n", "x".repeat(450));
        let records = 9 * text.len();
        let polls = flood_with_keys(&house, &mut joe, &text);
        assert!(polls >= records / 128, "{polls} polls for {records} records");
        joe.take(&house);
        let heard = String::from_utf8_lossy(&joe.heard);
        assert!(heard.starts_with(if begin.is_empty() { "HTTP/1.1 200" } else { "joe: GET" }));
    }
}

/// A read has a share of the turn, however little is in its records; no deadline is judged before
/// the last of them is read. [common/prompt-2] [common/idle-2]
#[test]
fn a_line_in_records_of_one_byte_each_is_in_time() {
    over_tls(&LOGIN, |house| {
        let mut joe = ByHand::new(house, true);
        joe.shake(house);
        joe.ask(house, "LOGIN joe\n");
        house.pass(before(Duration::from_secs(60)));
        let lines = "MSG hi\n".repeat(2_000);
        let sealed: Vec<_> = lines.chars().map(|each| joe.seal(&each.to_string())).collect();
        joe.wire.post(&sealed.concat());
        joe.wire.deliver(usize::MAX);
        house.clock.set(house.now() + Duration::from_secs(60));
        house.settle();
        joe.take(house);
        let heard = String::from_utf8(joe.heard).expect("text");
        assert_eq!(heard.matches("MSG joe hi\n").count(), 2_000);
        assert_eq!(joe.wire.end(), End::Open, "the idle limit has not passed since");
    });
}

/// Records of one byte have 23 bytes for it. [common/prompt-2]
#[test]
fn a_flood_of_small_records_leaves_others_their_turn() {
    let mut house = House::on(Network::Tls, &ROOMS, 0, Limits::default());
    house.quirks.up_max = 1 << 23;
    let mut joe = member(&mut house, "joe", true);
    let line = format!("{}\n", "x".repeat(15_000));
    let sealed: Vec<_> = line.repeat(8).chars().map(|each| joe.seal(&each.to_string())).collect();
    let flood = sealed.concat();
    let begun = house.executor.polls();
    joe.wire.post(&flood);
    house.settle();
    let polls = house.executor.polls() - begun;
    assert!(polls >= flood.len() / RAW_BYTES_MAX, "{polls} polls for {}", flood.len());
    joe.take(&house);
    assert_eq!(joe.heard, format!("joe: {line}").repeat(8).as_bytes());
}

/// [common/shutdown-2] [common/close-2]
#[test]
fn input_that_is_opened_and_not_acted_on_makes_the_server_linger() {
    over_tls(&ROOMS, |house| {
        let joe = house.member("den", "joe");
        joe.post(&b"too late\n".repeat(200_000));
        joe.deliver(usize::MAX);
        house.stop();
        house.settle();
        assert_eq!((joe.end(), joe.unread()), (End::HalfClosed, 0));
        joe.half_close();
        house.settle();
        assert_eq!((joe.end(), &*joe.heard()), (End::Closed, "joe has joined\n"));
    });
}

/// What stands behind the last command has been taken from the wire, and was not opened: more may
/// be behind it. [common/close-2] [common/shutdown-2]
#[test]
fn input_that_is_not_even_opened_makes_the_server_linger() {
    let mut house = House::on(Network::Tls, &CHANNELS, 0, Limits::default());
    house.quirks.up_max = 1 << 20;
    let mut joe = ByHand::new(&mut house, true);
    joe.shake(&house);
    joe.ask(&house, "USERNAME joe\nJOIN #den\n");
    let (line, last) = (format!("{}\n", "x".repeat(15_999)), "QUIT\n");
    let rest = READ_BYTES_MAX - 4 * line.len() - last.len() - 1;
    let read = format!("{}{}\n{last}", line.repeat(4), "y".repeat(rest));
    assert_eq!(read.len(), READ_BYTES_MAX);
    let sealed = [joe.seal(&read), joe.seal("too late\n")].concat();
    joe.wire.post(&sealed);
    joe.wire.deliver(usize::MAX);
    house.settle();
    joe.take(&house);
    assert!(joe.closed && joe.heard.ends_with(b"OK Goodbye!\r\n"));
    assert_eq!((joe.wire.end(), joe.wire.unread()), (End::HalfClosed, 0));
    house.pass(LINGER);
    assert_eq!(joe.wire.end(), End::Closed);
    house.assert_empty();
}

/// [common/flow-1]
#[test]
fn a_sender_that_is_held_keeps_its_place_in_the_stream() {
    over_tls(&SIMPLE, |house| {
        let [joe, sam] = house.members(["joe", "sam"]);
        sam.stall();
        let line = String::from_utf8(SIMPLE.say("x".repeat(1_000))).expect("text");
        house.send(&joe, &line.repeat(500));
        assert!(joe.unread() > 0, "it is held");
        sam.resume();
        house.settle();
        assert_eq!(sam.heard().len(), SIMPLE.said("joe", "x".repeat(1_000)).len() * 500);
    });
}

/// Hostile bytes after a hello that is whole. [common/misuse-1]
#[test]
fn garbage_within_a_handshake_ends_it() {
    over_tls(&ROOMS, |house| {
        let mut random = Random::new(house.random.draw());
        for newer in [false, true] {
            let mut joe = ByHand::new(house, newer);
            let hello = joe.wire_bytes();
            joe.wire.post(&hello);
            let kind = [0x14, 0x15, 0x16, 0x17][random.below(4)];
            let content: Vec<u8> = (0..50).map(|_| random.draw().to_le_bytes()[0]).collect();
            joe.wire.post(&[&[kind, 3, 3, 0, 50][..], &content].concat());
            house.settle();
            assert!(joe.wire.is_closed());
        }
        house.knock(LOOPBACK).reset(true);
        house.settle();
        house.assert_empty();
    });
}

/// Every committed fuzz input. [common/tls-1] [common/tls-2] [common/misuse-1]
#[test]
fn no_bytes_are_worse_than_a_close_and_every_conversation_is_heard() {
    let inputs = crate::corpus::inputs("tls_records");
    assert!(inputs.len() >= 12, "only {} inputs were found", inputs.len());
    for (name, input) in inputs {
        println!("{name}");
        tls_records(&input);
    }
    // Whatever lengths there are.
    for kind in "1234".chars() {
        for lengths in ["", "a", "@", "~!0", "Zq"] {
            let stream = "0123456789".repeat(if lengths.is_empty() { 4_000 } else { 100 });
            tls_records(format!("{kind}{lengths}\n{stream}").as_bytes());
        }
    }
}

//! Goal: over WebSocket the session has its bytes and the client its answers, whatever the client
//! sends and however it reads.
//!
//! Method: clients that write the bytes of the wire themselves, on the networks of the other
//! scenarios. Most of those scenarios and the random sessions are played over WebSocket as well, by
//! a client with an end of its own ([`layer::websocket`](super::layer::websocket)).
//!
//! Limits: whole streams, cut everywhere, are the matter of `core::websocket`; the request before
//! is that of [`http`](super::http); Autobahn's cases that of `scripts/websocket-cases`.

use super::house::{House, Network, TICK, before};
use super::layer::websocket::{frame, request};
use super::replay::each_seed;
use super::wire::{Client, End, Quirks};
use crate::speech::{CHANNELS, LOGIN, ROOMS, SIMPLE, Speech};
use parlance_core::limits::{Limits, WS_ANSWERS_BYTES_MAX, WS_PING_TIMEOUT, WS_SILENCE};
use parlance_core::protocol::CloseReason;
use std::time::Duration;

const NETWORKS: u64 = 12;
const TEXT: u8 = 0x81;
const BINARY: u8 = 0x82;
const CLOSE: u8 = 0x88;
const PING: u8 = 0x89;
const PONG: u8 = 0x8A;
const MASK: [u8; 4] = [0x5A, 0, 0xFF, 0x13];

fn over_websocket(speech: &'static Speech, scenario: impl Fn(&mut House)) {
    over_websocket_with(speech, &Limits::default(), scenario);
}

fn over_websocket_with(speech: &'static Speech, limits: &Limits, scenario: impl Fn(&mut House)) {
    each_seed(NETWORKS, |seed| {
        let mut house = House::on(Network::WebSocket, speech, seed, limits.clone());
        if seed > 0 {
            house.quirks = Quirks { percent: 25, lies: seed % 3 == 2, ..Quirks::NONE };
        }
        scenario(&mut house);
    });
}

/// A frame from the client.
fn sent(first: u8, content: impl AsRef<[u8]>) -> Vec<u8> {
    frame(first, content.as_ref(), MASK)
}

/// A short frame from the server.
fn told(first: u8, content: impl AsRef<[u8]>) -> Vec<u8> {
    let content = content.as_ref();
    let length = u8::try_from(content.len()).expect("it is short");
    assert!(length < 126);
    [&[first, length], content].concat()
}

fn close(code: u16) -> Vec<u8> {
    told(CLOSE, code.to_be_bytes())
}

/// A client that writes the bytes of the wire itself, behind the answer to its request.
fn connect_with(house: &mut House, fields: &str) -> Client {
    let client = house.connect_plainly();
    client.post(request(house.speech.dialect, fields).as_bytes());
    house.settle();
    let answer = String::from_utf8(client.take_received()).expect("text");
    assert!(answer.starts_with("HTTP/1.1 101 ") && answer.ends_with("\r\n\r\n"), "{answer}");
    client
}

fn connect(house: &mut House) -> Client {
    connect_with(house, "")
}

/// What a client that sends `bytes` is sent.
#[track_caller]
fn ask(house: &House, client: &Client, bytes: impl AsRef<[u8]>, answer: impl AsRef<[u8]>) {
    client.post(bytes.as_ref());
    house.settle();
    let (heard, answer) = (client.take_received(), answer.as_ref());
    assert!(heard == answer, "{} and not {}", heard.escape_ascii(), answer.escape_ascii());
}

/// A member of the den that writes the bytes of the wire itself.
fn member(house: &mut House, name: &str) -> Client {
    let client = connect(house);
    client.post(&sent(TEXT, format!("JOIN den {name}")));
    house.settle();
    client.take_received();
    client
}

/// [common/ws-1] [common/ws-10]
#[test]
fn a_message_is_a_line_or_several() {
    over_websocket(&ROOMS, |house| {
        let joe = connect(house);
        ask(house, &joe, sent(TEXT, "JOIN den joe"), told(TEXT, "joe has joined\n"));
        ask(house, &joe, sent(TEXT, "hello\n"), told(TEXT, "joe: hello\n"));
        ask(
            house,
            &joe,
            sent(BINARY, "one\ntwo\r\nthree"),
            told(TEXT, "joe: one\njoe: two\njoe: three\n"),
        );
        ask(house, &joe, sent(TEXT, ""), told(TEXT, "joe: \n"));
        ask(house, &joe, sent(BINARY, b"\xff\0"), told(BINARY, b"joe: \xff\0\n"));
        let parts = [sent(1, "he"), sent(PING, "?"), sent(0, ""), sent(0x80, "llo")].concat();
        ask(house, &joe, parts, [told(PONG, "?"), told(TEXT, "joe: hello\n")].concat());
    });
}

/// [common/ws-10]
#[test]
fn a_subprotocol_makes_every_message_binary() {
    over_websocket(&ROOMS, |house| {
        let fields = "Sec-WebSocket-Protocol: other, parlance.binary\r\n";
        let joe = connect_with(house, fields);
        ask(house, &joe, sent(TEXT, "JOIN den joe"), told(BINARY, "joe has joined\n"));
    });
}

/// What was said in a message that never ends is said, but its last line is not. [common/ws-1]
/// [common/eos-2]
#[test]
fn an_unfinished_message_has_no_line_at_its_end() {
    over_websocket(&ROOMS, |house| {
        let ann = member(house, "ann");
        let joe = member(house, "joe");
        ann.take_received();
        joe.post(&[sent(1, "whole\nhal"), sent(CLOSE, "")].concat());
        house.settle();
        let left = [told(TEXT, "joe: whole\n"), told(TEXT, "joe has left\n")].concat();
        assert_eq!(ann.take_received(), left);
    });
}

/// [common/ws-2] [common/ws-3] [common/ws-4] [common/ws-5] [common/ws-8] [common/ws-9]
#[test]
fn a_broken_rule_ends_the_connection_with_its_code_and_the_lines_before_it_count() {
    let breaches: [(&[u8], u16); 14] = [
        (b"\x81\x02hi", 1002),     // not masked
        (&sent(0xC1, "hi"), 1002), // a bit that is reserved
        (&sent(0x83, "hi"), 1002), // an opcode that is reserved
        (&sent(0x8B, ""), 1002),
        (&sent(0x80, "hi"), 1002), // the rest of no message
        (&[sent(1, "a"), sent(1, "b")].concat(), 1002),
        (&sent(9, ""), 1002), // a control frame in parts
        (&sent(PING, [0; 126]), 1002),
        (b"\x81\xfe\0\x7d", 1002), // a length that could be shorter
        (b"\x81\xff\0\0\0\0\0\0\xff\xff", 1002),
        (&sent(TEXT, b"h\xe4llo"), 1007),
        (&sent(TEXT, b"half \xe2\x82"), 1007),
        (&[b"\x82\xff\0\0\0\0\0\x01\0\x01", &MASK[..]].concat(), 1009),
        (
            &[sent(2, [b'x'; 1_000]), b"\x80\xff\0\0\0\0\0\0\xff\xff".to_vec(), MASK.to_vec()]
                .concat(),
            1002,
        ),
    ];
    over_websocket(&ROOMS, |house| {
        let ann = member(house, "ann");
        for (breach, code) in breaches {
            let joe = member(house, "joe");
            ann.take_received();
            ask(
                house,
                &joe,
                [&sent(TEXT, "last words"), breach].concat(),
                [told(TEXT, "joe: last words\n"), close(code)].concat(),
            );
            assert_ne!(joe.end(), End::Open);
            let left = [told(TEXT, "joe: last words\n"), told(TEXT, "joe has left\n")].concat();
            assert_eq!(ann.take_received(), left, "{}", breach.escape_ascii());
        }
    });
}

/// [common/ws-8]
#[test]
fn a_close_frame_is_answered_with_its_code_behind_what_is_pending() {
    let answers = [
        (sent(CLOSE, ""), told(CLOSE, "")),
        (sent(CLOSE, b"\x03\xe8bye"), close(1000)),
        (sent(CLOSE, b"\x0f\xa0"), close(4000)),
        (sent(CLOSE, b"\x03\xe8\xff"), close(1007)),
        (sent(CLOSE, b"\x03"), close(1002)),
        (sent(CLOSE, b"\x03\xed"), close(1002)),
    ];
    over_websocket(&ROOMS, |house| {
        for (ours, theirs) in &answers {
            let joe = member(house, "joe");
            let bytes = [sent(TEXT, "bye"), ours.clone()].concat();
            ask(house, &joe, bytes, [told(TEXT, "joe: bye\n"), theirs.clone()].concat());
            assert_ne!(joe.end(), End::Open);
        }
        house.settle();
        house.pass(Duration::from_secs(5));
        house.assert_empty();
    });
}

/// [common/ws-8]
#[test]
fn the_code_says_why_the_server_ends_the_connection() {
    over_websocket(&LOGIN, |house| {
        let joe = connect(house);
        ask(house, &joe, sent(TEXT, "LOGIN joe"), told(TEXT, "OK\n"));
        house.pass(Duration::from_secs(60));
        let mut heard = joe.take_received();
        assert!(heard.starts_with(b"\x89\0"), "it is asked");
        heard.drain(..2);
        assert_eq!(heard, [told(TEXT, "ERR idle-timeout\n"), close(1008)].concat());
    });
    over_websocket(&CHANNELS, |house| {
        let joe = connect(house);
        ask(house, &joe, sent(TEXT, "QUIT"), [told(TEXT, "OK Goodbye!\r\n"), close(1000)].concat());
    });
    over_websocket(&ROOMS, |house| {
        let (joe, late) = (member(house, "joe"), connect(house));
        let wrong = connect(house);
        ask(house, &wrong, sent(TEXT, "HELLO"), [told(TEXT, "ERROR\n"), close(1008)].concat());
        house.pass(before(Duration::from_secs(30)));
        joe.take_received();
        house.pass(TICK);
        assert_eq!(late.take_received(), close(1008), "no first line");
        joe.take_received();
        house.stop();
        house.settle();
        assert_eq!(joe.take_received(), close(1001));
    });
}

/// [common/ws-8] [common/limit-2]
#[test]
fn a_client_over_the_limit_is_told_before_and_after_the_upgrade() {
    over_websocket_with(&ROOMS, &Limits { clients_max: 1, ..Limits::default() }, |house| {
        house.quirks.percent = 0; // the farewell is tried once, so the wire must take it
        connect(house);
        let second = house.connect_plainly();
        let heard = String::from_utf8(second.take_received()).expect("text");
        assert!(heard.starts_with("HTTP/1.1 503 ") && heard.contains("too many"), "{heard}");
        assert!(second.is_closed());
    });
}

/// An eviction says so, if there is a frame's end to say it at. [common/ws-8] [common/outbox-8]
#[test]
fn a_stalled_client_is_given_up_within_a_frame() {
    over_websocket(&ROOMS, |house| {
        let ann = member(house, "ann");
        house.quirks.down_max = 140;
        let sam = member(house, "sam");
        sam.stall();
        ann.post(&sent(TEXT, "x".repeat(300)));
        house.pass(Duration::from_secs(30));
        assert!(sam.is_closed());
        assert_eq!(house.endings(), [(CloseReason::Stalled, 1)]);
    });
}

/// [common/ws-6]
#[test]
fn pings_are_answered_in_their_order() {
    over_websocket(&ROOMS, |house| {
        let joe = member(house, "joe");
        let asked: Vec<u8> = (0..10).flat_map(|number| sent(PING, [number; 9])).collect();
        let answers: Vec<u8> = (0..10).flat_map(|number| told(PONG, [number; 9])).collect();
        ask(house, &joe, asked, answers);
        ask(house, &joe, sent(PONG, "unasked"), "");
        ask(house, &joe, sent(PING, [b'x'; 125]), told(PONG, [b'x'; 125]));
    });
}

/// [common/ws-6]
#[test]
fn of_a_flood_of_pings_the_last_is_answered_and_little_is_kept() {
    over_websocket(&ROOMS, |house| {
        house.quirks.down_max = 50;
        let joe = connect(house);
        joe.stall();
        let pings: Vec<u8> =
            (0..10_000_u32).flat_map(|number| sent(PING, number.to_be_bytes())).collect();
        joe.post(&pings);
        house.settle();
        assert_eq!(joe.unread(), 0, "they are read");
        joe.resume();
        house.settle();
        let heard = joe.take_received();
        assert!(heard.len() <= WS_ANSWERS_BYTES_MAX + 100, "{} bytes", heard.len());
        assert_eq!(heard.len() % 6, 0, "each pong is whole");
        let numbers: Vec<u32> = heard
            .chunks(6)
            .map(|pong| u32::from_be_bytes(pong[2..].try_into().expect("four bytes")))
            .collect();
        assert!(numbers.is_sorted() && numbers.last() == Some(&9_999), "{numbers:?}");
    });
}

/// Each is refused by the system before the next one comes. [common/ws-6]
#[test]
fn of_pings_that_come_one_by_one_little_is_kept() {
    over_websocket(&ROOMS, |house| {
        house.quirks.down_max = 50;
        let joe = connect(house);
        joe.stall();
        for number in 0..300_u32 {
            joe.post(&sent(PING, [&number.to_be_bytes()[..], &[0; 121]].concat()));
            house.settle();
        }
        assert_eq!(joe.unread(), 0, "they are read");
        joe.resume();
        house.settle();
        let heard = joe.take_received();
        assert!(heard.len() <= WS_ANSWERS_BYTES_MAX + 100, "{} bytes", heard.len());
        let (_, last) = heard.split_at(heard.len() - 125);
        assert_eq!(last[..4], 299_u32.to_be_bytes());
    });
}

/// [common/ws-6] [common/prompt-2]
#[test]
fn a_flood_of_pings_leaves_others_their_turn() {
    over_websocket(&ROOMS, |house| {
        house.quirks.up_max = 1 << 23;
        let joe = member(house, "joe");
        let flood = sent(PONG, "").repeat(500_000);
        let begun = house.executor.polls();
        ask(house, &joe, &flood, "");
        let polls = house.executor.polls() - begun;
        assert!(polls >= flood.len() / 65_536 / 16, "{polls} polls");
        ask(house, &joe, sent(TEXT, "y"), told(TEXT, "joe: y\n"));
    });
}

/// [common/ws-6] [common/flow-1]
#[test]
fn a_ping_is_answered_although_the_sender_is_held() {
    over_websocket(&SIMPLE, |house| {
        let [sam] = house.members(["sam"]);
        house.quirks.down_max = 3;
        let [joe] = house.members(["joe"]);
        sam.stall();
        joe.stall();
        let asked = joe.ping();
        house.settle();
        let line = String::from_utf8(SIMPLE.say("x".repeat(1_000))).expect("text");
        house.send(&joe, &line.repeat(500));
        assert!(joe.unread() > 0, "it is held");
        joe.resume();
        house.settle();
        assert!(joe.unread() > 0, "it is held still");
        assert!(joe.last_pong() >= asked);
    });
}

/// [common/ws-6] [common/ws-10]
#[test]
fn a_pong_stands_between_two_frames() {
    over_websocket(&ROOMS, |house| {
        let joe = member(house, "joe");
        for accepted in 1..16 {
            house.quirks.down_max = accepted;
            let ann = member(house, "ann");
            joe.take_received();
            ann.stall();
            joe.post(&sent(TEXT, "hello"));
            house.settle();
            ann.post(&sent(PING, "?"));
            house.settle();
            ann.resume();
            house.settle();
            let (line, pong) = (told(TEXT, "joe: hello\n"), told(PONG, "?"));
            let heard = ann.take_received();
            assert!(heard == [line, pong].concat(), "{}", heard.escape_ascii());
            ann.reset(true);
            house.settle();
        }
    });
}

/// [common/ws-7]
#[test]
fn a_silent_client_is_asked_after_30_s_and_given_up_after_90() {
    over_websocket(&ROOMS, |house| {
        let joe = member(house, "joe");
        house.pass(before(WS_SILENCE));
        assert_eq!(joe.take_received(), b"");
        house.pass(TICK);
        assert_eq!(joe.take_received(), told(PING, ""));
        house.pass(before(WS_PING_TIMEOUT));
        ask(house, &joe, sent(PONG, ""), "");
        house.pass(before(WS_SILENCE));
        assert_eq!(joe.take_received(), b"", "the silence begins anew");
        house.pass(TICK);
        assert_eq!(joe.take_received(), told(PING, ""));
        house.pass(before(WS_PING_TIMEOUT));
        assert_eq!(joe.end(), End::Open);
        house.pass(TICK);
        assert_ne!(joe.end(), End::Open);
        assert_eq!(joe.take_received(), close(1002));
        assert_eq!(house.endings(), [(CloseReason::Reset, 1)]);
    });
}

/// A pong that has arrived is not late. [common/ws-7] [common/idle-2]
#[test]
fn a_pong_that_comes_in_the_last_moment_counts() {
    over_websocket(&ROOMS, |house| {
        let joe = member(house, "joe");
        house.pass(WS_SILENCE);
        house.pass(before(WS_PING_TIMEOUT));
        joe.take_received();
        joe.post(&sent(PONG, ""));
        joe.deliver(usize::MAX);
        house.clock.set(house.now() + TICK);
        house.settle();
        ask(house, &joe, sent(TEXT, "here"), told(TEXT, "joe: here\n"));
    });
}

/// [common/eos-5] [common/ws-8]
#[test]
fn an_end_below_without_a_close_frame_is_a_reset() {
    over_websocket(&ROOMS, |house| {
        let ann = member(house, "ann");
        let joe = member(house, "joe");
        ann.take_received();
        joe.post(&sent(TEXT, "my last line"));
        joe.cut();
        house.settle();
        let left = [told(TEXT, "joe: my last line\n"), told(TEXT, "joe has left\n")].concat();
        assert_eq!(ann.take_received(), left);
        assert_eq!(house.endings(), [(CloseReason::Reset, 1)]);
    });
}

/// Frames that come with the request belong to the session. [common/ws-1]
#[test]
fn frames_behind_the_request_are_not_lost() {
    over_websocket(&ROOMS, |house| {
        let joe = house.connect_plainly();
        let frames = [sent(TEXT, "JOIN den joe\nhi"), sent(PING, "?")].concat();
        joe.post(&[request("rooms", "").as_bytes(), &frames].concat());
        house.settle();
        let heard = joe.take_received();
        let end = heard.windows(4).position(|four| four == b"\r\n\r\n").expect("it is answered");
        let lines = b"joe has joined\n";
        let pong = told(PONG, "?");
        let rest = &heard[end + 4..];
        assert!(rest.windows(lines.len()).any(|part| part == lines));
        assert!(rest.windows(pong.len()).any(|part| part == pong));
        assert!(rest.windows(8).any(|part| part == b"joe: hi\n"));
    });
}

/// [common/ws-10]
#[test]
fn a_frame_is_whole_wherever_its_write_is_cut() {
    over_websocket(&ROOMS, |house| {
        let joe = member(house, "joe");
        for text in ["a line".to_owned(), "b".repeat(200), "c\n".repeat(100) + "\u{e4}"] {
            for accepted in (1..20).chain([100, 200]) {
                house.quirks.down_max = accepted;
                let ann = house.member("den", "ann");
                ann.take_received();
                joe.take_received();
                ann.stall();
                joe.post(&sent(TEXT, &text));
                house.settle();
                ann.resume();
                house.settle();
                let said = text.split('\n').map(|line| format!("joe: {line}\n"));
                assert_eq!(ann.heard(), said.collect::<String>(), "{accepted} at a time");
                ann.reset(true);
                house.settle();
            }
        }
    });
}

/// The list of a crowd is one line, and longer than a frame. [common/ws-10]
#[test]
fn a_line_that_is_longer_than_a_frame_is_a_message_in_parts() {
    let limits = Limits { outbox_bytes_max: usize::MAX, ..Limits::default() };
    each_seed(1, |seed| {
        let mut house = House::on(Network::WebSocket, &CHANNELS, seed, limits.clone());
        let long = "n".repeat(25);
        for number in 0..2_200 {
            let client = house.connect_plainly();
            let line = format!("USERNAME {long}{number:05}\nJOIN #den\n");
            client.post(&[request("channels", "").as_bytes(), &sent(TEXT, line)].concat());
            client.stall();
        }
        let joe = house.member("#den", "joe");
        joe.take_received();
        house.send(&joe, "USERS\n");
        let heard = joe.heard();
        assert!(heard.len() > 65_535 && heard.contains("00000") && heard.contains("02199"));
    });
}

//! Goal: over telnet the session has its bytes and the client its answers, whatever the client
//! sends and however it reads.
//!
//! Method: clients that write the bytes of the wire themselves, on the networks of the other
//! scenarios. Most of those scenarios and the random sessions are played over telnet as well, by a
//! client with an end of telnet of its own ([`layer::telnet`](super::layer::telnet)).
//!
//! Limits: whole streams, cut everywhere, are the matter of `core::telnet`; real clients that of
//! `tests/chat/telnet.rs`.

use super::house::{House, Network, TICK, before};
use super::replay::each_seed;
use super::wire::{Client, End, Quirks};
use crate::speech::{CHANNELS, LOGIN, ROOMS, SIMPLE, Speech};
use parlance_core::limits::{Limits, TELNET_ANSWERS_MAX};
use parlance_core::protocol::CloseReason;
use std::time::Duration;

const NETWORKS: u64 = 12;
const DO_ECHO: &[u8] = b"\xff\xfd\x01";
const WONT_ECHO: &[u8] = b"\xff\xfc\x01";
const NOP: &[u8] = b"\xff\xf1";

/// What `PuTTY` sends at once: WILL of window size, speed, terminal type and environment, DO ECHO,
/// WILL and DO of no go-aheads.
const PUTTY: &[u8] = b"\xff\xfb\x1f\xff\xfb\x20\xff\xfb\x18\xff\xfb\x27\xff\xfd\x01\xff\xfb\x03\
    \xff\xfd\x03";
const REFUSED: &[u8] = b"\xff\xfe\x1f\xff\xfe\x20\xff\xfe\x18\xff\xfe\x27\xff\xfc\x01\xff\xfe\x03\
    \xff\xfc\x03";

fn over_telnet(speech: &'static Speech, scenario: impl Fn(&mut House)) {
    over_telnet_with(speech, &Limits::default(), scenario);
}

fn over_telnet_with(speech: &'static Speech, limits: &Limits, scenario: impl Fn(&mut House)) {
    each_seed(NETWORKS, |seed| {
        let mut house = House::on(Network::Telnet, speech, seed, limits.clone());
        if seed > 0 {
            house.quirks = Quirks { percent: 25, lies: seed % 3 == 2, ..Quirks::NONE };
        }
        scenario(&mut house);
    });
}

/// What a client that sends `bytes` is sent.
#[track_caller]
fn ask(house: &House, client: &Client, bytes: impl AsRef<[u8]>, answer: impl AsRef<[u8]>) {
    client.post(bytes.as_ref());
    house.settle();
    let (heard, answer) = (client.take_received(), answer.as_ref());
    assert!(heard == answer, "{:?} and not {:?}", heard.escape_ascii(), answer.escape_ascii());
}

/// A member of the den that writes the bytes of the wire itself.
fn member(house: &mut House, name: &str) -> Client {
    let client = house.connect_plainly();
    client.post(format!("JOIN den {name}\r\n").as_bytes());
    house.settle();
    client.take_received();
    client
}

/// [common/telnet-2] [common/framing-7]
#[test]
fn the_first_requests_of_putty_are_refused_and_its_session_begins() {
    over_telnet(&ROOMS, |house| {
        let joe = house.connect_plainly();
        house.pass(TICK);
        assert_eq!(joe.received(), b"", "the server asks for nothing");
        ask(house, &joe, PUTTY, REFUSED);
        ask(house, &joe, "JOIN den joe\r\n", "joe has joined\r\n");
        ask(house, &joe, "hello\r\0", "joe: hello\r\n");
        // What it does with the answers.
        ask(house, &joe, b"\xff\xfc\x1f\xff\xfe\x01\xff\xfc\x03\xff\xfe\x03", "");
    });
}

/// [common/telnet-2] [common/telnet-3]
#[test]
fn a_client_that_was_interrupted_gets_the_mark_that_it_waits_for() {
    over_telnet(&ROOMS, |house| {
        let joe = member(house, "joe");
        ask(house, &joe, b"half a l\xff\xf4\xff\xfd\x06", b"\xff\xfc\x06");
        ask(house, &joe, "ine\r\n", "joe: half a line\r\n");
        ask(house, &joe, b"\xff\xf4\xff\xfd\x06again\r\n", b"\xff\xfc\x06joe: again\r\n");
    });
}

/// [common/telnet-3] [common/telnet-4] [common/telnet-5] [common/framing-3]
#[test]
fn every_byte_of_a_line_passes_through() {
    over_telnet(&ROOMS, |house| {
        let joe = member(house, "joe");
        ask(house, &joe, b"\xff\xff\0\x80\xff\xff\n", b"joe: \xff\xff\0\x80\xff\xff\r\n");
        ask(house, &joe, b"a\rb\r\r\xff\xff\r\n", b"joe: a\r\0b\r\0\r\0\xff\xff\r\n");
        let long = "x".repeat(19_999);
        ask(house, &joe, format!("{long}\n"), format!("joe: {long}\r\n"));
    });
}

/// [common/telnet-5]
#[test]
fn a_dialect_whose_lines_end_in_cr_lf_has_no_further_cr() {
    over_telnet(&CHANNELS, |house| {
        let joe = house.connect_plainly();
        joe.post(b"USERNAME joe\r\n");
        house.settle();
        let heard = joe.take_received();
        assert!(heard.ends_with(b"\r\n") && !heard.ends_with(b"\r\r\n"), "{heard:?}");
        assert!(!heard.contains(&0));
    });
}

/// [common/telnet-3] [common/limit-1]
#[test]
fn requests_and_commands_extend_no_deadline() {
    over_telnet(&ROOMS, |house| {
        let joe = house.connect_plainly();
        house.pass(before(Duration::from_secs(30)));
        ask(house, &joe, [DO_ECHO, NOP, b"\xff\xfa\x18\0XTERM\n\xff\xf0"].concat(), WONT_ECHO);
        assert_eq!(joe.end(), End::Open);
        house.pass(TICK);
        assert!(joe.is_closed());
        assert_eq!(house.endings(), [(CloseReason::FirstLineLate, 1)]);
    });
    over_telnet(&LOGIN, |house| {
        let joe = house.connect_plainly();
        ask(house, &joe, "LOGIN joe\r\n", "OK\r\n");
        house.pass(before(Duration::from_secs(60)));
        ask(house, &joe, [PUTTY, NOP].concat(), REFUSED);
        house.pass(TICK);
        assert_eq!(joe.take_received(), b"ERR idle-timeout\r\n");
    });
}

/// A line behind any number of commands has arrived: it is not late. [common/idle-2]
#[test]
fn a_line_behind_a_flood_of_commands_is_not_late() {
    over_telnet(&LOGIN, |house| {
        house.quirks = Quirks { up_max: 1 << 20, ..Quirks::NONE };
        let joe = house.connect_plainly();
        ask(house, &joe, "LOGIN joe\r\n", "OK\r\n");
        house.pass(before(Duration::from_secs(60)));
        joe.post(&[b"P", &NOP.repeat(200_000)[..], b"ING\r\n"].concat());
        joe.deliver(usize::MAX);
        house.clock.set(house.now() + TICK);
        house.settle();
        assert_eq!(joe.take_received(), b"PONG\r\n");
    });
}

/// [common/telnet-3] [common/prompt-2]
#[test]
fn a_flood_of_commands_leaves_others_their_turn() {
    over_telnet(&ROOMS, |house| {
        house.quirks = Quirks { up_max: 1 << 23, ..Quirks::NONE };
        let joe = member(house, "joe");
        for flood in [NOP.repeat(2_000_000), [b"x", &NOP.repeat(2_000_000)[..]].concat()] {
            let begun = house.executor.polls();
            ask(house, &joe, &flood, "");
            let polls = house.executor.polls() - begun;
            assert!(polls >= flood.len() / 65_536 / 2, "{polls} polls");
        }
        ask(house, &joe, "y\r\n", "joe: xy\r\n");
    });
}

/// [common/telnet-6]
#[test]
fn a_client_that_asks_and_does_not_read_is_not_read() {
    over_telnet(&ROOMS, |house| {
        house.quirks.down_max = 10;
        let joe = house.connect_plainly();
        joe.stall();
        let times = 10_000;
        joe.post(&DO_ECHO.repeat(times));
        house.settle();
        let (read, most) = (3 * times - joe.unread(), 3 * (TELNET_ANSWERS_MAX + 4));
        assert!(read <= most, "{read} bytes were read");
        joe.post(b"JOIN den joe\r\n");
        joe.resume();
        house.settle();
        let answers = WONT_ECHO.repeat(times);
        let heard = joe.take_received();
        assert!(heard == [&answers[..], b"joe has joined\r\n"].concat(), "{} bytes", heard.len());
    });
}

/// [common/telnet-6] [common/flow-1]
#[test]
fn a_request_is_answered_although_the_sender_is_held() {
    over_telnet(&SIMPLE, |house| {
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

/// [common/telnet-6] [common/close-2]
#[test]
fn answers_that_wait_are_sent_before_the_end() {
    over_telnet(&ROOMS, |house| {
        house.quirks.down_max = 2;
        for (text, told) in [("HELLO\r\n", "ERROR\r\n"), ("", "")] {
            let joe = house.connect_plainly();
            joe.stall();
            joe.post(&[DO_ECHO, text.as_bytes()].concat());
            if text.is_empty() {
                joe.half_close();
            }
            house.settle();
            assert_eq!(joe.end(), End::Open, "the answer waits");
            if !text.is_empty() {
                joe.post(DO_ECHO); // after the last line nothing is answered
            }
            joe.resume();
            house.settle();
            assert_eq!(joe.take_received(), [WONT_ECHO, told.as_bytes()].concat());
            assert_ne!(joe.end(), End::Open);
        }
    });
}

/// A client that never reads its answer keeps its connection for no longer than one with lines.
/// [common/telnet-6] [common/eos-4]
#[test]
fn answers_that_nobody_reads_are_given_up_after_five_seconds() {
    over_telnet(&ROOMS, |house| {
        house.quirks.down_max = 2;
        let joe = house.connect_plainly();
        joe.stall();
        joe.post(DO_ECHO);
        joe.half_close();
        house.pass(before(Duration::from_secs(5)));
        assert_eq!(joe.end(), End::Open);
        house.pass(TICK);
        assert!(joe.is_closed());
        house.assert_empty();
    });
}

/// [common/telnet-1] [common/limit-2]
#[test]
fn a_client_over_the_limit_is_told_in_telnet() {
    over_telnet_with(&ROOMS, &Limits { clients_max: 1, ..Limits::default() }, |house| {
        house.quirks.percent = 0; // the farewell is tried once, so the wire must take it
        house.connect_plainly();
        let second = house.connect_plainly();
        assert_eq!(
            (second.take_received().as_slice(), second.end()),
            (&b"ERROR\r\n"[..], End::Closed)
        );
    });
}

/// [common/telnet-5]
#[test]
fn a_line_is_whole_wherever_its_write_is_cut() {
    over_telnet(&ROOMS, |house| {
        let joe = member(house, "joe");
        for accepted in 1..20 {
            house.quirks.down_max = accepted;
            let ann = member(house, "ann");
            ann.stall();
            joe.post(b"a\rb\xff\xff\xff\xff\xff\xff\r\n");
            house.settle();
            ann.resume();
            house.settle();
            let wire = b"joe: a\r\0b\xff\xff\xff\xff\xff\xff\r\n";
            assert!(ann.take_received() == wire, "accepted to {accepted} at first");
            ann.reset(true);
            house.settle();
        }
    });
}

/// [common/telnet-6]
#[test]
fn an_answer_stands_between_two_bytes_of_data() {
    over_telnet(&ROOMS, |house| {
        let joe = member(house, "joe");
        for accepted in 1..14 {
            house.quirks.down_max = accepted;
            let ann = member(house, "ann");
            ann.stall();
            joe.post(b"\xff\xff\xff\xff\r\n");
            house.settle();
            ann.post(DO_ECHO);
            house.settle();
            ann.resume();
            house.settle();
            let heard = ann.take_received();
            let at = heard.windows(3).position(|three| three == WONT_ECHO).expect("it is answered");
            let rest = [&heard[..at], &heard[at + 3..]].concat();
            assert_eq!(rest, b"joe: \xff\xff\xff\xff\r\n");
            assert!(![6, 8, 10].contains(&at), "the answer is within a byte");
            ann.reset(true);
            house.settle();
        }
    });
}

/// [common/telnet-1] [common/eos-5]
#[test]
fn a_reset_behind_data_is_no_end_of_the_stream() {
    over_telnet(&ROOMS, |house| {
        let ann = member(house, "ann");
        let joe = member(house, "joe");
        joe.post(&DO_ECHO.repeat(2_000));
        joe.deliver(usize::MAX);
        joe.reset(false);
        house.settle();
        let heard = String::from_utf8(ann.take_received()).expect("text");
        assert!(heard.ends_with("joe has left\r\n"), "{heard}");
        assert_eq!(house.endings(), [(CloseReason::Reset, 1)]);
    });
}

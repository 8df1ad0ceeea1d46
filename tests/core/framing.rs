//! Lines do not depend on how their bytes are cut.
//!
//! Goal: the clauses of framing, at every cut there is.
//!
//! Method: streams that hold every kind of line end, and lines around the longest there may be, are
//! cut everywhere: in two at each byte, into pieces of each length, and byte by byte. The framer
//! must give what splitting the whole at every LF gives (`support::oracle`).
//!
//! Limits: a handful of streams; the fuzz target `framing` tries others.

use crate::support::fuzz_bodies::frames;
use crate::support::oracle::{self, Lines};
use parlance_core::limits::{LINE_BYTES_MAX, Limits};
use parlance_core::protocol::framing::{Frame, Framer};
use parlance_core::protocol::rooms::Rooms;
use parlance_core::protocol::{Answer, Request, Session};
use parlance_core::time::Time;

const STREAM: &[u8] =
    b"one\ntwo\r\n\n\r\n\r\r\nthr\ree\n\xff\0\xfe\n a b \r\nlast line without an end\r";

/// [common/framing-1] [common/framing-2] [common/framing-3] [common/framing-6]
#[test]
fn a_stream_cut_in_two_anywhere_gives_the_same_lines() {
    let expected = oracle::lines(STREAM);
    assert_eq!(expected.lines.len(), 8);
    for at in 0..=STREAM.len() {
        let (head, tail) = STREAM.split_at(at);
        assert_eq!(frames(&[head, tail]), expected, "cut at {at}");
    }
}

/// [common/framing-6]
#[test]
fn a_stream_cut_in_three_anywhere_gives_the_same_lines() {
    let expected = oracle::lines(STREAM);
    for first in 0..=STREAM.len() {
        for second in first..=STREAM.len() {
            let cuts = [&STREAM[..first], &STREAM[first..second], &STREAM[second..]];
            assert_eq!(frames(&cuts), expected, "cut at {first} and {second}");
        }
    }
}

/// [common/framing-6]
#[test]
fn pieces_of_any_length_give_the_same_lines() {
    let expected = oracle::lines(STREAM);
    for length in 1..=STREAM.len() {
        let pieces: Vec<&[u8]> = STREAM.chunks(length).collect();
        assert_eq!(frames(&pieces), expected, "pieces of {length}");
    }
}

/// A line of `length` bytes with its terminator `end`, and another one after it.
fn long(length: usize, end: &[u8]) -> Vec<u8> {
    [&vec![b'x'; length - end.len()], end, b"next\n"].concat()
}

/// [common/framing-4] [rooms/text-2]
#[test]
fn a_line_of_20_000_bytes_is_whole_however_it_comes() {
    for end in [&b"\n"[..], b"\r\n"] {
        let stream = long(20_000, end);
        let content = vec![b'x'; 20_000 - end.len()];
        let expected = Lines { lines: vec![content, b"next".to_vec()], too_long: false };
        for at in [0, 1, 10_000, 19_997, 19_998, 19_999, 20_000, 20_001] {
            let (head, tail) = stream.split_at(at);
            assert_eq!(frames(&[head, tail]), expected, "cut at {at}");
        }
        let bytes: Vec<&[u8]> = stream.chunks(1).collect();
        assert_eq!(frames(&bytes), expected, "byte by byte");
    }
}

/// [common/framing-4] [common/framing-5]
#[test]
fn a_byte_more_is_too_long_however_it_comes() {
    let expected = Lines { lines: Vec::new(), too_long: true };
    for stream in [long(20_001, b"\n"), long(20_001, b"\r\n"), vec![b'x'; 20_000]] {
        for at in [0, 1, 10_000, 19_998, 19_999, 20_000] {
            let (head, tail) = stream.split_at(at);
            assert_eq!(frames(&[head, tail]), expected, "cut at {at}");
        }
        let bytes: Vec<&[u8]> = stream.chunks(1).collect();
        assert_eq!(frames(&bytes), expected, "byte by byte");
    }
}

/// [common/framing-9]
#[test]
fn an_unfinished_line_needs_no_more_memory_than_the_longest_line() {
    for length in [1, 7, 100, 1_460, 4_096, 9_999, 19_999] {
        let mut framer = Framer::default();
        let mut held = 0;
        while held + length < LINE_BYTES_MAX {
            assert_eq!(framer.next(&vec![b'x'; length]), (Frame::Unfinished, length));
            held += length;
            let memory = framer.memory_len();
            assert!(memory <= LINE_BYTES_MAX.min(2 * held), "{held} bytes held in {memory}");
        }
        let rest = [vec![b'x'; LINE_BYTES_MAX - held - 1], b"\n".to_vec()].concat();
        let (frame, _) = framer.next(&rest);
        assert_eq!(frame, Frame::Line(&vec![b'x'; LINE_BYTES_MAX - 1]));
        assert!(framer.memory_len() <= LINE_BYTES_MAX, "{} bytes", framer.memory_len());
    }
}

/// [common/framing-9]
#[test]
fn a_session_keeps_no_memory_of_a_line_that_has_ended() {
    let ended = |session: &mut Session, line: &[u8]| {
        let (head, tail) = line.split_at(line.len() - 1);
        session.feed(head, Time::ZERO);
        assert!(session.unfinished_memory_len() >= head.len());
        session.feed(tail, Time::ZERO);
        assert_eq!(session.unfinished_memory_len(), 0);
    };
    let mut session = Session::new(&Rooms, &Limits::default(), Time::ZERO);
    ended(&mut session, b"JOIN den joe\n");
    assert!(matches!(session.take_request(), Some(Request::Enter { .. })));
    session.answer(Answer::Entered);
    ended(&mut session, &long(20_000, b"\n")[..20_000]);
    assert!(matches!(session.take_request(), Some(Request::Publish { .. })));
    session.answer(Answer::Published);
    session.feed(&[b'x'; 10_000], Time::ZERO);
    session.reset();
    assert_eq!(session.unfinished_memory_len(), 0);
}

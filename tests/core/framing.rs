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

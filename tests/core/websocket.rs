//! WebSocket is taken out of a stream, and put around lines, as RFC 6455 and the clauses have it.
//!
//! Goal: the clauses of WebSocket for every header, however the stream is cut.
//!
//! Method: a stream that holds every kind of thing is cut everywhere; every pair of first bytes is
//! tried in every place; random frames, right and wrong, and random lines. The obvious version
//! (`support::websocket`) says what is right.
//!
//! Limits: a connection that uses the codec is tested in `tests/network/websocket.rs`; Autobahn's
//! cases are run by `scripts/websocket-cases`.

use crate::support::websocket::{Decoded, agrees, decode, decoded, encode_accepted, shown};
use parlance_core::limits::WS_ANSWERS_BYTES_MAX;
use parlance_core::protocol::websocket::{Answers, Encoder};
use proptest::prelude::*;

/// A frame of a client's.
fn frame(first: u8, content: &[u8], mask: [u8; 4]) -> Vec<u8> {
    let length = content.len();
    let mut wire = vec![first];
    match length {
        0..126 => wire.push(0x80 | u8::try_from(length).expect("it is short")),
        126..65_536 => {
            wire.push(0xFE);
            wire.extend(u16::try_from(length).expect("it fits").to_be_bytes());
        }
        _ => {
            wire.push(0xFF);
            wire.extend((length as u64).to_be_bytes());
        }
    }
    wire.extend(mask);
    wire.extend(content.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    wire
}

fn stream(frames: &[(u8, &[u8])]) -> Vec<u8> {
    let mask = |at: u8| [0x37, 0xFA, 0x21, 0x3D].map(|byte: u8| byte.wrapping_mul(at | 1));
    let frames = (0..).zip(frames);
    frames.flat_map(|(at, (first, content))| frame(*first, content, mask(at))).collect()
}

/// [common/ws-1] [common/ws-2] [common/ws-3] [common/ws-4] [common/ws-5] [common/ws-6]
#[test]
fn a_stream_cut_anywhere_gives_the_same_data_and_answers() {
    let long = [b'l'; 130];
    let stream = stream(&[
        (0x81, b"one"),
        (0x82, b"\xfftwo\nthree\n"),
        (0x81, b""),
        (0x01, "h\u{e4}".as_bytes().split_at(2).0),
        (0x89, b"ping"),
        (0x00, b""),
        (0x80, b"\xa4llo"),
        (0x8A, b"pong"),
        (0x02, b"a\n"),
        (0x80, b""),
        (0x82, &long),
        (0x89, b""),
        (0x88, b"\x03\xe8bye"),
        (0x81, b"not said"),
    ]);
    let expected = Decoded {
        data: [b"one\n\xfftwo\nthree\n\nh\xc3\xa4llo\na\n", &long[..], b"\n"].concat(),
        pings: vec![b"ping".to_vec(), b"".to_vec()],
        end: Some(1000),
    };
    assert_eq!(decoded(&stream), expected);
    for first in 0..=stream.len() {
        for second in first..=stream.len() {
            let cuts = [&stream[..first], &stream[first..second], &stream[second..]];
            assert_eq!(decode(&cuts), expected, "cut at {first} and {second}");
        }
    }
    let bytes: Vec<&[u8]> = stream.chunks(1).collect();
    assert_eq!(decode(&bytes), expected, "byte by byte");
}

/// [common/ws-2] [common/ws-3] [common/ws-4]
#[test]
fn every_pair_of_first_bytes_in_every_place_means_what_the_obvious_version_says() {
    let places: [Vec<u8>; 4] =
        [vec![], stream(&[(0x01, b"text")]), stream(&[(0x02, b"\xff")]), stream(&[(0x81, b"x")])];
    for place in places {
        for (first, second) in (0..=255_u8).flat_map(|a| (0..=255_u8).map(move |b| (a, b))) {
            for rest in [&[0; 8][..], &[0, 126, 1, 2, 3, 4, 5], &[0, 0, 0, 0, 0, 1, 0, 0, 9, 9]] {
                let stream = [&place, &[first, second][..], rest].concat();
                assert_eq!(decode(&[&stream]), decoded(&stream), "{}", stream.escape_ascii());
            }
        }
    }
}

/// [common/ws-2] [common/ws-9]
#[test]
fn every_length_is_as_short_as_it_can_be_and_no_longer_than_a_message() {
    for (length, end) in [(0, None), (125, None), (126, None), (65_535, None), (65_536, None)] {
        let content = vec![b'x'; length];
        let found = decode(&[&frame(0x82, &content, [1, 2, 3, 4])]);
        assert_eq!((found.data.len(), found.end), (length + 1, end));
    }
    let head = |wide: u8, length: u64| {
        let bytes = length.to_be_bytes();
        let bytes = if wide == 126 { &bytes[6..] } else { &bytes[..] };
        [&[0x82, 0x80 | wide], bytes, &[0; 4]].concat()
    };
    for (wide, length, end) in [
        (126, 125, Some(1002)),
        (126, 126, None),
        (127, 65_535, Some(1002)),
        (127, 65_536, None),
        (127, 65_537, Some(1009)),
        (127, (1 << 63) - 1, Some(1009)),
        (127, 1 << 63, Some(1002)),
    ] {
        assert_eq!(decode(&[&head(wide, length)]).end, end, "{length} in {wide}");
    }
    let parts =
        [frame(0x02, &vec![b'x'; 65_000], [7; 4]), frame(0x00, &[b'x'; 536], [7; 4])].concat();
    assert_eq!(decode(&[&parts]).end, None);
    assert_eq!(decode(&[&parts, &frame(0x80, b"", [7; 4])]).data.len(), 65_537);
    assert_eq!(decode(&[&parts, &frame(0x80, b"x", [7; 4])]).end, Some(1009));
}

/// Every close code, with the ranges of RFC 6455, 7.4, and IANA's registry. [common/ws-8]
#[test]
fn a_close_code_is_one_that_a_peer_may_send() {
    for code in 0..=u16::MAX {
        let found = decode(&[&frame(0x88, &code.to_be_bytes(), [1; 4])]).end;
        let may = matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999);
        assert_eq!(found, Some(if may { code } else { 1002 }));
    }
}

/// Wrong text is noticed at its first wrong byte. [common/ws-5]
#[test]
fn text_is_wrong_from_its_first_wrong_byte_on() {
    let texts: [(&[u8], usize); 12] = [
        (b"a\xff", 1),
        (b"a\x80", 1),
        (b"\xc0\x80", 0),
        (b"\xc1", 0),
        (b"\xe0\x9f\xbf", 1),
        (b"\xed\xa0\x80", 1),
        (b"\xf0\x8f\xbf\xbf", 1),
        (b"\xf4\x90\x80\x80", 1),
        (b"\xf5", 0),
        (b"\xe2\x82x", 2),
        (b"\xf0\x9f\x98x", 3),
        (b"\xc3\xc3", 1),
    ];
    for (text, wrong) in texts {
        let whole = frame(0x01, text, [5; 4]);
        let header = whole.len() - text.len();
        let before = decode(&[&whole[..header + wrong]]);
        assert_eq!((before.end, before.data.len()), (None, wrong), "{}", text.escape_ascii());
        assert_eq!(decode(&[&whole[..=header + wrong]]).end, Some(1007));
        let cut: Vec<&[u8]> = whole.chunks(1).collect();
        assert_eq!(decode(&cut), decode(&[&whole]));
        assert_eq!(decode(&[&frame(0x82, text, [5; 4])]).end, None, "bytes are no text");
    }
    let half = frame(0x81, b"\xe2\x82", [5; 4]);
    assert_eq!(decode(&[&half]).end, Some(1007), "a character ends with its message");
}

/// [common/ws-10]
#[test]
fn lines_go_out_as_text_where_they_are_and_as_bytes_where_they_are_not() {
    for (lines, wire) in [
        (&b"joe: hi\n"[..], &b"\x81\x08joe: hi\n"[..]),
        (b"a\nb\n", b"\x81\x04a\nb\n"),
        (b"a\xff\n", b"\x82\x03a\xff\n"),
        (b"\n", b"\x81\x01\n"),
    ] {
        assert_eq!(encode_accepted(false, b"", lines), wire);
        let binary = encode_accepted(true, b"", lines);
        assert_eq!((binary[0], &binary[1..]), (0x82, &wire[1..]));
    }
    for length in [124, 125, 126, 65_534, 65_535, 65_536, 200_000] {
        let lines = [vec![b'x'; length - 1], b"\ny\n".to_vec()].concat();
        let wire = encode_accepted(false, b"", &lines);
        let (data, kinds) = shown(&wire);
        assert_eq!(data, lines);
        assert_eq!(
            kinds.contains(&false),
            length > 65_535,
            "{length}: only a longer line has parts"
        );
    }
}

/// A part of a line is no message. [common/ws-10]
#[test]
fn a_frame_ends_with_a_line() {
    let encoder = Encoder::new(false);
    assert_eq!(encoder.next(b"a line without its end", true), None);
    let frame = encoder.next(b"a line\nand a part", true).expect("there is a line");
    assert_eq!((frame.header.bytes(), frame.length), (&b"\x81\x07"[..], 7));
}

/// [common/ws-6]
#[test]
fn pongs_that_are_too_many_leave_the_last_and_the_one_that_was_begun() {
    for begun in 0..12 {
        let mut answers = Answers::default();
        answers.pong(b"first one");
        let first = answers.bytes().to_vec();
        answers.accept(begun);
        for number in 0..1_000_u32 {
            answers.pong(&number.to_be_bytes());
            assert!(answers.bytes().len() <= WS_ANSWERS_BYTES_MAX);
        }
        let wire = [&first[..begun], answers.bytes()].concat();
        let mut rest = &wire[..];
        let mut last = Vec::new();
        while let [0x8A, length, after @ ..] = rest {
            let (content, after) = after.split_at(usize::from(*length));
            (last, rest) = (content.to_vec(), after);
        }
        assert_eq!((rest.len(), last), (0, 999_u32.to_be_bytes().to_vec()), "{begun} were begun");
    }
}

/// A layer below that refuses them has to be offered the same again. [common/ws-6]
#[test]
fn pongs_that_are_offered_and_refused_are_few_and_stay_as_they_are() {
    let mut answers = Answers::default();
    let mut heard = Vec::new();
    for number in 0..20_000_u32 {
        let content = [&number.to_be_bytes()[..], &vec![0; number as usize % 122]].concat();
        answers.pong(&content);
        let offered = answers.begin().to_vec();
        assert_eq!(offered, answers.begin());
        assert!(answers.bytes().len() <= WS_ANSWERS_BYTES_MAX, "{}", answers.bytes().len());
        assert!(answers.bytes().ends_with(&content), "the latest is answered");
        let accepted = if number < 10_000 { 0 } else { number as usize % 3 };
        heard.extend_from_slice(&offered[..accepted]);
        answers.accept(accepted);
    }
    while !answers.is_empty() {
        let offered = answers.begin().to_vec();
        heard.extend_from_slice(&offered);
        answers.accept(offered.len());
    }
    let (mut rest, mut last) = (&heard[..], None);
    while let [0x8A, length, after @ ..] = rest {
        let (content, after) = after.split_at(usize::from(*length));
        let number = content.first_chunk().map(|number| u32::from_be_bytes(*number));
        assert!(number > last, "{number:?} comes behind {last:?}");
        (last, rest) = (number, after);
    }
    assert_eq!((rest.len(), last), (0, Some(19_999)));
}

/// Frames of which most are right.
fn frames() -> impl Strategy<Value = Vec<u8>> {
    let first = prop_oneof![
        8 => prop::sample::select(vec![0x81_u8, 0x82, 0x01, 0x02, 0x00, 0x80, 0x89, 0x8A]),
        1 => Just(0x88),
        1 => any::<u8>(),
    ];
    let content = prop_oneof![
        4 => "[a-z\u{e4}\u{20ac}\u{1f600}\n]{0,20}".prop_map(String::into_bytes),
        1 => prop::collection::vec(any::<u8>(), 0..140),
    ];
    let one = (first, content, any::<[u8; 4]>())
        .prop_map(|(first, content, mask)| frame(first, &content, mask));
    prop::collection::vec(one, 0..12).prop_map(|frames| frames.concat())
}

/// The first line of a file: how the rest is cut.
fn cuts() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>().prop_filter("a line", |byte| *byte != b'\n'), 0..6)
}

proptest! {
    /// [common/ws-1] [common/ws-5] [common/ws-6] [common/ws-10]
    #[test]
    fn random_frames_cut_at_random_mean_what_the_obvious_version_says(
        cuts in cuts(), stream in frames(),
    ) {
        agrees(&[&cuts, &b"\n"[..], &stream].concat());
    }
}

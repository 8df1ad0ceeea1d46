//! Telnet is taken out of a stream, and put around one, as RFC 854 and the clauses have it.
//!
//! Goal: the clauses of telnet for every byte in every place, however the stream is cut.
//!
//! Method: a stream that holds every kind of thing is cut everywhere; every byte is tried in every
//! place; random streams in which little is plain data. The obvious version
//! (`support::telnet`) says what is right.
//!
//! Limits: a connection that uses the codec is tested in `tests/network/telnet.rs`, and beside the
//! code in `src/server/telnet/`.

use crate::support::telnet::{agrees, decode, decoded, encode, shown};
use parlance_core::limits::TELNET_ANSWERS_MAX;
use parlance_core::protocol::telnet::{Decoder, input_bytes_max};
use proptest::prelude::*;

const STREAM: &[u8] =
    b"\xff\xfb\x1fone\r\n\xff\xfd\x06tw\xff\xf4o\r\xff\xf1\0\xff\xfa\x18\0XT\xff\xff\
    \n\xff\xfd\x01ERM\xff\xf0th\xff\xffree\r\r\0\xff\xfc\x01\xff\xfe\x03\xff\xf0four\r\xff\xff\0\n";

const DATA: &[u8] = b"one\r\ntwo\r\nth\xffree\r\r\nfour\r\xff\0\n";
const ANSWERS: &[u8] = b"\xff\xfe\x1f\xff\xfc\x06";

/// [common/telnet-2] [common/telnet-3] [common/telnet-4]
#[test]
fn a_stream_cut_anywhere_gives_the_same_data_and_answers() {
    let expected = (DATA.to_vec(), ANSWERS.to_vec());
    assert_eq!(decoded(STREAM), expected);
    for first in 0..=STREAM.len() {
        for second in first..=STREAM.len() {
            let cuts = [&STREAM[..first], &STREAM[first..second], &STREAM[second..]];
            assert_eq!(decode(&cuts), expected, "cut at {first} and {second}");
        }
    }
    let bytes: Vec<&[u8]> = STREAM.chunks(1).collect();
    assert_eq!(decode(&bytes), expected, "byte by byte");
}

/// [common/telnet-2] [common/telnet-3] [common/telnet-4]
#[test]
fn every_byte_in_every_place_means_what_the_obvious_version_says() {
    for byte in 0..=255 {
        for byte_2 in 0..=255 {
            let places: [&[u8]; 6] =
                [b"", b"\xff", b"\r", b"\xff\xfa", b"\xff\xfax\xff", b"\xff\xfb"];
            for place in places {
                let stream = [place, &[byte, byte_2, b'x', 0]].concat();
                assert_eq!(decode(&[&stream]), decoded(&stream), "{}", stream.escape_ascii());
            }
        }
    }
}

/// [common/telnet-5]
#[test]
fn every_byte_behind_every_byte_goes_out_as_a_terminal_takes_it() {
    for byte in 0..=255 {
        for byte_2 in 0..=255 {
            let wire = encode(&[&[byte, byte_2], b"x\n"]);
            let lines = match [byte, byte_2] {
                [b'\r', b'\n'] => b"\nx\n".to_vec(),
                [..] => vec![byte, byte_2, b'x', b'\n'],
            };
            assert_eq!(shown(&wire), lines, "{}", wire.escape_ascii());
        }
    }
    assert_eq!(
        encode(&[b"joe: hi\n", b"bye\r", b"\n\r", b"\xff"]),
        b"joe: hi\r\nbye\r\n\r\0\xff\xff"
    );
}

/// Neither side has a last word that the other must answer. [common/telnet-2]
#[test]
fn two_ends_that_refuse_everything_fall_silent() {
    let mut said = b"\xff\xfd\x01\xff\xfb\x01\xff\xfc\x01\xff\xfe\x01".to_vec();
    for expected in [6, 0] {
        said = decode(&[&said]).1;
        assert_eq!(said.len(), expected);
    }
}

/// [common/telnet-3]
#[test]
fn a_subnegotiation_of_any_length_leaves_nothing() {
    let (mut decoder, mut answers) = (Decoder::default(), Vec::new());
    assert_eq!(decoder.decode(&mut b"\xff\xfa".to_vec(), &mut answers), 0);
    let within = decoder.clone();
    for _ in 0..1000 {
        let mut read = b"anything \xff\xff\xff\xfd\x01\n\r\0".repeat(100);
        assert_eq!(decoder.decode(&mut read, &mut answers), 0);
        assert_eq!(decoder, within, "it is where it was");
    }
    assert_eq!(decoder.decode(&mut b"\xff\xf0".to_vec(), &mut answers), 0);
    assert_eq!((decoder, answers.capacity()), (Decoder::default(), 0));
}

/// [common/telnet-6]
#[test]
fn a_read_never_brings_more_answers_than_may_wait() {
    assert_eq!(input_bytes_max(3 * TELNET_ANSWERS_MAX), 0);
    assert_eq!(input_bytes_max(3 * TELNET_ANSWERS_MAX - 1), 0, "a begun answer waits");
    assert_eq!(input_bytes_max(usize::MAX), 0);
    for begun in 0..3 {
        for waiting in (0..3 * TELNET_ANSWERS_MAX).step_by(7) {
            let (mut decoder, mut answers) = (Decoder::default(), vec![0; waiting]);
            let requests = b"\xff\xfd\x01".repeat(TELNET_ANSWERS_MAX + 1);
            let (mut begins, requests) = (requests[..begun].to_vec(), &requests[begun..]);
            decoder.decode(&mut begins, &mut answers);
            let most = input_bytes_max(waiting);
            decoder.decode(&mut requests[..most].to_vec(), &mut answers);
            assert!(answers.len() <= 3 * TELNET_ANSWERS_MAX, "{waiting} waited");
            assert!(most > 0 || waiting > 3 * (TELNET_ANSWERS_MAX - 1), "{waiting} waited");
        }
    }
}

fn byte() -> impl Strategy<Value = u8> {
    prop_oneof![
        4 => Just(0xFF),
        3 => prop::sample::select(&b"\xfa\xfb\xfc\xfd\xfe\xf0\xf1\xf4"[..]),
        3 => prop::sample::select(&b"\r\n\0"[..]),
        2 => prop::sample::select(&b"ab"[..]),
        1 => any::<u8>(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// [common/telnet-2] [common/telnet-3] [common/telnet-4] [common/telnet-5]
    #[test]
    fn any_stream_cut_in_any_way_agrees_with_the_obvious_version(
        cuts in prop::collection::vec(b'0'..b'Z', 0..6),
        stream in prop::collection::vec(byte(), 0..200),
    ) {
        agrees(&[&cuts[..], b"\n", &stream].concat());
    }
}

//! The obvious version of telnet, written from the clauses and from RFC 854: it has a whole stream
//! before it, and works it out from the front.

use super::cuts::{first_line_and_stream, segments};
use parlance_core::limits::TELNET_ANSWERS_MAX;
use parlance_core::protocol::telnet::{Decoder, Encoder, input_bytes_max};

const IAC: u8 = 0xFF;
const DONT: u8 = 0xFE;
const DO: u8 = 0xFD;
const WONT: u8 = 0xFC;
const WILL: u8 = 0xFB;
const SB: u8 = 0xFA;
const SE: u8 = 0xF0;

/// The data and the answers of a client's stream. [common/telnet-2] [common/telnet-3]
/// [common/telnet-4]
pub(crate) fn decoded(stream: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let (mut rest, mut data, mut answers) = (stream, Vec::new(), Vec::new());
    loop {
        rest = match rest {
            [] | [IAC] | [IAC, DO | DONT | WILL | WONT] => break,
            [IAC, IAC, rest @ ..] => {
                data.push(IAC);
                rest
            }
            [IAC, DO, option, rest @ ..] => {
                answers.extend([IAC, WONT, *option]);
                rest
            }
            [IAC, WILL, option, rest @ ..] => {
                answers.extend([IAC, DONT, *option]);
                rest
            }
            [IAC, SB, rest @ ..] => behind_subnegotiation(rest),
            [IAC, WONT | DONT, _, rest @ ..] | [IAC, _, rest @ ..] => rest,
            [byte, rest @ ..] => {
                data.push(*byte);
                rest
            }
        };
    }
    (replaced(&data, b"\r\0", b"\r\n"), answers)
}

fn behind_subnegotiation(stream: &[u8]) -> &[u8] {
    let mut rest = stream;
    loop {
        rest = match rest {
            [] | [IAC] => return &[],
            [IAC, SE, rest @ ..] => return rest,
            [IAC, _, rest @ ..] | [_, rest @ ..] => rest,
        };
    }
}

/// What a terminal makes of what the server sends: LF is the end of a line, CR a carriage return.
/// Anything that RFC 854 does not have is a failure. [common/telnet-5]
pub(crate) fn shown(wire: &[u8]) -> Vec<u8> {
    let (mut rest, mut shown) = (wire, Vec::new());
    loop {
        let (byte, used) = match rest {
            [] => return shown,
            [IAC, IAC, ..] => (IAC, 2),
            [b'\r', b'\n', ..] => (b'\n', 2),
            [b'\r', 0, ..] => (b'\r', 2),
            [b'\r'] => (b'\r', 1),
            [IAC | b'\r' | b'\n', ..] => panic!("no telnet: {}", rest.escape_ascii()),
            [byte, ..] => (*byte, 1),
        };
        shown.push(byte);
        rest = &rest[used..];
    }
}

/// `bytes` with every `old`, from the front, replaced.
fn replaced(bytes: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    let (mut rest, mut result) = (bytes, Vec::new());
    while let [byte, after @ ..] = rest {
        if let Some(after) = rest.strip_prefix(old) {
            result.extend(new);
            rest = after;
        } else {
            result.push(*byte);
            rest = after;
        }
    }
    result
}

/// The codec agrees with this version for the stream of a file, cut as its first line says.
pub(crate) fn agrees(input: &[u8]) {
    let (lengths, stream) = first_line_and_stream(input);
    let cut = segments(lengths, stream);
    assert_eq!(decode(&cut), decoded(stream));
    let wire = encode(&cut);
    assert_eq!(shown(&wire), replaced(stream, b"\r\n", b"\n"));
    assert_eq!(encode_accepted(lengths, stream), wire, "accepted in parts");
    let typed: Vec<u8> = stream.iter().copied().filter(|byte| *byte != b'\r').collect();
    let (there_and_back, answers) = decode(&[&encode(&[&typed])]);
    // The CR belongs to the end of the line. [common/framing-2]
    assert_eq!(there_and_back, replaced(&typed, b"\n", b"\r\n"));
    assert!(answers.is_empty(), "the server asks for something");
}

/// The data and the answers of `reads`.
pub(crate) fn decode(reads: &[&[u8]]) -> (Vec<u8>, Vec<u8>) {
    let (mut decoder, mut data, mut answers) = (Decoder::default(), Vec::new(), Vec::new());
    for read in reads {
        let mut buffer = read.to_vec();
        let before = answers.len();
        let length = decoder.decode(&mut buffer, &mut answers);
        data.extend(&buffer[..length]);
        assert!(answers.len() - before <= answers_max(read.len()), "too many answers");
    }
    (data, answers)
}

/// The most bytes of answers to a read, by what may be read while others wait. [common/telnet-6]
fn answers_max(read: usize) -> usize {
    let room = (1..=TELNET_ANSWERS_MAX).map(|room| 3 * room);
    let most = 3 * TELNET_ANSWERS_MAX;
    room.take_while(|room| input_bytes_max(most - room) < read).last().unwrap_or(0) + 3
}

/// What the server sends of data that it has in `parts`.
pub(crate) fn encode(parts: &[&[u8]]) -> Vec<u8> {
    let (mut encoder, mut wire) = (Encoder::default(), Vec::new());
    for part in parts {
        encoder.encode(part, &mut wire);
    }
    wire
}

/// What the server sends if so much of each write is accepted, and the rest is offered again.
fn encode_accepted(lengths: &[u8], data: &[u8]) -> Vec<u8> {
    let (mut encoder, mut sent, mut left) = (Encoder::default(), Vec::new(), data);
    let mut lengths = lengths.iter().map(|length| usize::from(length % 64) + 1).cycle();
    while !left.is_empty() {
        let mut wire = Vec::new();
        encoder.clone().encode(left, &mut wire);
        let count = lengths.next().unwrap_or(usize::MAX).min(wire.len());
        let accepted = encoder.accept(left, count);
        let rest = accepted.rest.bytes();
        sent.extend(&wire[..count]);
        sent.extend(rest);
        left = &left[accepted.whole + usize::from(accepted.begun)..];
        assert!(left.is_empty() || sent.last() != Some(&b'\r'), "a CR is left alone");
    }
    sent
}

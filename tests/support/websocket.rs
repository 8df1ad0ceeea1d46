//! The obvious version of WebSocket, written from the clauses and from RFC 6455: it has a whole
//! stream before it, and works it out from the front.

use super::cuts::{first_line_and_stream, segments};
use parlance_core::limits::WS_ANSWERS_BYTES_MAX;
use parlance_core::protocol::websocket::{Answers, Closing, Decoder, Encoder, End};

/// What a client's stream comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Decoded {
    pub(crate) data: Vec<u8>,
    /// The pings, whose contents have to come back.
    pub(crate) pings: Vec<Vec<u8>>,
    /// The code to close with, if the stream is over; 0 stands for none.
    pub(crate) end: Option<u16>,
}

/// A message that was begun.
#[derive(Default)]
struct Message {
    is_text: bool,
    content: Vec<u8>,
    length: u64,
}

/// [common/ws-1] [common/ws-2] [common/ws-3] [common/ws-4] [common/ws-5] [common/ws-8]
/// [common/ws-9]
pub(crate) fn decoded(stream: &[u8]) -> Decoded {
    let (mut all, mut rest, mut message) = (Decoded::default(), stream, None);
    while all.end.is_none() {
        let Some(after) = one_frame(rest, &mut all, &mut message) else { break };
        rest = after;
    }
    all
}

/// What is behind the frame that `stream` begins with, if that is whole.
fn one_frame<'a>(
    stream: &'a [u8],
    all: &mut Decoded,
    message: &mut Option<Message>,
) -> Option<&'a [u8]> {
    let [first, second, rest @ ..] = stream else { return None };
    let (fin, opcode, short) = (first >> 7 == 1, first & 15, u64::from(second & 127));
    let is_control = opcode & 8 != 0;
    let known = [0, 1, 2, 8, 9, 10].contains(&opcode) && first & 0x70 == 0 && second & 128 != 0;
    if !known || (is_control && (!fin || short > 125)) {
        all.end = Some(1002);
        return None;
    }
    let (length, rest) = match short {
        126 => (u64::from(u16::from_be_bytes(*rest.first_chunk()?)), &rest[2..]),
        127 => (u64::from_be_bytes(*rest.first_chunk()?), &rest[8..]),
        short => (short, rest),
    };
    let wide = match length {
        0..126 => 0,
        126..65_536 => 126,
        _ => 127,
    };
    if (short.max(125) != wide.max(125)) || length >> 63 == 1 {
        all.end = Some(1002);
        return None;
    }
    let mask: &[u8; 4] = rest.first_chunk()?;
    let (come, rest) = rest[4..].split_at(usize::try_from(length).ok()?.min(rest.len() - 4));
    let content: Vec<u8> = come.iter().enumerate().map(|(at, byte)| byte ^ mask[at % 4]).collect();
    let is_whole = content.len() as u64 == length;
    if is_control {
        if is_whole {
            control(opcode, content, all);
        }
        return is_whole.then_some(rest);
    }
    if (opcode == 0) != message.is_some() {
        all.end = Some(1002);
        return None;
    }
    let begun =
        message.get_or_insert_with(|| Message { is_text: opcode == 1, ..Message::default() });
    begun.length += length;
    if begun.length > 65_536 {
        all.end = Some(1009);
        return None;
    }
    for byte in content {
        begun.content.push(byte);
        if begun.is_text && !may_go_on(&begun.content) {
            all.end = Some(1007);
            return None;
        }
        all.data.push(byte);
    }
    if !is_whole {
        return None;
    }
    if fin {
        let message = message.take()?;
        if message.is_text && str::from_utf8(&message.content).is_err() {
            all.end = Some(1007);
        } else if message.content.last() != Some(&b'\n') {
            all.data.push(b'\n');
        }
    }
    Some(rest)
}

fn control(opcode: u8, content: Vec<u8>, all: &mut Decoded) {
    match (opcode, content.as_slice()) {
        (8, []) => all.end = Some(0),
        (8, [high, low, reason @ ..]) => {
            let code = u16::from_be_bytes([*high, *low]);
            let known = (1000..1015).contains(&code) && ![1004, 1005, 1006].contains(&code);
            all.end = Some(match str::from_utf8(reason) {
                _ if !known && !(3000..5000).contains(&code) => 1002,
                Err(_) => 1007,
                Ok(_) => code,
            });
        }
        (8, _) => all.end = Some(1002),
        (9, _) => all.pings.push(content),
        _ => {}
    }
}

/// Whether there is a text that begins with `bytes`.
fn may_go_on(bytes: &[u8]) -> bool {
    str::from_utf8(bytes).map_or_else(|error| error.error_len().is_none(), |_| true)
}

/// What the decoder makes of `reads`, and how much it keeps of pongs.
pub(crate) fn decode(reads: &[&[u8]]) -> Decoded {
    let (mut decoder, mut answers) = (Decoder::default(), Answers::default());
    let mut all = Decoded::default();
    for read in reads {
        let mut buffer = [b"\0", *read].concat();
        let (length, end) = decoder.decode(&mut buffer, &mut answers);
        all.data.extend(&buffer[..length]);
        assert!(answers.bytes().len() <= WS_ANSWERS_BYTES_MAX, "too many pongs wait");
        let mut pongs = answers.bytes();
        while let [0x8A, length, rest @ ..] = pongs {
            let (content, after) = rest.split_at(usize::from(*length));
            all.pings.push(content.to_vec());
            pongs = after;
        }
        assert!(pongs.is_empty(), "there is something else than pongs");
        answers.accept(answers.bytes().len());
        all.end = end.map(|end| match end {
            End::Close(Closing(code)) => code.unwrap_or(0),
            End::Fault(code) => code as u16,
        });
    }
    all
}

/// The lines that a client is shown of what the server sends, and whether each message was text.
/// Anything that the clauses do not have is a failure. [common/ws-10]
pub(crate) fn shown(wire: &[u8]) -> (Vec<u8>, Vec<bool>) {
    let (mut rest, mut shown, mut kinds, mut in_line) = (wire, Vec::new(), Vec::new(), false);
    while let [first, short, after @ ..] = rest {
        let (length, after) = match short {
            0..126 => (usize::from(*short), after),
            126 => (usize::from(u16::from_be_bytes([after[0], after[1]])), &after[2..]),
            _ => panic!("a frame is masked or too long"),
        };
        assert!((*short == 126) == (length > 125), "a length is not as short as it can be");
        let (content, after) = after.split_at(length);
        let ends = content.ends_with(b"\n");
        match (first, in_line) {
            (0x81, false) => assert!(ends && str::from_utf8(content).is_ok()),
            (0x82, false) => assert!(ends),
            (0x02, false) | (0x00, true) => assert!(length == 65_535 && !content.contains(&b'\n')),
            (0x80, true) => assert_eq!(content.iter().position(|b| *b == b'\n'), Some(length - 1)),
            _ => panic!("a frame begins with {first:x}"),
        }
        if !in_line {
            kinds.push(*first == 0x81);
        }
        in_line = *first & 0x80 == 0;
        shown.extend(content);
        rest = after;
    }
    (shown, kinds)
}

/// What the server sends of whole lines, if so much of each write is accepted and the rest is
/// offered again.
pub(crate) fn encode_accepted(is_binary: bool, lengths: &[u8], data: &[u8]) -> Vec<u8> {
    let (mut encoder, mut sent, mut left) = (Encoder::new(is_binary), Vec::new(), data);
    let mut lengths = lengths.iter().map(|length| usize::from(length % 64)).cycle();
    let mut refusals = 0;
    while !left.is_empty() {
        let frame = encoder.next(left, true).expect("whole lines are offered");
        let wire = [frame.header.bytes(), &left[..frame.length]].concat();
        let mut count = lengths.next().unwrap_or(usize::MAX).min(wire.len());
        refusals = if count == 0 { refusals + 1 } else { 0 };
        if refusals > 100 {
            count = wire.len();
        }
        sent.extend(&wire[..count]);
        left = &left[encoder.accept(frame, count)..];
    }
    assert!(encoder.is_between(), "a frame is not finished");
    sent
}

/// The codec agrees with this version for the stream of a file, cut as its first line says.
pub(crate) fn agrees(input: &[u8]) {
    let (lengths, stream) = first_line_and_stream(input);
    let whole = decoded(stream);
    assert_eq!(decode(&segments(lengths, stream)), whole);
    let bytes: Vec<&[u8]> = stream.chunks(1).collect();
    assert_eq!(decode(&bytes), whole, "byte by byte");
    let lines = [stream, b"\n"].concat();
    for is_binary in [false, true] {
        let wire = encode_accepted(is_binary, lengths, &lines);
        let (shown, kinds) = shown(&wire);
        assert_eq!(shown, lines);
        assert!(!is_binary || !kinds.contains(&true), "a message is text");
    }
}

//! The client's end of WebSocket, written from RFC 6455: it sends its lines in frames of any size,
//! pings between them, and takes nothing from the server but what the clauses allow.

use super::super::random::Random;
use super::ClientEnd;

const CONTINUATION: u8 = 0;
const TEXT: u8 = 1;
const BINARY: u8 = 2;
const CLOSE: u8 = 8;
const PING: u8 = 9;
const PONG: u8 = 10;
const FIN: u8 = 0x80;
const MASKED: u8 = 0x80;

/// The most content that it puts into one frame.
const CONTENT_BYTES_MAX: usize = 20_000;

/// The longest message.
const MESSAGE_BYTES_MAX: usize = 65_536;

/// How many of 100 frames are followed by a ping.
const PINGS_PERCENT: usize = 20;

/// The key of RFC 6455, 1.3, and its answer.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
const ACCEPT: &str = "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n";

/// The request for an upgrade.
pub(crate) fn request(dialect: &str, fields: &str) -> String {
    format!(
        "GET /ws/{dialect} HTTP/1.1\r\nHost: localhost:8080\r\nConnection: keep-alive, Upgrade\r\n\
         Upgrade: websocket\r\nSec-WebSocket-Key: {KEY}\r\nSec-WebSocket-Version: 13\r\n{fields}\r\n"
    )
}

/// A frame with this first byte, masked.
pub(crate) fn frame(first: u8, content: &[u8], mask: [u8; 4]) -> Vec<u8> {
    let length = content.len();
    let mut wire = vec![first];
    if length < 126 {
        wire.push(MASKED | u8::try_from(length).expect("it is less"));
    } else if let Ok(length) = u16::try_from(length) {
        wire.push(MASKED | 0x7E);
        wire.extend(length.to_be_bytes());
    } else {
        wire.push(MASKED | 0x7F);
        wire.extend((length as u64).to_be_bytes());
    }
    wire.extend(mask);
    wire.extend(content.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    wire
}

#[expect(clippy::struct_excessive_bools, reason = "they are independent of each other")]
pub(crate) struct WebSocketClient {
    /// The server's answer has come, or it is not waited for.
    may_send: bool,
    is_answered: bool,
    early: Vec<u8>,
    ends_early: bool,
    /// The kind of the message that was begun.
    message: Option<u8>,
    message_length: usize,
    has_ended: bool,
    last_ping: u64,
    last_pong: u64,
    /// What has come and is not whole.
    begun: Vec<u8>,
    /// Within a line that is longer than a frame.
    in_line: bool,
    /// The content of the server's Close frame, or nothing if it is an answer of HTTP.
    closed: Option<Vec<u8>>,
}

impl WebSocketClient {
    /// A client, whose request is put into `out`. It waits for the answer or does not.
    pub(crate) fn new(dialect: &str, waits: bool, out: &mut Vec<u8>) -> WebSocketClient {
        out.extend(request(dialect, "").bytes());
        WebSocketClient {
            may_send: !waits,
            is_answered: false,
            early: Vec::new(),
            ends_early: false,
            message: None,
            message_length: 0,
            has_ended: false,
            last_ping: 0,
            last_pong: 0,
            begun: Vec::new(),
            in_line: false,
            closed: None,
        }
    }

    /// The next frame of data, and a ping now and then. A message ends with a line, or goes on
    /// with the next post. It is text if all of it is known to be.
    fn post_frame(&mut self, rest: &mut &[u8], random: &mut Random, out: &mut Vec<u8>) {
        let is_text = rest.ends_with(b"\n") && str::from_utf8(rest).is_ok() && random.percent(50);
        let begins = self.message.is_none();
        let kind = *self.message.get_or_insert(if is_text { TEXT } else { BINARY });
        let most = rest.len().min(CONTENT_BYTES_MAX);
        let mut length = random.between(1, most);
        let last_lf = rest[..length].iter().rposition(|byte| *byte == b'\n');
        // So that no message is too long.
        let must_end = self.message_length + length + CONTENT_BYTES_MAX > MESSAGE_BYTES_MAX;
        if let Some(last_lf) = last_lf.filter(|_| must_end || random.percent(50)) {
            length = last_lf + 1;
        }
        let (content, after) = rest.split_at(length);
        *rest = after;
        let may_end = content.ends_with(b"\n");
        let ends =
            may_end && (must_end || random.percent(50) || (kind == TEXT && after.is_empty()));
        self.message_length = if ends { 0 } else { self.message_length + length };
        let opcode = if begins { kind } else { CONTINUATION };
        let mask = u32::try_from(random.draw() >> 32).unwrap_or(0).to_ne_bytes();
        out.extend(frame(if ends { FIN } else { 0 } | opcode, content, mask));
        if ends {
            self.message = None;
        }
        if random.percent(PINGS_PERCENT) {
            self.ping(out);
        }
    }

    /// Takes the answer to the request off `begun`, if it is whole.
    fn take_answer(&mut self) -> bool {
        let Some(end) = self.begun.windows(4).position(|four| four == b"\r\n\r\n") else {
            return false;
        };
        let head = String::from_utf8(self.begun.drain(..end + 4).collect()).expect("text");
        self.is_answered = true;
        if head.starts_with("HTTP/1.1 101 Switching Protocols\r\n") {
            assert!(head.contains(ACCEPT), "{head}");
        } else {
            self.closed = Some(Vec::new());
        }
        true
    }

    /// Takes the first frame off `begun`, if it is whole.
    fn take_frame(&mut self, out: &mut Vec<u8>, received: &mut Vec<u8>) -> bool {
        let Some((first, content)) = server_frame(&mut self.begun) else { return false };
        assert!(self.closed.is_none(), "a frame comes after the last");
        match (first & !FIN, first & FIN != 0) {
            (TEXT, true) if !self.in_line => {
                assert!(str::from_utf8(&content).is_ok(), "a message of text is not UTF-8");
                assert!(content.ends_with(b"\n"), "a message is no whole lines");
                received.extend(content);
            }
            (BINARY, true) if !self.in_line => {
                assert!(str::from_utf8(&content).is_err(), "a message of bytes is UTF-8");
                assert!(content.ends_with(b"\n"), "a message is no whole lines");
                received.extend(content);
            }
            (opcode @ (BINARY | CONTINUATION), fin) if self.in_line == (opcode == CONTINUATION) => {
                assert_eq!(
                    content.iter().position(|byte| *byte == b'\n'),
                    fin.then(|| content.len() - 1)
                );
                assert!(fin || content.len() == 65_535, "a frame of a line is shorter");
                self.in_line = !fin;
                received.extend(content);
            }
            (PONG, true) => {
                let number = u64::from_be_bytes(content.try_into().expect("as a ping"));
                assert!(self.last_pong < number && number <= self.last_ping, "another pong");
                self.last_pong = number;
            }
            (PING, true) if self.has_ended => {}
            (PING, true) => out.extend(frame(FIN | PONG, &content, [7, 77, 177, 17])),
            (CLOSE, true) => self.closed = Some(content),
            (opcode, fin) => panic!("the server sends {opcode} out of turn ({fin})"),
        }
        true
    }
}

/// Takes a frame of the server's off `begun`, if it is whole: its first byte and its content.
fn server_frame(begun: &mut Vec<u8>) -> Option<(u8, Vec<u8>)> {
    let [first, length, rest @ ..] = begun.as_slice() else { return None };
    assert_eq!(first & 0x70, 0, "a bit is set that is reserved");
    let (length, head) = match length {
        0..126 => (usize::from(*length), 2),
        126 => (usize::from(u16::from_be_bytes(*rest.first_chunk()?)), 4),
        other => panic!("a frame is masked or longer than it needs to be: {other}"),
    };
    assert!(head == 2 || length >= 126, "a length is longer than it needs to be");
    let first = *first;
    let content = begun.get(head..head + length)?.to_vec();
    begun.drain(..head + length);
    Some((first, content))
}

impl ClientEnd for WebSocketClient {
    fn post(&mut self, bytes: &[u8], random: &mut Random, out: &mut Vec<u8>) {
        if !self.may_send {
            return self.early.extend(bytes);
        }
        let mut rest = bytes;
        while !rest.is_empty() {
            self.post_frame(&mut rest, random, out);
        }
    }

    fn ping(&mut self, out: &mut Vec<u8>) -> u64 {
        self.last_ping += 1;
        out.extend(frame(FIN | PING, &self.last_ping.to_be_bytes(), [0xFF, 0, 0x80, 1]));
        self.last_ping
    }

    fn last_pong(&self) -> u64 {
        self.last_pong
    }

    /// A message that was begun stays unfinished.
    fn end(&mut self, out: &mut Vec<u8>) -> bool {
        self.ends_early = !self.may_send;
        if self.may_send {
            self.has_ended = true;
            out.extend(frame(FIN | CLOSE, &1001_u16.to_be_bytes(), [3, 3, 3, 3]));
        }
        self.may_send
    }

    fn take(
        &mut self,
        wire: &[u8],
        random: &mut Random,
        out: &mut Vec<u8>,
        received: &mut Vec<u8>,
    ) -> bool {
        self.begun.extend(wire);
        let was_answered = self.is_answered || self.take_answer();
        if !was_answered {
            return false;
        }
        if !self.may_send {
            self.may_send = true;
            let early = std::mem::take(&mut self.early);
            self.post(&early, random, out);
            if self.ends_early && self.end(out) {
                return true;
            }
        }
        while !self.closed.as_ref().is_some_and(Vec::is_empty) && self.take_frame(out, received) {}
        false
    }

    fn early(&self) -> usize {
        self.early.len()
    }

    fn reset(&mut self) {
        self.early.clear();
    }

    fn assert_flushed(&self) {
        let answered = self.last_pong == self.last_ping || !self.is_answered;
        assert!(answered, "the layer's own output stays: a pong");
    }

    fn assert_closed(&self) {
        assert!(self.closed.is_some(), "the direction below ended before the layer's");
    }
}

//! WebSocket of one connection, without I/O.

use super::WebSocketClient;
use super::frame::{Opcode, push};
use super::handshake::{answer, key, request};
use super::inbound::{Call, Inbound};
use crate::error::LayerError;

/// Maximum bytes of lines in one message, and of an unfinished line in one fragment. A server takes
/// messages of up to 64 KiB.
const MESSAGE_BYTES: usize = 32 * 1024;

/// WebSocket of one connection.
#[derive(Debug)]
pub(crate) struct WebSocket {
    /// The key, until the server has answered to it, and what has come of its answer.
    key: Option<String>,
    head: Vec<u8>,
    inbound: Inbound,
    outgoing: Vec<u8>,
    /// Whether a message has begun whose line is unfinished.
    within: bool,
    /// Whether we have sent a close frame, and whether the server has.
    closed: bool,
    ended: bool,
}

impl WebSocket {
    pub(crate) fn new(client: &WebSocketClient) -> WebSocket {
        let key = key(fastrand::u128(..).to_be_bytes());
        let outgoing = request(client, &key);
        WebSocket {
            key: Some(key),
            head: Vec::new(),
            inbound: Inbound::default(),
            outgoing,
            within: false,
            closed: false,
            ended: false,
        }
    }

    pub(crate) fn is_ready(&self) -> bool {
        self.key.is_none()
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.ended
    }

    /// What is to be sent; whoever takes it removes it.
    pub(crate) fn outgoing(&mut self) -> &mut Vec<u8> {
        &mut self.outgoing
    }

    /// Takes bytes from below, and appends to `lines` the messages that are complete.
    pub(crate) fn received(&mut self, bytes: &[u8], lines: &mut Vec<u8>) -> Result<(), LayerError> {
        let Some(key) = &self.key else { return self.frames(bytes, lines) };
        self.head.extend_from_slice(bytes);
        let Some(end) = answer(&self.head, key).map_err(LayerError::new)? else { return Ok(()) };
        self.key = None;
        let head = std::mem::take(&mut self.head);
        self.frames(&head[end..], lines)
    }

    fn frames(&mut self, bytes: &[u8], lines: &mut Vec<u8>) -> Result<(), LayerError> {
        if self.ended {
            return Ok(());
        }
        let mut calls = Vec::new();
        let read = self.inbound.received(bytes, lines, &mut calls);
        for call in calls {
            match call {
                Call::Pong(payload) => self.control(Opcode::Pong, &payload),
                Call::Close(code) => {
                    self.ended = true;
                    let code = code.map(u16::to_be_bytes);
                    self.control(Opcode::Close, code.as_ref().map_or(&[], |code| code));
                    self.closed = true;
                }
            }
        }
        read.map_err(|why| LayerError::new(format!("the server breaks WebSocket: {why}")))
    }

    /// Judges the end of the stream below.
    pub(crate) fn ended(&self) -> Result<(), LayerError> {
        if self.ended {
            return Ok(());
        }
        let why = match (&self.key, &self.head[..]) {
            (Some(_), []) => "the server closes the connection instead of an upgrade",
            (Some(_), _) => "the server closes the connection in its answer to the upgrade",
            (None, _) => "the connection ends without a close frame, so it may have been cut",
        };
        Err(LayerError::new(why))
    }

    /// Sends lines. An unfinished one begins or continues a message in fragments; such a message is
    /// binary, because it is not known whether its rest will be UTF-8.
    pub(crate) fn say(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while !rest.is_empty() {
            let most = rest.len().min(MESSAGE_BYTES);
            let end = rest[..most].iter().rposition(|&byte| byte == b'\n').map(|lf| lf + 1);
            let (payload, after) = rest.split_at(end.unwrap_or(most));
            let opcode = match (self.within, end) {
                (true, _) => Opcode::Continuation,
                (false, Some(_)) if std::str::from_utf8(payload).is_ok() => Opcode::Text,
                (false, _) => Opcode::Binary,
            };
            self.frame(opcode, end.is_some(), payload);
            self.within = end.is_none();
            rest = after;
        }
    }

    /// Sends whole lines as one message, whose fragments are `parts`, with a ping between two.
    pub(crate) fn say_in_fragments(&mut self, parts: &[&[u8]]) {
        let text = !self.within && std::str::from_utf8(&parts.concat()).is_ok();
        for (number, part) in (1..).zip(parts) {
            let opcode = match (self.within, text) {
                (true, _) => Opcode::Continuation,
                (false, true) => Opcode::Text,
                (false, false) => Opcode::Binary,
            };
            let last = number == parts.len();
            self.frame(opcode, last, part);
            self.within = !last;
            if !last {
                self.control(Opcode::Ping, b"between");
            }
        }
    }

    /// Sends a close frame.
    pub(crate) fn close(&mut self) {
        if self.is_ready() {
            self.control(Opcode::Close, &1000_u16.to_be_bytes());
            self.closed = true;
        }
    }

    /// Sends a control frame; nothing may follow a close.
    fn control(&mut self, opcode: Opcode, payload: &[u8]) {
        self.frame(opcode, true, payload);
    }

    fn frame(&mut self, opcode: Opcode, last: bool, payload: &[u8]) {
        if !self.closed {
            let mask = fastrand::u32(..).to_be_bytes();
            push(&mut self.outgoing, opcode, last, payload, mask);
        }
    }
}

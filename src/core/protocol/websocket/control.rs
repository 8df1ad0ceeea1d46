//! Control frames of the server.

use super::header::CONTROL_BYTES_MAX;
use super::{CloseCode, Opcode};
use crate::limits::WS_ANSWERS_BYTES_MAX;

/// How many bytes of answers are offered at a time at least, if there are as many.
const BEGUN_BYTES_MIN: usize = WS_ANSWERS_BYTES_MAX / 2;

/// What the server has to send by itself: pongs, pings and the Close frame, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answers {
    waiting: Vec<u8>,
    /// How many of the bytes belong to a frame that was begun.
    begun: usize,
}

impl Answers {
    /// The bytes that wait.
    pub fn bytes(&self) -> &[u8] {
        &self.waiting
    }

    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// A ping with this content has come. Of so many that their answers are too long together, the
    /// latest is answered. [common/ws-6]
    pub fn pong(&mut self, content: &[u8]) {
        if self.waiting.len() + 2 + content.len() > WS_ANSWERS_BYTES_MAX {
            self.waiting.truncate(self.begun);
        }
        frame(Opcode::Pong, content, &mut self.waiting);
    }

    /// Adds a frame of the server's own.
    pub fn add(&mut self, frame: &[u8]) {
        self.waiting.extend_from_slice(frame);
    }

    /// What to offer next, by itself: the rest of what was offered so and was not accepted, or else
    /// some of the frames that wait, which are then sent whatever happens. Behind them there is
    /// place for the answer to the latest ping. [common/ws-6]
    pub fn begin(&mut self) -> &[u8] {
        if self.begun == 0 {
            while self.begun < self.waiting.len().min(BEGUN_BYTES_MIN) {
                self.begun += 2 + usize::from(self.waiting[self.begun + 1]);
            }
        }
        &self.waiting[..self.begun]
    }

    /// The first `count` bytes have been accepted.
    pub fn accept(&mut self, count: usize) {
        let mut end = self.begun;
        while end < count {
            end += 2 + usize::from(self.waiting[end + 1]);
        }
        self.begun = end - count;
        self.waiting.drain(..count);
        if self.waiting.is_empty() {
            self.waiting = Vec::new(); // an idle connection keeps no memory
        }
    }
}

/// A ping without content. [common/ws-7]
pub fn ping_frame() -> Vec<u8> {
    let mut wire = Vec::new();
    frame(Opcode::Ping, &[], &mut wire);
    wire
}

/// A Close frame with this code, if any. [common/ws-8]
pub fn close_frame(code: Option<u16>) -> Vec<u8> {
    let mut wire = Vec::new();
    let code = code.map(u16::to_be_bytes);
    frame(Opcode::Close, code.as_ref().map_or(&[], |code| &code[..]), &mut wire);
    wire
}

fn frame(opcode: Opcode, content: &[u8], wire: &mut Vec<u8>) {
    debug_assert!(content.len() <= CONTROL_BYTES_MAX);
    wire.extend([0x80 | opcode.number(), u8::try_from(content.len()).unwrap_or(0)]);
    wire.extend_from_slice(content);
}

/// Whether a peer may send this code (RFC 6455, 7.4, and IANA's registry). [common/ws-8]
pub(super) fn may_be_sent(code: u16) -> bool {
    matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999)
}

/// The close code in the content of a Close frame.
///
/// # Errors
/// The peer broke a rule. [common/ws-8]
pub(super) fn close_code(content: &[u8]) -> Result<Option<u16>, CloseCode> {
    let Some((code, reason)) = content.split_first_chunk() else {
        return if content.is_empty() { Ok(None) } else { Err(CloseCode::Protocol) };
    };
    let code = u16::from_be_bytes(*code);
    if !may_be_sent(code) {
        return Err(CloseCode::Protocol);
    }
    std::str::from_utf8(reason).map_or(Err(CloseCode::NotText), |_| Ok(Some(code)))
}

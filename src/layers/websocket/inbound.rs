//! A server's frames, as the lines that they carry.

use super::frame::{Header, Opcode};
use parlance_printable::escape_bytes;

/// Maximum bytes of a message that is not complete: more than any server of chat sends at once.
const MESSAGE_BYTES_MAX: usize = 4 << 20;

/// What a client has to do besides reading lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Call {
    Pong(Vec<u8>),
    /// The server closes, with this code.
    Close(Option<u16>),
}

/// The decoder of a server's frames.
#[derive(Debug, Default)]
pub(super) struct Inbound {
    /// An incomplete frame.
    carry: Vec<u8>,
    /// An incomplete message, and what it is.
    message: Vec<u8>,
    kind: Option<Opcode>,
}

impl Inbound {
    /// Takes bytes; appends the messages that are complete to `lines`, and control frames to
    /// `calls`.
    pub(super) fn received(
        &mut self,
        bytes: &[u8],
        lines: &mut Vec<u8>,
        calls: &mut Vec<Call>,
    ) -> Result<(), String> {
        let mut carry = std::mem::take(&mut self.carry);
        if !carry.is_empty() {
            carry.extend_from_slice(bytes);
        }
        let all = if carry.is_empty() { bytes } else { &carry };
        let mut at = 0;
        while let Some(header) = Header::read(&all[at..])? {
            let payload = usize::try_from(header.payload).unwrap_or(usize::MAX);
            if payload > MESSAGE_BYTES_MAX - self.message.len() {
                return Err(format!("a message is longer than {MESSAGE_BYTES_MAX} bytes"));
            }
            let from = at + header.length;
            let Some(payload) = all[from..].get(..payload) else { break };
            self.frame(header, payload, lines, calls)?;
            at = from + payload.len();
            if matches!(calls.last(), Some(Call::Close(_))) {
                return Ok(()); // nothing behind it counts
            }
        }
        if carry.is_empty() {
            carry.extend_from_slice(&bytes[at..]);
        } else {
            carry.drain(..at);
        }
        self.carry = carry;
        Ok(())
    }

    fn frame(
        &mut self,
        header: Header,
        payload: &[u8],
        lines: &mut Vec<u8>,
        calls: &mut Vec<Call>,
    ) -> Result<(), String> {
        match (header.opcode, self.kind) {
            (Opcode::Ping, _) => calls.push(Call::Pong(payload.to_vec())),
            (Opcode::Pong, _) => {}
            (Opcode::Close, _) => calls.push(Call::Close(close(payload)?)),
            (Opcode::Continuation, None) => {
                return Err("a fragment continues no message".to_owned());
            }
            (Opcode::Text | Opcode::Binary, Some(_)) => {
                return Err("a message begins within another one".to_owned());
            }
            (kind @ (Opcode::Text | Opcode::Binary), None) if header.last => {
                whole(kind, payload)?;
                lines.extend_from_slice(payload);
            }
            (opcode, kind) => {
                let kind = kind.unwrap_or(opcode);
                self.kind = Some(kind);
                self.message.extend_from_slice(payload);
                if header.last {
                    whole(kind, &self.message)?;
                    lines.append(&mut self.message);
                    self.kind = None;
                }
            }
        }
        Ok(())
    }
}

/// Checks a message: one or more whole lines, and UTF-8 if it says so.
fn whole(kind: Opcode, message: &[u8]) -> Result<(), String> {
    let quoted = || escape_bytes(&message[..message.len().min(60)]);
    if kind == Opcode::Text && std::str::from_utf8(message).is_err() {
        return Err(format!("a text message is not UTF-8: \"{}\"", quoted()));
    }
    if !message.ends_with(b"\n") {
        return Err(format!("a message does not end with a line: \"{}\"", quoted()));
    }
    Ok(())
}

/// The code of a close frame.
fn close(payload: &[u8]) -> Result<Option<u16>, String> {
    match payload {
        [] => Ok(None),
        [_] => Err("a close frame has one byte".to_owned()),
        [a, b, reason @ ..] => {
            let code = u16::from_be_bytes([*a, *b]);
            if !matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999) {
                return Err(format!("a close frame has the code {code}"));
            }
            match std::str::from_utf8(reason) {
                Ok(_) => Ok(Some(code)),
                Err(_) => Err("the reason in a close frame is not UTF-8".to_owned()),
            }
        }
    }
}

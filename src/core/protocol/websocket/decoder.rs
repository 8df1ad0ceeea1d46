//! From the wire to the dialect.

use super::control::{Answers, close_code};
use super::header::{ClientHeader, Gathering};
use super::text::Utf8;
use super::{CloseCode, LF, Opcode};
use crate::limits::WS_MESSAGE_BYTES_MAX;

/// Takes WebSocket out of a stream of bytes and answers its pings.
///
/// The data of a message is passed on as it comes; at most one control frame is kept until it is
/// whole. A message whose last byte is no LF gets one: it is a line. [common/ws-1]
///
/// ```
/// use parlance_core::protocol::websocket::{Answers, Decoder};
///
/// let (mut decoder, mut answers) = (Decoder::default(), Answers::default());
/// // Text of two bytes, masked with 1, 2, 3, 4; the first byte of the buffer is room for the LF.
/// let mut buffer = *b"\0\x81\x82\x01\x02\x03\x04ik";
/// let (length, end) = decoder.decode(&mut buffer, &mut answers);
/// assert_eq!((&buffer[..length], end), (&b"hi\n"[..], None));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Decoder {
    header: Gathering,
    frame: Option<InFrame>,
    message: Option<Message>,
    /// The content of a control frame so far.
    control: Vec<u8>,
    /// A message has ended, and whether it was text.
    finished: Option<bool>,
    end: Option<End>,
}

/// The frame whose content is next.
#[derive(Clone, Copy, Debug)]
struct InFrame {
    header: ClientHeader,
    /// How many bytes of content have come.
    come: u64,
}

/// The message of which the next frame of data is a part.
#[derive(Clone, Copy, Debug)]
struct Message {
    is_text: bool,
    utf8: Utf8,
    /// How many bytes of content its frames have, all that were begun.
    length: u64,
    /// Whether the last byte was LF.
    is_line: bool,
}

/// The end of the client's stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// A Close frame came.
    Close(Closing),
    /// The client broke a rule, and this is the code to close with. [common/ws-8]
    Fault(CloseCode),
}

/// What a client's Close frame says: its code, if it has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closing(pub Option<u16>);

impl Decoder {
    /// Decodes `buffer[1..]` in place, which continues the stream. The first bytes of the buffer
    /// are then data, as many as returned; the byte that is free at the beginning is for the LF of
    /// a message that was begun earlier. Adds the pongs to `answers`.
    ///
    /// Behind the end nothing is decoded.
    pub fn decode(&mut self, buffer: &mut [u8], answers: &mut Answers) -> (usize, Option<End>) {
        let (mut from, mut to) = (1, 0);
        while self.end.is_none() && from < buffer.len() {
            let Some(frame) = self.frame else {
                let header = self.header.take(buffer[from]);
                from += 1;
                match header.and_then(|header| header.map_or(Ok(false), |h| self.begin(h))) {
                    Ok(false) => {}
                    Ok(true) => self.finish_frame(buffer, &mut to, answers),
                    Err(code) => self.end = Some(End::Fault(code)),
                }
                continue;
            };
            let missing = usize::try_from(frame.header.length - frame.come).unwrap_or(usize::MAX);
            let count = missing.min(buffer.len() - from);
            let content = &mut buffer[from..from + count];
            unmask(content, frame.header.mask, frame.come);
            let data = self.take_content(content);
            buffer.copy_within(from..from + data, to);
            to += data;
            from += count;
            if self.end.is_some() {
                break;
            }
            if count == missing {
                self.finish_frame(buffer, &mut to, answers);
            } else {
                self.frame = Some(InFrame { come: frame.come + count as u64, ..frame });
            }
        }
        (to, self.end)
    }

    /// Whether a new decoder would go on in the same way: the next byte begins a message.
    #[must_use]
    pub fn is_between(&self) -> bool {
        let Decoder { header, frame, message, control: _, finished: _, end } = self;
        *header == Gathering::default() && frame.is_none() && message.is_none() && end.is_none()
    }

    /// Whether the message that has ended last was text; nothing if none has since the last call.
    /// A session does not need it: its lines are bytes.
    pub fn take_finished(&mut self) -> Option<bool> {
        self.finished.take()
    }

    /// A frame begins. Returns whether it is over already.
    fn begin(&mut self, header: ClientHeader) -> Result<bool, CloseCode> {
        match (header.opcode, &mut self.message) {
            (Opcode::Close | Opcode::Ping | Opcode::Pong, _) => {}
            (Opcode::Continuation, Some(message)) => {
                message.length = message.length.saturating_add(header.length);
            }
            (Opcode::Text | Opcode::Binary, None) => {
                let is_text = header.opcode == Opcode::Text;
                let (utf8, length) = (Utf8::default(), header.length);
                self.message = Some(Message { is_text, utf8, length, is_line: false });
            }
            // A message in a message, or the rest of none. [common/ws-4]
            (Opcode::Continuation, None) | (Opcode::Text | Opcode::Binary, Some(_)) => {
                return Err(CloseCode::Protocol);
            }
        }
        // Judged before any of it has come. [common/ws-9]
        if self.message.is_some_and(|message| message.length > WS_MESSAGE_BYTES_MAX) {
            return Err(CloseCode::TooLong);
        }
        self.frame = Some(InFrame { header, come: 0 });
        Ok(header.length == 0)
    }

    /// Some content of the frame, unmasked. Returns how many bytes of it are data: all or none, or
    /// those before the first that is not UTF-8. [common/ws-5]
    fn take_content(&mut self, content: &[u8]) -> usize {
        if self.frame.is_some_and(|frame| frame.header.opcode.is_control()) {
            self.control.extend_from_slice(content);
            return 0;
        }
        let Some(message) = &mut self.message else { return 0 };
        message.is_line = content.ends_with(&[LF]);
        let taken = if message.is_text { message.utf8.take(content) } else { Ok(()) };
        taken.map_or_else(
            |wrong| {
                self.end = Some(End::Fault(CloseCode::NotText));
                wrong
            },
            |()| content.len(),
        )
    }

    /// The content of the frame is whole.
    fn finish_frame(&mut self, buffer: &mut [u8], to: &mut usize, answers: &mut Answers) {
        let Some(frame) = self.frame.take() else { return };
        match frame.header.opcode {
            Opcode::Close => {
                let code = close_code(&self.control);
                self.end = Some(code.map_or_else(End::Fault, |code| End::Close(Closing(code))));
            }
            Opcode::Ping => answers.pong(&self.control),
            Opcode::Pong => {}
            _ if !frame.header.fin => return,
            _ => {
                let Some(message) = self.message.take() else { return };
                if !message.utf8.is_whole() {
                    self.end = Some(End::Fault(CloseCode::NotText));
                    return;
                }
                self.finished = Some(message.is_text);
                if !message.is_line {
                    buffer[*to] = LF;
                    *to += 1;
                }
                return;
            }
        }
        self.control = Vec::new();
    }
}

/// Takes the mask off content of which so many bytes came before.
fn unmask(content: &mut [u8], mask: [u8; 4], come: u64) {
    let at = (come % 4) as usize;
    let mask: [u8; 4] = std::array::from_fn(|index| mask[(index + at) % 4]);
    let (wholes, rest) = content.as_chunks_mut::<4>();
    for whole in wholes {
        *whole = (u32::from_ne_bytes(*whole) ^ u32::from_ne_bytes(mask)).to_ne_bytes();
    }
    rest.iter_mut().zip(mask).for_each(|(byte, mask)| *byte ^= mask);
}

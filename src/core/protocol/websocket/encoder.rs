//! From the dialect to the wire.

use super::{LF, Opcode};
use memchr::{memchr, memrchr};

/// The longest header of a frame of the server's, in bytes.
pub const HEADER_BYTES_MAX: usize = 4;

/// The longest content of a frame, in bytes: what a header of four bytes can say.
const CONTENT_BYTES_MAX: usize = 65_535;

/// Makes frames of lines. Server frames are not masked: a frame is a header, and the lines as they
/// are. So all that is kept between two writes is how much of a frame was accepted.
/// [common/ws-10]
///
/// ```
/// use parlance_core::protocol::websocket::Encoder;
///
/// let frame = Encoder::new(false).next(b"joe: hi\nann: ", true).unwrap();
/// assert_eq!((frame.header.bytes(), frame.length), (&[0x81, 8][..], 8));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Encoder {
    is_binary: bool,
    /// The end of a line is missing: its message has more frames.
    in_line: bool,
    /// The rest of the frame that was begun.
    header: Header,
    content: u16,
}

/// The beginning of a frame of the server's, or the rest of that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    bytes: [u8; HEADER_BYTES_MAX],
    first: u8,
}

/// A frame, or the rest of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    /// What comes before the content.
    pub header: Header,
    /// How many of the bytes offered are its content.
    pub length: usize,
    /// Whether a line is longer than the frame.
    in_line: bool,
}

impl Header {
    const NONE: Header = Header { bytes: [0; 4], first: 4 };

    fn new(fin: bool, opcode: Opcode, length: usize) -> Header {
        let first = u8::from(fin) << 7 | opcode.number();
        let [high, low] = u16::try_from(length).unwrap_or(u16::MAX).to_be_bytes();
        if length < 126 {
            Header { bytes: [0, 0, first, low], first: 2 }
        } else {
            Header { bytes: [first, 126, high, low], first: 0 }
        }
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[usize::from(self.first)..]
    }
}

impl Frame {
    /// The frame of a message of text, whose lines have `length` bytes; none if they are too long.
    ///
    /// ```
    /// use parlance_core::protocol::websocket::Frame;
    ///
    /// assert_eq!(Frame::of_text(8).unwrap().header.bytes(), [0x81, 8]);
    /// assert_eq!(Frame::of_text(65_536), None);
    /// ```
    pub fn of_text(length: usize) -> Option<Frame> {
        let header = || Header::new(true, Opcode::Text, length);
        (length <= CONTENT_BYTES_MAX).then(|| Frame { header: header(), length, in_line: false })
    }
}

impl Encoder {
    /// An encoder of a connection whose messages are all binary, or else text where they are
    /// UTF-8.
    pub const fn new(is_binary: bool) -> Encoder {
        Encoder { is_binary, in_line: false, header: Header::NONE, content: 0 }
    }

    /// Whether the next byte begins a frame, so that another frame may come first.
    pub fn is_between(&self) -> bool {
        self.header.bytes().is_empty() && self.content == 0
    }

    /// Whether the next byte may begin a message of text.
    pub fn takes_text(&self) -> bool {
        self.is_between() && !self.in_line && !self.is_binary
    }

    /// The rest of the frame that was begun, or the next one, for `data`, which is not empty.
    /// Nothing if that is a part of a line whose end will be there when it is offered again: it
    /// is shorter than the longest frame, and `is_all` says that nothing is offered behind it.
    pub fn next(&self, data: &[u8], is_all: bool) -> Option<Frame> {
        self.next_with(data, is_all, |lines| std::str::from_utf8(lines).is_ok())
    }

    /// As [`next`](Encoder::next), by a caller that knows how to tell whether lines are UTF-8.
    pub fn next_with(
        &self,
        data: &[u8],
        is_all: bool,
        is_text: impl FnOnce(&[u8]) -> bool,
    ) -> Option<Frame> {
        if !self.is_between() {
            let length = data.len().min(usize::from(self.content));
            return Some(Frame { header: self.header, length, in_line: self.in_line });
        }
        let most = &data[..data.len().min(CONTENT_BYTES_MAX)];
        let end = if self.in_line { memchr(LF, most) } else { memrchr(LF, most) };
        let (length, in_line) = match end {
            Some(at) => (at + 1, false),
            None if !self.in_line && is_all && data.len() <= CONTENT_BYTES_MAX => return None,
            None => (most.len(), true),
        };
        let opcode = match (self.in_line, in_line) {
            (true, _) => Opcode::Continuation,
            // Whether the rest is UTF-8 is not known.
            (false, true) => Opcode::Binary,
            (false, false) if self.is_binary => Opcode::Binary,
            (false, false) if !is_text(&data[..length]) => Opcode::Binary,
            (false, false) => Opcode::Text,
        };
        Some(Frame { header: Header::new(!in_line, opcode, length), length, in_line })
    }

    /// `frame` comes next whatever happens, though none of it has been accepted.
    pub fn begin(&mut self, frame: Frame) {
        if self.is_between() {
            (self.header, self.in_line) = (frame.header, frame.in_line);
            self.content = u16::try_from(frame.length).unwrap_or(0);
        }
    }

    /// The first `count` bytes of `frame` have been accepted, at most all of it. Returns how many
    /// of them are content.
    pub fn accept(&mut self, frame: Frame, count: usize) -> usize {
        let header = frame.header.bytes().len().min(count);
        let content = (count - header).min(frame.length);
        let begun = if self.is_between() { frame.length } else { usize::from(self.content) };
        if count > 0 {
            let first = frame.header.first + u8::try_from(header).unwrap_or(4);
            self.header = Header { first, ..frame.header };
            self.content = u16::try_from(begun - content).unwrap_or(0);
            self.in_line = frame.in_line;
        }
        content
    }
}

//! Cuts a byte stream into lines, independently of its segmentation.
//! [common/framing-1] [common/framing-6]

use crate::limits::LINE_BYTES_MAX;
use memchr::memchr;

/// The next part of the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frame<'a> {
    /// A line without its LF and without one CR directly before it; every other byte is content.
    /// [common/framing-2] [common/framing-3]
    Line(&'a [u8]),
    /// No line ends in the input: the framer keeps all of it.
    Unfinished,
    /// The line is longer than [`LINE_BYTES_MAX`], or must become so. The rest of the stream cannot
    /// be told from the tail of the line. [common/framing-4] [common/framing-5]
    TooLong,
}

/// Cuts a stream of bytes into lines and keeps the bytes of an unfinished line.
///
/// Within a line it keeps at most [`LINE_BYTES_MAX`] bytes of memory. It keeps none between lines
/// once [`end_line`](Framer::end_line) was called. [common/framing-9]
///
/// ```
/// use parlance_core::protocol::framing::{Frame, Framer};
///
/// let mut framer = Framer::default();
/// // One CR belongs to the terminator, the other is content.
/// assert_eq!(framer.next(b"a\r\r\nhal"), (Frame::Line(b"a\r"), 4));
/// assert_eq!(framer.next(b"hal"), (Frame::Unfinished, 3));
/// assert_eq!(framer.next(b"f\nx"), (Frame::Line(b"half"), 2));
/// ```
#[derive(Debug, Default)]
pub struct Framer {
    unfinished: Vec<u8>,
    /// `unfinished` was completed and lent out by the last call; it is emptied by the next.
    lent: bool,
    /// A line may have a password in it, so that memory is overwritten before it is given back.
    wipes: bool,
}

impl Framer {
    /// The next part of the stream that continues with `input`, and the number of bytes of `input`
    /// consumed.
    pub fn next<'a>(&'a mut self, input: &'a [u8]) -> (Frame<'a>, usize) {
        self.end_line();
        let Some(end) = memchr(b'\n', input) else {
            if self.unfinished.len() + input.len() >= LINE_BYTES_MAX {
                return (Frame::TooLong, 0);
            }
            self.keep(input);
            return (Frame::Unfinished, input.len());
        };
        if self.unfinished.len() + end + 1 > LINE_BYTES_MAX {
            return (Frame::TooLong, 0);
        }
        let line = &input[..end];
        if self.unfinished.is_empty() {
            return (Frame::Line(without_cr(line)), end + 1);
        }
        self.keep(line);
        self.lent = true;
        (Frame::Line(without_cr(&self.unfinished)), end + 1)
    }

    /// From now on memory is overwritten before it is given back, or it is not.
    /// [extensions/account-7]
    pub(crate) fn wipes(&mut self, wipes: bool) {
        self.wipes = wipes;
    }

    /// Whether the line that continues with `input` begins with `bytes`, of which the framer looks
    /// at no more.
    pub fn line_begins_with(&self, input: &[u8], bytes: &[u8]) -> bool {
        let kept = if self.lent { &[][..] } else { &self.unfinished[..] };
        let (kept, from_input) = bytes.split_at(kept.len().min(bytes.len()));
        (self.lent || self.unfinished.starts_with(kept)) && input.starts_with(from_input)
    }

    /// The line that was lent out last is done with: gives its memory back. Otherwise it would be
    /// kept until the peer writes again, which may be never.
    pub fn end_line(&mut self) {
        if self.lent {
            self.forget();
            self.lent = false;
        }
    }

    /// Gives the memory of the line back.
    #[cold]
    fn forget(&mut self) {
        let mut line = std::mem::take(&mut self.unfinished);
        if self.wipes {
            wipe(&mut line);
        }
    }

    /// Adds `bytes` to the unfinished line. The memory grows to twice its size, so that it seldom
    /// moves, but not beyond the longest line, as it would by itself.
    fn keep(&mut self, bytes: &[u8]) {
        let (length, capacity) = (self.unfinished.len(), self.unfinished.capacity());
        if length + bytes.len() > capacity {
            let size = (length + bytes.len()).max((2 * capacity).min(LINE_BYTES_MAX));
            if self.wipes {
                self.move_to(size);
            } else {
                self.unfinished.reserve_exact(size - length);
            }
        }
        self.unfinished.extend_from_slice(bytes);
    }

    /// Moves the line to memory of this size, and leaves nothing of it where it was.
    #[cold]
    fn move_to(&mut self, size: usize) {
        let mut moved = Vec::with_capacity(size);
        moved.extend_from_slice(&self.unfinished);
        self.forget();
        self.unfinished = moved;
    }

    /// Bytes of memory kept, at most [`LINE_BYTES_MAX`]. [common/framing-9]
    pub fn memory_len(&self) -> usize {
        self.unfinished.capacity()
    }

    /// Bytes of the unfinished line held so far.
    pub fn unfinished_len(&self) -> usize {
        if self.lent { 0 } else { self.unfinished.len() }
    }

    /// Drops the unfinished line: the rest of the stream is discarded.
    pub(crate) fn clear(&mut self) {
        self.forget();
        self.lent = false;
    }
}

/// Overwrites what may have been a password. [extensions/account-7]
fn wipe(bytes: &mut [u8]) {
    bytes.fill(0);
    std::hint::black_box(bytes); // so that the bytes count as read, and are written
}

/// One CR directly before the LF belongs to the terminator. [common/framing-2]
fn without_cr(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

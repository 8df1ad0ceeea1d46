//! Lines out of a byte stream, however it is cut. [common/framing-1] [common/framing-6]

use crate::limits::LINE_BYTES_MAX;
use memchr::memchr;

/// What the next bytes of input amount to.
#[derive(Debug, PartialEq, Eq)]
pub enum Frame<'a> {
    /// A line without its LF and without the one CR that may stand before it; every other byte is
    /// content. [common/framing-2] [common/framing-3]
    Line(&'a [u8]),
    /// No line ends in what was given: all of it is kept until one does.
    Unfinished,
    /// The line is longer than [`LINE_BYTES_MAX`], or must become so. The stream is of no further
    /// use: nothing after this can be told apart from the line's own tail. [common/framing-4] [common/framing-5]
    TooLong,
}

/// Cuts a stream of bytes into lines and holds what an unfinished line has brought so far.
///
/// Its memory is empty between lines and never more than [`LINE_BYTES_MAX`] rounded up to an
/// allocation.
///
/// ```
/// use parlance_core::protocol::framing::{Frame, Framer};
///
/// let mut framer = Framer::default();
/// assert_eq!(framer.next(b"a\r\r\nhal"), (Frame::Line(b"a\r"), 4)); // one CR goes, the other is content
/// assert_eq!(framer.next(b"hal"), (Frame::Unfinished, 3));
/// assert_eq!(framer.next(b"f\nx"), (Frame::Line(b"half"), 2));
/// ```
#[derive(Debug, Default)]
pub struct Framer {
    unfinished: Vec<u8>,
    /// `unfinished` was completed and lent out by the last call; it is emptied by the next.
    lent: bool,
}

impl Framer {
    /// The next line of the stream that goes on with `input`, and how many bytes of `input` it took.
    pub fn next<'a>(&'a mut self, input: &'a [u8]) -> (Frame<'a>, usize) {
        if self.lent {
            // Gives the memory back: an idle connection keeps none.
            self.unfinished = Vec::new();
            self.lent = false;
        }
        let Some(end) = memchr(b'\n', input) else {
            if self.unfinished.len() + input.len() >= LINE_BYTES_MAX {
                return (Frame::TooLong, 0);
            }
            self.unfinished.extend_from_slice(input);
            return (Frame::Unfinished, input.len());
        };
        if self.unfinished.len() + end + 1 > LINE_BYTES_MAX {
            return (Frame::TooLong, 0);
        }
        let line = &input[..end];
        if self.unfinished.is_empty() {
            return (Frame::Line(without_cr(line)), end + 1);
        }
        self.unfinished.extend_from_slice(line);
        self.lent = true;
        (Frame::Line(without_cr(&self.unfinished)), end + 1)
    }

    /// Bytes of the unfinished line held so far.
    pub fn unfinished_len(&self) -> usize {
        if self.lent { 0 } else { self.unfinished.len() }
    }

    /// Drops what is held: nothing of this stream is wanted any more.
    pub(crate) fn clear(&mut self) {
        *self = Framer::default();
    }
}

/// One CR directly before the LF belongs to the terminator. [common/framing-2]
fn without_cr(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

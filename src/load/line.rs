//! A numbered line whose bytes are rewritten in place, without an allocation.

use super::wire::Frame;

/// Digits of a line number: enough to be unique within a run.
pub(super) const DIGITS: usize = 16;

/// A line with a fixed text around its number.
///
/// It holds as many low hexadecimal digits of its number as fit, so that a lost, repeated or
/// reordered line changes the bytes that its room receives.
#[derive(Clone, Debug)]
pub(super) struct Line {
    bytes: Vec<u8>,
    /// The position of the digits.
    start: usize,
    digits: usize,
}

impl Line {
    /// A line with a text of `length` bytes within `frame`.
    pub(super) fn new(frame: Frame, length: usize) -> Line {
        let start = frame.before.len();
        let mut bytes = frame.before;
        bytes.resize(start + length, b'x');
        bytes.extend_from_slice(&frame.after);
        Line { bytes, start, digits: length.min(DIGITS) }
    }

    /// Its length on the wire.
    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// The line with this number.
    pub(super) fn numbered(&mut self, number: u64) -> &[u8] {
        let mut rest = number;
        for digit in self.bytes[self.start..self.start + self.digits].iter_mut().rev() {
            *digit = b"0123456789abcdef"[(rest % 16) as usize];
            rest /= 16;
        }
        &self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::{Frame, Line};

    fn line(length: usize) -> Line {
        Line::new(Frame { before: b"u: ".to_vec(), after: b"\n".to_vec() }, length)
    }

    #[test]
    fn long_lines_are_padded_after_their_number() {
        assert_eq!(line(19).numbered(0x2a), b"u: 000000000000002axxx\n");
        assert_eq!(line(19).len(), 23);
    }

    #[test]
    fn short_lines_hold_the_low_digits() {
        assert_eq!(line(1).numbered(0x2a), b"u: a\n");
    }
}

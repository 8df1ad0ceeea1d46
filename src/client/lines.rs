//! Lines of a byte stream, with a bound on the bytes that are kept.

use memchr::memchr;

/// Maximum length of a server's line, in bytes: room for a list of 30,000 names of 32 characters.
/// A server that sends more without a line feed is treated as broken.
pub const SERVER_LINE_MAX: usize = 1024 * 1024;

/// Splits a stream at its line feeds and keeps at most one unfinished line of bounded length.
///
/// ```
/// use parlance_client::{Cut, Lines};
///
/// let mut lines = Lines::new(4);
/// lines.feed(b"OK\r\nab");
/// assert_eq!(lines.next(), Some(Cut::Line(b"OK".to_vec()))); // CR LF and LF both end a line
/// assert_eq!(lines.next(), None);
/// lines.feed(b"cde\nf\n");
/// assert_eq!(lines.next(), Some(Cut::TooLong)); // and its rest is skipped
/// assert_eq!(lines.next(), Some(Cut::Line(b"f".to_vec())));
/// ```
#[derive(Debug)]
pub struct Lines {
    longest: usize,
    bytes: Vec<u8>,
    /// The start of the bytes that have not been returned.
    start: usize,
    /// The number of bytes from there that hold no line feed.
    searched: usize,
    /// Whether the rest of a line that was too long is skipped.
    skipping: bool,
}

/// The next part of a stream.
#[derive(Debug, PartialEq, Eq)]
pub enum Cut {
    /// A line without its end.
    Line(Vec<u8>),
    /// A line longer than allowed.
    TooLong,
}

impl Lines {
    /// A splitter for lines of at most `longest` bytes, their ends not counted.
    pub fn new(longest: usize) -> Lines {
        Lines { longest, bytes: Vec::new(), start: 0, searched: 0, skipping: false }
    }

    /// Adds bytes that were read. The kept bytes are bounded if [`Lines::next`] is then called
    /// until it returns `None`.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.bytes.drain(..self.start);
        self.start = 0;
        self.bytes.extend_from_slice(bytes);
    }

    /// The number of kept bytes.
    pub fn kept(&self) -> usize {
        self.bytes.len() - self.start
    }

    /// The next line, or [`Cut::TooLong`] as soon as the line exceeds the bound.
    #[expect(clippy::should_implement_trait, reason = "an iterator that ends would not go on")]
    pub fn next(&mut self) -> Option<Cut> {
        loop {
            let rest = &self.bytes[self.start..];
            let Some(found) = memchr(b'\n', &rest[self.searched..]) else {
                self.searched = rest.len();
                // One byte more, for the CR of a line end that is not complete.
                if self.skipping || rest.len() > self.longest + 1 {
                    self.bytes.clear();
                    (self.start, self.searched) = (0, 0);
                    return (!std::mem::replace(&mut self.skipping, true)).then_some(Cut::TooLong);
                }
                return None;
            };
            let line = &rest[..self.searched + found];
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            let cut =
                if line.len() > self.longest { Cut::TooLong } else { Cut::Line(line.to_vec()) };
            self.start += self.searched + found + 1;
            self.searched = 0;
            // This line was reported when it became too long.
            if !std::mem::take(&mut self.skipping) {
                return Some(cut);
            }
        }
    }

    /// The bytes after the last line feed, for the end of a stream whose last line needs none.
    pub fn last(&mut self) -> Option<Vec<u8>> {
        let last = self.bytes.split_off(self.start);
        *self = Lines::new(self.longest);
        (!last.is_empty()).then_some(last)
    }
}

#[cfg(test)]
mod tests {
    use super::{Cut, Lines};
    use proptest::prelude::*;

    fn line(text: &str) -> Cut {
        Cut::Line(text.as_bytes().to_vec())
    }

    #[test]
    fn the_longest_line_passes_and_one_byte_more_does_not() {
        for end in ["\n", "\r\n"] {
            let mut lines = Lines::new(3);
            lines.feed(format!("abc{end}abcd{end}abc{end}").as_bytes());
            assert_eq!(lines.next(), Some(line("abc")));
            assert_eq!(lines.next(), Some(Cut::TooLong));
            assert_eq!(lines.next(), Some(line("abc")));
            assert_eq!(lines.next(), None);
        }
    }

    #[test]
    fn an_endless_line_is_reported_once_and_not_kept() {
        let mut lines = Lines::new(10);
        lines.feed(&[b'x'; 12]);
        assert_eq!(lines.next(), Some(Cut::TooLong));
        for _ in 0..1000 {
            lines.feed(&[b'x'; 1000]);
            assert_eq!(lines.next(), None);
            assert_eq!(lines.kept(), 0);
        }
        lines.feed(b"\nnext\n");
        assert_eq!(lines.next(), Some(line("next")));
    }

    #[test]
    fn the_last_line_needs_no_line_feed_where_it_is_asked_for() {
        let mut lines = Lines::new(10);
        lines.feed(b"a\nb");
        assert_eq!(lines.next(), Some(line("a")));
        assert_eq!(lines.next(), None);
        assert_eq!(lines.last(), Some(b"b".to_vec()));
        assert_eq!(lines.last(), None);
    }

    proptest! {
        #[test]
        fn lines_do_not_depend_on_segments(
            bytes in prop::collection::vec(prop::sample::select(b"ab\r\n".to_vec()), 0..60),
            cut in 0_usize..60,
        ) {
            let all = |parts: &[&[u8]]| {
                let mut lines = Lines::new(3);
                let mut found = Vec::new();
                for part in parts {
                    lines.feed(part);
                    found.extend(std::iter::from_fn(|| lines.next()));
                }
                found
            };
            let (left, right) = bytes.split_at(cut.min(bytes.len()));
            // A line may be too long before its end arrives; it is reported once in any case.
            let ended = [right, b"\n"].concat();
            prop_assert_eq!(all(&[&[left, &ended].concat()]), all(&[left, &ended]));
        }
    }
}

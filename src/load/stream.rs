//! The one stream of bytes that all members of a room must receive.
//!
//! The server chooses the order of several senders, so the stream is learnt, once per room: the
//! first member that receives a line shows which one came next. It must be the next line of a
//! sender, or a notice that is due. The bytes of all other members are compared with the stream, a
//! whole read at a time.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::difference::{Difference, difference};
use super::expected_lines::ExpectedLines;
use super::notices::Notices;

/// Size in bytes from which trimming pays; small enough that the part in use stays in the processor
/// cache.
const TRIM_FROM: usize = 256 * 1024;

/// A line of a sender with a known position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Placed {
    /// The index of its sender.
    pub(super) expected_lines: usize,
    /// Its intended send time.
    pub(super) sent: u64,
}

/// The stream of a room. Positions count from the first byte that the room ever delivered.
#[derive(Debug, Default)]
pub(super) struct Stream {
    /// The bytes that some member may still have to receive, contiguous so that one `memcmp` checks
    /// them.
    bytes: Vec<u8>,
    /// The position of the first of these bytes.
    base: u64,
    /// The size after the last trim, which says when the next one pays.
    kept: usize,
    expected_lines: Vec<ExpectedLines>,
    /// The sender of the last line: bursts are likely.
    last: usize,
    /// The length of the lines of all senders, once there are senders.
    line: u64,
    /// The lines in the kept part, and the number of those before it.
    lines: VecDeque<Placed>,
    forgotten: u64,
    /// Notices that may come at any time, once each.
    due: BTreeSet<Vec<u8>>,
    notices: Notices,
    /// The positions of the notices that came by themselves; for storms alone.
    came: BTreeMap<Vec<u8>, u64>,
}

/// The match of the next bytes.
enum Fit {
    /// This many of them are a complete line that is due.
    Whole(usize),
    /// They are the start of a line that is due.
    Part,
}

impl Stream {
    /// The position after the last byte.
    pub(super) fn end(&self) -> u64 {
        self.base + self.bytes.len() as u64
    }

    /// The number of kept bytes.
    pub(super) fn held(&self) -> u64 {
        self.bytes.len() as u64
    }

    /// Adds a sender. The lines of all senders have one length.
    pub(super) fn add_sender(&mut self, expected_lines: ExpectedLines) {
        self.line = expected_lines.line_len();
        self.expected_lines.push(expected_lines);
    }

    /// The sender with this index.
    pub(super) fn expected_lines(&mut self, index: usize) -> &mut ExpectedLines {
        &mut self.expected_lines[index]
    }

    /// Whether every sent line has its position.
    pub(super) fn is_complete(&self) -> bool {
        self.expected_lines.iter().all(ExpectedLines::is_idle)
    }

    /// Adds a notice at the end of the stream.
    pub(super) fn push_notice(&mut self, line: &[u8]) {
        self.notices.add(self.end(), line.len() as u64);
        self.bytes.extend_from_slice(line);
    }

    /// Allows a notice to come once; if it came before, it may come again.
    pub(super) fn expect_notice(&mut self, line: Vec<u8>) {
        self.came.remove(&line);
        self.due.insert(line);
    }

    /// The number of expected notices that have not come.
    pub(super) fn missing_notices(&self) -> usize {
        self.due.len()
    }

    /// The position of an expected notice, if it has come.
    pub(super) fn place_of(&self, notice: &[u8]) -> Option<u64> {
        self.came.get(notice).copied()
    }

    /// The number of notices before position `at`.
    pub(super) fn notices_until(&self, at: u64) -> u64 {
        self.notices.count_before(at)
    }

    /// Whether the stream holds `received` from position `at` on.
    pub(super) fn holds(&self, at: u64, received: &[u8]) -> bool {
        self.from(at).get(..received.len()) == Some(received)
    }

    /// The known bytes after position `at`.
    pub(super) fn from(&self, at: u64) -> &[u8] {
        let start = at.checked_sub(self.base).and_then(|start| usize::try_from(start).ok());
        start.and_then(|start| self.bytes.get(start..)).unwrap_or_default()
    }

    /// Appends the whole lines of `rest`, which was received after the last byte. Returns their
    /// bytes; 0 if they are the start of a line that is due.
    pub(super) fn extend(&mut self, rest: &[u8]) -> Result<usize, Difference> {
        let mut placed = 0;
        while placed < rest.len() {
            match self.place(&rest[placed..]) {
                Some(Fit::Whole(length)) => placed += length,
                Some(Fit::Part) => break,
                None if placed > 0 => break, // for the next call to judge
                None => return Err(self.surprise(&rest[placed..])),
            }
        }
        Ok(placed)
    }

    fn place(&mut self, rest: &[u8]) -> Option<Fit> {
        let count = self.expected_lines.len();
        for index in (0..count).map(|offset| (self.last + offset) % count) {
            let Some(line) = self.expected_lines[index].next_line() else { continue };
            if rest.starts_with(line) {
                let length = line.len();
                self.bytes.extend_from_slice(line);
                let sent = self.expected_lines[index].advance();
                self.lines.push_back(Placed { expected_lines: index, sent });
                self.last = index;
                return Some(Fit::Whole(length));
            }
            if line.starts_with(rest) {
                return Some(Fit::Part);
            }
        }
        self.place_notice(rest)
    }

    fn place_notice(&mut self, rest: &[u8]) -> Option<Fit> {
        let Some(end) = rest.iter().position(|&byte| byte == b'\n') else {
            let next = self.due.range(rest.to_vec()..).next()?;
            return next.starts_with(rest).then_some(Fit::Part);
        };
        let line = self.due.take(&rest[..=end])?;
        let place = self.end();
        self.push_notice(&line);
        self.came.insert(line, place);
        Some(Fit::Whole(end + 1))
    }

    fn surprise(&mut self, rest: &[u8]) -> Difference {
        let next =
            self.expected_lines.iter_mut().find_map(ExpectedLines::next_line).map(<[u8]>::to_vec);
        let next = next.or_else(|| self.due.first().cloned());
        difference(&next.unwrap_or_default(), rest)
    }

    /// The number of senders' lines before position `at`.
    pub(super) fn lines_until(&self, at: u64) -> u64 {
        // All lines have one length, so no search for line ends is needed.
        self.notices.without(at).checked_div(self.line).unwrap_or(0)
    }

    /// The lines with these numbers, counted over all senders, without those that are discarded.
    pub(super) fn lines(&self, from: u64, to: u64) -> impl Iterator<Item = Placed> + '_ {
        let index = |number: u64| {
            let index = number.saturating_sub(self.forgotten);
            usize::try_from(index).unwrap_or(usize::MAX).min(self.lines.len())
        };
        self.lines.range(index(from)..index(to)).copied()
    }

    /// The sender of the line that begins at position `at`, if one does, and the line's length.
    pub(super) fn line_at(&self, at: u64) -> Option<(usize, u64)> {
        if at >= self.end() || self.left_of_unit(at) != self.line || self.notices.covers(at) {
            return None;
        }
        let number = self.lines_until(at);
        self.lines(number, number + 1).next().map(|placed| (placed.expected_lines, self.line))
    }

    /// The number of bytes from position `at` to the end of its line or notice.
    pub(super) fn left_of_unit(&self, at: u64) -> u64 {
        self.notices.left(at).unwrap_or_else(|| {
            let into = self.notices.without(at).checked_rem(self.line).unwrap_or(0);
            self.line - into
        })
    }

    /// Whether [`Stream::trim`] should be called.
    pub(super) fn wants_trim(&self) -> bool {
        // At twice the size, moving the rest to the front costs less than writing it did.
        self.bytes.len() > TRIM_FROM.max(self.kept * 2)
    }

    /// Discards everything before position `oldest`, which all members have received.
    pub(super) fn trim(&mut self, oldest: u64) {
        let lines = self.lines_until(oldest).saturating_sub(self.forgotten);
        self.lines.drain(..usize::try_from(lines).unwrap_or(0).min(self.lines.len()));
        self.forgotten += lines;
        let unneeded = self.bytes.len() - self.from(oldest).len();
        self.bytes.drain(..unneeded);
        self.base += unneeded as u64;
        self.kept = self.bytes.len();
    }
}

#[cfg(test)]
mod tests {
    use super::super::line::Line;
    use super::super::wire::Frame;
    use super::{ExpectedLines, Placed, Stream, TRIM_FROM};

    /// Senders named `names` whose lines are `{name}: {digit}\n`, with three lines in flight each.
    fn stream(names: &[&str]) -> Stream {
        let mut stream = Stream::default();
        for name in names {
            let frame = Frame { before: format!("{name}: ").into(), after: b"\n".to_vec() };
            let mut expected_lines = ExpectedLines::new(Line::new(frame, 1), 0, 1);
            (10..13).for_each(|sent| expected_lines.send(sent));
            stream.add_sender(expected_lines);
        }
        stream
    }

    #[test]
    fn parts_of_the_stream_pass_and_its_order_is_the_servers() {
        let mut stream = stream(&["a", "b"]);
        assert_eq!(stream.extend(b"a: 0\nb: 0\na: 1\na"), Ok(15));
        assert!(stream.holds(0, b"a: 0\nb"));
        assert!(stream.holds(6, b": 0\na: 1\n"));
        assert!(stream.holds(15, b""));
        assert!(!stream.holds(5, b"a: 1\n"), "another order");
        let lines: Vec<_> = stream.lines(1, 3).collect();
        assert_eq!(
            lines,
            [Placed { expected_lines: 1, sent: 10 }, Placed { expected_lines: 0, sent: 11 }]
        );
        assert_eq!(stream.line_at(5), Some((1, 5)));
        assert_eq!((stream.line_at(6), stream.left_of_unit(6)), (None, 4));
    }

    #[test]
    fn lost_repeated_and_unsent_lines_do_not() {
        let found = |text: &[u8]| {
            let mut stream = stream(&["a"]);
            let placed = stream.extend(text)?;
            stream.extend(&text[placed..]).map(|further| placed + further)
        };
        let lost = found(b"a: 1\n").expect_err("lost");
        assert_eq!(
            (lost.expected.as_str(), lost.received.as_str()),
            (r#""a: 0\n""#, r#""a: 1\n""#)
        );
        assert!(found(b"a: 0\na: 0\n").is_err(), "repeated");
        let unsent = found(b"a: 0\na: 1\na: 2\na: 3\n").expect_err("unsent");
        assert_eq!(unsent.expected, "nothing");
        assert!(found(b"a; ").is_err(), "no part of a line either");
        assert!(!stream(&["a"]).holds(99, b"a"), "past the end");
    }

    #[test]
    fn notices_come_once_at_any_time_and_are_not_counted_as_lines() {
        let mut stream = stream(&["a"]);
        stream.push_notice(b"a has joined\n");
        stream.expect_notice(b"z has left\n".to_vec());
        assert_eq!(stream.extend(b"a: 0\nz has"), Ok(5));
        assert_eq!(stream.extend(b"z has left\na: 1\n"), Ok(16));
        assert!(stream.extend(b"z has left\n").is_err(), "twice");
        assert_eq!(stream.place_of(b"z has left\n"), Some(18));
        let counts: Vec<_> =
            [0, 12, 13, 18, 28, 29, 33, 34].map(|at| stream.lines_until(at)).into();
        assert_eq!(counts, [0, 0, 0, 1, 1, 1, 1, 2]);
    }

    #[test]
    fn trimming_keeps_positions() {
        let mut stream = stream(&["a"]);
        stream.extend(b"a: 0\na: 1\n").expect("right");
        assert!(!stream.wants_trim());
        stream.trim(5);
        assert_eq!((stream.held(), stream.end(), stream.lines_until(10)), (5, 10, 2));
        assert_eq!(
            stream.lines(0, 2).collect::<Vec<_>>(),
            [Placed { expected_lines: 0, sent: 11 }]
        );
        assert!(stream.holds(5, b"a: 1\n"));
        assert!(!stream.holds(0, b"a: 0\n"), "forgotten");
        stream.push_notice(&vec![b'x'; TRIM_FROM]);
        assert!(stream.wants_trim());
    }
}

//! The last lines of a room, for clients that join it.

use crate::limits::HISTORY_BYTES_MAX;
use memchr::{memchr, memrchr_iter};
use std::collections::VecDeque;

/// The last lines, [`HISTORY_LINES_MAX`](crate::limits::HISTORY_LINES_MAX) of them unless a store
/// keeps another number, and no more than [`HISTORY_BYTES_MAX`] bytes of them.
/// [channels/history-2] [channels/history-3]
///
/// They belong to the room and end with it. [channels/history-4] They are copies: a reference to a
/// chunk would keep a whole run alive for one line.
#[derive(Debug, Default)]
pub(super) struct History {
    /// A ring that never grows beyond [`HISTORY_BYTES_MAX`]. [channels/history-5] Lines end where
    /// their LF is, so that nothing else has to be kept for each.
    bytes: VecDeque<u8>,
    lines: usize,
}

impl History {
    /// Adds the lines of a run, and drops the oldest lines, whole, to keep the bounds; there are
    /// at most `lines_max`.
    pub(super) fn push(&mut self, run: &[u8], lines_max: usize) {
        // Only the last lines of a long run can stay: the others are not copied.
        let before_the_last = memrchr_iter(b'\n', run).nth(lines_max);
        let recent = &run[before_the_last.map_or(0, |end| end + 1)..];
        if lines_max == 0 {
            return;
        }
        for line in recent.split_inclusive(|&byte| byte == b'\n') {
            // The oldest lines go before the new one comes: the ring never holds both.
            while self.lines >= lines_max
                || self.lines > 0 && self.bytes.len() + line.len() > HISTORY_BYTES_MAX
            {
                self.drop_oldest();
            }
            self.make_room(line.len());
            self.bytes.extend(line);
            self.lines += 1;
        }
    }

    fn drop_oldest(&mut self) {
        let (first, second) = self.bytes.as_slices();
        let end = memchr(b'\n', first)
            .or_else(|| memchr(b'\n', second).map(|end| first.len() + end))
            .map_or(self.bytes.len(), |end| end + 1);
        self.bytes.drain(..end);
        self.lines -= 1;
    }

    /// Grows the ring for `more` bytes: to twice its size, so that it seldom moves, but not beyond
    /// the bound, as it would by itself.
    fn make_room(&mut self, more: usize) {
        let (length, capacity) = (self.bytes.len(), self.bytes.capacity());
        if length + more > capacity {
            let size = (length + more).max((2 * capacity).min(HISTORY_BYTES_MAX));
            self.bytes.reserve_exact(size - length);
        }
    }

    /// All bytes, in two pieces.
    pub(super) fn pieces(&self) -> (&[u8], &[u8]) {
        self.bytes.as_slices()
    }
}

#[cfg(all(test, not(parlance_loom)))]
mod tests {
    use super::History;
    use crate::limits::{HISTORY_BYTES_MAX, HISTORY_LINES_MAX};

    fn whole(history: &History) -> Vec<u8> {
        let (first, second) = history.pieces();
        [first, second].concat()
    }

    /// [channels/history-2]
    #[test]
    fn the_51st_line_pushes_out_the_first_in_one_run_or_many() {
        let lines: Vec<String> = (0..=HISTORY_LINES_MAX).map(|n| format!("line {n}\r\n")).collect();
        let (mut one, mut many) = (History::default(), History::default());
        one.push(lines[..HISTORY_LINES_MAX].concat().as_bytes(), HISTORY_LINES_MAX);
        assert_eq!(whole(&one), lines[..HISTORY_LINES_MAX].concat().as_bytes());
        one.push(lines[HISTORY_LINES_MAX].as_bytes(), HISTORY_LINES_MAX);
        for line in &lines {
            many.push(line.as_bytes(), HISTORY_LINES_MAX);
        }
        assert_eq!(whole(&one), lines[1..].concat().as_bytes());
        assert_eq!(whole(&many), whole(&one));
        let mut at_once = History::default();
        at_once.push(lines.concat().as_bytes(), HISTORY_LINES_MAX);
        assert_eq!(whole(&at_once), whole(&one));
        let mut bare = History::default();
        bare.push([b"\n", lines[1..].concat().as_bytes()].concat().as_slice(), HISTORY_LINES_MAX);
        assert_eq!(whole(&bare), whole(&one));
    }

    /// [channels/history-3]
    #[test]
    fn one_byte_too_many_pushes_out_a_whole_line() {
        let line = |length: usize| [vec![b'x'; length - 2], b"\r\n".to_vec()].concat();
        let mut history = History::default();
        let quarter = line(HISTORY_BYTES_MAX / 4);
        for _ in 0..4 {
            history.push(&quarter, HISTORY_LINES_MAX);
        }
        assert_eq!(whole(&history).len(), HISTORY_BYTES_MAX);
        history.push(&line(3), HISTORY_LINES_MAX);
        assert_eq!(whole(&history), [quarter.repeat(3), line(3)].concat());
    }
    /// [channels/history-5]
    #[test]
    fn a_history_allocates_64_kib_at_most_whatever_the_lines() {
        for length in [3, 100, 1_311, 1_500, 5_000, 19_999, 20_031, HISTORY_BYTES_MAX] {
            let mut history = History::default();
            let line = [vec![b'x'; length - 2], b"\r\n".to_vec()].concat();
            for count in 1..=3 * HISTORY_LINES_MAX {
                history.push(&line, HISTORY_LINES_MAX);
                let (capacity, kept) = (history.bytes.capacity(), history.bytes.len());
                assert!(capacity <= HISTORY_BYTES_MAX, "{count} lines of {length}: {capacity}");
                assert!(
                    capacity <= (2 * kept).max(length),
                    "{count} lines of {length}: {capacity}"
                );
            }
        }
    }

    /// Beside the ring it keeps a few words, and nothing for each line. [channels/history-5]
    #[test]
    fn a_history_is_one_allocation() {
        let ring = size_of::<std::collections::VecDeque<u8>>();
        assert_eq!(size_of::<History>(), ring + size_of::<usize>());
    }
}

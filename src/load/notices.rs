//! The positions in a room's stream of everything other than its senders' lines.

/// Notices in a stream, in the order of their positions.
#[derive(Debug, Default)]
pub(super) struct Notices {
    marks: Vec<Mark>,
}

#[derive(Clone, Copy, Debug)]
struct Mark {
    start: u64,
    length: u64,
    /// The total length of the notices before.
    before: u64,
}

impl Mark {
    fn end(self) -> u64 {
        self.start + self.length
    }
}

impl Notices {
    /// Adds a notice after all others.
    pub(super) fn add(&mut self, start: u64, length: u64) {
        let before = self.marks.last().map_or(0, |mark| mark.before + mark.length);
        self.marks.push(Mark { start, length, before });
    }

    /// The number of notices that end at or before position `at`.
    pub(super) fn count_before(&self, at: u64) -> u64 {
        self.marks.partition_point(|mark| mark.end() <= at) as u64
    }

    /// The number of bytes before position `at` that belong to no notice.
    pub(super) fn without(&self, at: u64) -> u64 {
        match self.last_before(at) {
            Some(mark) if at >= mark.end() => at - mark.before - mark.length,
            Some(mark) => mark.start - mark.before, // within it
            None => at,
        }
    }

    /// Whether the byte at position `at` belongs to a notice.
    pub(super) fn covers(&self, at: u64) -> bool {
        self.left(at).is_some()
    }

    /// The number of remaining bytes of the notice at position `at`.
    pub(super) fn left(&self, at: u64) -> Option<u64> {
        self.last_before(at).and_then(|mark| mark.end().checked_sub(at)).filter(|&left| left > 0)
    }

    /// The last notice that starts at or before position `at`.
    fn last_before(&self, at: u64) -> Option<Mark> {
        // In a busy room all notices are long past; that is the most frequent question.
        match self.marks.last() {
            Some(mark) if mark.start <= at => Some(*mark),
            _ => {
                let count = self.marks.partition_point(|mark| mark.start <= at);
                count.checked_sub(1).map(|index| self.marks[index])
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Notices;

    #[test]
    fn positions_are_counted_without_notices() {
        let mut notices = Notices::default();
        notices.add(0, 3);
        notices.add(7, 2);
        let without: Vec<_> = [0, 2, 3, 5, 7, 8, 9, 11].map(|at| notices.without(at)).into();
        assert_eq!(without, [0, 0, 0, 2, 4, 4, 4, 6]);
        let left: Vec<_> = [0, 2, 3, 7, 8, 9].map(|at| notices.left(at)).into();
        assert_eq!(left, [Some(3), Some(1), None, Some(2), Some(1), None]);
        assert_eq!([2, 3, 8, 9].map(|at| notices.count_before(at)), [0, 1, 1, 2]);
    }
}

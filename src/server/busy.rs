//! How many connections have used up their share of a poll and are ready for the next.

use std::sync::atomic::{AtomicUsize, Ordering};

/// So many busy connections have whole shares.
const WHOLE_SHARES: usize = 64;

/// A share is divided by this at most: a read of 64 KiB by it is a page.
const PARTS_MAX: usize = 16;

/// The connections of an executor that used up their share of a poll, and are ready again.
///
/// The executor is fair by polls, not by time: all others wait while each of the busy connections
/// is polled once. So the share of one shrinks as their number grows. [common/prompt-2]
#[derive(Debug, Default)]
pub struct Busy(AtomicUsize);

impl Busy {
    /// A connection has used up its share, and waits for its next poll.
    pub(super) fn enter(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// A connection that waited is polled, or dropped.
    pub(super) fn leave(&self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }

    /// The share of one poll of what a connection may do in one at most.
    pub(super) fn share_of(&self, whole: usize) -> usize {
        whole / (self.0.load(Ordering::Relaxed) / WHOLE_SHARES).clamp(1, PARTS_MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::Busy;

    /// [common/prompt-2]
    #[test]
    fn a_share_shrinks_with_the_number_of_busy_connections() {
        let busy = Busy::default();
        let mut at = 0;
        for (number, share) in [(0, 65_536), (127, 65_536), (128, 32_768), (1_024, 4_096)] {
            (at..number).for_each(|_| busy.enter());
            at = number;
            assert_eq!(busy.share_of(65_536), share);
        }
        (0..9_000).for_each(|_| busy.enter());
        assert_eq!(busy.share_of(65_536), 4_096, "there is always something to do");
        (0..10_024 - 64).for_each(|_| busy.leave());
        assert_eq!(busy.share_of(65_536), 65_536);
    }
}

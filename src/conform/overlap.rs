//! Finds the attempts that ran without any other at the same time: lines on the server's standard
//! error belong to such an attempt alone.

use std::sync::{Mutex, PoisonError};

/// The attempts that run at this moment.
#[derive(Debug, Default)]
pub(super) struct Overlap(Mutex<Counts>);

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    running: usize,
    started: usize,
}

/// The state at the beginning of an attempt.
#[derive(Debug)]
pub(super) struct AttemptStart {
    number: usize,
    alone: bool,
}

impl Overlap {
    pub(super) fn begin(&self) -> AttemptStart {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.running += 1;
        counts.started += 1;
        AttemptStart { number: counts.started, alone: counts.running == 1 }
    }

    /// Whether no other attempt ran at any time since this one began.
    pub(super) fn end(&self, start: &AttemptStart) -> bool {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.running -= 1;
        start.alone && counts.started == start.number
    }
}

#[cfg(test)]
mod tests {
    use super::Overlap;

    #[test]
    fn overlapping_attempts_are_not_alone() {
        let overlap = Overlap::default();
        let first = overlap.begin();
        assert!(overlap.end(&first));
        let (second, third) = (overlap.begin(), overlap.begin());
        assert!(!overlap.end(&second), "the third came meanwhile");
        assert!(!overlap.end(&third), "the second was there when it came");
        let last = overlap.begin();
        assert!(overlap.end(&last));
    }
}

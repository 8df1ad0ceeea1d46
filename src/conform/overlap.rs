//! Finds the attempts that ran without any other at the same time: lines on the server's standard
//! error belong to such an attempt alone.

use std::sync::{Mutex, PoisonError};

/// The attempts that run at this moment.
#[derive(Debug, Default)]
pub(super) struct Overlap(Mutex<Counts>);

#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    running: usize,
    begun: usize,
}

/// The state at the beginning of an attempt.
#[derive(Debug)]
pub(super) struct Begun {
    number: usize,
    alone: bool,
}

impl Overlap {
    pub(super) fn begin(&self) -> Begun {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.running += 1;
        counts.begun += 1;
        Begun { number: counts.begun, alone: counts.running == 1 }
    }

    /// Whether no other attempt ran at any time since this one began.
    pub(super) fn end(&self, begun: &Begun) -> bool {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.running -= 1;
        begun.alone && counts.begun == begun.number
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

//! Whether a member that falls behind may hold up the senders of its room, and for how long.

use crate::limits::{PATIENCE, PATIENCE_RENEWED_AFTER};
use crate::time::Time;
use std::time::Duration;

/// The patience that others have with one member. [common/flow-3]
///
/// It is spent only while the member is above the mark *and* its connection refuses bytes: a member
/// that waits for our own processor is not at fault. Time accumulates over one congestion episode
/// and is forgotten at its end, so whoever keeps draining [`MARK_BYTES`](crate::limits::MARK_BYTES)
/// within [`PATIENCE`] is waited for without end; a member that does not holds its room up once, until
/// its patience is renewed or it joins again. What counts is when the socket is seen to take bytes, and
/// a kernel reports that in steps: a reader slower than such a step in [`PATIENCE`] seems to stand still.
#[derive(Debug, Default)]
pub(super) struct Congestion {
    /// The charge is above the mark.
    over_mark: bool,
    /// The patience has run out; renewed as [common/flow-4] says.
    spent: bool,
    /// Patience used in this episode, up to `clock_from`.
    used: Duration,
    /// Since when the clock runs, if it does.
    clock_from: Option<Time>,
    /// When the charge last fell to the mark.
    at_mark_since: Time,
}

impl Congestion {
    /// Whether there is nothing to remember.
    pub(super) fn is_over(&self) -> bool {
        !self.over_mark && !self.spent
    }

    /// Tells the state of the outbox after something about it changed.
    pub(super) fn update(&mut self, over_mark: bool, refuses: bool, now: Time) {
        self.run_clock(now);
        match (self.over_mark, over_mark) {
            (false, true) => {
                if self.spent && now.since(self.at_mark_since) >= PATIENCE_RENEWED_AFTER {
                    self.spent = false;
                }
                self.used = Duration::ZERO;
            }
            (true, false) => self.at_mark_since = now,
            _ => {}
        }
        self.over_mark = over_mark;
        self.clock_from = (over_mark && refuses && !self.spent).then_some(now);
    }

    /// Until when senders must wait for this member, at most; `None` if they need not.
    pub(super) fn holds_until(&mut self, now: Time) -> Option<Time> {
        self.run_clock(now);
        (self.over_mark && !self.spent).then(|| now + PATIENCE.saturating_sub(self.used))
    }

    fn run_clock(&mut self, now: Time) {
        let Some(from) = self.clock_from else { return };
        self.used += now.since(from);
        self.clock_from = Some(now.max(from));
        if self.used >= PATIENCE {
            self.spent = true;
            self.clock_from = None;
        }
    }
}

#[cfg(all(test, not(parlance_loom)))]
mod tests {
    use super::Congestion;
    use crate::limits::PATIENCE;
    use crate::time::Time;
    use std::time::Duration;

    /// Also of a client that is not idle in between, so that what is known of it is not forgotten. [common/flow-4]
    #[test]
    fn patience_is_whole_at_the_beginning_of_each_congestion() {
        let mut congestion = Congestion::default();
        let nearly = PATIENCE.saturating_sub(Duration::from_nanos(1));
        let mut now = Time::ZERO;
        for _ in 0..3 {
            congestion.update(true, true, now);
            assert_eq!(congestion.holds_until(now + nearly), Some(now + PATIENCE));
            now = now + nearly;
            congestion.update(false, false, now);
        }
        congestion.update(true, true, now);
        assert_eq!(congestion.holds_until(now + PATIENCE), None);
    }
}

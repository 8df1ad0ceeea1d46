//! The intended send times of an open loop, whatever the server does.

/// Nanoseconds in a second.
const SECOND: u128 = 1_000_000_000;

/// The intended times of lines at a steady rate. A line that could not be sent in time keeps its
/// time: a stall counts for all the lines that it delayed, not only for the one that it hit.
#[derive(Clone, Debug)]
pub(super) struct Schedule {
    start: u64,
    /// Lines per second.
    rate: u64,
    next: u64,
}

impl Schedule {
    /// `rate` lines per second (at least one), the first at `start`.
    pub(super) fn new(start: u64, rate: u64) -> Schedule {
        Schedule { start, rate, next: 0 }
    }

    /// The number and the intended time of the next line, if it is due at `now`.
    pub(super) fn take_due(&mut self, now: u64) -> Option<(u64, u64)> {
        let due = self.next_due();
        (due <= now).then(|| {
            self.next += 1;
            (self.next - 1, due)
        })
    }

    /// The intended time of the next line.
    pub(super) fn next_due(&self) -> u64 {
        let offset = u128::from(self.next) * SECOND / u128::from(self.rate);
        self.start + u64::try_from(offset).unwrap_or(u64::MAX - self.start)
    }
}

#[cfg(test)]
mod tests {
    use super::Schedule;

    #[test]
    fn lines_are_due_at_a_steady_rate_without_drift() {
        let mut schedule = Schedule::new(5, 3);
        let times: Vec<_> = std::iter::from_fn(|| schedule.take_due(2_000_000_005)).collect();
        let expected = [
            (0, 5),
            (1, 333_333_338),
            (2, 666_666_671),
            (3, 1_000_000_005),
            (4, 1_333_333_338),
            (5, 1_666_666_671),
            (6, 2_000_000_005),
        ];
        assert_eq!(times, expected);
        assert_eq!(schedule.next_due(), 2_333_333_338);
    }

    #[test]
    fn lines_that_a_stall_delayed_keep_their_times() {
        let mut schedule = Schedule::new(0, 1000);
        assert_eq!(schedule.take_due(0), Some((0, 0)));
        assert_eq!(schedule.take_due(999_999), None);
        // After a second without a call, all thousand lines are due, at their original times.
        let late: Vec<_> = std::iter::from_fn(|| schedule.take_due(1_000_000_000)).collect();
        assert_eq!(late.len(), 1000);
        assert_eq!((late[0], late[999]), ((1, 1_000_000), (1000, 1_000_000_000)));
    }
}

//! Time as a value: the core never reads a clock, its caller passes the time.

use std::time::Duration;

/// A moment, in nanoseconds since an origin that the caller chooses (the start of the process, or
/// of a test).
///
/// Moments only compare and subtract; 64 bits last 584 years. Additions saturate, so that a limit
/// switched off with [`Duration::MAX`] means "never" instead of wrapping round.
///
/// ```
/// use parlance_core::time::Time;
/// use std::time::Duration;
///
/// let start = Time::from_nanos(5);
/// assert_eq!(start + Duration::MAX, Time::NEVER);
/// assert_eq!(start.since(Time::from_nanos(9)), Duration::ZERO); // never negative
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time(u64);

impl Time {
    /// The origin.
    pub const ZERO: Time = Time(0);
    /// Later than every other moment.
    pub const NEVER: Time = Time(u64::MAX);

    /// The moment `nanos` nanoseconds after the origin.
    pub const fn from_nanos(nanos: u64) -> Time {
        Time(nanos)
    }

    /// Nanoseconds since the origin.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// How long after `earlier` this is; zero if it is not after it.
    pub const fn since(self, earlier: Time) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }
}

impl std::ops::Add<Duration> for Time {
    type Output = Time;

    fn add(self, span: Duration) -> Time {
        let nanos = u64::try_from(span.as_nanos()).unwrap_or(u64::MAX);
        Time(self.0.saturating_add(nanos))
    }
}

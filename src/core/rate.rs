//! Rates: how often a client may do something, with bursts, by one number for each rule (GCRA).

use crate::time::Time;
use std::time::Duration;

/// How often something may happen: once each interval, and a burst at once after a pause.
///
/// ```
/// use parlance_core::rate::{Meter, Rate};
/// use parlance_core::time::Time;
/// use std::time::Duration;
///
/// let rate = Rate::new(10, Duration::from_secs(1), 2);
/// let (mut meter, now) = (Meter::default(), Time::from_nanos(5_000_000_000));
/// for _ in 0..2 {
///     assert!(meter.due(rate) <= now);
///     meter.charge(rate, 1, now);
/// }
/// assert_eq!(meter.due(rate).since(now), Duration::from_millis(100)); // the third waits
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Between one and the next, in nanoseconds; nothing is no rule.
    interval: u64,
    /// How far ahead of an even flow a client may be, in nanoseconds.
    tolerance: u64,
}

impl Rate {
    /// No rule.
    pub const OFF: Rate = Rate { interval: 0, tolerance: 0 };

    /// `count` in each `span`, at most one a nanosecond, of which `burst`, at least one, may come
    /// at once.
    pub fn new(count: u64, span: Duration, burst: u64) -> Rate {
        let nanos = u64::try_from(span.as_nanos()).unwrap_or(u64::MAX);
        let interval = (nanos / count.max(1)).max(1);
        Rate { interval, tolerance: interval.saturating_mul(burst.max(1) - 1) }
    }

    /// Whether there is no rule.
    pub const fn is_off(self) -> bool {
        self.interval == 0
    }
}

/// What one client has done under one rule: the moment at which it would be back in an even flow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Meter(Time);

impl Meter {
    /// From when on the next may happen.
    pub const fn due(self, rate: Rate) -> Time {
        Time::from_nanos(self.0.as_nanos().saturating_sub(rate.tolerance))
    }

    /// `units` happen: at `now`, or at [`due`](Meter::due) if that is later.
    pub fn charge(&mut self, rate: Rate, units: usize, now: Time) {
        let units = u64::try_from(units).unwrap_or(u64::MAX);
        let cost = Duration::from_nanos(rate.interval.saturating_mul(units));
        self.0 = self.0.max(now) + cost;
    }

    /// Whether all that has happened is forgotten at `now`.
    pub fn is_even(self, now: Time) -> bool {
        self.0 <= now
    }
}

/// A rule that a client can wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// See [`Rates::lines`].
    Lines,
    /// See [`Rates::bytes`].
    Bytes,
    /// See [`Rates::joins`].
    Joins,
    /// See [`Rates::names`].
    Names,
    /// See [`Rates::rooms`].
    Rooms,
}

impl Rule {
    /// Every rule, in the order of the variants.
    pub const ALL: [Rule; 5] = [Rule::Lines, Rule::Bytes, Rule::Joins, Rule::Names, Rule::Rooms];

    /// The name of its option behind `rate-`.
    pub const fn name(self) -> &'static str {
        match self {
            Rule::Lines => "lines",
            Rule::Bytes => "bytes",
            Rule::Joins => "joins",
            Rule::Names => "names",
            Rule::Rooms => "rooms",
        }
    }
}

/// The rules of a server. [common/rate-1]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rates {
    /// Lines of a client.
    pub lines: Rate,
    /// Bytes of a client's lines, LF and any CR included.
    pub bytes: Rate,
    /// Rooms that a client asks to enter.
    pub joins: Rate,
    /// Names that a client asks for.
    pub names: Rate,
    /// Rooms that a client creates. [common/rate-4]
    pub rooms: Rate,
    /// Connections of an address. [common/rate-5]
    pub connects: Rate,
}

impl Rates {
    /// No rules.
    pub const OFF: Rates = Rates {
        lines: Rate::OFF,
        bytes: Rate::OFF,
        joins: Rate::OFF,
        names: Rate::OFF,
        rooms: Rate::OFF,
        connects: Rate::OFF,
    };

    /// Rules for a server that everybody can reach: a person does not notice them.
    pub fn public() -> Rates {
        let (second, minute) = (Duration::from_secs(1), Duration::from_secs(60));
        Rates {
            lines: Rate::new(10, second, 60),
            bytes: Rate::new(16 * 1024, second, 128 * 1024),
            joins: Rate::new(30, minute, 10),
            names: Rate::new(20, minute, 10),
            rooms: Rate::new(6, minute, 5),
            connects: Rate::new(60, minute, 30),
        }
    }
}

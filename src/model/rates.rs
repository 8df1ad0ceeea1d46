//! Rates: how far ahead of an even flow a client is, as a bucket that empties with time
//! [common/rate-1].

use super::config::{Rate, nanos};

/// What was in a bucket at one time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Bucket {
    full: u64,
    at: u64,
}

impl Bucket {
    fn full_at(self, now: u64) -> u64 {
        self.full.saturating_sub(now.saturating_sub(self.at))
    }

    /// How long it takes until another unit may come.
    pub(super) fn wait(self, rate: Option<Rate>, now: u64) -> u64 {
        let allowed = |rate: Rate| nanos(rate.interval) * u64::from(rate.burst - 1);
        rate.map_or(0, |rate| self.full_at(now).saturating_sub(allowed(rate)))
    }

    pub(super) fn add(&mut self, rate: Option<Rate>, units: usize, now: u64) {
        let units = units as u64;
        let more = rate.map_or(0, |rate| nanos(rate.interval) * units);
        *self = Bucket { full: self.full_at(now) + more, at: now };
    }
}

/// What a client has done of late.
#[derive(Clone, Debug, Default)]
pub(super) struct Pace {
    pub(super) lines: Bucket,
    pub(super) bytes: Bucket,
    pub(super) joins: Bucket,
    pub(super) names: Bucket,
    pub(super) rooms: Bucket,
    /// When its first line may be acted on.
    pub(super) acts_at: u64,
    /// How much of its input the run has that begins with that line, if a rate has cut it.
    pub(super) run_bytes: Option<usize>,
}

impl Pace {
    /// Whether the first line may not be acted on yet.
    pub(super) fn waits(&self, now: u64) -> bool {
        now < self.acts_at
    }

    /// Whether a run that would have so many bytes of input is longer than the rates have it.
    pub(super) fn cuts(&self, bytes: usize) -> bool {
        self.run_bytes.is_some_and(|most| bytes > most)
    }
}

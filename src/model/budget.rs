//! A stall budget: for how long a client that takes nothing may hold others.

use super::config::{Config, nanos};

/// One of the two stall budgets of a client [common/flow-3].
#[derive(Clone, Debug, Default)]
pub(super) struct Budget {
    /// The time used and not given back, up to `running_since`.
    used: u64,
    /// Since when it has been running.
    running_since: Option<u64>,
    /// Whether it was exhausted at the last look.
    exhausted: bool,
    /// When the charge last fell to the high-water mark or under it.
    fell_at: u64,
}

impl Budget {
    /// The time used up to `now`.
    fn used_at(&self, now: u64, config: &Config) -> u64 {
        let running = self.running_since.map_or(0, |since| now.saturating_sub(since));
        let running = running.min(nanos(config.look_interval));
        self.used.saturating_add(running).min(nanos(config.stall_budget))
    }

    /// Whether the budget of a client that is `congested` or not is exhausted [common/flow-3].
    pub(super) fn exhausted(&self, congested: bool, now: u64, config: &Config) -> bool {
        self.exhausted || congested && self.used_at(now, config) >= nanos(config.stall_budget)
    }

    /// The rest of the budget.
    pub(super) fn left(&self, now: u64, config: &Config) -> u64 {
        if self.exhausted {
            return 0;
        }
        nanos(config.stall_budget).saturating_sub(self.used_at(now, config))
    }

    /// Adds the running time to the time used, and stops the clock.
    pub(super) fn stop_the_clock(&mut self, congested: bool, now: u64, config: &Config) {
        self.exhausted = self.exhausted(congested, now, config);
        self.used = self.used_at(now, config);
        self.running_since = None;
    }

    /// The clock counts from `now` if it `runs`.
    pub(super) fn start_the_clock(&mut self, runs: bool, now: u64) {
        self.running_since = runs.then_some(now);
    }

    /// The client became congested: an exhausted budget may be renewed at this moment
    /// [common/flow-4].
    pub(super) fn rises(&mut self, now: u64, config: &Config) {
        if self.exhausted && now.saturating_sub(self.fell_at) >= nanos(config.renewal) {
            self.exhausted = false;
            self.used = 0;
        }
    }

    /// The client took `bytes` of the lines that the budget is for, and is `congested` now, and
    /// `was` before [common/flow-4].
    pub(super) fn taken(
        &mut self,
        bytes: usize,
        (was, congested): (bool, bool),
        now: u64,
        config: &Config,
    ) {
        if !self.exhausted {
            let given_back = nanos(config.given_back_per_byte).saturating_mul(bytes as u64);
            self.used = self.used.saturating_sub(given_back);
        }
        if was && !congested {
            self.fell_at = now;
        }
    }
}

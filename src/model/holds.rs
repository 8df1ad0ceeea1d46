//! For how long the members of a room may hold its senders: the hold budget of the room.

use super::config::{Config, nanos};
use std::time::Duration;

/// The hold budget of one room [common/flow-9], and that of a strained one.
#[derive(Clone, Debug, Default)]
pub(super) struct Holds {
    budget: Budget,
    strained_budget: Budget,
    /// The time up to which both are right.
    at: u64,
    /// Since when a line of the room waits for a few members.
    held_since: Option<u64>,
    /// Since when that hold uses the budget.
    used_from: Option<u64>,
    /// The members that have joined since the room was strained, by their numbers as clients.
    newcomers: Vec<usize>,
}

#[derive(Clone, Debug, Default)]
struct Budget {
    used: u64,
    /// It was exhausted, and not all of it was given back since.
    exhausted: bool,
}

impl Budget {
    /// The budget of `whole` after a time in which it was used for `held` and not for `rested`.
    fn after(&self, held: u64, rested: u64, whole: Duration, config: &Config) -> Budget {
        let used = self.used.saturating_sub(rested / 4) + held.min(nanos(config.look_interval));
        let exhausted = used >= nanos(whole) || (self.exhausted && used > 0);
        Budget { used: used.min(nanos(whole)), exhausted }
    }
}

impl Holds {
    /// The budgets as they are at `now`.
    pub(super) fn at(&self, now: u64, config: &Config) -> Holds {
        let mut holds = self.clone();
        let passed = now.saturating_sub(self.at);
        let held = self.held_since.map_or(0, |since| now.saturating_sub(since).min(passed));
        let long = self.used_from.map_or(0, |from| now.saturating_sub(from).min(passed));
        let whole = config.room_hold_budget;
        holds.budget = self.budget.after(long, passed - held, whole, config);
        if !holds.is_strained() {
            holds.strained_budget = Budget::default();
            holds.newcomers.clear();
        } else if self.is_strained() {
            let whole = config.strained_hold_budget;
            holds.strained_budget = self.strained_budget.after(held, passed - held, whole, config);
        }
        holds.at = self.at.max(now);
        holds
    }

    pub(super) fn is_strained(&self) -> bool {
        self.budget.exhausted
    }

    pub(super) fn is_overstrained(&self) -> bool {
        self.strained_budget.exhausted
    }

    /// A client joins the room.
    pub(super) fn joined(&mut self, id: usize) {
        if self.is_strained() {
            self.newcomers.push(id);
        }
    }

    /// For how long a member of a strained room may take no byte before it holds nobody, if it is
    /// a `proven` reader or is not.
    pub(super) fn allowance(&self, id: usize, proven: bool, config: &Config) -> u64 {
        nanos(match (self.is_overstrained() && self.newcomers.contains(&id), proven) {
            (false, true) => config.short_hold,
            (false, false) => config.first_hold,
            (true, _) => config.newcomer_hold,
        })
    }

    /// A line was tried at `now`; `held` says that it has to wait for a few members.
    pub(super) fn line_tried(&mut self, held: bool, now: u64, config: &Config) {
        *self = self.at(now, config);
        if held {
            self.held_since.get_or_insert(now);
            self.used_from.get_or_insert(now + nanos(config.short_hold));
        } else {
            (self.held_since, self.used_from) = (None, None);
        }
    }

    /// A member departs at `now`: a hold uses the budget from its beginning on.
    pub(super) fn departs(&mut self, now: u64, config: &Config) {
        *self = self.at(now, config);
        if let (Some(since), Some(from)) = (self.held_since, self.used_from) {
            let free = from.min(self.at) - since;
            let budget = self.budget.clone();
            self.budget = budget.after(free, 0, config.room_hold_budget, config);
            self.used_from = self.held_since;
        }
    }

    /// When the room is strained, or overstrained, if the line that waits goes on waiting;
    /// `u64::MAX` if it cannot be more so or no line waits for a few members.
    pub(super) fn more_strained_at(&self, now: u64, config: &Config) -> u64 {
        let Some(used_from) = self.used_from else { return u64::MAX };
        if self.is_overstrained() {
            u64::MAX
        } else if self.is_strained() {
            now + (nanos(config.strained_hold_budget) - self.strained_budget.used)
        } else {
            now.max(used_from) + (nanos(config.room_hold_budget) - self.budget.used)
        }
    }
}

//! The hold budget of a room: for how long slow members, one after the other, may hold its senders.

use crate::limits::{LOOK_INTERVAL, ROOM_HOLD_BUDGET, SHORT_HOLD};
use crate::time::Time;
use std::time::Duration;

/// One unit of time used is given back in so many units in which the budget is not used.
const RECOVERS_IN: u32 = 4;

/// The hold budget of one room. [common/flow-9]
///
/// The stall budget belongs to a connection, and so is whole for each new one. Clients that connect
/// again and again, or that stall in turn, would hold their room most of the time. So time is also
/// counted for the room: a hold for a few members uses the budget from the moment when it has
/// lasted [`SHORT_HOLD`]. A room whose budget is exhausted is *strained* until all of it has been
/// given back. Meanwhile, where it would wait for few, it gives up a member that has taken no byte
/// for [`SHORT_HOLD`], or for [`FIRST_HOLD`](crate::limits::FIRST_HOLD) if it is no proven reader.
#[derive(Debug)]
pub(super) struct HoldBudget {
    used: Duration,
    /// The time up to which `used` is right.
    at: Time,
    /// Since when a line of the room waits for a few members; `NEVER` if none does.
    held_since: Time,
    strained: bool,
}

impl HoldBudget {
    pub(super) fn new(now: Time) -> HoldBudget {
        HoldBudget { used: Duration::ZERO, at: now, held_since: Time::NEVER, strained: false }
    }

    pub(super) fn is_strained(&self) -> bool {
        self.strained
    }

    /// A line was tried in the room. `held` says that it has to wait for a few members.
    pub(super) fn line_tried(&mut self, held: bool, now: Time) {
        match (held, self.held_since == Time::NEVER) {
            (true, true) => self.held_since = now,
            (false, false) => self.held_since = Time::NEVER,
            _ => {}
        }
    }

    /// When the room will be strained, if the line that waits goes on waiting.
    pub(super) fn strained_at(&self, now: Time) -> Time {
        if self.strained || self.held_since == Time::NEVER {
            return Time::NEVER;
        }
        let from = (self.held_since + SHORT_HOLD).max(now);
        from + ROOM_HOLD_BUDGET.saturating_sub(self.used)
    }

    /// Whether there is nothing to remember.
    pub(super) fn is_over(&self) -> bool {
        self.used == Duration::ZERO && self.held_since == Time::NEVER
    }

    /// Counts the time that has passed until `now`.
    pub(super) fn run_clock(&mut self, now: Time) {
        let counts_from = (self.held_since + SHORT_HOLD).max(self.at);
        let held = now.since(counts_from);
        let rested = now.since(self.at).saturating_sub(held);
        self.used = self.used.saturating_sub(rested / RECOVERS_IN) + held.min(LOOK_INTERVAL);
        self.at = self.at.max(now);
        if self.used >= ROOM_HOLD_BUDGET {
            (self.used, self.strained) = (ROOM_HOLD_BUDGET, true);
        }
        if self.used == Duration::ZERO {
            self.strained = false;
        }
    }
}

#[cfg(all(test, not(parlance_loom)))]
mod tests {
    use super::{HoldBudget, RECOVERS_IN};
    use crate::limits::{LOOK_INTERVAL, ROOM_HOLD_BUDGET, SHORT_HOLD};
    use crate::time::Time;
    use std::time::Duration;

    const LATER: Time = Time::from_nanos(60_000_000_000);
    const TICK: Duration = Duration::from_nanos(1);

    /// A line that waits for `span`, from `now` on.
    fn hold(budget: &mut HoldBudget, now: &mut Time, span: Duration) {
        budget.run_clock(*now);
        budget.line_tried(true, *now);
        let end = *now + span;
        while *now < end {
            *now = (*now + LOOK_INTERVAL).min(end);
            budget.run_clock(*now);
        }
        budget.line_tried(false, *now);
    }

    /// A pause of the whole process. [common/flow-3]
    #[test]
    fn a_hold_that_was_not_looked_at_counts_as_one_interval() {
        let mut budget = HoldBudget::new(LATER);
        budget.line_tried(true, LATER);
        budget.run_clock(LATER + SHORT_HOLD);
        budget.run_clock(LATER + Duration::from_secs(9));
        assert_eq!(budget.used, LOOK_INTERVAL);
    }

    /// [common/flow-9]
    #[test]
    fn short_holds_use_nothing_of_the_budget_of_a_room() {
        let (mut budget, mut now) = (HoldBudget::new(LATER), LATER);
        for _ in 0..1000 {
            hold(&mut budget, &mut now, SHORT_HOLD);
        }
        assert!(budget.is_over());
    }

    /// [common/flow-9]
    #[test]
    fn long_holds_strain_a_room() {
        let (mut budget, mut now) = (HoldBudget::new(LATER), LATER);
        let long = SHORT_HOLD + ROOM_HOLD_BUDGET.saturating_sub(TICK);
        hold(&mut budget, &mut now, long);
        assert!(!budget.is_strained());
        hold(&mut budget, &mut now, 2 * SHORT_HOLD); // its first half gives time back
        assert!(budget.is_strained());
    }

    /// [common/flow-9]
    #[test]
    fn a_room_is_strained_until_its_whole_budget_is_given_back() {
        let (mut budget, mut now) = (HoldBudget::new(LATER), LATER);
        hold(&mut budget, &mut now, ROOM_HOLD_BUDGET + SHORT_HOLD);
        let over = now + ROOM_HOLD_BUDGET * RECOVERS_IN;
        budget.run_clock(Time::from_nanos(over.as_nanos() - u64::from(RECOVERS_IN)));
        assert!(budget.is_strained());
        budget.run_clock(over);
        assert!(!budget.is_strained());
    }

    /// The time at which the room will be strained, looked at in the middle of a hold.
    #[test]
    fn the_moment_of_strain_is_known_in_advance() {
        let mut budget = HoldBudget::new(LATER);
        assert_eq!(budget.strained_at(LATER), Time::NEVER);
        budget.line_tried(true, LATER);
        let at = LATER + SHORT_HOLD + ROOM_HOLD_BUDGET;
        let looks = [0, 25, 50, 90, 130, 170, 210, 250, 290].map(Duration::from_millis);
        for part in looks {
            budget.run_clock(LATER + part);
            assert_eq!(budget.strained_at(LATER + part), at);
        }
        budget.run_clock(at);
        assert_eq!(budget.strained_at(at), Time::NEVER, "it is already");
    }
}

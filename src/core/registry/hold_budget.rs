//! The hold budget of a room: for how long slow members, one after the other, may hold its senders.

use crate::limits::{
    FIRST_HOLD, LOOK_INTERVAL, NEWCOMER_HOLD, ROOM_HOLD_BUDGET, SHORT_HOLD, STRAINED_HOLD_BUDGET,
};
use crate::time::Time;
use std::time::Duration;

/// One unit of time used is given back in so many units in which the budget is not used.
const RECOVERS_IN: u32 = 4;

/// The hold budget of one room. [common/flow-9]
///
/// The stall budget belongs to a connection, and so is whole for each new one. Clients that connect
/// again and again, or that stall in turn, would hold their room most of the time. So time is also
/// counted for the room, in two budgets.
///
/// A hold for a few members uses the first from the moment when it has lasted [`SHORT_HOLD`], or
/// from its beginning if a member departs meanwhile: otherwise clients that connect again and again
/// would hold the room for nearly as long each time, and use nothing. A room that has exhausted it
/// is *strained* until all of it has been given back. Meanwhile a member that takes no byte is
/// given up early, where the room would wait for few, and all holds for few use the second budget.
/// A room that has exhausted that too is *overstrained* until all of it has been given back, and
/// hardly waits for members that have joined since it was strained. Those that were there before
/// are waited for as in a strained room.
///
/// Holds that end within [`SHORT_HOLD`] by bytes that members take use nothing of the first budget,
/// however many there are. The stall budgets of those members bound them.
#[derive(Debug)]
pub(super) struct HoldBudget {
    long: Used,
    strained: Used,
    /// The time up to which both are right.
    at: Time,
    /// Since when a line of the room waits for a few members; `NEVER` if none does.
    held_since: Time,
    /// Since when that hold uses the first budget.
    used_from: Time,
    /// The number of the first member that joins after the room is strained.
    newcomers_from: u64,
}

/// What bounds a hold for a member that takes no byte. [common/flow-9]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HoldLimit {
    /// The member's stall budget bounds the hold.
    StallBudget,
    /// The room is strained.
    Strained,
    /// The room is overstrained, and the member has joined since it was strained.
    Newcomer,
}

impl HoldLimit {
    /// For how long a member that takes no byte is waited for, at most; `None` if only its stall
    /// budget says so.
    pub(super) fn hold_max(self, proven: bool) -> Option<Duration> {
        match (self, proven) {
            (HoldLimit::StallBudget, _) => None,
            (HoldLimit::Strained, true) => Some(SHORT_HOLD),
            (HoldLimit::Strained, false) => Some(FIRST_HOLD),
            (HoldLimit::Newcomer, _) => Some(NEWCOMER_HOLD),
        }
    }
}

/// What is used of a budget. Once exhausted, it stays so until all of it has been given back.
#[derive(Clone, Copy, Debug, Default)]
struct Used {
    time: Duration,
    exhausted: bool,
}

impl Used {
    /// A past time of use that was not counted is counted now.
    fn add(&mut self, span: Duration, whole: Duration) {
        self.time += span;
        if self.time >= whole {
            (self.time, self.exhausted) = (whole, true);
        }
    }

    /// Time has passed: the room `rested` first, then the budget of `whole` was used for `held`.
    fn pass(&mut self, rested: Duration, held: Duration, whole: Duration) {
        self.time = self.time.saturating_sub(rested / RECOVERS_IN);
        self.add(held.min(LOOK_INTERVAL), whole);
        if self.time == Duration::ZERO {
            self.exhausted = false;
        }
    }
}

impl HoldBudget {
    pub(super) fn new(now: Time) -> HoldBudget {
        let (long, strained) = (Used::default(), Used::default());
        let (held_since, used_from) = (Time::NEVER, Time::NEVER);
        HoldBudget { long, strained, at: now, held_since, used_from, newcomers_from: 0 }
    }

    pub(super) fn is_strained(&self) -> bool {
        self.long.exhausted
    }

    fn is_overstrained(&self) -> bool {
        self.long.exhausted && self.strained.exhausted
    }

    /// What bounds a hold for the member of this `number` in order of joining.
    pub(super) fn hold_limit(&self, number: u64) -> HoldLimit {
        if self.is_overstrained() && number >= self.newcomers_from {
            HoldLimit::Newcomer
        } else if self.is_strained() {
            HoldLimit::Strained
        } else {
            HoldLimit::StallBudget
        }
    }

    /// A line was tried in the room. `held` says that it has to wait for a few members.
    pub(super) fn line_tried(&mut self, held: bool, now: Time) {
        match (held, self.held_since == Time::NEVER) {
            (true, true) => (self.held_since, self.used_from) = (now, now + SHORT_HOLD),
            (false, false) => (self.held_since, self.used_from) = (Time::NEVER, Time::NEVER),
            _ => {}
        }
    }

    /// A member departs. The next one that joins will have the number `next_number`.
    pub(super) fn member_departs(&mut self, next_number: u64, now: Time) {
        self.run_clock(next_number, now);
        if self.held_since < self.used_from {
            self.long.add(self.used_from.min(self.at).since(self.held_since), ROOM_HOLD_BUDGET);
            self.used_from = self.held_since;
        }
    }

    /// When the room is strained, or overstrained, if the line that waits goes on waiting.
    pub(super) fn more_strained_at(&self, now: Time) -> Time {
        if self.held_since == Time::NEVER {
            return Time::NEVER;
        }
        if self.is_overstrained() {
            Time::NEVER
        } else if self.is_strained() {
            now + STRAINED_HOLD_BUDGET.saturating_sub(self.strained.time)
        } else {
            self.used_from.max(now) + ROOM_HOLD_BUDGET.saturating_sub(self.long.time)
        }
    }

    /// Whether there is nothing to remember.
    pub(super) fn is_over(&self) -> bool {
        self.long.time == Duration::ZERO && self.held_since == Time::NEVER
    }

    /// Counts the time that has passed until `now`. The next member that joins will have the number
    /// `next_number`.
    pub(super) fn run_clock(&mut self, next_number: u64, now: Time) {
        let held_from = |from: Time| now.since(from.max(self.at));
        let (held, long) = (held_from(self.held_since), held_from(self.used_from));
        let rested = now.since(self.at).saturating_sub(held);
        if self.long.exhausted {
            self.strained.pass(rested, held, STRAINED_HOLD_BUDGET);
        } else {
            self.newcomers_from = next_number;
        }
        self.long.pass(rested, long, ROOM_HOLD_BUDGET);
        if !self.long.exhausted {
            self.strained = Used::default();
        }
        self.at = self.at.max(now);
    }
}

#[cfg(all(test, not(parlance_loom)))]
mod tests {
    use super::{HoldBudget, HoldLimit, RECOVERS_IN};
    use crate::limits::{LOOK_INTERVAL, ROOM_HOLD_BUDGET, SHORT_HOLD, STRAINED_HOLD_BUDGET};
    use crate::time::Time;
    use std::time::Duration;

    const LATER: Time = Time::from_nanos(60_000_000_000);
    const TICK: Duration = Duration::from_nanos(1);

    /// A line that waits for `span`, from `now` on.
    fn hold(budget: &mut HoldBudget, now: &mut Time, span: Duration) {
        budget.run_clock(0, *now);
        budget.line_tried(true, *now);
        let end = *now + span;
        while *now < end {
            *now = (*now + LOOK_INTERVAL).min(end);
            budget.run_clock(0, *now);
        }
        budget.line_tried(false, *now);
    }

    /// A pause of the whole process. [common/flow-3]
    #[test]
    fn a_hold_that_was_not_looked_at_counts_as_one_interval() {
        let mut budget = HoldBudget::new(LATER);
        budget.line_tried(true, LATER);
        budget.run_clock(0, LATER + SHORT_HOLD);
        budget.run_clock(0, LATER + Duration::from_secs(9));
        assert_eq!(budget.long.time, LOOK_INTERVAL);
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

    /// However many members depart in one hold. [common/flow-9]
    #[test]
    fn short_holds_in_which_members_depart_strain_a_room() {
        let (mut budget, mut now) = (HoldBudget::new(LATER), LATER);
        for held in 1..=5 {
            assert!(!budget.is_strained());
            budget.line_tried(true, now);
            now = now + SHORT_HOLD;
            budget.member_departs(0, now);
            budget.member_departs(0, now);
            assert_eq!(budget.long.time, SHORT_HOLD * held);
            budget.line_tried(false, now);
            budget.member_departs(0, now);
        }
        assert!(budget.is_strained());
    }

    /// [common/flow-9]
    #[test]
    fn a_hold_in_which_a_member_departs_is_used_from_its_beginning_on() {
        let mut budget = HoldBudget::new(LATER);
        budget.line_tried(true, LATER);
        let early = LATER + SHORT_HOLD / 5;
        budget.member_departs(0, early);
        assert_eq!(budget.more_strained_at(early), LATER + ROOM_HOLD_BUDGET);
        budget.run_clock(0, LATER + SHORT_HOLD);
        assert_eq!(budget.long.time, SHORT_HOLD);
    }

    /// [common/flow-9]
    #[test]
    fn long_holds_strain_a_room() {
        let (mut budget, mut now) = (HoldBudget::new(LATER), LATER);
        let long = SHORT_HOLD + ROOM_HOLD_BUDGET.saturating_sub(TICK);
        hold(&mut budget, &mut now, long);
        assert!(!budget.is_strained());
        hold(&mut budget, &mut now, SHORT_HOLD + TICK);
        assert!(budget.is_strained() && !budget.is_overstrained());
    }

    /// [common/flow-9]
    #[test]
    fn a_room_is_strained_until_its_whole_budget_is_given_back() {
        let (mut budget, mut now) = (HoldBudget::new(LATER), LATER);
        hold(&mut budget, &mut now, ROOM_HOLD_BUDGET + SHORT_HOLD);
        let over = now + ROOM_HOLD_BUDGET * RECOVERS_IN;
        budget.run_clock(0, Time::from_nanos(over.as_nanos() - u64::from(RECOVERS_IN)));
        assert!(budget.is_strained() && !budget.is_overstrained());
        budget.run_clock(0, over);
        assert!(!budget.is_strained());
    }

    /// The time at which the room will be strained, looked at in the middle of a hold.
    #[test]
    fn the_moment_of_strain_is_known_in_advance() {
        let mut budget = HoldBudget::new(LATER);
        assert_eq!(budget.more_strained_at(LATER), Time::NEVER);
        budget.line_tried(true, LATER);
        let mut at = LATER + SHORT_HOLD + ROOM_HOLD_BUDGET;
        let looks = [0, 25, 50, 90, 130, 170, 210, 250, 290].map(Duration::from_millis);
        for part in looks {
            budget.run_clock(0, LATER + part);
            assert_eq!(budget.more_strained_at(LATER + part), at);
        }
        budget.run_clock(0, at);
        assert!(budget.is_strained() && !budget.is_overstrained());
        let more_strained_at = at + STRAINED_HOLD_BUDGET;
        assert_eq!(budget.more_strained_at(at), more_strained_at);
        at = more_strained_at;
        budget.run_clock(0, at);
        assert!(budget.is_overstrained());
        assert_eq!(budget.more_strained_at(at), Time::NEVER, "nothing is left");
    }

    /// [common/flow-9]
    #[test]
    fn all_holds_for_few_overstrain_a_strained_room_for_a_while() {
        let (mut budget, mut now) = (HoldBudget::new(LATER), LATER);
        hold(&mut budget, &mut now, ROOM_HOLD_BUDGET + SHORT_HOLD);
        for _ in 0..9 {
            assert!(budget.is_strained() && !budget.is_overstrained());
            hold(&mut budget, &mut now, STRAINED_HOLD_BUDGET / 9 + TICK);
        }
        assert!(budget.is_overstrained());
        now = now + STRAINED_HOLD_BUDGET * RECOVERS_IN;
        budget.run_clock(0, now);
        assert!(budget.is_strained() && !budget.is_overstrained());
        now = now + ROOM_HOLD_BUDGET * RECOVERS_IN;
        budget.run_clock(0, now);
        assert!(budget.is_over());
    }

    /// [common/flow-9]
    #[test]
    fn an_overstrained_room_waits_for_members_that_were_there_before() {
        let mut budget = HoldBudget::new(LATER);
        budget.line_tried(true, LATER);
        let mut now = LATER;
        for _ in 0..9 {
            // A member joins once the room is strained.
            let number = 7 + u64::from(budget.is_strained());
            now = now + LOOK_INTERVAL;
            budget.run_clock(number, now);
        }
        assert!(budget.is_overstrained());
        assert_eq!(budget.hold_limit(6), HoldLimit::Strained);
        assert_eq!(budget.hold_limit(7), HoldLimit::Newcomer);
    }
}

//! The stall budget of a slow consumer: whether it may hold the senders of its room, and how long.

use crate::limits::{
    LOOK_INTERVAL, STALL_BUDGET, STALL_BUDGET_PER_BYTE, STALL_BUDGET_RENEWED_AFTER,
};
use crate::time::Time;
use std::time::Duration;

/// The stall budget of one member. [common/flow-3]
///
/// The clock runs only while the member's connection refuses bytes: a member that waits for our own
/// processor is not at fault; nor does it run by more than [`LOOK_INTERVAL`] from one look to the
/// next, because a longer time means that our process was stopped. It runs while the member is over
/// the high-water mark, or while a line waits for another member of its room: otherwise stalled
/// members would hold the room one after the other.
///
/// Each byte that the member takes gives back [`STALL_BUDGET_PER_BYTE`]. So a steady reader of
/// 250 kB/s is waited for without end, and a slower one uses up its budget, however it spreads its
/// reads: it holds its room for 250 ms in all, until its budget is renewed or it joins again.
///
/// The measure is the moment at which the socket is seen to take bytes, and a kernel reports that
/// in steps: a reader slower than one such step in [`STALL_BUDGET`] appears to be stalled.
#[derive(Debug, Default)]
pub(super) struct StallBudget {
    /// The charge is over the high-water mark.
    over_high_water: bool,
    /// A line waits for another member of the room.
    line_waits: bool,
    /// The budget is exhausted; it is renewed as [common/flow-4] says.
    exhausted: bool,
    /// Time used and not given back, up to `clock_from`; [`STALL_BUDGET`] at most.
    used: Duration,
    /// The start of the running clock; `None` while it is stopped.
    clock_from: Option<Time>,
    /// When the charge last fell to the high-water mark.
    at_high_water_since: Time,
}

impl StallBudget {
    /// Whether the state is that of a client that never fell behind.
    pub(super) fn is_over(&self) -> bool {
        !self.over_high_water && !self.exhausted && self.used == Duration::ZERO && !self.line_waits
    }

    /// An entry was appended.
    pub(super) fn appended(&mut self, over_high_water: bool, refuses: bool, now: Time) {
        self.run_clock(now);
        if over_high_water && !self.over_high_water {
            if self.exhausted && now.since(self.at_high_water_since) >= STALL_BUDGET_RENEWED_AFTER {
                (self.exhausted, self.used) = (false, Duration::ZERO);
            }
            self.over_high_water = true;
            self.run_out();
        }
        self.start_clock(refuses, now);
    }

    /// A write was offered to the socket. `progress` says that it took bytes; so many of them were
    /// `taken` for lines that this budget is for.
    pub(super) fn written(
        &mut self,
        over_high_water: bool,
        refuses: bool,
        progress: bool,
        taken: usize,
        now: Time,
    ) {
        self.run_clock(now);
        if self.over_high_water && !over_high_water {
            self.at_high_water_since = now;
        }
        self.over_high_water = over_high_water;
        if !over_high_water && progress {
            self.line_waits = false;
        }
        if !self.exhausted {
            let taken = u32::try_from(taken).unwrap_or(u32::MAX);
            self.used = self.used.saturating_sub(STALL_BUDGET_PER_BYTE.saturating_mul(taken));
        }
        self.start_clock(refuses, now);
    }

    /// A line was tried in the room; `waits` says that it has to wait for a member.
    pub(super) fn line_tried(&mut self, waits: bool, refuses: bool, now: Time) {
        self.run_clock(now);
        self.line_waits = waits && refuses;
        self.start_clock(refuses, now);
    }

    /// Until when senders must wait for this member before they look again; `None` if they need not
    /// wait.
    pub(super) fn holds_until(&mut self, now: Time) -> Option<Time> {
        self.run_clock(now);
        (self.over_high_water && !self.exhausted && self.used < STALL_BUDGET)
            .then(|| now + STALL_BUDGET.saturating_sub(self.used).min(LOOK_INTERVAL))
    }

    fn start_clock(&mut self, refuses: bool, now: Time) {
        let runs = refuses && !self.exhausted && (self.over_high_water || self.line_waits);
        // Not earlier than the last look: of two threads the second may have read the clock first.
        self.clock_from = runs.then(|| self.clock_from.map_or(now, |from| from.max(now)));
    }

    fn run_clock(&mut self, now: Time) {
        let Some(from) = self.clock_from else { return };
        self.used = (self.used + now.since(from).min(LOOK_INTERVAL)).min(STALL_BUDGET);
        self.clock_from = Some(now.max(from));
        self.run_out();
    }

    /// A member exhausts its budget only while it is over the high-water mark, because only then
    /// does it hold senders.
    fn run_out(&mut self) {
        if self.over_high_water && self.used >= STALL_BUDGET {
            self.exhausted = true;
            self.clock_from = None;
        }
    }
}

#[cfg(all(test, not(parlance_loom)))]
mod tests {
    use super::StallBudget;
    use crate::limits::{LOOK_INTERVAL, STALL_BUDGET, STALL_BUDGET_PER_BYTE};
    use crate::time::Time;
    use std::time::Duration;

    /// Looks at the budget until senders need not wait, or `end` has come; returns that time.
    fn held_from(budget: &mut StallBudget, mut now: Time, end: Time) -> Time {
        while let Some(until) = budget.holds_until(now) {
            assert!(now < until && until <= now + LOOK_INTERVAL);
            if end <= until {
                return end;
            }
            now = until;
        }
        now
    }

    /// The number of bytes for which a whole budget is given back.
    const WHOLE: usize = 62_500;

    /// A congestion of `stall`, which ends when `taken` bytes are taken.
    fn congest(budget: &mut StallBudget, now: &mut Time, stall: Duration, taken: usize) {
        budget.appended(true, true, *now);
        let end = *now + stall;
        assert_eq!(held_from(budget, *now, end), end);
        budget.written(false, false, true, taken, end);
        *now = end;
    }

    /// Also to a client that is not idle in between, whose state is kept. [common/flow-4]
    #[test]
    fn bytes_give_back_the_stall_budget() {
        let mut budget = StallBudget::default();
        let nearly = STALL_BUDGET.saturating_sub(Duration::from_nanos(1));
        let mut now = Time::ZERO;
        for _ in 0..3 {
            congest(&mut budget, &mut now, nearly, WHOLE);
        }
        budget.appended(true, true, now);
        assert_eq!(held_from(&mut budget, now, Time::NEVER), now + STALL_BUDGET);
    }

    /// A member that takes few bytes each time does not hold its room again and again.
    /// [common/flow-4]
    #[test]
    fn short_congestions_add_up_but_for_what_their_bytes_give_back() {
        let mut budget = StallBudget::default();
        let mut now = Time::ZERO;
        for _ in 0..4 {
            congest(&mut budget, &mut now, Duration::from_millis(60), WHOLE / 25);
        }
        budget.appended(true, true, now);
        let left = Duration::from_millis(250 - 4 * (60 - 10));
        assert_eq!(held_from(&mut budget, now, Time::NEVER), now + left);
    }

    /// Until the next line that waits finds it refusing bytes. [common/flow-3]
    #[test]
    fn the_clock_of_a_member_that_takes_bytes_stops_though_a_line_waits_for_others() {
        let mut budget = StallBudget::default();
        let mut now = Time::ZERO;
        budget.line_tried(true, true, now);
        now = now + LOOK_INTERVAL;
        budget.written(false, true, true, 1, now);
        budget.appended(false, true, now + LOOK_INTERVAL);
        budget.appended(true, true, now + LOOK_INTERVAL);
        let left = STALL_BUDGET.saturating_sub(LOOK_INTERVAL) + STALL_BUDGET_PER_BYTE;
        let end = held_from(&mut budget, now + LOOK_INTERVAL, Time::NEVER);
        assert_eq!(end, now + LOOK_INTERVAL + left);
    }

    /// What an exhausted member takes does not renew its budget. [common/flow-4]
    #[test]
    fn an_exhausted_budget_is_not_given_back_by_bytes() {
        let mut budget = StallBudget::default();
        budget.appended(true, true, Time::ZERO);
        let now = held_from(&mut budget, Time::ZERO, Time::NEVER);
        budget.written(false, false, true, 2 * WHOLE, now);
        budget.appended(true, true, now);
        assert_eq!(budget.holds_until(now), None);
    }

    /// Nobody looked, because our process did not run: of a longer time one interval counts.
    /// [common/flow-3]
    #[test]
    fn a_pause_of_the_process_is_no_fault_of_a_member() {
        let mut budget = StallBudget::default();
        let mut now = Time::ZERO;
        budget.appended(true, true, now);
        for _ in 0..4 {
            now = now + Duration::from_secs(1);
            assert!(budget.holds_until(now).is_some());
        }
        assert_eq!(held_from(&mut budget, now, Time::NEVER), now + LOOK_INTERVAL);
    }

    /// Threads read the clock before they lock the room. [common/flow-3]
    #[test]
    fn tries_out_of_order_count_no_time_twice() {
        let mut budget = StallBudget::default();
        let (early, late) = (Time::ZERO, Time::ZERO + LOOK_INTERVAL / 2);
        for _ in 0..10 {
            budget.line_tried(true, true, late);
            budget.line_tried(true, true, early);
        }
        budget.appended(true, true, late);
        assert_eq!(held_from(&mut budget, late, Time::NEVER), late + STALL_BUDGET);
    }
}

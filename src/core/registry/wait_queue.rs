//! Clients that wait for the same thing, in fair order.
//!
//! The order is that of weighted fair queueing with equal weights: a request gets a *tag*, which is
//! its cost in bytes beyond the *virtual time* at which it began to wait, and the lowest tag goes
//! on first. Virtual time grows by the cost of each request performed, divided by the clients that
//! wait. So they share what they wait for by bytes, one request each at a time. A client that says
//! a line a second goes before all floods but one, whose runs are a thousand times as long; and
//! no client starves, because each request performed brings the tags of those behind it nearer.

use super::call_context::CallContext;
use crate::limits::{ENTRY_BYTES, HELD_INTERVAL, HELD_INTERVAL_EACH};
use crate::time::Time;
use std::collections::BTreeMap;
use std::task::Waker;

/// The place of one waiting request: by tag, and among equals by the beginning of the wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Position {
    tag: u64,
    number: u64,
}

/// Parts of a byte in which costs, tags and virtual time are counted: shared by many, a short line
/// is less than a byte for each.
const PARTS: u64 = 1 << 16;

/// The cost of a request that appends `bytes` bytes to each of its recipients.
pub(super) fn cost(bytes: usize) -> u64 {
    (bytes + ENTRY_BYTES) as u64 * PARTS
}

/// One waiting request.
#[derive(Debug)]
struct Waiting {
    cost: u64,
    waker: Waker,
}

/// A queue of waiting clients, each at most once. [common/flow-5]
#[derive(Debug, Default)]
pub(super) struct WaitQueue {
    waiting: BTreeMap<Position, Waiting>,
    /// The virtual time; zero while nobody waits, and never beyond the lowest tag.
    passed: u64,
    next_number: u64,
}

impl WaitQueue {
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Whether at least `places` others come before a request of this `cost`; `own` is its position
    /// if it waits already.
    pub(super) fn is_behind(&self, own: Option<Position>, cost: u64, places: usize) -> bool {
        let position = own.unwrap_or(Position { tag: self.passed + cost, number: u64::MAX });
        self.waiting.range(..position).take(places).count() >= places
    }

    /// Puts the caller into the queue, or keeps its position.
    pub(super) fn wait(
        &mut self,
        own: Option<Position>,
        cost: u64,
        call: &CallContext<'_>,
    ) -> Position {
        let position = own.unwrap_or_else(|| {
            self.next_number += 1;
            Position { tag: self.passed + cost, number: self.next_number }
        });
        self.waiting.insert(position, Waiting { cost, waker: call.caller.clone() });
        position
    }

    /// When a client that waits for others is looked after. [common/flow-6]
    pub(super) fn look_after(&self, now: Time) -> Time {
        let others = u32::try_from(self.waiting.len()).unwrap_or(u32::MAX);
        now + HELD_INTERVAL + HELD_INTERVAL_EACH.saturating_mul(others)
    }

    /// The request at `position` was performed.
    pub(super) fn performed(&mut self, position: Position) {
        let count = self.waiting.len() as u64;
        if let Some(waiting) = self.waiting.remove(&position) {
            let lowest = self.waiting.keys().next().map_or(0, |first| first.tag);
            self.passed = (self.passed + waiting.cost / count).min(lowest);
        }
    }

    /// The request at `position` waits no longer.
    pub(super) fn remove(&mut self, position: Position) {
        self.waiting.remove(&position);
        if self.waiting.is_empty() {
            self.passed = 0;
        }
    }

    /// Resumes the first `count` clients. They keep their positions until their requests were
    /// performed: they may have to wait for something else.
    pub(super) fn resume(&self, count: usize, call: &mut CallContext<'_>) {
        let wakers = self.waiting.values().map(|waiting| &waiting.waker);
        call.senders.extend(wakers.take(count).cloned());
    }
}

#[cfg(all(test, not(parlance_loom)))]
mod tests {
    use super::{CallContext, Time, WaitQueue};
    use std::collections::VecDeque;
    use std::task::Waker;

    fn call() -> CallContext<'static> {
        CallContext::new(Time::ZERO, Waker::noop())
    }

    /// [common/flow-5]
    #[test]
    fn a_short_line_goes_before_long_runs_that_wait_longer() {
        let mut queue = WaitQueue::default();
        let runs = [(); 3].map(|()| queue.wait(None, 1000, &call()));
        assert!(!queue.is_behind(None, 999, 1));
        let line = queue.wait(None, 10, &call());
        assert!(queue.is_behind(Some(runs[0]), 1000, 1) && !queue.is_behind(Some(line), 10, 1));
        assert!(
            queue.is_behind(Some(runs[1]), 1000, 2) && !queue.is_behind(Some(runs[0]), 1000, 2)
        );
    }

    /// Equal costs: first come, first served. [common/flow-5]
    #[test]
    fn equal_requests_go_on_in_the_order_of_waiting_and_a_new_one_comes_last() {
        let mut queue = WaitQueue::default();
        let [first, second] = [(); 2].map(|()| queue.wait(None, 100, &call()));
        assert!(queue.is_behind(None, 100, 2) && queue.is_behind(Some(second), 100, 1));
        queue.performed(first);
        let again = queue.wait(None, 100, &call());
        assert!(queue.is_behind(Some(again), 100, 1) && !queue.is_behind(Some(second), 100, 1));
        assert_eq!(queue.wait(Some(second), 100, &call()), second, "it keeps its position");
    }

    /// Short lines that never end delay a long run by as many bytes as it has itself, for each
    /// client that waits.
    #[test]
    fn a_long_run_does_not_starve_behind_short_lines() {
        let mut queue = WaitQueue::default();
        let run = queue.wait(None, 1000, &call());
        let mut lines = 0;
        while queue.is_behind(Some(run), 1000, 1) || !queue.is_behind(None, 10, 1) {
            let line = queue.wait(None, 10, &call());
            queue.performed(line);
            lines += 1;
            assert!(lines < 200, "the run starves");
        }
        assert_eq!(lines, 198, "half of them is the share of the run, which is still to come");
    }

    /// However many floods have gone on before. [common/flow-5]
    #[test]
    fn a_short_line_that_comes_late_goes_before_all_floods_but_one() {
        let mut queue = WaitQueue::default();
        let mut floods: VecDeque<_> = (0..12).map(|_| queue.wait(None, 1000, &call())).collect();
        for round in 0..100 {
            assert!(!queue.is_behind(None, 10, 2), "round {round}");
            let first = floods.pop_front().expect("there are twelve");
            queue.performed(first);
            floods.push_back(queue.wait(None, 1000, &call()));
        }
    }

    #[test]
    fn an_empty_queue_begins_anew() {
        let mut queue = WaitQueue::default();
        let run = queue.wait(None, 1000, &call());
        queue.performed(run);
        assert!(queue.is_empty());
        let [short, long] = [10, 20].map(|cost| queue.wait(None, cost, &call()));
        assert!(short < long && short.tag == 10);
    }
}

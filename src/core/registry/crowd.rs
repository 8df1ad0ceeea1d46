//! Turns in a crowded room: a bounded amount of work at a time, in the order in which the senders
//! began to wait.
//!
//! A run for a room of thousands costs milliseconds. If thousands of senders are ready at once and
//! each publishes in its own poll, all other rooms wait for the sum. So a crowded room works in
//! *turns*. The client whose request is performed first holds the turn until its task is polled
//! again. Meanwhile the room performs requests up to a bound on the entries that they append; all
//! other clients wait in one queue of the room, at the cost of one entry each. Between two turns
//! every other task is polled. [common/prompt-2] [common/flow-8]
//!
//! The queue also keeps the cost of congestion linear: only its first senders look at the members.

use super::call_context::CallContext;
use std::collections::BTreeMap;
use std::task::Waker;

/// The turn and the waiting clients of one crowded room.
#[derive(Debug)]
pub(super) struct Crowd {
    /// The most entries of one turn, unless a single request appends more.
    entries_max: usize,
    /// A client holds the turn: it was not polled since its request was performed.
    held: bool,
    /// Entries appended in this turn.
    entries: usize,
    /// Waiting clients by number, in the order in which they began to wait.
    queue: BTreeMap<u64, Waker>,
    next_number: u64,
}

impl Crowd {
    pub(super) fn new(entries_max: usize) -> Crowd {
        Crowd { entries_max, held: false, entries: 0, queue: BTreeMap::new(), next_number: 0 }
    }

    /// Whether the client with this `number`, if it waits already, has to wait for others in a room
    /// of so many `members`.
    pub(super) fn is_behind(&self, number: Option<u64>, members: usize) -> bool {
        let fits = self.fits(members);
        match number {
            Some(number) => !self.queue.keys().take(fits).any(|waiting| *waiting == number),
            None => self.queue.len() >= fits,
        }
    }

    /// Requests that still fit into this turn; one at least does at its beginning.
    fn fits(&self, members: usize) -> usize {
        let left = self.entries_max.saturating_sub(self.entries) / members.max(1);
        if self.held { left } else { left.max(1) }
    }

    pub(super) fn is_held(&self) -> bool {
        self.held
    }

    pub(super) fn is_empty(&self) -> bool {
        self.queue.is_empty() && !self.held
    }

    /// Puts the caller into the queue, or keeps its place; returns its number.
    pub(super) fn wait(&mut self, number: Option<u64>, call: &CallContext<'_>) -> u64 {
        let number = number.unwrap_or(self.next_number);
        self.next_number = self.next_number.max(number + 1);
        self.queue.insert(number, call.caller.clone());
        number
    }

    /// A request that appended `entries` was performed; returns whether its client now holds the
    /// turn.
    pub(super) fn performed(&mut self, number: Option<u64>, entries: usize) -> bool {
        self.entries += entries;
        self.forget(number);
        !std::mem::replace(&mut self.held, true)
    }

    /// The turn is over, and as many waiting clients resume as fit into the next one.
    pub(super) fn pass_turn(&mut self, members: usize, call: &mut CallContext<'_>) {
        (self.held, self.entries) = (false, 0);
        self.resume(members, call);
    }

    /// The client with this `number` waits no longer, because it departs.
    pub(super) fn leave(&mut self, number: u64, members: usize, call: &mut CallContext<'_>) {
        self.forget(Some(number));
        if !self.held {
            self.resume(members, call);
        }
    }

    fn forget(&mut self, number: Option<u64>) {
        if let Some(number) = number {
            self.queue.remove(&number);
        }
    }

    /// A client keeps its place until its request was performed: it may have to wait for a
    /// congested member.
    fn resume(&self, members: usize, call: &mut CallContext<'_>) {
        call.senders.extend(self.queue.values().take(self.fits(members)).cloned());
    }
}

#[cfg(all(test, not(parlance_loom)))]
mod tests {
    use super::{CallContext, Crowd};
    use crate::limits::TURN_ENTRIES_MAX;
    use crate::time::Time;
    use std::task::Waker;

    /// So many members that one request fills a turn.
    const MANY: usize = TURN_ENTRIES_MAX;

    fn call() -> CallContext<'static> {
        CallContext::new(Time::ZERO, Waker::noop())
    }

    /// [common/flow-8]
    #[test]
    fn clients_of_a_crowd_take_turns_in_the_order_of_waiting() {
        let mut crowd = Crowd::new(TURN_ENTRIES_MAX);
        assert!(!crowd.is_behind(None, MANY));
        assert!(crowd.performed(None, MANY));
        assert!(crowd.is_behind(None, MANY));
        let [first, second] = [(); 2].map(|()| crowd.wait(None, &call()));
        let mut passing = call();
        crowd.pass_turn(MANY, &mut passing);
        assert_eq!(passing.senders.len(), 1);
        assert!(!crowd.is_behind(Some(first), MANY));
        assert!(crowd.is_behind(Some(second), MANY) && crowd.is_behind(None, MANY));
        assert_eq!(crowd.wait(Some(first), &call()), first, "a held sender keeps its place");
        assert!(crowd.performed(Some(first), MANY));
        assert!(crowd.is_behind(Some(second), MANY));
        crowd.pass_turn(MANY, &mut call());
        assert!(!crowd.is_behind(Some(second), MANY));
    }

    /// [common/flow-8]
    #[test]
    fn a_turn_has_room_for_a_bounded_number_of_entries() {
        let mut crowd = Crowd::new(TURN_ENTRIES_MAX);
        let members = TURN_ENTRIES_MAX / 3;
        assert!(crowd.performed(None, members), "the first client holds the turn");
        let waiting = [(); 3].map(|()| crowd.wait(None, &call()));
        assert_eq!(
            waiting.map(|number| crowd.is_behind(Some(number), members)),
            [false, false, true]
        );
        assert!(!crowd.performed(Some(waiting[0]), members));
        assert!(!crowd.is_behind(Some(waiting[1]), members));
        assert!(crowd.is_behind(Some(waiting[2]), members));
        let mut passing = call();
        crowd.pass_turn(members, &mut passing);
        assert_eq!(passing.senders.len(), 2);
    }

    #[test]
    fn a_departing_first_client_resumes_the_second() {
        let mut crowd = Crowd::new(TURN_ENTRIES_MAX);
        let [first, second] = [(); 2].map(|()| crowd.wait(None, &call()));
        let mut leaving = call();
        crowd.leave(first, MANY, &mut leaving);
        assert_eq!(leaving.senders.len(), 1);
        assert!(!crowd.is_behind(Some(second), MANY));
        let mut last = call();
        crowd.leave(second, MANY, &mut last);
        assert_eq!(last.senders.len(), 0);
        assert!(crowd.is_empty());
    }
}

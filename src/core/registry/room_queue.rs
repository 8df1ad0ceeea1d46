//! The senders that wait in one room, and the turns of a crowded one.
//!
//! Two things make a sender wait for others of its room. While members are congested, only the
//! first sender in the queue looks at the members and is resumed by them, in a crowd as well; that
//! keeps the cost of congestion linear. And a run for a room of thousands costs milliseconds: if
//! thousands of senders are ready at once and each publishes in its own poll, all other rooms wait
//! for the sum. So a crowded room works in *turns*. The client whose request is performed first
//! holds the turn until its task is polled again. Meanwhile the room performs requests up to a
//! bound on the entries that they append; all other clients wait. Between two turns every other
//! task is polled. [common/prompt-2] [common/flow-5] [common/flow-8]

use super::call_context::CallContext;
use super::wait_queue::{Position, WaitQueue};

/// The turn and the waiting clients of one room.
#[derive(Debug)]
pub(super) struct RoomQueue {
    /// The most entries of one turn, unless a single request appends more.
    entries_max: usize,
    /// The room works in turns; once it does, it does so until nobody waits.
    pub(super) crowded: bool,
    /// A client holds the turn: it was not polled since its request was performed.
    held: bool,
    /// Entries appended in this turn.
    entries: usize,
    pub(super) waiting: WaitQueue,
}

impl RoomQueue {
    pub(super) fn new(entries_max: usize) -> RoomQueue {
        let waiting = WaitQueue::default();
        RoomQueue { entries_max, crowded: false, held: false, entries: 0, waiting }
    }

    /// Whether a request of this `cost` has to wait for others in a room of so many `members`;
    /// `own` is its position if it waits already.
    pub(super) fn is_behind(&self, own: Option<Position>, cost: u64, members: usize) -> bool {
        self.waiting.is_behind(own, cost, self.fits(members))
    }

    /// Requests that may be tried now. In a crowded room they fit into this turn, and one at least
    /// does at its beginning.
    fn fits(&self, members: usize) -> usize {
        if !self.crowded {
            return 1;
        }
        let left = self.entries_max.saturating_sub(self.entries) / members.max(1);
        if self.held { left } else { left.max(1) }
    }

    pub(super) fn is_held(&self) -> bool {
        self.held
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty() && !self.held
    }

    /// A request was performed, which waited at `own` if it had to wait. Returns whether its client
    /// now holds the turn. In a room that is not crowded the next client is resumed.
    pub(super) fn performed(
        &mut self,
        own: Option<Position>,
        members: usize,
        call: &mut CallContext<'_>,
    ) -> bool {
        if let Some(position) = own {
            self.waiting.performed(position);
        }
        if self.crowded {
            self.entries += members;
            return !std::mem::replace(&mut self.held, true);
        }
        if own.is_some() {
            self.resume(members, call);
        }
        false
    }

    /// The turn is over, and as many waiting clients resume as fit into the next one.
    pub(super) fn pass_turn(&mut self, members: usize, call: &mut CallContext<'_>) {
        (self.held, self.entries) = (false, 0);
        self.resume(members, call);
    }

    /// The client at `position` waits no longer.
    pub(super) fn leave(&mut self, position: Position, members: usize, call: &mut CallContext<'_>) {
        self.waiting.remove(position);
        if !self.held {
            self.resume(members, call);
        }
    }

    /// A client keeps its position until its request was performed: it may have to wait for a
    /// congested member.
    fn resume(&self, members: usize, call: &mut CallContext<'_>) {
        self.waiting.resume(self.fits(members), call);
    }
}

#[cfg(all(test, not(parlance_loom)))]
mod tests {
    use super::{CallContext, RoomQueue};
    use crate::limits::TURN_ENTRIES_MAX;
    use crate::time::Time;
    use std::task::Waker;

    /// So many members that one request fills a turn.
    const MANY: usize = TURN_ENTRIES_MAX;

    fn call() -> CallContext<'static> {
        CallContext::new(Time::ZERO, Waker::noop())
    }

    fn crowd() -> RoomQueue {
        RoomQueue { crowded: true, ..RoomQueue::new(TURN_ENTRIES_MAX) }
    }

    /// [common/flow-8]
    #[test]
    fn clients_of_a_crowd_take_turns_in_the_order_of_waiting() {
        let mut crowd = crowd();
        assert!(!crowd.is_behind(None, 9, MANY));
        assert!(crowd.performed(None, MANY, &mut call()));
        assert!(crowd.is_behind(None, 9, MANY));
        let [first, second] = [(); 2].map(|()| crowd.waiting.wait(None, 9, &call()));
        let mut passing = call();
        crowd.pass_turn(MANY, &mut passing);
        assert_eq!(passing.senders.len(), 1);
        assert!(!crowd.is_behind(Some(first), 9, MANY));
        assert!(crowd.is_behind(Some(second), 9, MANY) && crowd.is_behind(None, 9, MANY));
        assert_eq!(
            crowd.waiting.wait(Some(first), 9, &call()),
            first,
            "a held sender keeps its place"
        );
        assert!(crowd.performed(Some(first), MANY, &mut call()));
        assert!(crowd.is_behind(Some(second), 9, MANY));
        crowd.pass_turn(MANY, &mut call());
        assert!(!crowd.is_behind(Some(second), 9, MANY));
    }

    /// [common/flow-8]
    #[test]
    fn a_turn_has_room_for_a_bounded_number_of_entries() {
        let mut crowd = crowd();
        let members = TURN_ENTRIES_MAX / 3;
        assert!(crowd.performed(None, members, &mut call()), "the first client holds the turn");
        let waiting = [(); 3].map(|()| crowd.waiting.wait(None, 9, &call()));
        assert_eq!(
            waiting.map(|position| crowd.is_behind(Some(position), 9, members)),
            [false, false, true]
        );
        assert!(!crowd.performed(Some(waiting[0]), members, &mut call()));
        assert!(!crowd.is_behind(Some(waiting[1]), 9, members));
        assert!(crowd.is_behind(Some(waiting[2]), 9, members));
        let mut passing = call();
        crowd.pass_turn(members, &mut passing);
        assert_eq!(passing.senders.len(), 2);
    }

    /// In a room that is not crowded as well. [common/flow-5]
    #[test]
    fn a_departing_first_client_resumes_the_second() {
        for crowded in [true, false] {
            let mut queue = RoomQueue { crowded, ..RoomQueue::new(TURN_ENTRIES_MAX) };
            let [first, second] = [(); 2].map(|()| queue.waiting.wait(None, 9, &call()));
            let mut leaving = call();
            queue.leave(first, MANY, &mut leaving);
            assert_eq!(leaving.senders.len(), 1);
            assert!(!queue.is_behind(Some(second), 9, MANY));
            let mut last = call();
            queue.leave(second, MANY, &mut last);
            assert_eq!(last.senders.len(), 0);
            assert!(queue.is_empty());
        }
    }

    /// [common/flow-5]
    #[test]
    fn without_turns_each_request_performed_resumes_the_next() {
        let mut queue = RoomQueue::new(TURN_ENTRIES_MAX);
        let waiting = [(); 3].map(|()| queue.waiting.wait(None, 9, &call()));
        for (position, next) in waiting.into_iter().zip([1, 1, 0]) {
            let mut performing = call();
            assert!(!queue.performed(Some(position), 3, &mut performing));
            assert_eq!(performing.senders.len(), next);
        }
    }
}

//! The moment at which a task calls the registry: what time it is, and whom to wake afterwards.

use crate::time::Time;
use std::task::Waker;

/// What every call into the registry is given, and where it leaves the wakers it collected.
///
/// Wakers run code that the registry knows nothing about, so none is ever called under a lock:
/// they gather here, and whoever made the call wakes them once it has returned. A turn that is
/// dropped wakes what it holds, so that none can be forgotten.
///
/// ```
/// use parlance_core::{registry::Turn, time::Time};
/// use std::task::Waker;
///
/// let turn = Turn::new(Time::ZERO, Waker::noop());
/// assert_eq!(turn.now, Time::ZERO);
/// ```
#[derive(Debug)]
pub struct Turn<'task> {
    /// What time it is.
    pub now: Time,
    /// Wakes the task that makes the call.
    pub(crate) caller: &'task Waker,
    /// Whom to wake once the call has returned.
    pub wakes: Vec<Waker>,
    /// How many members of rooms something was appended for: how much work the calls were.
    pub appended: usize,
}

impl<'task> Turn<'task> {
    /// A turn at `now` of the task that `caller` wakes.
    pub fn new(now: Time, caller: &'task Waker) -> Turn<'task> {
        Turn::reusing(now, caller, Vec::new())
    }

    /// As [`new`](Turn::new), with memory that an earlier turn gave back, to save the allocation.
    pub fn reusing(now: Time, caller: &'task Waker, memory: Vec<Waker>) -> Turn<'task> {
        debug_assert!(memory.is_empty());
        Turn { now, caller, wakes: memory, appended: 0 }
    }

    /// Wakes everyone collected and gives the memory back.
    pub fn finish(mut self) -> Vec<Waker> {
        self.wake();
        std::mem::take(&mut self.wakes)
    }

    /// Wakes everyone collected so far. Call it with no lock held.
    pub fn wake(&mut self) {
        for waker in self.wakes.drain(..) {
            waker.wake();
        }
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.wake();
    }
}

#[cfg(all(test, not(parlance_loom)))]
mod tests {
    use super::{Time, Turn, Waker};

    /// One allocation serves turn after turn.
    #[test]
    fn a_finished_turn_gives_its_memory_back() {
        let mut turn = Turn::new(Time::ZERO, Waker::noop());
        turn.wakes.push(Waker::noop().clone());
        let room = turn.wakes.capacity();
        let memory = turn.finish();
        assert_eq!((memory.len(), memory.capacity()), (0, room));
        let turn = Turn::reusing(Time::ZERO, Waker::noop(), memory);
        assert_eq!(turn.finish().capacity(), room);
    }
}

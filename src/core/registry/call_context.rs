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
/// use parlance_core::{registry::CallContext, time::Time};
/// use std::task::Waker;
///
/// let turn = CallContext::new(Time::ZERO, Waker::noop());
/// assert_eq!(turn.now, Time::ZERO);
/// ```
#[derive(Debug)]
pub struct CallContext<'task> {
    /// What time it is.
    pub now: Time,
    /// Wakes the task that makes the call.
    pub(crate) caller: &'task Waker,
    /// Whom to wake once the call has returned.
    pub wakes: Vec<Waker>,
    /// How many members of rooms something was appended for: how much work the calls were.
    pub appended: usize,
}

impl<'task> CallContext<'task> {
    /// A turn at `now` of the task that `caller` wakes.
    pub fn new(now: Time, caller: &'task Waker) -> CallContext<'task> {
        CallContext::reusing(now, caller, Vec::new())
    }

    /// As [`new`](CallContext::new), with memory that an earlier turn gave back, to save the allocation.
    pub fn reusing(now: Time, caller: &'task Waker, memory: Vec<Waker>) -> CallContext<'task> {
        debug_assert!(memory.is_empty());
        CallContext { now, caller, wakes: memory, appended: 0 }
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

impl Drop for CallContext<'_> {
    fn drop(&mut self) {
        self.wake();
    }
}

#[cfg(all(test, not(parlance_loom)))]
mod tests {
    use super::{CallContext, Time, Waker};

    /// One allocation serves turn after turn.
    #[test]
    fn a_finished_turn_gives_its_memory_back() {
        let mut call = CallContext::new(Time::ZERO, Waker::noop());
        call.wakes.push(Waker::noop().clone());
        let room = call.wakes.capacity();
        let memory = call.finish();
        assert_eq!((memory.len(), memory.capacity()), (0, room));
        let call = CallContext::reusing(Time::ZERO, Waker::noop(), memory);
        assert_eq!(call.finish().capacity(), room);
    }
}

//! One call into the registry: the time, the caller, and the tasks to wake afterwards.

use crate::time::Time;
use std::task::Waker;

/// The context of a call into the registry. The registry collects in it what the shell has to do
/// once the call has returned.
///
/// There are two lists:
///
/// * **outboxes to write**: wakers of clients that were idle and now have lines pending;
/// * **senders to resume**: wakers of requests that were answered with
///   [`Answer::Wait`](crate::protocol::Answer::Wait) and may be made again.
///
/// Effects to perform on a store are in a queue of the registry, in their order; here is only the
/// task that performs them, if it sleeps.
///
/// Wakers run code that the registry does not know, so none is called while a lock is held. The
/// caller wakes them after the call, the outboxes first. Dropping the context wakes all that it
/// still holds, so that no waker is lost.
///
/// ```
/// use parlance_core::{registry::CallContext, time::Time};
/// use std::task::Waker;
///
/// let call = CallContext::new(Time::ZERO, Waker::noop());
/// assert_eq!((call.now, call.wakes(), call.appended()), (Time::ZERO, 0, 0));
/// ```
#[derive(Debug)]
pub struct CallContext<'task> {
    /// The time of the call.
    pub now: Time,
    /// Wakes the task that makes the call.
    pub(super) caller: &'task Waker,
    /// The client that makes the call; `None` for a call on behalf of none.
    pub(super) caller_id: Option<u64>,
    /// Outboxes to write.
    pub(super) outboxes: Vec<Waker>,
    /// Senders to resume.
    pub(super) senders: Vec<Waker>,
    /// Performs the effects that this call has queued.
    pub(super) effects: Option<Waker>,
    /// Members of rooms that something was appended for.
    pub(super) appended: usize,
}

impl<'task> CallContext<'task> {
    /// A context for calls at `now` by the task that `caller` wakes.
    pub fn new(now: Time, caller: &'task Waker) -> CallContext<'task> {
        CallContext::reusing(now, caller, Vec::new())
    }

    /// As [`new`](CallContext::new), with the empty memory that [`finish`](CallContext::finish)
    /// returned, which saves the allocation.
    pub fn reusing(now: Time, caller: &'task Waker, memory: Vec<Waker>) -> CallContext<'task> {
        debug_assert!(memory.is_empty());
        CallContext {
            now,
            caller,
            caller_id: None,
            outboxes: memory,
            senders: Vec::new(),
            effects: None,
            appended: 0,
        }
    }

    /// Wakers collected and not yet taken, of both lists.
    pub fn wakes(&self) -> usize {
        self.outboxes.len() + self.senders.len()
    }

    /// Work done so far, in requests and in members of rooms that something was appended for. A
    /// caller with a high count yields to other tasks. [common/prompt-2]
    pub fn appended(&self) -> usize {
        self.appended
    }

    /// Takes the wakers collected so far, the outboxes first. The caller wakes each of them, with
    /// no lock held.
    pub fn take_wakes(&mut self) -> impl Iterator<Item = Waker> + '_ {
        self.outboxes.drain(..).chain(self.senders.drain(..)).chain(self.effects.take())
    }

    /// Moves the wakers collected so far into the empty `due`, in reverse order: popping from `due`
    /// yields the outboxes first.
    pub fn postpone_wakes(&mut self, due: &mut Vec<Waker>) {
        debug_assert!(due.is_empty());
        std::mem::swap(due, &mut self.outboxes);
        due.append(&mut self.senders);
        due.extend(self.effects.take());
        due.reverse();
    }

    /// Wakes all tasks collected and returns the memory for [`reusing`](CallContext::reusing).
    pub fn finish(mut self) -> Vec<Waker> {
        self.wake();
        std::mem::take(&mut self.outboxes)
    }

    /// Wakes all tasks collected so far. Call it with no lock held.
    pub fn wake(&mut self) {
        self.take_wakes().for_each(Waker::wake);
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
    use std::sync::Arc;
    use std::task::Wake;

    struct Named;

    impl Wake for Named {
        fn wake(self: Arc<Self>) {}
    }

    /// One allocation serves call after call.
    #[test]
    fn a_finished_call_gives_its_memory_back() {
        let mut call = CallContext::new(Time::ZERO, Waker::noop());
        call.outboxes.push(Waker::noop().clone());
        let capacity = call.outboxes.capacity();
        let memory = call.finish();
        assert_eq!((memory.len(), memory.capacity()), (0, capacity));
        let call = CallContext::reusing(Time::ZERO, Waker::noop(), memory);
        assert_eq!(call.finish().capacity(), capacity);
    }

    #[test]
    fn outboxes_are_written_before_senders_resume() {
        let [writer, sender] = [(); 2].map(|()| Waker::from(Arc::new(Named)));
        let fill = |call: &mut CallContext<'_>| {
            call.senders.push(sender.clone());
            call.outboxes.push(writer.clone());
            assert_eq!(call.wakes(), 2);
        };
        let mut call = CallContext::new(Time::ZERO, Waker::noop());
        fill(&mut call);
        let order: Vec<Waker> = call.take_wakes().collect();
        assert!(order[0].will_wake(&writer) && order[1].will_wake(&sender));
        fill(&mut call);
        let mut due = Vec::new();
        call.postpone_wakes(&mut due);
        assert_eq!((call.wakes(), due.len()), (0, 2));
        assert!(due[1].will_wake(&writer) && due[0].will_wake(&sender));
    }
}

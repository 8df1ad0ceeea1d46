//! What several threads may do to one registry at once, written once for two judges.
//!
//! Each scenario is a function over a [`Runtime`]: `tests/loom.rs` runs it under every schedule
//! within a bound, `tests/stress.rs` under those that the machine happens to choose. The name of a
//! scenario is the claim that it checks.
//!
//! The measure is always the same [common/order-1]: whoever was in the room all the time has seen
//! its whole order, and everybody else must have seen exactly the part inside their own membership.

pub(crate) mod departure;
pub(crate) mod eviction;
pub(crate) mod order;
pub(crate) mod person;
pub(crate) mod shutdown;
pub(crate) mod wakeups;

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

/// Calls `$each!(module, claim)` for every scenario there is.
macro_rules! for_every_claim {
    ($each:ident) => {
        $each!(order, one_order_is_seen_by_all);
        $each!(order, one_order_is_seen_while_it_is_read);
        $each!(order, a_join_has_one_place_in_the_order);
        $each!(order, joins_at_once_meet_in_one_room);
        $each!(departure, a_join_never_ends_in_a_dead_room);
        $each!(departure, joins_racing_with_the_end_of_a_room_meet);
        $each!(departure, a_join_survives_the_eviction_of_the_last_member);
        $each!(departure, a_departure_has_one_place_in_the_order);
        $each!(departure, departures_at_once_are_announced_once_each);
        $each!(departure, departures_at_once_leave_nothing_behind);
        $each!(eviction, eviction_and_departure_are_one_departure);
        $each!(eviction, eviction_during_a_write_frees_every_byte_once);
        $each!(eviction, eviction_and_publication_of_one_member_keep_the_order);
        $each!(eviction, eviction_by_time_and_by_size_is_one_departure);
        $each!(eviction, waves_of_evictions_end);
        $each!(eviction, the_total_is_never_below_zero);
        $each!(eviction, relief_by_two_threads_evicts_only_the_largest);
        $each!(wakeups, a_line_wakes_a_sleeping_writer);
        $each!(wakeups, a_refused_writer_learns_of_its_eviction);
        $each!(wakeups, a_refused_writer_learns_of_the_shutdown);
        $each!(wakeups, a_held_sender_goes_on_when_the_recipient_drains);
        $each!(wakeups, a_held_sender_goes_on_when_the_recipient_departs);
        $each!(wakeups, a_held_sender_goes_on_when_the_recipient_vanishes);
        $each!(wakeups, a_held_sender_goes_on_when_the_recipient_is_evicted);
        $each!(wakeups, a_held_sender_learns_of_the_shutdown);
        $each!(wakeups, every_held_sender_goes_on);
        $each!(wakeups, wakers_may_call_the_registry);
        $each!(shutdown, shutdown_wakes_everyone_and_announces_nobody);
        $each!(shutdown, who_connects_during_shutdown_is_closed);
        $each!(shutdown, departures_during_shutdown_leave_nothing_behind);
    };
}
pub(crate) use for_every_claim;

/// Threads, and a way to sleep until woken.
pub(crate) trait Runtime {
    type Handle<T: Send + 'static>;

    fn spawn<T: Send + 'static>(task: impl FnOnce() -> T + Send + 'static) -> Self::Handle<T>;

    fn join<T: Send + 'static>(handle: Self::Handle<T>) -> T;

    /// Polls `future` once, and again after every wake. A wake that never comes is a failure.
    fn block_on<F: Future>(future: F) -> F::Output;

    /// Returns when `parties` threads have called it with the same `gate`, so that they start
    /// together. Where every schedule is tried it may return at once.
    fn meet(gate: &AtomicUsize, parties: usize);
}

/// Runs both at once.
pub(crate) fn both<R: Runtime, A: Send + 'static, B>(
    a: impl FnOnce() -> A + Send + 'static,
    b: impl FnOnce() -> B,
) -> (A, B) {
    let gate = Arc::new(AtomicUsize::new(0));
    let a = start::<R, _>(&gate, 2, a);
    R::meet(&gate, 2);
    let b = b();
    (R::join(a), b)
}

/// Runs all three at once.
pub(crate) fn all_three<R: Runtime, A: Send + 'static, B: Send + 'static, C>(
    a: impl FnOnce() -> A + Send + 'static,
    b: impl FnOnce() -> B + Send + 'static,
    c: impl FnOnce() -> C,
) -> (A, B, C) {
    let gate = Arc::new(AtomicUsize::new(0));
    let a = start::<R, _>(&gate, 3, a);
    let b = start::<R, _>(&gate, 3, b);
    R::meet(&gate, 3);
    let c = c();
    (R::join(a), R::join(b), c)
}

fn start<R: Runtime, T: Send + 'static>(
    gate: &Arc<AtomicUsize>,
    parties: usize,
    task: impl FnOnce() -> T + Send + 'static,
) -> R::Handle<T> {
    let gate = Arc::clone(gate);
    R::spawn(move || {
        R::meet(&gate, parties);
        task()
    })
}

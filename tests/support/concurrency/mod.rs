//! Calls of several threads to one registry, written once for two test programs.
//!
//! Each scenario is a function over a [`Runtime`]: `tests/loom.rs` runs it under every schedule
//! within a bound, `tests/core/stress.rs` under those that the machine happens to choose. The name
//! of a scenario is the claim that it checks.
//!
//! The measure is always the same [common/order-1]: a witness that was in the room all the time has
//! seen the whole order, and every other client must have seen exactly the part inside its own
//! membership.

pub(crate) mod crowds;
pub(crate) mod departure;
pub(crate) mod eviction;
pub(crate) mod ghosts;
pub(crate) mod history;
pub(crate) mod kicks;
pub(crate) mod moves;
pub(crate) mod names;
pub(crate) mod order;
pub(crate) mod people;
pub(crate) mod person;
pub(crate) mod private;
pub(crate) mod replies;
pub(crate) mod shutdown;
pub(crate) mod wakeups;
pub(crate) mod writers;

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
        $each!(eviction, enforcing_the_total_on_two_threads_evicts_only_the_largest);
        $each!(wakeups, a_line_wakes_a_sleeping_writer);
        $each!(wakeups, a_refused_writer_learns_of_its_eviction);
        $each!(wakeups, a_refused_writer_learns_of_the_shutdown);
        $each!(wakeups, a_held_sender_goes_on_when_the_recipient_drains);
        $each!(wakeups, a_held_sender_goes_on_when_the_recipient_departs);
        $each!(wakeups, a_held_sender_goes_on_when_the_recipient_vanishes);
        $each!(wakeups, a_held_sender_goes_on_when_the_recipient_is_evicted);
        $each!(wakeups, a_held_sender_learns_of_the_shutdown);
        $each!(wakeups, a_held_sender_that_was_heard_resumes_the_next);
        $each!(wakeups, a_held_sender_that_departs_resumes_the_next);
        $each!(wakeups, wakers_may_call_the_registry);
        $each!(writers, a_line_is_written_once_by_either_writer);
        $each!(writers, a_farewell_is_written_last_by_either_writer);
        $each!(writers, a_writer_whose_client_is_evicted_takes_nothing_more);
        $each!(writers, a_writer_at_work_during_the_shutdown_writes_the_rest);
        $each!(writers, one_of_two_writers_learns_of_the_eviction);
        $each!(shutdown, shutdown_wakes_everyone_and_announces_nobody);
        $each!(shutdown, a_client_that_connects_during_shutdown_is_closed);
        $each!(shutdown, departures_during_shutdown_leave_nothing_behind);
        $each!(names, of_two_claims_of_one_name_one_wins);
        $each!(names, of_two_logins_under_one_name_one_is_let_in);
        $each!(names, a_name_is_free_after_the_notice_that_its_holder_departed);
        $each!(names, a_name_is_free_after_the_notice_that_its_holder_vanished);
        $each!(names, a_name_is_free_after_the_notice_that_a_line_evicted_its_holder);
        $each!(names, a_name_is_free_after_the_notice_that_the_total_evicted_its_holder);
        $each!(names, a_name_is_free_after_the_notice_that_its_holder_stalled);
        $each!(names, a_name_is_free_after_the_notice_that_a_message_evicted_its_holder);
        $each!(names, the_second_of_a_name_comes_after_the_first_has_left);
        $each!(names, two_of_one_name_are_never_both_members);
        $each!(names, a_claim_by_an_evicted_client_leaves_the_name_free);
        $each!(names, a_login_by_an_evicted_client_leaves_no_member_and_the_name_free);
        $each!(names, a_name_is_free_once_the_handle_of_its_holder_is_dropped);
        $each!(kicks, a_mover_that_is_kicked_leaves_no_ghost);
        $each!(kicks, a_claim_by_a_kicked_client_leaves_the_name_free);
        $each!(kicks, a_login_by_a_kicked_client_leaves_no_member_and_the_name_free);
        $each!(kicks, a_departure_that_meets_a_kick_is_announced_once);
        $each!(ghosts, a_ghost_that_departs_leaves_its_name_to_the_owner);
        $each!(ghosts, a_ghost_that_is_kicked_leaves_its_name_to_the_owner);
        $each!(ghosts, of_two_owners_that_take_a_name_one_has_it);
        $each!(ghosts, a_claim_is_judged_and_its_client_goes_on);
        $each!(moves, a_mover_is_never_in_two_rooms);
        $each!(moves, movers_that_cross_both_arrive);
        $each!(moves, a_mover_evicted_by_a_line_leaves_no_ghost);
        $each!(moves, a_mover_evicted_by_the_total_leaves_no_ghost);
        $each!(moves, a_mover_evicted_by_a_message_leaves_no_ghost);
        $each!(moves, a_move_never_ends_in_a_dead_room);
        $each!(moves, the_list_of_rooms_agrees_with_what_was_read);
        $each!(moves, a_list_of_rooms_is_taken_at_one_moment);
        $each!(moves, a_leave_has_one_place_in_the_order);
        $each!(private, a_private_message_reaches_the_holder_of_the_name_once_or_is_refused);
        $each!(private, no_message_comes_before_the_answer_to_the_login);
        $each!(private, a_client_that_is_not_found_has_no_name);
        $each!(private, a_client_announced_as_gone_sends_no_private_message);
        $each!(private, the_next_holder_of_a_name_sends_nothing_before_the_first_has_left);
        $each!(private, a_message_to_oneself_comes_before_its_answer);
        $each!(private, two_congested_clients_that_message_each_other_both_resume);
        $each!(private, a_held_message_goes_on_when_the_target_drains);
        $each!(private, a_held_message_goes_on_when_the_target_departs);
        $each!(private, a_held_message_goes_on_when_the_target_is_evicted);
        $each!(private, a_held_message_learns_of_the_shutdown);
        $each!(private, a_held_message_resumes_the_next);
        $each!(history, each_line_reaches_a_joiner_once);
        $each!(history, joiners_at_once_are_shown_each_other_once);
        $each!(history, a_list_of_members_agrees_with_what_was_heard);
        $each!(replies, a_client_resumes_after_its_replies_though_lines_are_pending);
        $each!(replies, a_client_that_waits_for_its_replies_learns_of_the_shutdown);
        $each!(replies, a_client_that_waits_for_its_replies_learns_of_its_eviction);
        $each!(replies, a_listener_hears_every_line_from_its_connection_on);
        $each!(replies, a_listener_never_listens_to_a_dead_room);
        $each!(replies, a_listener_that_connects_during_shutdown_is_closed);
        $each!(replies, naming_and_eviction_of_a_listener_leave_nothing);
        $each!(crowds, every_sender_of_a_crowd_gets_a_turn);
        $each!(crowds, a_departure_from_a_crowd_lets_the_others_go_on);
        $each!(crowds, a_held_sender_of_a_crowd_resumes_the_next_with_the_turn);
        $each!(crowds, a_crowd_that_departs_at_once_leaves_nothing_behind);
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

//! The concurrency scenarios under every schedule within a bound.
//!
//! Goal: what `tests/support/concurrency` claims of two or three threads on one registry holds
//! however they interleave: one order per room, no lost wake-up, no deadlock, exact accounts.
//!
//! Method: [loom](https://docs.rs/loom) replaces the locks and atomics of `src/core/sync.rs` and
//! runs each scenario once for every distinguishable schedule. A thread that sleeps while nobody is
//! left to wake it, or a cycle of locks, fails the run. Run it as
//!
//! ```text
//! RUSTFLAGS="--cfg parlance_loom" cargo test --release -p parlance-core --test loom
//! ```
//!
//! and add `-- --nocapture` to see how many executions were explored.
//!
//! Limits of the claim: these scenarios, with their two or three threads and few steps each. Many
//! are explored without a bound; those in `COSTLY` up to a number of preemptions per execution,
//! which are switches away from a thread that could go on (at a lock that is taken, or a sleep,
//! they are free). Atomics are the ledger's counter and one flag per outbox, all `Relaxed`; loom
//! lets a load of theirs return any older value that C11 allows it, out of the last seven.
//! Reference counts are the standard library's and no points of scheduling. Wakers that only count
//! are not either. The time is constant.
#![cfg(parlance_loom)]

#[path = "support/concurrency/mod.rs"]
mod concurrency;

use concurrency::Runtime;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The scenarios that would take minutes without a bound, and the preemptions that they are given.
const COSTLY: &[(&str, usize)] = &[
    ("a_claim_by_an_evicted_client_leaves_the_name_free", 4),
    ("a_crowd_that_departs_at_once_leaves_nothing_behind", 3),
    ("a_departure_from_a_crowd_lets_the_others_go_on", 5),
    ("a_client_announced_as_gone_sends_no_private_message", 4),
    ("a_client_resumes_after_its_replies_though_lines_are_pending", 4),
    ("a_client_that_is_not_found_has_no_name", 4),
    ("a_client_that_waits_for_its_replies_learns_of_its_eviction", 3),
    ("a_ghost_that_departs_leaves_its_name_to_the_owner", 4),
    ("a_ghost_that_is_kicked_leaves_its_name_to_the_owner", 4),
    ("a_held_message_goes_on_when_the_target_drains", 5),
    ("a_held_message_goes_on_when_the_target_is_evicted", 4),
    ("a_held_sender_goes_on_when_the_recipient_vanishes", 6),
    ("a_held_sender_of_a_crowd_resumes_the_next_with_the_turn", 5),
    ("a_held_sender_that_departs_resumes_the_next", 6),
    ("a_held_sender_that_was_heard_resumes_the_next", 6),
    ("a_line_wakes_a_sleeping_writer", 6),
    ("a_list_of_members_agrees_with_what_was_heard", 3),
    ("a_list_of_rooms_is_taken_at_one_moment", 5),
    ("a_login_by_an_evicted_client_leaves_no_member_and_the_name_free", 4),
    ("a_mover_evicted_by_a_line_leaves_no_ghost", 4),
    ("a_mover_evicted_by_a_message_leaves_no_ghost", 3),
    ("a_mover_evicted_by_the_total_leaves_no_ghost", 3),
    ("a_mover_that_is_kicked_leaves_no_ghost", 4),
    ("a_mover_is_never_in_two_rooms", 4),
    ("a_name_is_free_after_the_notice_that_a_line_evicted_its_holder", 4),
    ("a_name_is_free_once_the_handle_of_its_holder_is_dropped", 4),
    ("departures_at_once_leave_nothing_behind", 6),
    ("enforcing_the_total_on_two_threads_evicts_only_the_largest", 5),
    ("every_sender_of_a_crowd_gets_a_turn", 5),
    ("joiners_at_once_are_shown_each_other_once", 4),
    ("joins_racing_with_the_end_of_a_room_meet", 4),
    ("movers_that_cross_both_arrive", 4),
    ("of_two_owners_that_take_a_name_one_has_it", 3),
    ("one_order_is_seen_by_all", 6),
    ("one_order_is_seen_while_it_is_read", 6),
    ("shutdown_wakes_everyone_and_announces_nobody", 5),
    ("two_congested_clients_that_message_each_other_both_resume", 3),
    ("two_of_one_name_are_never_both_members", 3),
];

/// The maximum of steps in one execution; more would be a livelock.
const BRANCHES_MAX: usize = 10_000;

/// Loom's threads, run one at a time in an order that loom chooses.
struct Loom;

impl Runtime for Loom {
    type Handle<T: Send + 'static> = loom::thread::JoinHandle<T>;

    fn spawn<T: Send + 'static>(task: impl FnOnce() -> T + Send + 'static) -> Self::Handle<T> {
        loom::thread::spawn(task)
    }

    fn join<T: Send + 'static>(handle: Self::Handle<T>) -> T {
        handle.join().expect("a panic of a thread ends the model")
    }

    fn block_on<F: Future>(future: F) -> F::Output {
        loom::future::block_on(future)
    }

    fn meet(_gate: &AtomicUsize, _parties: usize) {}
}

fn explore(claim: &str, scenario: impl Fn() + Send + Sync + 'static) {
    let executions = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&executions);
    let mut builder = loom::model::Builder::new();
    let costly = COSTLY.iter().find(|(costly, _)| *costly == claim);
    builder.preemption_bound = builder.preemption_bound.or(costly.map(|&(_, bound)| bound));
    builder.max_branches = BRANCHES_MAX;
    let bound = match builder.preemption_bound {
        Some(preemptions) => format!("all with up to {preemptions} preemptions"),
        None => "all there are".to_owned(),
    };
    builder.check(move || {
        counter.fetch_add(1, Ordering::Relaxed);
        scenario();
    });
    println!("{claim}: {} executions, {bound}", executions.load(Ordering::Relaxed));
}

macro_rules! explore {
    ($module:ident, $claim:ident) => {
        #[test]
        fn $claim() {
            explore(stringify!($claim), concurrency::$module::$claim::<Loom>);
        }
    };
}

concurrency::for_every_claim!(explore);

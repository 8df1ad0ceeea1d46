//! The budgets and waits of one outbox.

use super::{CallContext, Class, Entry, HoldLimit, Outbox, Taken, Time};
use crate::limits::{ENTRY_BYTES, HIGH_WATER_BYTES, LOOK_INTERVAL, STALL_BUDGET};
use crate::registry::chunk::{Chunk, Ledger};
use crate::sync::{Arc, AtomicUsize, Ordering};
use std::task::{Wake, Waker};

/// Counts how often it is woken.
struct Bell(AtomicUsize);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// An outbox and a caller that appends to it or writes it.
struct Scene {
    ledger: Arc<Ledger>,
    outbox: Outbox,
    bell: Arc<Bell>,
    now: Time,
}

impl Scene {
    fn new() -> Scene {
        let bell = Arc::new(Bell(AtomicUsize::new(0)));
        Scene { ledger: Ledger::new(), outbox: Outbox::new(), bell, now: Time::ZERO }
    }

    /// How often the caller was woken since the last call of this function.
    fn rings(&self) -> usize {
        self.bell.0.swap(0, Ordering::Relaxed)
    }

    /// Calls `act` with the outbox in a call context of the caller, and then wakes the caller.
    fn call<T>(&mut self, act: impl FnOnce(&mut Outbox, &mut CallContext<'_>) -> T) -> T {
        let waker = Waker::from(Arc::clone(&self.bell));
        act(&mut self.outbox, &mut CallContext::new(self.now, &waker))
    }

    fn chunk(&self, charge: usize) -> Chunk {
        self.ledger.entries_appended(1);
        Chunk::new(vec![b'\n'; charge - ENTRY_BYTES], &self.ledger)
    }

    /// Appends an entry with this charge, as another client does.
    fn append(&mut self, charge: usize) {
        let chunk = self.chunk(charge);
        self.call(|outbox, call| outbox.append(&chunk, Class::Room, usize::MAX, true, call));
    }

    fn reply(&mut self, charge: usize) {
        let chunk = self.chunk(charge);
        self.outbox.append_reply(chunk, self.now);
    }

    /// Takes up to `entries_max` entries and writes all of them, or nothing if the socket
    /// `refused`. Returns whether to take again.
    fn write(&mut self, entries_max: usize, refused: bool) -> bool {
        let mut batch = Vec::new();
        let taken = self.call(|outbox, call| outbox.take(&mut batch, entries_max, call.caller));
        assert_eq!(taken, Taken::Batch);
        let whole: usize = batch.iter().map(|entry: &Entry| entry.bytes().len()).sum();
        let accepted = if refused { 0 } else { whole };
        self.call(|outbox, call| outbox.settle(&mut batch, accepted, refused, call))
    }

    fn waits_for_replies(&mut self) -> bool {
        self.call(Outbox::wait_for_replies)
    }
}

/// [common/reply-2]
#[test]
fn a_client_with_unread_replies_is_held_above_the_high_water_mark_and_not_at_it() {
    let mut scene = Scene::new();
    scene.reply(HIGH_WATER_BYTES - 100);
    scene.append(100);
    assert!(!scene.waits_for_replies());
    scene.append(ENTRY_BYTES);
    assert!(scene.waits_for_replies());
}

/// [common/reply-3]
#[test]
fn a_client_resumes_after_its_replies_though_it_is_over_the_high_water_mark() {
    let mut scene = Scene::new();
    scene.reply(100);
    scene.append(HIGH_WATER_BYTES + 1);
    assert!(scene.waits_for_replies());
    assert!(scene.write(1, false));
    assert_eq!(scene.rings(), 1);
    assert!(!scene.waits_for_replies());
}

/// Nor is a waiting sender woken in vain. [common/flow-5]
#[test]
fn a_reader_that_stays_over_the_high_water_mark_resumes_no_sender() {
    let mut scene = Scene::new();
    for _ in 0..2 {
        scene.append(HIGH_WATER_BYTES + 1);
    }
    let until = scene.call(|outbox, call| outbox.wait(HoldLimit::StallBudget, call));
    assert_eq!(until, Some(Time::ZERO + LOOK_INTERVAL));
    scene.append(100);
    assert!(scene.write(1, false));
    assert_eq!(scene.rings(), 0);
    assert!(scene.write(1, false));
    assert_eq!(scene.rings(), 1);
}

/// A writer takes again while entries are pending, and until it has seen that the client is
/// closed; otherwise it is woken.
#[test]
fn a_writer_takes_again_or_is_woken() {
    let mut scene = Scene::new();
    scene.append(100);
    scene.append(100);
    assert!(scene.write(1, false), "there is more");
    assert!(!scene.write(1, false), "nothing is left");
    scene.append(100);
    assert_eq!(scene.rings(), 1);
    scene.append(100);
    assert!(!scene.write(1, true), "no more is taken at the moment");
    scene.append(100);
    assert_eq!(scene.rings(), 0, "that is no news to it");
    let mut batch = Vec::new();
    scene.call(|outbox, call| outbox.take(&mut batch, 3, call.caller));
    scene.call(|outbox, call| outbox.close(None, call));
    assert_eq!(scene.rings(), 1);
    let accepted = 3 * (100 - ENTRY_BYTES);
    assert!(scene.call(|outbox, call| outbox.settle(&mut batch, accepted, false, call)));
}

/// [common/outbox-8]
#[test]
fn the_stall_runs_from_the_first_refusal() {
    let mut scene = Scene::new();
    scene.append(100);
    for nanos in [5, 9] {
        scene.now = Time::from_nanos(nanos);
        assert!(!scene.write(1, true));
        assert_eq!(scene.outbox.refusing_since(), Time::from_nanos(5));
    }
    assert!(!scene.write(1, false));
    assert_eq!(scene.outbox.refusing_since(), Time::NEVER);
}

/// An idle client keeps no memory of its congestion.
#[test]
fn backpressure_state_is_freed_when_the_client_has_caught_up() {
    let mut scene = Scene::new();
    scene.append(HIGH_WATER_BYTES + 1);
    assert!(scene.outbox.backpressure.is_some());
    assert!(!scene.write(1, false));
    assert!(scene.outbox.backpressure.is_none());
}

/// Senders do not wait for it again before its stall budget is renewed. [common/flow-4]
#[test]
fn an_exhausted_stall_budget_is_remembered() {
    let mut scene = Scene::new();
    scene.append(HIGH_WATER_BYTES + 1);
    assert!(!scene.write(1, true));
    while let Some(until) = scene.call(|outbox, call| outbox.wait(HoldLimit::StallBudget, call)) {
        scene.now = until;
    }
    assert_eq!(scene.now, Time::ZERO + STALL_BUDGET);
    assert!(!scene.write(1, false));
    assert!(scene.outbox.backpressure.is_some());
    scene.append(HIGH_WATER_BYTES + 1);
    assert_eq!(scene.call(|outbox, call| outbox.wait(HoldLimit::StallBudget, call)), None);
}

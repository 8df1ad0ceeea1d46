//! Evictions of slow consumers, at the same time as other calls.

use super::person::{Person, assert_deserted, service};
use super::{Runtime, both};
use parlance_core::limits::Limits;
use parlance_core::protocol::Answer;
use parlance_core::registry::{CallContext, Registry};
use parlance_core::time::Time;
use std::task::Waker;
use std::time::Duration;

/// The bound of one outbox in these scenarios.
const BYTES_MAX: usize = 1000;

/// A witness, a slow consumer that the next line will evict, and the sender of that line.
fn slow_reader() -> (Registry, Person, Person, Person) {
    let limits =
        Limits { outbox_bytes_max: BYTES_MAX, stall: Duration::from_secs(1), ..Limits::default() };
    let registry = service(limits);
    let mut ann = Person::join(&registry, "ann");
    let bob = Person::join(&registry, "bob");
    let mut cat = Person::join(&registry, "cat");
    ann.read();
    cat.read();
    cat.load(&bob, BYTES_MAX - 10);
    ann.read();
    cat.read();
    (registry, ann, bob, cat)
}

/// In either order the others hear once that bob left, and nothing stays charged.
/// [common/eos-6] [common/outbox-4]
pub(crate) fn eviction_and_departure_are_one_departure<R: Runtime>() {
    let (registry, mut ann, mut bob, mut cat) = slow_reader();

    let (bob, mut cat) = both::<R, _, _>(
        move || {
            let answer = bob.depart();
            assert_eq!(answer == Answer::Gone, bob.is_evicted());
            bob
        },
        move || {
            assert_eq!(cat.say("now"), Answer::Published);
            cat
        },
    );

    ann.read();
    cat.read();
    assert_eq!((ann.times("bob has left"), ann.times("cat: now")), (1, 1));
    cat.assert_saw_its_part(&ann);
    drop((ann, bob, cat));
    assert_deserted(&registry);
}

/// An eviction while the connection holds a batch: the entries that it gives back are dropped and
/// taken off the ledger once. [common/outbox-3] [common/outbox-4] [common/close-3]
pub(crate) fn eviction_during_a_write_frees_every_byte_once<R: Runtime>() {
    let (registry, mut ann, mut bob, mut cat) = slow_reader();

    let (bob, mut cat) = both::<R, _, _>(
        move || {
            bob.read();
            bob
        },
        move || {
            assert_eq!(cat.say("now"), Answer::Published);
            cat
        },
    );

    ann.read();
    cat.read();
    assert_eq!(ann.times("bob has left"), usize::from(bob.is_evicted()));
    cat.assert_saw_its_part(&ann);
    bob.assert_saw_the_beginning_of_its_part(&ann);
    drop(bob);
    ann.read();
    assert_eq!(ann.times("bob has left"), 1);
    drop((ann, cat));
    assert_deserted(&registry);
}

/// A member is evicted while it publishes: by its own line, which the others still get, or by an
/// earlier line, and then its own line is discarded. [common/outbox-4] [common/outbox-5]
pub(crate) fn eviction_and_publication_of_one_member_keep_the_order<R: Runtime>() {
    let (registry, mut ann, mut bob, mut cat) = slow_reader();

    let (bob, mut cat) = both::<R, _, _>(
        move || {
            assert_eq!(bob.say("mine"), Answer::Gone);
            bob
        },
        move || {
            assert_eq!(cat.say("now"), Answer::Published);
            cat
        },
    );

    assert!(bob.is_evicted());
    ann.read();
    cat.read();
    let events = &ann.seen[ann.seen.len() - 2 - ann.times("bob: mine")..];
    let by_itself = ["bob: mine", "bob has left", "cat: now"];
    assert!(events == by_itself || events == ["cat: now", "bob has left"], "{events:?}");
    cat.assert_saw_its_part(&ann);
    drop((ann, bob, cat));
    assert_deserted(&registry);
}

/// A stalled connection that its own timer and a line evict at once leaves once.
/// [common/outbox-4] [common/outbox-8]
pub(crate) fn eviction_by_time_and_by_size_is_one_departure<R: Runtime>() {
    let (registry, mut ann, mut bob, mut cat) = slow_reader();
    let mut batch = Vec::new();
    bob.take(&mut batch, Waker::noop());
    bob.settle(&mut batch, 0, true, Waker::noop());

    let (bob, mut cat) = both::<R, _, _>(
        move || {
            let mut call = CallContext::new(Time::ZERO + Duration::from_secs(1), Waker::noop());
            bob.client.expire(&mut call);
            call.finish();
            assert!(bob.is_evicted());
            bob
        },
        move || {
            assert_eq!(cat.say("now"), Answer::Published);
            cat
        },
    );

    ann.read();
    cat.read();
    assert_eq!((ann.times("bob has left"), ann.times("cat: now")), (1, 1));
    cat.assert_saw_its_part(&ann);
    drop((ann, bob, cat));
    assert_deserted(&registry);
}

/// A notice that evicts another member: both waves end, while the member of the second one departs
/// by itself. [common/outbox-5]
pub(crate) fn waves_of_evictions_end<R: Runtime>() {
    let limits = Limits { outbox_bytes_max: BYTES_MAX, ..Limits::default() };
    let registry = service(limits);
    let mut cat = Person::join(&registry, "cat");
    let bob = Person::join(&registry, "bob");
    let mut dan = Person::join(&registry, "dan");
    cat.read();
    // Bob has one more join pending, so his outbox has no space for the line. Dan's has, but then
    // none for the notice.
    cat.load(&dan, BYTES_MAX - 100);
    assert_eq!(bob.client.charge(), BYTES_MAX - 21);
    cat.read();

    let (dan, mut cat) = both::<R, _, _>(
        move || {
            dan.depart();
            dan
        },
        move || {
            assert_eq!(cat.say("now"), Answer::Published);
            cat
        },
    );

    cat.read();
    for line in ["cat: now", "bob has left", "dan has left"] {
        assert_eq!(cat.times(line), 1, "{line}");
    }
    drop((bob, cat, dan));
    assert_deserted(&registry);
}

/// However fast a reader is, its line is charged before it is settled: a total below zero would
/// look like one far over its bound. [common/outbox-9]
pub(crate) fn the_total_is_never_below_zero<R: Runtime>() {
    let registry = service(Limits::default());
    let mut ann = Person::join(&registry, "ann");
    let mut bob = Person::join(&registry, "bob");
    ann.read();
    bob.read();

    let (mut ann, mut bob) = both::<R, _, _>(
        move || {
            assert_eq!(ann.say("1"), Answer::Published);
            ann
        },
        || {
            bob.read();
            assert!(registry.census().charge < BYTES_MAX);
            bob
        },
    );

    ann.read();
    bob.read();
    bob.assert_saw_its_part(&ann);
    drop((ann, bob));
    assert_deserted(&registry);
}

/// Two threads both find the total over its bound: the largest backlog is evicted, which is enough,
/// so no other client is. [common/outbox-9]
pub(crate) fn enforcing_the_total_on_two_threads_evicts_only_the_largest<R: Runtime>() {
    let registry = service(Limits { total_bytes_max: 3000, ..Limits::default() });
    let mut big = Person::join_room(&registry, "big", "big");
    let mut mid = Person::join_room(&registry, "mid", "mid");
    let text = |bytes: usize| "x".repeat(bytes);
    big.say(&text(1700));
    mid.say(&text(600));
    let mut ann = Person::join_room(&registry, "one", "ann");
    let mut bob = Person::join_room(&registry, "two", "bob");
    ann.read();
    bob.read();

    let (ann, bob) = both::<R, _, _>(
        move || {
            assert_eq!(ann.say(&text(400)), Answer::Published);
            ann
        },
        move || {
            assert_eq!(bob.say(&text(400)), Answer::Published);
            bob
        },
    );

    assert!(big.is_evicted());
    for person in [&ann, &bob, &mid] {
        assert!(!person.is_evicted(), "{} need not have gone", person.name);
    }
    assert_eq!(registry.census().rooms, 3);
    drop((ann, bob, mid, big));
    assert_deserted(&registry);
}

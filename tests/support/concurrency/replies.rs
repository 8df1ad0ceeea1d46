//! A client that requests replies and does not read: its next line waits until it has read them.

use super::people::{all_go, channels, lobby, performance};
use super::person::{Person, shut_down};
use super::{Runtime, both};
use parlance_core::limits::{HIGH_WATER_BYTES, Limits};
use parlance_core::protocol::{Answer, Request};
use parlance_core::registry::Registry;
use parlance_core::time::Time;
use std::future::poll_fn;
use std::task::{Poll, Waker};

fn answer(bytes: usize) -> Request {
    Request::Reply { lines: vec![b'\n'; bytes] }
}

/// Bob has a pending reply that is larger than the high-water mark, so his next line waits.
/// [common/reply-2]
fn queued(registry: &Registry) -> Person {
    let mut bob = Person::in_channel(registry, "den", "bob");
    assert_eq!(bob.submit(answer(HIGH_WATER_BYTES)), Answer::Done);
    let held = bob.submit(answer(1));
    assert_eq!(held, Answer::Wait { request: answer(1), until: Time::NEVER });
    bob
}

/// Bob has read all his replies and no byte of the lines behind them, which are over the high-water
/// mark: he resumes in every interleaving. [common/reply-3]
pub(crate) fn a_client_resumes_after_its_replies_though_lines_are_pending<R: Runtime>() {
    let registry = channels(Limits::default());
    let mut ann = Person::in_channel(&registry, "den", "ann");
    let mut bob = queued(&registry);

    let (ann, bob) = both::<R, _, _>(
        move || {
            assert_eq!(ann.post("den", &"x".repeat(HIGH_WATER_BYTES)), Answer::Published);
            ann
        },
        move || {
            let mut request = Some(answer(1));
            let asks_and_reads = poll_fn(|context| {
                let again = request.take().expect("polled no more once it is ready");
                match bob.submit_as(again, context.waker()) {
                    Answer::Wait { request: again, .. } => request = Some(again),
                    answer => return Poll::Ready(answer),
                }
                let mut batch = Vec::new();
                assert!(bob.take(&mut batch, context.waker()));
                let answers = batch[0].bytes().len();
                bob.settle(&mut batch, answers, true, context.waker());
                Poll::Pending
            });
            assert_eq!(R::block_on(asks_and_reads), Answer::Done);
            bob
        },
    );

    all_go(&registry, (ann, bob));
}

/// Bob requests replies and reads nothing; `ends`, on another thread, wakes him. [common/reply-2]
fn learns<R: Runtime>(
    limits: Limits,
    ends: impl FnOnce(&Registry) -> Option<Person> + Send + 'static,
) {
    let registry = channels(limits);
    let mut bob = queued(&registry);
    let there = registry.clone();

    let (ann, bob) = both::<R, _, _>(
        move || ends(&there),
        move || {
            assert_eq!(R::block_on(performance(&mut bob, answer(1))), Answer::Gone);
            bob
        },
    );

    all_go(&registry, (ann, bob));
}

/// [common/shutdown-2]
pub(crate) fn a_client_that_waits_for_its_replies_learns_of_the_shutdown<R: Runtime>() {
    learns::<R>(Limits::default(), |registry| {
        shut_down(registry);
        None
    });
}

/// [common/outbox-9]
pub(crate) fn a_client_that_waits_for_its_replies_learns_of_its_eviction<R: Runtime>() {
    let limits = Limits { total_bytes_max: HIGH_WATER_BYTES + 1000, ..Limits::default() };
    learns::<R>(limits, |registry| {
        let mut ann = Person::named(registry, "ann");
        assert_eq!(ann.submit(answer(1000)), Answer::Done);
        Some(ann)
    });
}

/// A listener hears every line from its connection on, and none before. Taking its name meanwhile
/// changes nothing, and is not announced. [lobby/hear-1] [lobby/hear-3] [lobby/hear-4]
pub(crate) fn a_listener_hears_every_line_from_its_connection_on<R: Runtime>() {
    let registry = lobby(Limits::default());
    let mut ann = Person::join_room(&registry, "hall", "ann");
    let there = registry.clone();

    let (mut ann, mut bob) = both::<R, _, _>(
        move || {
            for text in ["1", "2"] {
                assert_eq!(ann.say(text), Answer::Published);
            }
            ann
        },
        move || Person::join_room(&there, "hall", "bob"),
    );

    assert_eq!(bob.say("3"), Answer::Published);
    ann.read();
    bob.read();
    assert_eq!(ann.seen, ["ann: 1", "ann: 2", "bob: 3"]);
    assert!(ann.seen.ends_with(&bob.seen) && !bob.seen.is_empty(), "{:?}", bob.seen);
    all_go(&registry, (ann, bob));
}

/// A connection racing with the last departure: the next client finds the listener.
/// [rooms/room-2] [lobby/hear-2]
pub(crate) fn a_listener_never_listens_to_a_dead_room<R: Runtime>() {
    let registry = lobby(Limits::default());
    let ann = Person::join_room(&registry, "hall", "ann");
    let there = registry.clone();

    let ((), mut bob) = both::<R, _, _>(move || drop(ann), move || Person::connect(&there, "bob"));

    let census = registry.census();
    assert_eq!((census.rooms, census.members, census.clients), (1, 1, 1));
    let mut next = Person::join_room(&registry, "hall", "next");
    assert_eq!(next.say("1"), Answer::Published);
    bob.read();
    assert_eq!(bob.seen, ["next: 1"]);
    all_go(&registry, (bob, next));
}

/// Whether a listener connects before or after the shutdown, it is closed and keeps no room alive.
/// [common/shutdown-2]
pub(crate) fn a_listener_that_connects_during_shutdown_is_closed<R: Runtime>() {
    let registry = lobby(Limits::default());
    let there = registry.clone();

    let ((), mut bob) =
        both::<R, _, _>(move || shut_down(&there), || Person::connect(&registry, "bob"));

    assert_eq!(bob.client.outbox_state(), parlance_core::registry::OutboxState::Closed);
    let answer = bob.enter("hall");
    assert!(matches!(answer, Answer::Entered | Answer::Gone));
    assert_eq!(answer == Answer::Entered, registry.census().members == 1);
    all_go(&registry, bob);
}

/// A listener that takes its name while a line evicts it has the name or is gone, and leaves
/// nothing behind; the others hear of neither. [lobby/hear-2] [lobby/hear-4] [common/outbox-4]
pub(crate) fn naming_and_eviction_of_a_listener_leave_nothing<R: Runtime>() {
    let registry = lobby(Limits { outbox_bytes_max: 1000, ..Limits::default() });
    let mut ann = Person::join_room(&registry, "hall", "ann");
    let mut bob = Person::connect(&registry, "bob");
    ann.load(&bob, 990);
    ann.read();

    let (mut ann, bob) = both::<R, _, _>(
        move || {
            assert_eq!(ann.say("now"), Answer::Published);
            ann
        },
        move || {
            if bob.enter("hall") == Answer::Entered {
                assert!(matches!(bob.say("mine"), Answer::Gone));
            }
            bob
        },
    );

    ann.read();
    assert!(bob.is_evicted());
    assert_eq!(registry.census().members, 1);
    let said = &ann.seen[1..];
    assert!(said == ["ann: now"] || said == ["bob: mine", "ann: now"], "{said:?}");
    let mut batch = Vec::new();
    assert!(!bob.take(&mut batch, Waker::noop()));
    all_go(&registry, (ann, bob));
}

//! Crowded rooms: turns, the queue of clients that wait, and departures within a turn.
//! [common/flow-8]

use super::people::performance;
use super::person::{Bell, Person, assert_deserted, service};
use super::{Runtime, all_three, both};
use parlance_core::limits::{CrowdLimits, HIGH_WATER_BYTES, Limits};
use parlance_core::protocol::Answer;
use parlance_core::registry::{CallContext, Registry};
use parlance_core::time::Time;
use std::sync::Arc;
use std::task::Waker;

/// Two members are a crowd, and each turn is a single request.
fn crowded() -> Registry {
    let crowd = CrowdLimits { members_min: 2, turn_entries_max: 1 };
    service(Limits { crowd, ..Limits::default() })
}

fn pass_turn(person: &mut Person) {
    let mut call = CallContext::new(Time::ZERO, Waker::noop());
    person.client.pass_turn(&mut call);
    call.finish();
}

/// A new member of "den" that does not hold the turn.
fn join(registry: &Registry, name: &'static str) -> Person {
    let mut person = Person::join(registry, name);
    pass_turn(&mut person);
    person
}

/// Says `text` as soon as it is its turn, and passes the turn on in a step of its own.
fn say_in_turn<R: Runtime>(mut person: Person, text: &str) -> Person {
    let request = person.saying(text);
    assert_eq!(R::block_on(performance(&mut person, request)), Answer::Published);
    pass_turn(&mut person);
    person
}

/// Each sender gets a turn, and all members hear the lines in one order. [common/order-1]
pub(crate) fn every_sender_of_a_crowd_gets_a_turn<R: Runtime>() {
    let registry = crowded();
    let mut witness = join(&registry, "eve");
    let (ann, bob) = (join(&registry, "ann"), join(&registry, "bob"));

    let (mut ann, mut bob) =
        both::<R, _, _>(move || say_in_turn::<R>(ann, "1"), move || say_in_turn::<R>(bob, "2"));

    witness.read();
    ann.read();
    bob.read();
    witness.assert_saw_once(&[
        "eve has joined",
        "ann has joined",
        "bob has joined",
        "ann: 1",
        "bob: 2",
    ]);
    ann.assert_saw_its_part(&witness);
    bob.assert_saw_its_part(&witness);
    drop((witness, ann, bob));
    assert_deserted(&registry);
}

/// A client that departs while it waits, or holds the turn, lets the next one go on; its departure
/// is announced once. [common/eos-1]
pub(crate) fn a_departure_from_a_crowd_lets_the_others_go_on<R: Runtime>() {
    let registry = crowded();
    let mut witness = join(&registry, "eve");
    let (ann, mut bob) = (join(&registry, "ann"), join(&registry, "bob"));

    let (mut ann, ()) = both::<R, _, _>(
        move || say_in_turn::<R>(ann, "1"),
        move || {
            let _ = bob.say("2");
            drop(bob);
        },
    );

    witness.read();
    ann.read();
    assert_eq!([witness.times("ann: 1"), witness.times("bob has left")], [1, 1]);
    ann.assert_saw_its_part(&witness);
    drop((witness, ann));
    assert_deserted(&registry);
}

/// Two senders of a crowd are held for the same member. The first looks at the member, and the turn
/// in which it is heard resumes the other, which begins to sleep meanwhile. [common/flow-5]
pub(crate) fn a_held_sender_of_a_crowd_resumes_the_next_with_the_turn<R: Runtime>() {
    let crowd = CrowdLimits { members_min: 2, turn_entries_max: 100 };
    let registry = service(Limits { crowd, ..Limits::default() });
    let mut slow = join(&registry, "eve");
    let (mut ann, mut bob) = (join(&registry, "ann"), join(&registry, "bob"));
    ann.load(&slow, HIGH_WATER_BYTES);
    assert_eq!(ann.say("!"), Answer::Published, "at the high-water mark no sender is held");
    pass_turn(&mut ann);
    ann.read();
    bob.read();
    let bell = Arc::new(Bell::default());
    let answer = bob.submit_as(bob.saying("at last"), &Waker::from(Arc::clone(&bell)));
    let Answer::Wait { request, .. } = answer else { panic!("{answer:?}") };

    let ((mut slow, mut bob), mut ann) = both::<R, _, _>(
        move || {
            slow.read();
            assert!(bell.has_rung());
            assert_eq!(bob.submit(request), Answer::Published);
            pass_turn(&mut bob);
            (slow, bob)
        },
        move || say_in_turn::<R>(ann, "at last"),
    );

    ann.read();
    bob.read();
    slow.read();
    ann.assert_saw_its_part(&slow);
    bob.assert_saw_its_part(&slow);
    drop((ann, bob, slow));
    assert_deserted(&registry);
}

/// The last members of a crowd depart at once, one of them with the turn: no room and no member
/// stays behind. [rooms/room-2]
pub(crate) fn a_crowd_that_departs_at_once_leaves_nothing_behind<R: Runtime>() {
    let registry = crowded();
    let (mut ann, bob) = (join(&registry, "ann"), join(&registry, "bob"));
    let eve = join(&registry, "eve");

    all_three::<R, _, _, _>(
        move || {
            let _ = ann.say("1");
            drop(ann);
        },
        move || drop(bob),
        move || drop(eve),
    );

    assert_deserted(&registry);
}

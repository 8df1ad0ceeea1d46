//! Departures, and the rooms that end with them.

use super::person::{Person, assert_deserted, service};
use super::{Runtime, all_three, both};
use parlance_core::limits::Limits;
use parlance_core::protocol::{Answer, Request};
use parlance_core::registry::Registry;

/// A join racing with the last departure: the joiner is in a room that the directory holds, where
/// the next client finds it. [rooms/room-2]
pub(crate) fn a_join_never_ends_in_a_dead_room<R: Runtime>() {
    let registry = service(Limits::default());
    let ann = Person::join(&registry, "ann");

    let ((), bob) = both::<R, _, _>(move || drop(ann), || Person::join(&registry, "bob"));

    let census = registry.census();
    assert_eq!((census.rooms, census.members, census.clients), (1, 1, 1));
    assert_is_found_by_the_next(&registry, bob, &["bob has joined", "ann has left"]);
    assert_deserted(&registry);
}

/// Two joins racing with the last departure end in the same room. [rooms/room-2]
pub(crate) fn joins_racing_with_the_end_of_a_room_meet<R: Runtime>() {
    let registry = service(Limits::default());
    let ann = Person::join(&registry, "ann");
    let there = registry.clone();

    let ((), mut bob, mut cat) = all_three::<R, _, _, _>(
        move || drop(ann),
        move || Person::join(&there, "bob"),
        || Person::join(&registry, "cat"),
    );

    let census = registry.census();
    assert_eq!((census.rooms, census.members, census.clients), (1, 2, 2));
    bob.say("hello");
    bob.read();
    cat.read();
    for person in [&bob, &cat] {
        assert_eq!(person.seen[0], format!("{} has joined", person.name));
        assert_eq!(person.times("bob: hello"), 1);
        assert!(person.times("ann has left") <= 1);
    }
    assert_eq!(cat.times("bob has joined") + bob.times("cat has joined"), 1);
    drop((bob, cat));
    assert_deserted(&registry);
}

/// The same with an eviction of the last member, caused by its own line.
/// [rooms/room-2] [common/outbox-4]
pub(crate) fn a_join_survives_the_eviction_of_the_last_member<R: Runtime>() {
    let registry = service(Limits { outbox_bytes_max: 1000, ..Limits::default() });
    let mut ann = Person::join(&registry, "ann");
    // Room for one more join, but not for the line.
    assert_eq!(ann.say(&"x".repeat(750)), Answer::Published);
    assert!((890..=900).contains(&ann.client.charge()));

    let (ann, bob) = both::<R, _, _>(
        move || {
            assert_eq!(ann.say("too much for her own outbox to hold"), Answer::Gone);
            ann
        },
        || Person::join(&registry, "bob"),
    );

    assert!(ann.is_evicted());
    assert_eq!(registry.census().members, 1);
    let line = "ann: too much for her own outbox to hold";
    assert_is_found_by_the_next(&registry, bob, &["bob has joined", line, "ann has left"]);
    drop(ann);
    assert_deserted(&registry);
}

/// Bob is alone in a live room: the next client finds him there, and they hear each other. Before,
/// he saw the events `in_old_room`, or only his own join, if his room is new.
fn assert_is_found_by_the_next(registry: &Registry, mut bob: Person, in_old_room: &[&str]) {
    bob.read();
    assert!(bob.seen == in_old_room || bob.seen == in_old_room[..1], "{:?}", bob.seen);

    bob.seen.clear();
    let mut next = Person::join(registry, "next");
    assert_eq!(registry.census().rooms, 1);
    assert_eq!(bob.say("hello"), Answer::Published);
    assert_eq!(next.say("hello"), Answer::Published);
    bob.read();
    next.read();
    assert_eq!(bob.seen, ["next has joined", "bob: hello", "next: hello"]);
    assert_eq!(next.seen, bob.seen);
}

/// A departure racing with a line: the departing client sees exactly the lines before it, then
/// its farewell; the other members see one notice. [common/order-1] [common/eos-4] [common/eos-6]
/// [rooms/leave-1] [rooms/error-3]
pub(crate) fn a_departure_has_one_place_in_the_order<R: Runtime>() {
    let registry = service(Limits::default());
    let mut ann = Person::join(&registry, "ann");
    let mut bob = Person::join(&registry, "bob");
    let mut cat = Person::join(&registry, "cat");

    let (mut bob, mut cat) = both::<R, _, _>(
        move || {
            assert_eq!(
                bob.submit(Request::Depart { farewell: b"ERROR\n".to_vec() }),
                Answer::Departed
            );
            bob
        },
        move || {
            assert_eq!(cat.say("1"), Answer::Published);
            assert_eq!(cat.say("2"), Answer::Published);
            cat
        },
    );

    for person in [&mut ann, &mut bob, &mut cat] {
        person.read();
    }
    let joins = ["ann has joined", "bob has joined", "cat has joined"];
    ann.assert_saw_once(&[&joins[..], &["cat: 1", "cat: 2", "bob has left"]].concat());
    assert_eq!(bob.seen.pop().as_deref(), Some("ERROR"));
    bob.assert_saw_its_part(&ann);
    cat.assert_saw_its_part(&ann);
    drop((ann, bob, cat));
    assert_deserted(&registry);
}

/// Two departures at once: the remaining member hears of each once, and only the first departure is
/// announced to the other departing client. [common/eos-6] [rooms/leave-1]
pub(crate) fn departures_at_once_are_announced_once_each<R: Runtime>() {
    let registry = service(Limits::default());
    let mut ann = Person::join(&registry, "ann");
    let mut bob = Person::join(&registry, "bob");
    let mut cat = Person::join(&registry, "cat");

    let (mut bob, mut cat) = both::<R, _, _>(
        move || {
            assert_eq!(bob.depart(), Answer::Departed);
            bob
        },
        move || {
            assert_eq!(cat.depart(), Answer::Departed);
            cat
        },
    );

    for person in [&mut ann, &mut bob, &mut cat] {
        person.read();
    }
    let joins = ["ann has joined", "bob has joined", "cat has joined"];
    ann.assert_saw_once(&[&joins[..], &["bob has left", "cat has left"]].concat());
    bob.assert_saw_its_part(&ann);
    cat.assert_saw_its_part(&ann);
    drop((ann, bob, cat));
    assert_deserted(&registry);
}

/// All clients depart at once, with unread lines: nothing is left. [rooms/room-2] [rooms/daemon-5]
pub(crate) fn departures_at_once_leave_nothing_behind<R: Runtime>() {
    let registry = service(Limits::default());
    let ann = Person::join(&registry, "ann");
    let mut bob = Person::join(&registry, "bob");

    both::<R, _, _>(
        move || drop(ann),
        move || {
            bob.say("bye");
            drop(bob);
        },
    );

    assert_deserted(&registry);
}

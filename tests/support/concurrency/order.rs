//! Lines and joins: one order for all members.

use super::person::{Person, assert_deserted, service};
use super::{Runtime, all_three, both};
use parlance_core::limits::Limits;
use parlance_core::protocol::Answer;

/// Two senders and a witness: all see one order, in which each sender's own lines keep theirs.
/// [common/order-1] [rooms/text-1]
pub(crate) fn one_order_is_seen_by_all<R: Runtime>() {
    let registry = service(Limits::default());
    let mut ann = Person::join(&registry, "ann");
    let mut bob = Person::join(&registry, "bob");
    let mut cat = Person::join(&registry, "cat");

    let (mut bob, mut cat) = both::<R, _, _>(
        move || {
            assert_eq!(bob.say("1"), Answer::Published);
            assert_eq!(bob.say("2"), Answer::Published);
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
    let lines = ["bob: 1", "bob: 2", "cat: 1", "cat: 2"];
    ann.assert_saw_once(
        &[&["ann has joined", "bob has joined", "cat has joined"], &lines[..]].concat(),
    );
    let place = |line: &str| ann.seen.iter().position(|seen| seen == line);
    assert!(place("bob: 1") < place("bob: 2") && place("cat: 1") < place("cat: 2"));
    bob.assert_saw_its_part(&ann);
    cat.assert_saw_its_part(&ann);
    drop((ann, bob, cat));
    assert_deserted(&registry);
}

/// The same while a third thread reads: writing pending lines does not change the order.
/// [common/order-1]
pub(crate) fn one_order_is_seen_while_it_is_read<R: Runtime>() {
    let registry = service(Limits::default());
    let mut ann = Person::join(&registry, "ann");
    let mut bob = Person::join(&registry, "bob");
    ann.read();

    let (mut ann, mut bob, mut cat) = all_three::<R, _, _, _>(
        move || {
            ann.read();
            ann
        },
        move || {
            assert_eq!(bob.say("1"), Answer::Published);
            bob
        },
        || Person::join(&registry, "cat"),
    );

    for person in [&mut ann, &mut bob, &mut cat] {
        person.read();
    }
    ann.assert_saw_once(&["ann has joined", "bob has joined", "cat has joined", "bob: 1"]);
    bob.assert_saw_its_part(&ann);
    cat.assert_saw_its_part(&ann);
    drop((ann, bob, cat));
    assert_deserted(&registry);
}

/// A join racing with lines: the joiner sees its own join first and then only what comes after it,
/// and the members see the join at the same place. [common/order-1] [common/order-2] [rooms/join-7]
pub(crate) fn a_join_has_one_place_in_the_order<R: Runtime>() {
    let registry = service(Limits::default());
    let mut ann = Person::join(&registry, "ann");
    let mut bob = Person::join(&registry, "bob");

    let (mut bob, mut cat) = both::<R, _, _>(
        move || {
            assert_eq!(bob.say("1"), Answer::Published);
            assert_eq!(bob.say("2"), Answer::Published);
            bob
        },
        || Person::join(&registry, "cat"),
    );

    for person in [&mut ann, &mut bob, &mut cat] {
        person.read();
    }
    let events = ["ann has joined", "bob has joined", "cat has joined", "bob: 1", "bob: 2"];
    ann.assert_saw_once(&events);
    bob.assert_saw_its_part(&ann);
    cat.assert_saw_its_part(&ann);
    drop((ann, bob, cat));
    assert_deserted(&registry);
}

/// Two clients that both find no room create one, not two. [rooms/room-2]
pub(crate) fn joins_at_once_meet_in_one_room<R: Runtime>() {
    let registry = service(Limits::default());
    let there = registry.clone();

    let (mut ann, mut bob) =
        both::<R, _, _>(move || Person::join(&there, "ann"), || Person::join(&registry, "bob"));

    let census = registry.census();
    assert_eq!((census.rooms, census.members, census.clients), (1, 2, 2));
    ann.read();
    bob.read();
    let ann_was_first = ann.seen.len() == 2;
    let (first, second) = if ann_was_first { (&ann, &bob) } else { (&bob, &ann) };
    first.assert_saw_once(&["ann has joined", "bob has joined"]);
    first.assert_saw_its_part(first);
    second.assert_saw_its_part(first);
    drop((ann, bob));
    assert_deserted(&registry);
}

//! Moves from room to room, and the notices and lists of rooms meanwhile.

use super::people::{BYTES_MAX, all_go, assert_free, channels, reads, small};
use super::person::Person;
use super::{Runtime, both};
use parlance_core::limits::Limits;
use parlance_core::protocol::dialect::Listing;
use parlance_core::protocol::{Answer, Request};

/// Bob moves while both rooms talk. He has the old room's order up to his departure and the new
/// one's from his join, and nothing of the old after that; each room hears of him once.
/// [channels/move-1]
pub(crate) fn a_mover_is_never_in_two_rooms<R: Runtime>() {
    let registry = channels(Limits::default());
    let mut ann = Person::in_channel(&registry, "old", "ann");
    let mut cat = Person::in_channel(&registry, "new", "cat");
    let mut bob = Person::in_channel(&registry, "old", "bob");

    let ((mut ann, mut cat), mut bob) = both::<R, _, _>(
        move || {
            assert_eq!(ann.post("old", "1"), Answer::Published);
            assert_eq!(cat.post("new", "2"), Answer::Published);
            assert_eq!(ann.post("old", "3"), Answer::Published);
            (ann, cat)
        },
        move || {
            assert_eq!(bob.enter("new"), Answer::Entered);
            bob
        },
    );

    for person in [&mut ann, &mut bob, &mut cat] {
        person.read();
    }
    let (left, joined) = (ann.place("LEAVE old bob"), cat.place("JOIN new bob"));
    let moved = bob.place("OK Joined new (1 users)");
    let there = bob.place("OK Joined old (1 users)") + 2; // ... and JOIN old ann
    let came = ann.place("JOIN old bob") + 1;
    assert_eq!(bob.seen[there..moved], ann.seen[came..left]);
    assert_eq!(bob.times("JOIN new cat"), 1);
    // What was said in the new room is replayed or live, once in either case.
    assert_eq!(bob.lines("ROOM new"), ["ROOM new cat 2"]);
    assert!(cat.place("ROOM new cat 2") < cat.seen.len() && joined < cat.seen.len());
    assert!(bob.seen[moved..].iter().all(|line| !line.contains("old")), "{:?}", bob.seen);
    all_go(&registry, (ann, bob, cat));
}

/// Two clients, each alone in its room, move to the other's room: both arrive, each is in one room,
/// and the directory holds both rooms. [channels/move-1] [rooms/room-2]
pub(crate) fn movers_that_cross_both_arrive<R: Runtime>() {
    let registry = channels(Limits::default());
    let mut ann = Person::in_channel(&registry, "old", "ann");
    let mut bob = Person::in_channel(&registry, "new", "bob");

    let (mut ann, mut bob) = both::<R, _, _>(
        move || {
            assert_eq!(ann.enter("new"), Answer::Entered);
            ann
        },
        move || {
            assert_eq!(bob.enter("old"), Answer::Entered);
            bob
        },
    );

    let census = registry.census();
    assert_eq!((census.rooms, census.members, census.clients), (2, 2, 2));
    assert_eq!(ann.list(Listing::Members), "USERLIST ann");
    assert_eq!(bob.list(Listing::Members), "USERLIST bob");
    assert_eq!(ann.list(Listing::Rooms), "ROOMLIST new old");
    assert_eq!(Person::in_channel(&registry, "new", "cat").lines("JOIN"), ["JOIN new ann"]);
    // A client that met the other saw him leave.
    assert_eq!(ann.times("JOIN new bob"), ann.times("LEAVE new bob"));
    assert_eq!(bob.times("JOIN old ann"), bob.times("LEAVE old ann"));
    all_go(&registry, (ann, bob));
}

/// Bob moves while `evicts`, on another thread, may evict him. Afterwards he is in no list, none of
/// his rooms is left, and another client gets his name at once. Each room hears as often of his
/// joins as of his departures. [common/unique-2] [channels/move-1]
fn moves_while<R: Runtime>(
    limits: Limits,
    charge: usize,
    evicts: impl FnOnce(&mut Person) + Send + 'static,
) {
    let registry = channels(limits);
    let mut ann = Person::in_channel(&registry, "old", "ann");
    let mut bob = Person::in_channel(&registry, "old", "bob");
    let mut next = Person::connect(&registry, "bob");
    ann.fill("old", &bob, charge);
    ann.read();

    let ((mut ann, next, free), bob) = both::<R, _, _>(
        move || {
            evicts(&mut ann);
            let free = next.claim() == Answer::Named;
            let rooms = ann.list(Listing::Rooms);
            assert!(!free || rooms == "ROOMLIST old", "the new room has no member: {rooms}");
            (ann, next, free)
        },
        move || {
            assert!(matches!(bob.enter("new"), Answer::Entered | Answer::Gone));
            bob
        },
    );

    ann.read();
    assert_eq!(ann.times("LEAVE old bob"), 1, "{:?}", ann.seen);
    assert_eq!(free, bob.is_evicted(), "his name is free if and only if he was evicted");
    let rooms = if bob.is_evicted() { 1 } else { 2 };
    let census = registry.census();
    assert_eq!((census.rooms, census.members), (rooms, rooms));
    all_go(&registry, (ann, bob, next));
}

/// [common/outbox-4]
pub(crate) fn a_mover_evicted_by_a_line_leaves_no_ghost<R: Runtime>() {
    moves_while::<R>(small(), BYTES_MAX - 10, |ann| {
        assert_eq!(ann.post("old", "now"), Answer::Published);
    });
}

/// [common/tell-3] [common/outbox-4]
pub(crate) fn a_mover_evicted_by_a_message_leaves_no_ghost<R: Runtime>() {
    moves_while::<R>(small(), BYTES_MAX - 10, |ann| {
        assert_eq!(ann.tell("bob", "psst"), Answer::Refused);
    });
}

/// Either of the two threads may enforce the total bound. [common/outbox-9]
pub(crate) fn a_mover_evicted_by_the_total_leaves_no_ghost<R: Runtime>() {
    let registry = channels(Limits { total_bytes_max: 2000, ..Limits::default() });
    let mut ann = Person::in_channel(&registry, "old", "ann");
    let mut bob = Person::in_channel(&registry, "old", "bob");
    ann.fill("old", &bob, 1500);
    ann.read();

    let (mut ann, bob) = both::<R, _, _>(
        move || {
            assert_eq!(ann.submit(Request::Reply { lines: vec![b'\n'; 500] }), Answer::Done);
            ann
        },
        move || {
            assert!(matches!(bob.enter("new"), Answer::Entered | Answer::Gone));
            bob
        },
    );

    assert!(bob.is_evicted());
    ann.read();
    assert_eq!(ann.times("LEAVE old bob"), 1, "{:?}", ann.seen);
    assert_eq!(ann.list(Listing::Rooms), "ROOMLIST old");
    assert_free(&registry, "bob");
    all_go(&registry, (ann, bob));
}

/// A move into a room whose last member is leaving: the next client finds the mover there.
/// [rooms/room-2] [channels/move-1]
pub(crate) fn a_move_never_ends_in_a_dead_room<R: Runtime>() {
    let registry = channels(Limits::default());
    let mut bob = Person::in_channel(&registry, "old", "bob");
    let cat = Person::in_channel(&registry, "new", "cat");

    let ((), mut bob) = both::<R, _, _>(
        move || drop(cat),
        move || {
            assert_eq!(bob.enter("new"), Answer::Entered);
            bob
        },
    );

    let census = registry.census();
    assert_eq!((census.rooms, census.members), (1, 1));
    let next = Person::in_channel(&registry, "new", "next");
    assert_eq!(next.lines("JOIN"), ["JOIN new bob"]);
    assert_eq!(bob.list(Listing::Members), "USERLIST bob next");
    assert_eq!(bob.times("JOIN new cat"), bob.times("LEAVE new cat"));
    all_go(&registry, (bob, next));
}

/// A client that has read of a move finds the new room in the list and not the old one.
/// [channels/list-2] [common/reply-1]
pub(crate) fn the_list_of_rooms_agrees_with_what_was_read<R: Runtime>() {
    let registry = channels(Limits::default());
    let mut ann = Person::named(&registry, "ann");
    let mut bob = Person::in_channel(&registry, "new", "bob");

    let (bob, ann) = both::<R, _, _>(
        move || {
            assert_eq!(bob.enter("old"), Answer::Entered);
            bob.read();
            assert_eq!(bob.tell("ann", "done"), Answer::Done);
            bob
        },
        move || {
            R::block_on(reads(&mut ann, "PRIVMSG bob done"));
            assert_eq!(ann.list(Listing::Rooms), "ROOMLIST old");
            ann
        },
    );

    all_go(&registry, (ann, bob));
}

/// A list of rooms shows a state of one moment: one room is created before the other ends, by the
/// eviction of its last member, so there is always one. [channels/list-2] [common/reply-1]
pub(crate) fn a_list_of_rooms_is_taken_at_one_moment<R: Runtime>() {
    let registry = channels(small());
    let mut ann = Person::named(&registry, "ann");
    let mut bob = Person::in_channel(&registry, "b", "bob");
    let mut cat = Person::named(&registry, "cat");

    let ((bob, cat), (ann, rooms)) = both::<R, _, _>(
        move || {
            assert_eq!(cat.enter("a"), Answer::Entered);
            assert_eq!(bob.post("b", &"x".repeat(BYTES_MAX)), Answer::Gone);
            (bob, cat)
        },
        move || {
            let rooms = ann.list(Listing::Rooms);
            (ann, rooms)
        },
    );

    let states = ["ROOMLIST b", "ROOMLIST a b", "ROOMLIST a"];
    assert!(states.contains(&rooms.as_str()), "{rooms}");
    all_go(&registry, (ann, bob, cat));
}

/// A client that leaves its room keeps its name, hears nothing of the room after the reply, and is
/// gone for the others from one moment on. [channels/leave-1]
pub(crate) fn a_leave_has_one_place_in_the_order<R: Runtime>() {
    let registry = channels(Limits::default());
    let mut ann = Person::in_channel(&registry, "den", "ann");
    let mut bob = Person::in_channel(&registry, "den", "bob");
    ann.read();

    let (mut ann, mut bob) = both::<R, _, _>(
        move || {
            assert_eq!(ann.post("den", "1"), Answer::Published);
            assert_eq!(ann.post("den", "2"), Answer::Published);
            ann
        },
        move || {
            assert_eq!(bob.leave(), Answer::Left);
            bob
        },
    );

    ann.read();
    bob.read();
    let (came, left) = (ann.place("JOIN den bob") + 1, ann.place("LEAVE den bob"));
    let (there, last) = (bob.place("JOIN den ann") + 1, bob.seen.len() - 1);
    assert_eq!(bob.seen[there..last], ann.seen[came..left]);
    assert_eq!(bob.seen[last], "OK Left den");
    assert_eq!(ann.tell("bob", "still there?"), Answer::Done);
    all_go(&registry, (ann, bob));
}

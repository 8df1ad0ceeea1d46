//! History at a join, and lists: each shows one moment of the room's order.

use super::people::{all_go, channels};
use super::person::Person;
use super::{Runtime, all_three, both};
use parlance_core::limits::Limits;
use parlance_core::protocol::Answer;
use parlance_core::protocol::dialect::Listing;
use std::task::Waker;

/// A join racing with lines: each reaches the joiner once, replayed or live, in the room's order.
/// Replayed lines come first and in one piece. [channels/history-1] [channels/join-4]
/// [common/reply-1]
pub(crate) fn each_line_reaches_a_joiner_once<R: Runtime>() {
    let registry = channels(Limits::default());
    let mut ann = Person::in_channel(&registry, "den", "ann");
    let mut bob = Person::named(&registry, "bob");
    assert_eq!(ann.post("den", "0"), Answer::Published);

    let (mut ann, mut bob) = both::<R, _, _>(
        move || {
            assert_eq!(ann.post("den", "1"), Answer::Published);
            assert_eq!(ann.post("den", "2"), Answer::Published);
            ann
        },
        move || {
            assert_eq!(bob.enter("den"), Answer::Entered);
            bob
        },
    );

    ann.read();
    let mut batch = Vec::new();
    assert!(bob.take(&mut batch, Waker::noop()));
    let block = batch[0].bytes().split_inclusive(|&byte| byte == b'\n').count();
    let live = batch.len() - 1;
    bob.seen.clear();
    bob.settle_whole(&mut batch, Waker::noop());
    let lines = ["ROOM den ann 0", "ROOM den ann 1", "ROOM den ann 2"];
    assert_eq!(bob.seen[..2], ["OK Joined den (1 users)", "JOIN den ann"]);
    assert_eq!(bob.seen[2..], lines);
    // Replayed is what ann heard before the join, live what she heard after.
    let before = ann.place("JOIN den bob") - ann.place("ROOM den ann 0");
    assert_eq!((block, live), (2 + before, lines.len() - before));
    all_go(&registry, (ann, bob));
}

/// Two clients join at once while a line is published: each hears of the other once, in the reply
/// or live, and of the line once. [channels/join-5] [channels/join-6] [channels/history-1]
pub(crate) fn joiners_at_once_are_shown_each_other_once<R: Runtime>() {
    let registry = channels(Limits::default());
    let mut ann = Person::in_channel(&registry, "den", "ann");
    let mut bob = Person::named(&registry, "bob");
    let mut cat = Person::named(&registry, "cat");

    let (mut ann, mut bob, mut cat) = all_three::<R, _, _, _>(
        move || {
            assert_eq!(ann.post("den", "1"), Answer::Published);
            ann
        },
        move || {
            assert_eq!(bob.enter("den"), Answer::Entered);
            bob
        },
        move || {
            assert_eq!(cat.enter("den"), Answer::Entered);
            cat
        },
    );

    for person in [&mut ann, &mut bob, &mut cat] {
        person.read();
        assert_eq!(person.times("ROOM den ann 1"), 1);
    }
    let bob_was_first = ann.place("JOIN den bob") < ann.place("JOIN den cat");
    let (first, second) = if bob_was_first { (&bob, &cat) } else { (&cat, &bob) };
    assert_eq!(first.seen[1], "OK Joined den (1 users)");
    assert_eq!(second.seen[1], "OK Joined den (2 users)");
    assert_eq!(first.lines("JOIN"), ["JOIN den ann", &format!("JOIN den {}", second.name)]);
    assert_eq!(second.lines("JOIN"), ["JOIN den ann", &format!("JOIN den {}", first.name)]);
    all_go(&registry, (ann, bob, cat));
}

/// A list of members agrees with the notices that the client has read before it. [channels/list-1]
/// [common/order-3] [common/reply-1]
pub(crate) fn a_list_of_members_agrees_with_what_was_heard<R: Runtime>() {
    let registry = channels(Limits::default());
    let mut ann = Person::in_channel(&registry, "den", "ann");
    let mut bob = Person::in_channel(&registry, "den", "bob");
    let mut cat = Person::named(&registry, "cat");

    let (mut ann, bob, cat) = all_three::<R, _, _, _>(
        move || {
            ann.list(Listing::Members);
            ann
        },
        move || {
            assert_eq!(bob.depart(), Answer::Departed);
            bob
        },
        move || {
            assert_eq!(cat.enter("den"), Answer::Entered);
            cat
        },
    );

    ann.read();
    let mut present = vec!["ann"];
    for line in &ann.seen {
        match line.split(' ').collect::<Vec<_>>()[..] {
            ["JOIN", _, name] => present.push(name),
            ["LEAVE", _, name] => present.retain(|other| *other != name),
            ["USERLIST", ..] => assert_eq!(*line, format!("USERLIST {}", present.join(" "))),
            _ => {}
        }
    }
    assert_eq!(present, ["ann", "cat"]);
    all_go(&registry, (ann, bob, cat));
}

//! Unique names: claims at once, and the moment at which a name is free.

use super::people::{
    BYTES_MAX, all_go, assert_free, channels, login, name_of, reads, simple, small,
};
use super::person::Person;
use super::{Runtime, all_three, both};
use parlance_core::limits::Limits;
use parlance_core::protocol::dialect::Listing;
use parlance_core::protocol::{Answer, Request};
use parlance_core::registry::Registry;

/// Of two clients that claim one name at once, one gets it and the other exactly the refusal. The
/// name is free once its holder departs. [common/unique-1]
pub(crate) fn of_two_claims_of_one_name_one_wins<R: Runtime>() {
    let registry = channels(Limits::default());
    let mut ann = Person::connect(&registry, "bob");
    let mut bob = Person::connect(&registry, "bob");

    let ((mut ann, his), (mut bob, hers)) = both::<R, _, _>(
        move || {
            let answer = ann.claim();
            (ann, answer)
        },
        move || {
            let answer = bob.claim();
            (bob, answer)
        },
    );

    ann.read();
    bob.read();
    let (winner, mut loser) = if his == Answer::Named { (ann, bob) } else { (bob, ann) };
    assert!([&his, &hers].contains(&&Answer::Named) && [&his, &hers].contains(&&Answer::Refused));
    assert_eq!(winner.seen, ["OK Welcome, bob!"]);
    assert_eq!(loser.seen, ["ERROR Username taken"]);
    drop(winner);
    assert_eq!(loser.claim(), Answer::Named);
    all_go(&registry, loser);
}

/// The same with a claim that is part of a join: the loser is no member, hears nothing, and leaves
/// no room behind. [common/unique-1]
pub(crate) fn of_two_logins_under_one_name_one_is_let_in<R: Runtime>() {
    let registry = login(Limits::default());
    let mut ann = Person::connect(&registry, "bob");
    let mut bob = Person::connect(&registry, "bob");

    let ((mut ann, his), (mut bob, hers)) = both::<R, _, _>(
        move || {
            let answer = ann.enter("hall");
            (ann, answer)
        },
        move || {
            let answer = bob.enter("hall");
            (bob, answer)
        },
    );

    let (winner, loser) =
        if his == Answer::Entered { (&mut ann, &mut bob) } else { (&mut bob, &mut ann) };
    assert!([&his, &hers].contains(&&Answer::Entered) && [&his, &hers].contains(&&Answer::Refused));
    let census = registry.census();
    assert_eq!((census.rooms, census.members), (1, 1));
    assert_eq!(winner.say("1"), Answer::Published);
    winner.read();
    loser.read();
    assert_eq!(winner.seen, ["OK", "bob: 1"]);
    assert_eq!(loser.seen, ["ERR username-taken"]);
    assert_eq!(winner.depart(), Answer::Departed);
    assert_eq!(loser.enter("hall"), Answer::Entered);
    all_go(&registry, (ann, bob));
}

/// Ann and bob are in the den; `goes` is how bob ends, on another thread, with `helper`. Ann sleeps
/// until she has read of it; then a new bob gets the name at once, and she hears of him after.
/// [common/unique-2]
fn free_for_the_reader<R: Runtime, H: Send + 'static>(
    limits: Limits,
    prepare: impl FnOnce(&Registry, &mut Person, &mut Person) -> H,
    goes: impl FnOnce(Person, H) -> (Option<Person>, H) + Send + 'static,
) {
    let registry = channels(limits);
    let mut ann = Person::in_channel(&registry, "den", "ann");
    let mut bob = Person::in_channel(&registry, "den", "bob");
    let mut next = Person::connect(&registry, "bob");
    let helper = prepare(&registry, &mut ann, &mut bob);
    ann.read();

    let (gone, (mut ann, next)) = both::<R, _, _>(
        move || goes(bob, helper),
        move || {
            R::block_on(reads(&mut ann, "LEAVE den bob"));
            assert_eq!(next.claim(), Answer::Named, "ann has read that bob left");
            assert_eq!(next.enter("den"), Answer::Entered);
            (ann, next)
        },
    );

    ann.read();
    assert_eq!(
        [ann.lines("JOIN den bob"), ann.lines("LEAVE den bob")].concat().len(),
        3,
        "{:?}",
        ann.seen
    );
    assert_eq!(ann.seen.last().map(String::as_str), Some("JOIN den bob"));
    all_go(&registry, (gone, ann, next));
}

pub(crate) fn a_name_is_free_after_the_notice_that_its_holder_departed<R: Runtime>() {
    free_for_the_reader::<R, _>(
        Limits::default(),
        |_, _, _| (),
        |mut bob, ()| {
            assert_eq!(bob.depart(), Answer::Departed);
            (Some(bob), ())
        },
    );
}

/// [common/eos-5]
pub(crate) fn a_name_is_free_after_the_notice_that_its_holder_vanished<R: Runtime>() {
    free_for_the_reader::<R, _>(
        Limits::default(),
        |_, _, _| (),
        |bob, ()| {
            drop(bob);
            (None, ())
        },
    );
}

/// [common/outbox-4]
pub(crate) fn a_name_is_free_after_the_notice_that_a_line_evicted_its_holder<R: Runtime>() {
    free_for_the_reader::<R, _>(
        small(),
        |registry, ann, bob| {
            let mut cat = Person::in_channel(registry, "den", "cat");
            ann.read();
            cat.fill("den", bob, BYTES_MAX - 10);
            cat.read();
            cat
        },
        |bob, mut cat| {
            assert_eq!(cat.post("den", "now"), Answer::Published);
            assert!(bob.is_evicted());
            (Some(bob), cat)
        },
    );
}

/// [common/outbox-9]
pub(crate) fn a_name_is_free_after_the_notice_that_the_total_evicted_its_holder<R: Runtime>() {
    free_for_the_reader::<R, _>(
        Limits { total_bytes_max: 2000, ..Limits::default() },
        |registry, _, bob| {
            assert_eq!(bob.submit(Request::Reply { lines: vec![b'\n'; 1700] }), Answer::Done);
            Person::in_channel(registry, "pub", "cat")
        },
        |bob, mut cat| {
            assert_eq!(cat.post("pub", &"x".repeat(300)), Answer::Published);
            assert!(bob.is_evicted());
            (Some(bob), cat)
        },
    );
}

/// [common/outbox-8]
pub(crate) fn a_name_is_free_after_the_notice_that_its_holder_stalled<R: Runtime>() {
    free_for_the_reader::<R, _>(
        Limits::default(),
        |_, ann, bob| {
            ann.fill("den", bob, 900);
            bob.refuse_all();
        },
        |mut bob, ()| {
            bob.stall();
            (Some(bob), ())
        },
    );
}

/// [common/tell-1] [common/outbox-4]
pub(crate) fn a_name_is_free_after_the_notice_that_a_message_evicted_its_holder<R: Runtime>() {
    free_for_the_reader::<R, _>(
        small(),
        |registry, ann, bob| {
            ann.fill("den", bob, BYTES_MAX - 10);
            Person::named(registry, "cat")
        },
        |bob, mut cat| {
            assert_eq!(cat.tell("bob", "psst"), Answer::Refused);
            assert!(bob.is_evicted());
            (Some(bob), cat)
        },
    );
}

/// A client that claims the name of a departing client is refused, or its join and its lines come
/// after the notice. [common/unique-2] [common/order-1]
pub(crate) fn the_second_of_a_name_comes_after_the_first_has_left<R: Runtime>() {
    let registry = simple(Limits::default());
    let mut ann = Person::join_room(&registry, "hall", "ann");
    let first = Person::join_room(&registry, "hall", "bob");
    let mut second = Person::connect(&registry, "bob");
    ann.read();

    let ((), (mut second, answer)) = both::<R, _, _>(
        move || drop(first),
        move || {
            let answer = second.enter("hall");
            if answer == Answer::Entered {
                assert_eq!(second.say("1"), Answer::Published);
            }
            (second, answer)
        },
    );

    ann.read();
    second.read();
    if answer == Answer::Entered {
        assert_eq!(ann.seen, ["OK", "JOINED bob", "LEFT bob", "JOINED bob", "bob: 1"]);
        assert_eq!(second.seen, ["OK"]);
    } else {
        assert_eq!(ann.seen, ["OK", "JOINED bob", "LEFT bob"]);
        assert_eq!(second.seen, ["ERROR username-taken"]);
        assert_eq!(second.enter("hall"), Answer::Entered);
    }
    all_go(&registry, (ann, second));
}

/// A line evicts a member, another client joins under its name, and a third requests a list: there
/// is never more than one member of that name. [common/unique-1] [common/unique-2]
pub(crate) fn two_of_one_name_are_never_both_members<R: Runtime>() {
    let registry = login(small());
    let mut ann = Person::join_room(&registry, "hall", "ann");
    let mut first = Person::join_room(&registry, "hall", "bob");
    first.read();
    let mut cat = Person::join_room(&registry, "hall", "cat");
    ann.load(&first, BYTES_MAX - 10);
    ann.read();
    cat.read();
    let mut second = Person::connect(&registry, "bob");

    let (mut ann, second, mut cat) = all_three::<R, _, _, _>(
        move || {
            assert_eq!(ann.say("now"), Answer::Published);
            ann
        },
        move || {
            assert!(matches!(second.enter("hall"), Answer::Entered | Answer::Refused));
            second
        },
        move || {
            cat.list(Listing::Members);
            cat
        },
    );

    assert!(first.is_evicted());
    ann.read();
    cat.read();
    for person in [&ann, &cat] {
        assert_eq!(person.times("INFO bob disconnected"), 1);
        assert!(person.times("USER bob") <= 1, "{:?}", person.seen);
    }
    // The list agrees with the notice: without a notice before it, the first is listed.
    if cat.times("USER bob") == 0 {
        assert!(cat.place("INFO bob disconnected") < cat.place("USER ann"));
    }
    all_go(&registry, (ann, first, second, cat));
}

/// An eviction for the total bound meets a claim: in either order no client has the name in the
/// end. [common/unique-2] [common/outbox-9]
pub(crate) fn a_claim_by_an_evicted_client_leaves_the_name_free<R: Runtime>() {
    let registry = channels(Limits { total_bytes_max: 2000, ..Limits::default() });
    claim_while_evicted::<R>(&registry, |bob| {
        bob.claim();
    });
}

/// The same with a claim that is part of a join. [common/unique-2] [common/outbox-9]
pub(crate) fn a_login_by_an_evicted_client_leaves_no_member_and_the_name_free<R: Runtime>() {
    let registry = simple(Limits { total_bytes_max: 2000, ..Limits::default() });
    let members = registry.clone();
    claim_while_evicted::<R>(&registry, |bob| {
        bob.enter("hall");
    });
    assert_eq!(members.census().members, 0);
}

/// Bob has the largest backlog and makes `claim` while ann brings the total over its bound.
fn claim_while_evicted<R: Runtime>(
    registry: &Registry,
    claim: impl FnOnce(&mut Person) + Send + 'static,
) {
    let mut ann = Person::connect(registry, "ann");
    let mut bob = Person::connect(registry, "bob");
    let answer = |bytes: usize| Request::Reply { lines: vec![b'\n'; bytes] };
    assert_eq!(bob.submit(answer(1500)), Answer::Done);

    let (bob, ann) = both::<R, _, _>(
        move || {
            claim(&mut bob);
            bob
        },
        move || {
            assert_eq!(ann.submit(answer(500)), Answer::Done);
            ann
        },
    );

    assert!(bob.is_evicted());
    let mut next = Person::connect(registry, "bob");
    let name = name_of("bob");
    let answer = next.submit(Request::Enter { room: name_of("hall"), name });
    assert_eq!(answer, Answer::Entered, "bob was evicted, his name is free");
    all_go(registry, (ann, bob, next));
}

/// A connection ends after its handle is dropped; a client that has seen the end finds the name
/// free, even if another thread evicted its holder at the same time. [common/unique-2]
pub(crate) fn a_name_is_free_once_the_handle_of_its_holder_is_dropped<R: Runtime>() {
    let registry = channels(Limits { total_bytes_max: 2000, ..Limits::default() });
    let mut ann = Person::named(&registry, "ann");
    let mut bob = Person::named(&registry, "bob");
    let mut next = Person::connect(&registry, "bob");
    assert_eq!(bob.submit(Request::Reply { lines: vec![b'\n'; 1500] }), Answer::Done);

    let (ann, next) = both::<R, _, _>(
        move || {
            assert_eq!(ann.submit(Request::Reply { lines: vec![b'\n'; 500] }), Answer::Done);
            ann
        },
        move || {
            drop(bob);
            assert_eq!(next.claim(), Answer::Named);
            next
        },
    );

    drop(next);
    assert_free(&registry, "bob");
    all_go(&registry, ann);
}

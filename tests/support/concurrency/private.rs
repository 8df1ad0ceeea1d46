//! Private messages, while the target departs, connects or does not read.

use super::people::{BYTES_MAX, all_go, channels, login, name_of, performance, small};
use super::person::{Person, shut_down};
use super::{Runtime, both};
use parlance_core::limits::{HIGH_WATER_BYTES, Limits};
use parlance_core::protocol::{Answer, Request};
use parlance_core::registry::Registry;
use std::future::poll_fn;
use std::task::Poll;

/// The name passes from one client to another: the message reaches one of the two, once, or is
/// refused, and the reply to the sender agrees. [common/tell-1] [common/tell-4] [channels/tell-3]
pub(crate) fn a_private_message_reaches_the_holder_of_the_name_once_or_is_refused<R: Runtime>() {
    let registry = channels(Limits::default());
    let mut ann = Person::named(&registry, "ann");
    let mut first = Person::named(&registry, "bob");
    let mut second = Person::connect(&registry, "bob");

    let ((mut first, mut second), (mut ann, answer)) = both::<R, _, _>(
        move || {
            assert_eq!(first.depart(), Answer::Departed);
            assert_eq!(second.claim(), Answer::Named);
            (first, second)
        },
        move || {
            let answer = ann.tell("bob", "psst");
            (ann, answer)
        },
    );

    for person in [&mut ann, &mut first, &mut second] {
        person.read();
    }
    let line = "PRIVMSG ann psst";
    let sent = usize::from(answer == Answer::Done);
    assert_eq!(first.times(line) + second.times(line), sent);
    assert_eq!(second.place("OK Welcome, bob!"), 0, "the reply that grants the name comes first");
    let told = if sent == 1 { "OK Sent" } else { "ERROR User not found" };
    assert_eq!(ann.seen[1..], [told]);
    all_go(&registry, (ann, first, second));
}

/// No line reaches a new name before the reply that grants the name. [login/login-1]
/// [common/unique-1]
pub(crate) fn no_message_comes_before_the_answer_to_the_login<R: Runtime>() {
    let registry = login(Limits::default());
    let mut ann = Person::join_room(&registry, "hall", "ann");
    let mut bob = Person::connect(&registry, "bob");
    ann.read();

    let ((mut ann, answer), mut bob) = both::<R, _, _>(
        move || {
            let line = Ok(b"DM ann psst\n".to_vec());
            let answer = ann.submit(Request::Tell { to: name_of("bob"), line });
            (ann, answer)
        },
        move || {
            assert_eq!(bob.enter("hall"), Answer::Entered);
            bob
        },
    );

    ann.read();
    bob.read();
    if answer == Answer::Done {
        assert_eq!(bob.seen, ["OK", "DM ann psst"]);
        assert_eq!(ann.seen, ["OK"]);
    } else {
        assert_eq!(bob.seen, ["OK"]);
        assert_eq!(ann.seen, ["OK", "ERR user-not-found"]);
    }
    all_go(&registry, (ann, bob));
}

/// A private message and a line both overflow the target's outbox: there is one departure, and a
/// client that is told that there is no such user can claim the name at once.
/// [common/tell-3] [common/unique-2]
pub(crate) fn a_client_that_is_not_found_has_no_name<R: Runtime>() {
    let registry = channels(small());
    let mut ann = Person::in_channel(&registry, "den", "ann");
    let bob = Person::in_channel(&registry, "den", "bob");
    let mut cat = Person::named(&registry, "cat");
    let mut next = Person::connect(&registry, "bob");
    ann.fill("den", &bob, BYTES_MAX - 10);
    ann.read();

    let (mut ann, (mut cat, next)) = both::<R, _, _>(
        move || {
            assert_eq!(ann.post("den", "now"), Answer::Published);
            ann
        },
        move || {
            assert_eq!(cat.tell("bob", "psst"), Answer::Refused);
            assert_eq!(next.claim(), Answer::Named, "cat was told that there is no bob");
            (cat, next)
        },
    );

    ann.read();
    cat.read();
    assert!(bob.is_evicted());
    assert_eq!((ann.times("LEAVE den bob"), ann.times("ROOM den ann now")), (1, 1));
    assert_eq!(cat.seen[1..], ["ERROR User not found"]);
    all_go(&registry, (ann, bob, cat, next));
}

/// No client hears from another after the notice that it left. [common/order-1] [common/unique-2]
pub(crate) fn a_client_announced_as_gone_sends_no_private_message<R: Runtime>() {
    let registry = channels(small());
    let mut ann = Person::in_channel(&registry, "den", "ann");
    let mut bob = Person::in_channel(&registry, "den", "bob");
    ann.fill("den", &bob, BYTES_MAX - 10);
    ann.read();

    let (mut ann, (bob, answer)) = both::<R, _, _>(
        move || {
            assert_eq!(ann.post("den", "now"), Answer::Published);
            ann
        },
        move || {
            let answer = bob.tell("ann", "psst");
            (bob, answer)
        },
    );

    ann.read();
    assert!(bob.is_evicted());
    let left = ann.place("LEAVE den bob");
    match ann.times("PRIVMSG bob psst") {
        0 => assert_eq!(answer, Answer::Gone),
        _ => assert!(ann.place("PRIVMSG bob psst") < left, "{:?}", ann.seen),
    }
    all_go(&registry, (ann, bob));
}

/// A client that gets a message from the next holder of a name has read before that the former
/// holder left.
/// [common/order-1] [common/unique-2]
pub(crate) fn the_next_holder_of_a_name_sends_nothing_before_the_first_has_left<R: Runtime>() {
    let registry = channels(Limits::default());
    let mut ann = Person::in_channel(&registry, "den", "ann");
    let first = Person::in_channel(&registry, "den", "bob");
    let mut second = Person::connect(&registry, "bob");

    let ((), second) = both::<R, _, _>(
        move || drop(first),
        move || {
            if second.claim() == Answer::Named {
                assert_eq!(second.tell("ann", "psst"), Answer::Done);
            }
            second
        },
    );

    ann.read();
    let left = ann.place("LEAVE den bob");
    if ann.times("PRIVMSG bob psst") > 0 {
        assert!(left < ann.place("PRIVMSG bob psst"), "{:?}", ann.seen);
    }
    all_go(&registry, (ann, second));
}

/// A message to oneself: the line, then the reply, whatever other clients send meanwhile.
/// [channels/tell-2]
pub(crate) fn a_message_to_oneself_comes_before_its_answer<R: Runtime>() {
    let registry = channels(Limits::default());
    let mut ann = Person::named(&registry, "ann");
    let mut bob = Person::named(&registry, "bob");

    let (ann, mut bob) = both::<R, _, _>(
        move || {
            assert_eq!(ann.tell("bob", "1"), Answer::Done);
            ann
        },
        move || {
            assert_eq!(bob.tell("bob", "2"), Answer::Done);
            bob
        },
    );

    bob.read();
    assert_eq!(bob.times("PRIVMSG ann 1"), 1);
    assert_eq!(bob.seen.len(), 4);
    assert!(bob.place("PRIVMSG bob 2") < bob.place("OK Sent"));
    all_go(&registry, (ann, bob));
}

/// Ann and bob, each over the high-water mark by a private line of the other.
fn two_congested(registry: &Registry) -> (Person, Person) {
    let [mut ann, mut bob] = ["ann", "bob"].map(|name| Person::named(registry, name));
    let text = "x".repeat(HIGH_WATER_BYTES);
    assert_eq!(ann.tell("bob", &text), Answer::Done);
    let to_ann = bob.telling("ann", &text);
    assert_eq!(bob.submit(to_ann), Answer::Done);
    (ann, bob)
}

/// Two clients over the high-water mark send each other messages and wait for each other. As both
/// read, both messages arrive. [common/tell-2] [common/flow-5]
pub(crate) fn two_congested_clients_that_message_each_other_both_resume<R: Runtime>() {
    let registry = channels(Limits::default());
    let (mut ann, mut bob) = two_congested(&registry);

    let (mut ann, mut bob) = both::<R, _, _>(
        move || {
            assert_eq!(R::block_on(reading_while_held(&mut ann, "bob")), Answer::Done);
            ann.read();
            ann
        },
        move || {
            assert_eq!(R::block_on(reading_while_held(&mut bob, "ann")), Answer::Done);
            bob.read();
            bob
        },
    );

    for (person, line) in [(&mut ann, "PRIVMSG bob psst"), (&mut bob, "PRIVMSG ann psst")] {
        person.read();
        assert_eq!((person.times(line), person.times("OK Sent")), (1, 2));
    }
    all_go(&registry, (ann, bob));
}

/// Sends a message to `to`, and reads its own pending lines whenever that must wait, as a
/// connection does.
fn reading_while_held(person: &mut Person, to: &str) -> impl Future<Output = Answer> {
    let mut request = Some(person.telling(to, "psst"));
    poll_fn(move |context| {
        let again = request.take().expect("polled no more once it is ready");
        let Answer::Wait { request: again, .. } = person.submit_as(again, context.waker()) else {
            return Poll::Ready(Answer::Done);
        };
        request = Some(again);
        let mut batch = Vec::new();
        while person.take(&mut batch, context.waker()) {
            person.settle_whole(&mut batch, context.waker());
        }
        Poll::Pending
    })
}

/// Ann sends a message to bob, who is over the high-water mark, and sleeps; `release`, on another
/// thread, ends the wait, and her message has one of `outcomes`. Only bob's outbox wakes her.
/// [common/tell-2] [common/flow-5]
fn hold<R: Runtime>(
    outcomes: &'static [Answer],
    release: impl FnOnce(&Registry, Person) -> Person + Send + 'static,
) {
    let registry = channels(Limits::default());
    let mut ann = Person::named(&registry, "ann");
    let bob = Person::in_channel(&registry, "den", "bob");
    assert_eq!(ann.tell("bob", &"x".repeat(HIGH_WATER_BYTES)), Answer::Done);
    ann.read();
    let there = registry.clone();

    let (mut bob, (ann, answer)) = both::<R, _, _>(
        move || release(&there, bob),
        move || {
            let request = ann.telling("bob", "psst");
            let answer = R::block_on(performance(&mut ann, request));
            assert!(outcomes.contains(&answer), "{answer:?}");
            (ann, answer)
        },
    );

    bob.read();
    assert_eq!(bob.times("PRIVMSG ann psst"), usize::from(answer == Answer::Done));
    all_go(&registry, (ann, bob));
}

pub(crate) fn a_held_message_goes_on_when_the_target_drains<R: Runtime>() {
    hold::<R>(&[Answer::Done], |_, mut bob| {
        bob.read();
        bob
    });
}

pub(crate) fn a_held_message_goes_on_when_the_target_departs<R: Runtime>() {
    hold::<R>(&[Answer::Refused], |_, mut bob| {
        assert_eq!(bob.depart(), Answer::Departed);
        bob
    });
}

/// [common/outbox-8]
pub(crate) fn a_held_message_goes_on_when_the_target_is_evicted<R: Runtime>() {
    hold::<R>(&[Answer::Refused], |_, mut bob| {
        bob.refuse_all();
        bob.stall();
        bob
    });
}

/// Ann and cat both wait to send a message to bob. He resumes ann, and her message resumes cat, who
/// begins to sleep meanwhile. [common/flow-5] [common/tell-2]
pub(crate) fn a_held_message_resumes_the_next<R: Runtime>() {
    let registry = channels(Limits::default());
    let [mut ann, mut bob, mut cat] =
        ["ann", "bob", "cat"].map(|name| Person::named(&registry, name));
    assert_eq!(ann.tell("bob", &"x".repeat(HIGH_WATER_BYTES)), Answer::Done);
    ann.read();
    let request = ann.telling("bob", "psst");
    let Answer::Wait { request, .. } = ann.submit(request) else { panic!("bob is congested") };

    let ((ann, mut bob), cat) = both::<R, _, _>(
        move || {
            bob.read();
            assert_eq!(ann.submit(request), Answer::Done);
            (ann, bob)
        },
        move || {
            let request = cat.telling("bob", "psst");
            assert_eq!(R::block_on(performance(&mut cat, request)), Answer::Done);
            cat
        },
    );

    bob.read();
    assert_eq!((bob.times("PRIVMSG ann psst"), bob.times("PRIVMSG cat psst")), (1, 1));
    all_go(&registry, (ann, bob, cat));
}

/// If the shutdown closes one client before the other, the first is still told that there is no
/// such user. [common/shutdown-2]
pub(crate) fn a_held_message_learns_of_the_shutdown<R: Runtime>() {
    hold::<R>(&[Answer::Gone, Answer::Refused], |registry, bob| {
        shut_down(registry);
        bob
    });
}

//! Owners of a name that take it from the connection that has it, and verdicts on passwords.

use super::people::all_go;
use super::person::Person;
use super::{Runtime, both};
use parlance_core::limits::Limits;
use parlance_core::protocol::channels::Channels;
use parlance_core::protocol::{Answer, CloseReason, Fault, Name, Request, Secret};
use parlance_core::registry::{
    AccountOptions, CallContext, Effort, OutboxState, Registry, Verdict,
};
use parlance_core::time::Time;
use std::future::poll_fn;
use std::task::{Poll, Waker};

fn ann() -> Name {
    Name::new(b"ann", 20).expect("a valid name")
}

fn registry() -> Registry {
    Registry::with_accounts(&Channels, Limits::default(), None, AccountOptions::default())
}

fn log_in(person: &mut Person) -> Answer {
    let password = Secret::new(b"ann-has-it");
    person.submit(Request::LogIn { name: ann(), password })
}

/// Answers the one inquiry that there is.
fn say_yes(registry: &Registry) {
    let asked = registry.next_inquiry(Effort::Hash, Waker::noop()).expect("there is one");
    let mut call = CallContext::new(Time::ZERO, Waker::noop());
    registry.judged(asked.ticket, Verdict::Yes, &mut call);
    call.finish();
}

/// A client that has shown the password of ann: it has her name, unless another has it.
fn owner(registry: &Registry) -> Person {
    let mut person = Person::connect(registry, "ann");
    let Answer::Wait { request, .. } = log_in(&mut person) else { panic!("it is asked for") };
    say_yes(registry);
    assert!(matches!(person.submit(request), Answer::Named | Answer::Refused));
    person.read();
    person
}

fn ghost(person: &mut Person) -> Answer {
    person.submit(Request::Ghost { name: ann() })
}

fn is_open(person: &Person) -> bool {
    person.client.outbox_state() == OutboxState::Open
}

/// The first owner of the name, in a room, and a second one.
fn old_and_new() -> (Registry, Person, Person) {
    let registry = registry();
    let mut old = owner(&registry);
    assert_eq!(old.enter("den"), Answer::Entered);
    let new = owner(&registry);
    (registry, old, new)
}

/// In either order the owner has the name. [extensions/account-3]
pub(crate) fn a_ghost_that_departs_leaves_its_name_to_the_owner<R: Runtime>() {
    let (registry, mut old, mut new) = old_and_new();
    let (old, new) = both::<R, _, _>(
        move || {
            assert!(matches!(old.depart(), Answer::Departed | Answer::Gone));
            old
        },
        move || {
            assert_eq!(ghost(&mut new), Answer::Named);
            new
        },
    );
    assert!(is_open(&new) && !is_open(&old));
    all_go(&registry, (old, new));
}

/// The same where another ends it. [extensions/account-3] [common/kick-1]
pub(crate) fn a_ghost_that_is_kicked_leaves_its_name_to_the_owner<R: Runtime>() {
    let (registry, old, mut new) = old_and_new();
    let remote = old.client.remote();
    let ((), new) = both::<R, _, _>(
        move || {
            let mut call = CallContext::new(Time::ZERO, Waker::noop());
            remote.kick(CloseReason::Kicked, &Fault::Kicked(None), &mut call);
            call.finish();
        },
        move || {
            assert_eq!(ghost(&mut new), Answer::Named);
            new
        },
    );
    assert!(is_open(&new) && !is_open(&old));
    all_go(&registry, (old, new));
}

/// One of them has the name in the end. [extensions/account-3] [common/unique-1]
pub(crate) fn of_two_owners_that_take_a_name_one_has_it<R: Runtime>() {
    let (registry, old, mut new) = old_and_new();
    let mut newer = owner(&registry);
    let (new, newer) = both::<R, _, _>(
        move || (ghost(&mut new) == Answer::Named, new),
        move || (ghost(&mut newer) == Answer::Named, newer),
    );
    let have_it = [&new, &newer].into_iter().filter(|(named, person)| *named && is_open(person));
    assert_eq!(have_it.count(), 1);
    assert!(!is_open(&old));
    all_go(&registry, (old, new, newer));
}

/// Neither the wake of whoever judges nor that of the client is lost. [extensions/account-9]
pub(crate) fn a_claim_is_judged_and_its_client_goes_on<R: Runtime>() {
    let registry = registry();
    let (judge, mut person) = (registry.clone(), Person::connect(&registry, "ann"));
    let ((), person) = both::<R, _, _>(
        move || {
            let asked = R::block_on(poll_fn(|cx| {
                judge.next_inquiry(Effort::Hash, cx.waker()).map_or(Poll::Pending, Poll::Ready)
            }));
            let mut call = CallContext::new(Time::ZERO, Waker::noop());
            judge.judged(asked.ticket, Verdict::Yes, &mut call);
            call.finish();
        },
        move || {
            let password = Secret::new(b"ann-has-it");
            let mut request = Some(Request::LogIn { name: ann(), password });
            R::block_on(poll_fn(|cx| {
                let asked = request.take().expect("it comes back with each wait");
                match person.submit_as(asked, cx.waker()) {
                    Answer::Wait { request: again, .. } => {
                        request = Some(again);
                        Poll::Pending
                    }
                    answer => {
                        assert_eq!(answer, Answer::Named);
                        Poll::Ready(())
                    }
                }
            }));
            person
        },
    );
    all_go(&registry, person);
}

//! The shutdown, at the same time as other calls.

use super::person::{Bell, Person, assert_agreement, assert_deserted, service, shut_down};
use super::{Runtime, all_three, both};
use parlance_core::limits::Limits;
use parlance_core::protocol::Answer;
use parlance_core::registry::{OutboxState, Taken};
use std::sync::Arc;
use std::task::Waker;

/// The shutdown meets a publish and a join: every sleeping connection is woken and finds itself
/// closed, lines published before are still delivered, and no departure is announced.
/// [common/shutdown-1] [common/shutdown-2]
pub(crate) fn shutdown_wakes_everyone_and_announces_nobody<R: Runtime>() {
    let registry = service(Limits::default());
    let mut ann = Person::join(&registry, "ann");
    let mut bob = Person::join(&registry, "bob");
    let (ann_bell, bob_bell) = (Arc::new(Bell::default()), Arc::new(Bell::default()));
    for (person, bell) in [(&mut ann, &ann_bell), (&mut bob, &bob_bell)] {
        person.read();
        person.take(&mut Vec::new(), &Waker::from(Arc::clone(bell)));
    }
    let (there, elsewhere) = (registry.clone(), registry.clone());

    let ((), mut ann, mut cat) = all_three::<R, _, _, _>(
        move || shut_down(&there),
        move || {
            let answer = ann.say("1");
            assert!(matches!(answer, Answer::Published | Answer::Gone));
            ann
        },
        move || {
            let mut cat = Person { name: "cat", client: elsewhere.connect(), seen: Vec::new() };
            assert!(matches!(cat.enter("den"), Answer::Entered | Answer::Gone));
            cat
        },
    );

    for bell in [ann_bell, bob_bell] {
        assert!(bell.has_rung());
    }
    for person in [&mut ann, &mut cat] {
        assert_eq!(person.client.outbox_state(), OutboxState::Closed);
        person.read();
    }
    assert_eq!(ann.depart(), Answer::Departed);
    bob.read();
    assert_agreement(&ann, &bob);
    assert_agreement(&ann, &cat);
    assert_agreement(&bob, &cat);
    assert_eq!(bob.times("ann has left"), 0);
    drop((ann, bob, cat));
    assert_deserted(&registry);
}

/// Whether a client connects before or after the shutdown, it is closed, is woken if it slept, and
/// cannot keep the server from ending. [common/shutdown-2]
pub(crate) fn a_client_that_connects_during_shutdown_is_closed<R: Runtime>() {
    let registry = service(Limits::default());
    let there = registry.clone();
    let bell = Arc::new(Bell::default());
    let waker = Waker::from(Arc::clone(&bell));

    let ((), (mut ann, taken)) = both::<R, _, _>(
        move || shut_down(&there),
        || {
            let ann = Person { name: "ann", client: registry.connect(), seen: Vec::new() };
            let taken = ann.client.outlet().take(&mut Vec::new(), &waker);
            (ann, taken)
        },
    );

    assert!(taken == Taken::Nothing(OutboxState::Closed) || bell.has_rung());
    assert_eq!(ann.client.outbox_state(), OutboxState::Closed);
    assert_eq!(ann.enter("den"), Answer::Gone);
    drop(ann);
    assert_deserted(&registry);
}

/// A departure racing with the shutdown is announced before it or not at all, and frees everything
/// in either case. [common/shutdown-1]
pub(crate) fn departures_during_shutdown_leave_nothing_behind<R: Runtime>() {
    let registry = service(Limits::default());
    let ann = Person::join(&registry, "ann");
    let mut bob = Person::join(&registry, "bob");
    let there = registry.clone();

    let ((), ()) = both::<R, _, _>(move || shut_down(&there), move || drop(ann));

    bob.read();
    assert!(bob.times("ann has left") <= 1);
    assert_eq!(bob.client.outbox_state(), OutboxState::Closed);
    drop(bob);
    assert_deserted(&registry);
}

//! Kicks that race with what the client does meanwhile.

use super::people::{all_go, assert_free, channels, simple};
use super::person::Person;
use super::{Runtime, both};
use parlance_core::limits::Limits;
use parlance_core::protocol::dialect::Listing;
use parlance_core::protocol::{Answer, CloseReason, Fault};
use parlance_core::registry::{CallContext, OutboxState, Registry, Remote};
use parlance_core::time::Time;
use std::task::Waker;

/// Ends the client; false if it has ended already.
fn kick(remote: &Remote) -> bool {
    let mut call = CallContext::new(Time::ZERO, Waker::noop());
    let kicked = remote.kick(CloseReason::Kicked, &Fault::Kicked(None), &mut call);
    call.finish();
    kicked
}

/// Two members of the room "old".
fn ann_and_bob() -> (Registry, Person, Person) {
    let registry = channels(Limits::default());
    let [ann, bob] = ["ann", "bob"].map(|name| Person::in_channel(&registry, "old", name));
    (registry, ann, bob)
}

/// In either order it is announced in the old room once, and is a member of none in the end.
/// [common/kick-1] [channels/move-1]
pub(crate) fn a_mover_that_is_kicked_leaves_no_ghost<R: Runtime>() {
    let (registry, mut ann, mut bob) = ann_and_bob();
    let remote = bob.client.remote();

    let (kicked, mut bob) = both::<R, _, _>(
        move || kick(&remote),
        move || {
            assert!(matches!(bob.enter("new"), Answer::Entered | Answer::Gone));
            bob
        },
    );

    assert!(kicked && bob.client.outbox_state() == OutboxState::Closed);
    bob.read();
    assert_eq!(bob.seen.last().map(String::as_str), Some("ERROR Kicked"));
    ann.read();
    assert_eq!(ann.times("LEAVE old bob"), 1, "{:?}", ann.seen);
    assert_eq!(ann.list(Listing::Rooms), "ROOMLIST old");
    assert_free(&registry, "bob");
    all_go(&registry, (ann, bob));
}

/// In either order no client has the name in the end. [common/kick-1] [common/unique-2]
pub(crate) fn a_claim_by_a_kicked_client_leaves_the_name_free<R: Runtime>() {
    let registry = channels(Limits::default());
    let mut bob = Person::connect(&registry, "bob");
    let remote = bob.client.remote();

    let (kicked, bob) = both::<R, _, _>(
        move || kick(&remote),
        move || {
            assert!(matches!(bob.claim(), Answer::Named | Answer::Gone));
            bob
        },
    );

    assert!(kicked);
    assert_free(&registry, "bob");
    all_go(&registry, bob);
}

/// The same with a claim that is part of a join. [common/kick-1] [common/unique-2]
pub(crate) fn a_login_by_a_kicked_client_leaves_no_member_and_the_name_free<R: Runtime>() {
    let registry = simple(Limits::default());
    let mut bob = Person::connect(&registry, "bob");
    let remote = bob.client.remote();

    let (kicked, bob) = both::<R, _, _>(
        move || kick(&remote),
        move || {
            assert!(matches!(bob.enter("hall"), Answer::Entered | Answer::Gone));
            bob
        },
    );

    assert!(kicked);
    assert_eq!(registry.census().members, 0);
    let mut next = Person::connect(&registry, "bob");
    assert_eq!(next.enter("hall"), Answer::Entered);
    all_go(&registry, (bob, next));
}

/// Whichever comes first, there is one notice and one last line. [common/kick-1] [common/kick-2]
pub(crate) fn a_departure_that_meets_a_kick_is_announced_once<R: Runtime>() {
    let (registry, mut ann, mut bob) = ann_and_bob();
    let remote = bob.client.remote();

    let (kicked, mut bob) = both::<R, _, _>(
        move || kick(&remote),
        move || {
            assert_eq!(bob.depart(), Answer::Departed);
            bob
        },
    );

    bob.read();
    assert_eq!(bob.times("ERROR Kicked"), usize::from(kicked), "{:?}", bob.seen);
    ann.read();
    assert_eq!(ann.times("LEAVE old bob"), 1, "{:?}", ann.seen);
    assert_free(&registry, "bob");
    all_go(&registry, (ann, bob));
}

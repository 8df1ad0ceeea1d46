//! Sleepers: a connection with nothing to write, one whose socket takes no more, and a held sender.
//! The call that ends the wait must wake them.

use super::people::performance;
use super::person::{Bell, Person, assert_deserted, service, shut_down};
use super::{Runtime, both};
use parlance_core::limits::{HIGH_WATER_BYTES, Limits};
use parlance_core::protocol::{Answer, Request};
use parlance_core::registry::{CallContext, Client, Entry, OutboxState, Registry};
use parlance_core::time::Time;
use std::future::poll_fn;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Weak};
use std::task::{Poll, Wake, Waker};

/// A writer that sleeps whenever nothing is pending, and whose socket takes the first line in two
/// parts, writes every line. [common/order-1]
pub(crate) fn a_line_wakes_a_sleeping_writer<R: Runtime>() {
    let registry = service(Limits::default());
    let mut ann = Person::join(&registry, "ann");
    let mut bob = Person::join(&registry, "bob");
    bob.read();

    let (ann, mut bob) = both::<R, _, _>(
        move || {
            assert_eq!(ann.say("1"), Answer::Published);
            assert_eq!(ann.say("2"), Answer::Published);
            ann
        },
        move || {
            let written = R::block_on(writer(&bob, b"ann: 1\nann: 2\n".len()));
            bob.remember(&written);
            bob
        },
    );

    assert_eq!(bob.seen, ["bob has joined", "ann: 1", "ann: 2"]);
    bob.read();
    assert_eq!(bob.seen.len(), 3);
    drop((ann, bob));
    assert_deserted(&registry);
}

/// Writes the pending lines of `person` until `goal` bytes are written.
fn writer(person: &Person, goal: usize) -> impl Future<Output = Vec<u8>> {
    let mut written = Vec::new();
    let mut batch = Vec::new();
    poll_fn(move |context| {
        while written.len() < goal {
            if !person.take(&mut batch, context.waker()) {
                return Poll::Pending;
            }
            let queued: usize = batch.iter().map(|entry| entry.bytes().len()).sum();
            let accepted = if written.is_empty() { queued - 3 } else { queued };
            let bytes = batch.iter().flat_map(Entry::bytes).copied();
            written.extend(bytes.take(accepted));
            person.settle(&mut batch, accepted, accepted < queued, context.waker());
        }
        Poll::Ready(std::mem::take(&mut written))
    })
}

/// A connection whose socket takes no more looks at its outbox state before it sleeps, and is woken
/// by an eviction without the socket. [common/outbox-4] [common/close-3]
pub(crate) fn a_refused_writer_learns_of_its_eviction<R: Runtime>() {
    let registry = service(Limits { outbox_bytes_max: 1000, ..Limits::default() });
    let mut ann = Person::join(&registry, "ann");
    let bob = Person::join(&registry, "bob");
    ann.read();
    ann.load(&bob, 990);
    ann.read();

    let (ann, bob) = both::<R, _, _>(
        move || {
            assert_eq!(ann.say("now"), Answer::Published);
            ann
        },
        move || {
            assert_eq!(R::block_on(refused_writer(&bob.client)), OutboxState::Evicted);
            bob
        },
    );

    drop((ann, bob));
    assert_deserted(&registry);
}

/// The same for a connection that the shutdown closes. [common/shutdown-2]
pub(crate) fn a_refused_writer_learns_of_the_shutdown<R: Runtime>() {
    let registry = service(Limits::default());
    let ann = Person::join(&registry, "ann");
    let there = registry.clone();

    let ((), ann) = both::<R, _, _>(
        move || shut_down(&there),
        move || {
            assert_eq!(R::block_on(refused_writer(&ann.client)), OutboxState::Closed);
            ann
        },
    );

    drop(ann);
    assert_deserted(&registry);
}

/// Offers the pending lines once, to a socket that takes nothing, and sleeps until `client` is not
/// open.
fn refused_writer(client: &Client) -> impl Future<Output = OutboxState> {
    let mut offered = false;
    poll_fn(move |context| {
        if !offered {
            offered = true;
            let mut batch = Vec::new();
            client.outlet().take(&mut batch, context.waker());
            let mut call = CallContext::new(Time::ZERO, context.waker());
            client.outlet().settle(&mut batch, 0, true, &mut call);
        }
        match client.outbox_state() {
            OutboxState::Open => Poll::Pending,
            outbox_state => Poll::Ready(outbox_state),
        }
    })
}

/// [common/flow-5]
pub(crate) fn a_held_sender_goes_on_when_the_recipient_drains<R: Runtime>() {
    hold::<R>(&[Answer::Published], |_, mut bob| {
        bob.read();
        Some(bob)
    });
}

/// [common/flow-5]
pub(crate) fn a_held_sender_goes_on_when_the_recipient_departs<R: Runtime>() {
    hold::<R>(&[Answer::Published], |_, mut bob| {
        assert_eq!(bob.depart(), Answer::Departed);
        Some(bob)
    });
}

/// [common/flow-5] [common/eos-5]
pub(crate) fn a_held_sender_goes_on_when_the_recipient_vanishes<R: Runtime>() {
    hold::<R>(&[Answer::Published], |_, bob| {
        drop(bob);
        None
    });
}

/// [common/flow-5] [common/outbox-8]
pub(crate) fn a_held_sender_goes_on_when_the_recipient_is_evicted<R: Runtime>() {
    hold::<R>(&[Answer::Published], |_, mut bob| {
        let mut call = CallContext::new(Time::ZERO + Limits::default().stall, Waker::noop());
        bob.client.expire(&mut call);
        call.finish();
        assert!(bob.is_evicted());
        Some(bob)
    });
}

/// If the shutdown comes between Ann's last look at her state and her line, the line counts as
/// published, but no client takes it. [common/shutdown-2]
pub(crate) fn a_held_sender_learns_of_the_shutdown<R: Runtime>() {
    hold::<R>(&[Answer::Gone, Answer::Published], |registry, bob| {
        shut_down(registry);
        Some(bob)
    });
}

/// A room in which `bob` is congested and has refused bytes since the origin of time.
fn congested(registry: &Registry) -> (Person, Person) {
    let mut ann = Person::join(registry, "ann");
    let bob = Person::join(registry, "bob");
    ann.load(&bob, HIGH_WATER_BYTES);
    ann.read();
    assert_eq!(ann.say("!"), Answer::Published, "at the high-water mark no sender is held");
    ann.read();
    assert!(bob.client.charge() > HIGH_WATER_BYTES);
    let mut batch = Vec::new();
    bob.take(&mut batch, Waker::noop());
    bob.settle(&mut batch, 0, true, Waker::noop());
    (ann, bob)
}

/// Ann publishes and sleeps while she is held for bob; `release`, on another thread, ends that, and
/// then her publish has one of `outcomes`. Only bob's outbox wakes her. [common/flow-1]
fn hold<R: Runtime>(
    outcomes: &'static [Answer],
    release: impl FnOnce(&Registry, Person) -> Option<Person> + Send + 'static,
) {
    let registry = service(Limits::default());
    let (mut ann, bob) = congested(&registry);
    let there = registry.clone();

    let (bob, ann) = both::<R, _, _>(
        move || release(&there, bob),
        move || {
            let request = ann.saying("at last");
            let answer = R::block_on(performance(&mut ann, request));
            assert!(outcomes.contains(&answer), "{answer:?}");
            ann
        },
    );

    drop((ann, bob));
    assert_deserted(&registry);
}

/// Two senders are held for the same member. The member resumes the one that came first; the `end`
/// of its wait resumes the other, which begins to sleep meanwhile. [common/flow-5]
fn two_held<R: Runtime>(end: impl FnOnce(Person, Request) -> Option<Person> + Send + 'static) {
    let registry = service(Limits::default());
    let (mut ann, mut bob) = congested(&registry);
    let mut cat = Person::join(&registry, "cat");
    let cat_bell = Arc::new(Bell::default());
    let request = cat.saying("at last");
    let answer = cat.submit_as(request, &Waker::from(Arc::clone(&cat_bell)));
    let Answer::Wait { request, .. } = answer else { panic!("{answer:?}") };

    let ((mut bob, cat), mut ann) = both::<R, _, _>(
        move || {
            bob.read();
            assert!(cat_bell.has_rung());
            (bob, end(cat, request))
        },
        move || {
            let request = ann.saying("at last");
            assert_eq!(R::block_on(performance(&mut ann, request)), Answer::Published);
            ann
        },
    );

    ann.read();
    bob.read();
    bob.assert_saw_its_part(&ann);
    drop((ann, bob, cat));
    assert_deserted(&registry);
}

pub(crate) fn a_held_sender_that_was_heard_resumes_the_next<R: Runtime>() {
    two_held::<R>(|mut cat, request| {
        assert_eq!(cat.submit(request), Answer::Published);
        Some(cat)
    });
}

pub(crate) fn a_held_sender_that_departs_resumes_the_next<R: Runtime>() {
    two_held::<R>(|cat, _| {
        drop(cat);
        None
    });
}

/// A waker that uses the registry from inside, as the waker of an executor that polls at once
/// would.
struct Busybody {
    registry: Registry,
    client: Weak<Client>,
    woken: AtomicUsize,
}

impl Wake for Busybody {
    fn wake(self: Arc<Self>) {
        let census = self.registry.census();
        assert!(census.members <= 3);
        if let Some(client) = self.client.upgrade() {
            client.outbox_state();
            let mut batch = Vec::new();
            client.outlet().take(&mut batch, Waker::noop());
            let bytes = batch.iter().map(|entry| entry.bytes().len()).sum();
            let mut call = CallContext::new(Time::ZERO, Waker::noop());
            client.outlet().settle(&mut batch, bytes, false, &mut call);
        }
        self.woken.fetch_add(1, Ordering::Relaxed);
    }
}

/// No lock is held while wakers are called: after a line, a departure, an eviction and the
/// shutdown.
pub(crate) fn wakers_may_call_the_registry<R: Runtime>() {
    let limits = Limits { outbox_bytes_max: 1000, ..Limits::default() };
    let registry = service(limits);
    let mut ann = Person::join(&registry, "ann");
    let mut bob = Person::join(&registry, "bob");
    bob.read();
    let bob = Arc::new(bob.client);
    let busybody = Arc::new(Busybody {
        registry: registry.clone(),
        client: Arc::downgrade(&bob),
        woken: AtomicUsize::new(0),
    });
    bob.outlet().take(&mut Vec::new(), &Waker::from(Arc::clone(&busybody)));
    let there = registry.clone();

    let (ann, ()) = both::<R, _, _>(
        move || {
            ann.say("1");
            ann.depart();
            ann
        },
        || shut_down(&there),
    );

    assert!(busybody.woken.load(Ordering::Relaxed) >= 1);
    drop((ann, bob));
    assert_deserted(&registry);
}

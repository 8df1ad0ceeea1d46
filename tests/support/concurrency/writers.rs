//! Writers: the task of a sender writes the lines of an idle client, and the client's own task may
//! write at the same time.

use super::people::{simple, small};
use super::person::{Bell, Person, assert_deserted, service, shut_down};
use super::{Runtime, both};
use parlance_core::limits::Limits;
use parlance_core::protocol::{Answer, Request};
use parlance_core::registry::{CallContext, Client, Entry, OutboxState, Outlet, Registry, Taken};
use parlance_core::time::Time;
use std::future::poll_fn;
use std::sync::{Arc, Mutex};
use std::task::{Poll, Wake, Waker};

/// The bytes written to one client, and the progress of the writes.
struct Pen {
    outlet: Outlet,
    paper: Mutex<Vec<u8>>,
    /// The reasons to wake the task.
    left_to_task: Mutex<Vec<Taken>>,
}

impl Pen {
    fn of(client: &Client) -> Arc<Pen> {
        let (paper, left_to_task) = Default::default();
        Arc::new(Pen { outlet: client.outlet(), paper, left_to_task })
    }

    /// Writes the pending entries, in writes of up to `bytes_max` bytes, until none is left, and
    /// returns the last result.
    fn write(self: &Arc<Self>, bytes_max: usize) -> Taken {
        let own = Waker::from(Arc::clone(self));
        let mut batch = Vec::new();
        loop {
            let taken = self.outlet.take(&mut batch, &own);
            if taken != Taken::Batch {
                return taken;
            }
            // Before it is on paper, for that is when another would be too early.
            let second = self.outlet.take(&mut Vec::new(), &own);
            assert!(matches!(second, Taken::Elsewhere(_)), "two batches are out at a time");
            let bytes: Vec<u8> = batch.iter().flat_map(Entry::bytes).copied().collect();
            let accepted = bytes.len().min(bytes_max);
            self.paper.lock().unwrap().extend_from_slice(&bytes[..accepted]);
            let mut call = CallContext::new(Time::ZERO, &own);
            if !self.outlet.settle(&mut batch, accepted, false, &mut call) {
                return Taken::Nothing(OutboxState::Open);
            }
        }
    }

    fn written(&self) -> String {
        String::from_utf8(self.paper.lock().unwrap().clone()).expect("everyone speaks ASCII")
    }
}

/// As in the shell: waking the waker of an idle client writes at once.
impl Wake for Pen {
    fn wake(self: Arc<Self>) {
        match self.write(usize::MAX) {
            Taken::Nothing(OutboxState::Open) | Taken::Elsewhere(_) => {}
            left => self.left_to_task.lock().unwrap().push(left),
        }
    }
}

/// Two lines to a client whose own task looks at its outbox meanwhile, in small pieces: each is
/// written once, in order, and none stays pending, whichever thread is first. [common/order-1]
pub(crate) fn a_line_is_written_once_by_either_writer<R: Runtime>() {
    let registry = service(Limits::default());
    let mut ann = Person::join(&registry, "ann");
    let bob = Person::join(&registry, "bob");
    let pen = Pen::of(&bob.client);
    assert_eq!(pen.write(usize::MAX), Taken::Nothing(OutboxState::Open));

    let own = Arc::clone(&pen);
    let (ann, _) = both::<R, _, _>(
        move || {
            assert_eq!(ann.say("1"), Answer::Published);
            assert_eq!(ann.say("2"), Answer::Published);
            ann
        },
        move || own.write(5),
    );

    assert_eq!(pen.written(), "bob has joined\nann: 1\nann: 2\n");
    assert_eq!(bob.client.charge(), 0);
    assert!(pen.left_to_task.lock().unwrap().is_empty());
    drop((ann, bob));
    assert_deserted(&registry);
}

/// A client departs while others write to it: its farewell is written last. If its own task found
/// another writer at work, that writer wakes the task, which finds the client closed.
/// [common/eos-4] [rooms/error-3]
pub(crate) fn a_farewell_is_written_last_by_either_writer<R: Runtime>() {
    let registry = service(Limits::default());
    let mut ann = Person::join(&registry, "ann");
    let mut bob = Person::join(&registry, "bob");
    let pen = Pen::of(&bob.client);
    assert_eq!(pen.write(usize::MAX), Taken::Nothing(OutboxState::Open));

    let own = Arc::clone(&pen);
    let (ann, (bob, seen)) = both::<R, _, _>(
        move || {
            assert_eq!(ann.say("1"), Answer::Published);
            ann
        },
        move || {
            let farewell = Request::Depart { farewell: b"ERROR\n".to_vec() };
            assert_eq!(bob.submit(farewell), Answer::Departed);
            (bob, own.write(5))
        },
    );

    let written = pen.written();
    let lines = written.strip_prefix("bob has joined\n").expect("what was written before");
    assert!(["ERROR\n", "ann: 1\nERROR\n"].contains(&lines), "{lines}");
    let closed = Taken::Nothing(OutboxState::Closed);
    assert!(seen == closed || pen.left_to_task.lock().unwrap().contains(&closed), "{seen:?}");
    drop((ann, bob));
    assert_deserted(&registry);
}

/// A slow consumer whose batch is out while a line comes that it has no place for, or has one again
/// once a part of the batch is written.
fn at_work(limits: Limits) -> (Registry, Person, Person, Vec<Entry>) {
    let registry = service(limits);
    let mut ann = Person::join(&registry, "ann");
    let bob = Person::join(&registry, "bob");
    ann.read();
    ann.load(&bob, 990);
    ann.read();
    let mut batch = Vec::new();
    assert!(bob.take(&mut batch, Waker::noop()));
    (registry, ann, bob, batch)
}

/// Settles and takes until there is nothing to write; returns what was written and the last answer.
/// The first write ends in the middle of a line.
fn writes_on(bob: &Person, batch: &mut Vec<Entry>, waker: &Waker) -> (Vec<u8>, OutboxState) {
    let mut written = Vec::new();
    loop {
        let bytes: Vec<u8> = batch.iter().flat_map(Entry::bytes).copied().collect();
        let first = if written.is_empty() { "bob has joined\nann".len() } else { bytes.len() };
        let accepted = first.min(bytes.len());
        written.extend(&bytes[..accepted]);
        let mut call = CallContext::new(Time::ZERO, waker);
        let more = bob.client.outlet().settle(batch, accepted, false, &mut call);
        call.finish();
        if !more {
            return (written, OutboxState::Open);
        }
        match bob.client.outlet().take(batch, waker) {
            Taken::Batch => {}
            Taken::Nothing(state) => return (written, state),
            Taken::Elsewhere(_) => panic!("no other writes to bob"),
        }
    }
}

/// A writer that has a batch when its client is evicted gives it back, takes again, and is told so;
/// nothing of the batch comes back, then or later. If it gave the batch back before, it goes on in
/// the middle of the line, and is woken by an eviction. [common/outbox-4] [common/close-3]
pub(crate) fn a_writer_whose_client_is_evicted_takes_nothing_more<R: Runtime>() {
    let (registry, mut ann, bob, mut batch) = at_work(small());
    let bell = Arc::new(Bell::default());
    let waker = Waker::from(Arc::clone(&bell));

    let (mut ann, (mut bob, written, last)) = both::<R, _, _>(
        move || {
            assert_eq!(ann.say("now"), Answer::Published);
            ann
        },
        move || {
            let (written, last) = writes_on(&bob, &mut batch, &waker);
            assert!(batch.is_empty(), "{last:?}");
            (bob, written, last)
        },
    );

    let mut batch = Vec::new();
    let again = bob.client.outlet().take(&mut batch, Waker::noop());
    if bob.is_evicted() {
        assert_eq!((again, batch.len()), (Taken::Nothing(OutboxState::Evicted), 0));
        assert!(last == OutboxState::Evicted || bell.has_rung(), "nobody tells the writer");
        let begun = written.strip_prefix(b"bob has joined\nann".as_slice());
        assert!(begun.is_some_and(|rest| !rest.ends_with(b"now\n")), "{written:?}");
    } else {
        assert_eq!(last, OutboxState::Open);
        match again {
            Taken::Batch => {
                let rest = batch.iter().flat_map(Entry::bytes).copied().collect::<Vec<_>>();
                assert!(bell.has_rung(), "the line came after the last look");
                bob.settle(&mut batch, rest.len(), false, Waker::noop());
                bob.remember(&[written, rest].concat());
            }
            _ => bob.remember(&written),
        }
        ann.read();
        assert_eq!(bob.seen.last().map(String::as_str), Some("ann: now"));
        bob.assert_saw_its_part(&ann);
    }
    drop((ann, bob));
    assert_deserted(&registry);
}

/// A client that is shut down while its batch is out: the writer goes on with the rest of it, then
/// writes what was said before the shutdown, and only then is told of it. It sleeps where nothing
/// is pending, so a lost wake-up is noticed. [common/shutdown-2] [common/eos-4]
pub(crate) fn a_writer_at_work_during_the_shutdown_writes_the_rest<R: Runtime>() {
    let (registry, mut ann, mut bob, batch) = at_work(Limits::default());
    let there = registry.clone();

    let (ann, mut bob) = both::<R, _, _>(
        move || {
            assert_eq!(ann.say("last"), Answer::Published);
            shut_down(&there);
            ann
        },
        move || {
            let mut batch = Some(batch);
            let mut written = Vec::new();
            let writing = poll_fn(|context| {
                let mut batch = batch.take().unwrap_or_default();
                if batch.is_empty() {
                    match bob.client.outlet().take(&mut batch, context.waker()) {
                        Taken::Batch => {}
                        Taken::Nothing(OutboxState::Open) => return Poll::Pending,
                        taken => return Poll::Ready(taken),
                    }
                }
                let (part, last) = writes_on(&bob, &mut batch, context.waker());
                written.extend(part);
                match last {
                    OutboxState::Open => Poll::Pending,
                    last => Poll::Ready(Taken::Nothing(last)),
                }
            });
            assert_eq!(R::block_on(writing), Taken::Nothing(OutboxState::Closed));
            bob.remember(&written);
            bob
        },
    );

    assert_eq!(bob.seen[2..], ["ann: last"], "after its join and the long line");
    assert_eq!(bob.client.charge(), 0);
    bob.read();
    assert_eq!(bob.seen.len(), 3);
    drop((ann, bob));
    assert_deserted(&registry);
}

/// A client is evicted while the task of a sender writes to it, or its own task does: one of them
/// finds that out with its next look, and neither writes more. [common/outbox-4] [common/close-3]
pub(crate) fn one_of_two_writers_learns_of_the_eviction<R: Runtime>() {
    let registry = simple(small());
    let [mut ann, mut cat, bob] =
        ["ann", "cat", "bob"].map(|name| Person::join_room(&registry, "hall", name));
    ann.read();
    cat.read();
    let pen = Pen::of(&bob.client);
    assert_eq!(pen.write(usize::MAX), Taken::Nothing(OutboxState::Open));

    let (ann, cat) = both::<R, _, _>(
        move || {
            assert_eq!(ann.say(&"x".repeat(800)), Answer::Published);
            ann
        },
        move || {
            assert_eq!(cat.say(&"y".repeat(100)), Answer::Published);
            cat
        },
    );

    let evicted = Taken::Nothing(OutboxState::Evicted);
    let told = pen.left_to_task.lock().unwrap().contains(&evicted);
    assert_eq!(told, bob.is_evicted());
    let before = pen.written();
    if bob.is_evicted() {
        assert_eq!(pen.write(usize::MAX), evicted, "and whoever looks again");
    }
    assert_eq!(pen.written(), before, "nothing is left to write");
    drop((ann, bob, cat));
    assert_deserted(&registry);
}

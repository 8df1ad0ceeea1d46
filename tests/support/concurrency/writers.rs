//! Writers: the task of a sender writes the lines of an idle client, and the client's own task may
//! write at the same time.

use super::person::{Person, assert_deserted, service};
use super::{Runtime, both};
use parlance_core::limits::Limits;
use parlance_core::protocol::{Answer, Request};
use parlance_core::registry::{CallContext, Client, Entry, OutboxState, Outlet, Taken};
use parlance_core::time::Time;
use std::sync::{Arc, Mutex};
use std::task::{Wake, Waker};

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

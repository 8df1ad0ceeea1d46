//! A client that remembers its lines, and the properties of what it remembers.

use parlance_core::limits::{ENTRY_BYTES, Limits};
use parlance_core::protocol::{Answer, Name, Request, rooms::Rooms};
use parlance_core::registry::{CallContext, Census, Client, Entry, OutboxState, Registry};
use parlance_core::time::Time;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Wake, Waker};

/// Bytes remembered of each line; scenarios of 60 KiB lines are about their size only.
const REMEMBERED_BYTES: usize = 48;

pub(crate) fn service(limits: Limits) -> Registry {
    Registry::new(&Rooms, limits)
}

/// All clients have departed, and nothing is left of them.
pub(crate) fn assert_deserted(registry: &Registry) {
    assert_eq!(registry.census(), Census::default());
}

pub(crate) fn shut_down(registry: &Registry) {
    let mut call = CallContext::new(Time::ZERO, Waker::noop());
    registry.shutdown(&mut call);
    call.finish();
}

/// A waker that only remembers whether it was called.
#[derive(Default)]
pub(crate) struct Bell(AtomicBool);

impl Bell {
    pub(crate) fn has_rung(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// One client, and the lines it was sent so far.
pub(crate) struct Person {
    pub(crate) name: &'static str,
    pub(crate) client: Client,
    pub(crate) seen: Vec<String>,
}

impl Person {
    /// A new client that joins the room "den".
    pub(crate) fn join(registry: &Registry, name: &'static str) -> Person {
        Person::join_room(registry, "den", name)
    }

    pub(crate) fn join_room(registry: &Registry, room: &str, name: &'static str) -> Person {
        let mut person = Person { name, client: registry.connect(), seen: Vec::new() };
        assert_eq!(person.enter(room), Answer::Entered);
        person
    }

    pub(crate) fn enter(&mut self, room: &str) -> Answer {
        let room = Name::new(room.as_bytes(), 20).expect("a valid name");
        let name = Name::new(self.name.as_bytes(), 20).expect("a valid name");
        self.submit(Request::Enter { room, name })
    }

    pub(crate) fn say(&mut self, text: &str) -> Answer {
        let request = self.saying(text);
        self.submit(request)
    }

    /// The request that publishes `text`.
    pub(crate) fn saying(&self, text: &str) -> Request {
        Request::Publish { lines: format!("{}: {text}\n", self.name).into_bytes() }
    }

    pub(crate) fn depart(&mut self) -> Answer {
        self.submit(Request::Depart { farewell: Vec::new() })
    }

    pub(crate) fn submit(&mut self, request: Request) -> Answer {
        self.submit_as(request, Waker::noop())
    }

    /// Submits `request` for the task that `caller` wakes, and wakes the tasks collected.
    pub(crate) fn submit_as(&mut self, request: Request, caller: &Waker) -> Answer {
        let mut call = CallContext::new(Time::ZERO, caller);
        let answer = self.client.submit(request, &mut call);
        call.finish();
        answer
    }

    /// Reads all pending lines, and leaves no task to be woken.
    pub(crate) fn read(&mut self) {
        let mut batch = Vec::new();
        while self.take(&mut batch, Waker::noop()) {
            self.settle_whole(&mut batch, Waker::noop());
        }
    }

    /// Takes the pending entries; false if there is none, and then `caller` will be woken.
    pub(crate) fn take(&self, batch: &mut Vec<Entry>, caller: &Waker) -> bool {
        self.client.outlet().take(batch, caller);
        !batch.is_empty()
    }

    /// Accepts the whole batch and remembers its lines.
    pub(crate) fn settle_whole(&mut self, batch: &mut Vec<Entry>, caller: &Waker) {
        let bytes: usize = batch.iter().map(|entry| entry.bytes().len()).sum();
        for entry in batch.iter() {
            self.remember(entry.bytes());
        }
        self.settle(batch, bytes, false, caller);
    }

    pub(crate) fn settle(
        &self,
        batch: &mut Vec<Entry>,
        accepted: usize,
        refused: bool,
        caller: &Waker,
    ) {
        let mut call = CallContext::new(Time::ZERO, caller);
        self.client.outlet().settle(batch, accepted, refused, &mut call);
        call.finish();
    }

    /// Remembers the whole lines in `bytes`.
    pub(crate) fn remember(&mut self, bytes: &[u8]) {
        assert_eq!(bytes.last(), Some(&b'\n'), "whole lines");
        for line in std::str::from_utf8(bytes).expect("everyone speaks ASCII").lines() {
            self.seen.push(line[..line.len().min(REMEMBERED_BYTES)].to_owned());
        }
    }

    /// Publishes one line that brings the charge of the silent `reader` to exactly `charge`.
    pub(crate) fn load(&mut self, reader: &Person, charge: usize) {
        let around = self.name.len() + ": \n".len() + ENTRY_BYTES;
        let text = "x".repeat(charge - reader.client.charge() - around);
        assert_eq!(self.say(&text), Answer::Published);
        assert_eq!(reader.client.charge(), charge);
    }

    pub(crate) fn is_evicted(&self) -> bool {
        self.client.outbox_state() == OutboxState::Evicted
    }

    /// How often this person saw `line`.
    pub(crate) fn times(&self, line: &str) -> usize {
        self.seen.iter().filter(|seen| *seen == line).count()
    }

    /// Since joining, this person saw the events `expected`, each once, in whatever order.
    pub(crate) fn assert_saw_once(&self, expected: &[&str]) {
        let mut seen: Vec<_> = self.seen.iter().map(String::as_str).collect();
        let mut expected = expected.to_vec();
        seen.sort_unstable();
        expected.sort_unstable();
        assert_eq!(seen, expected, "what {} saw", self.name);
    }

    /// This person saw exactly its part of the order. `witness` was there all the time and has seen
    /// the whole order. [common/order-1] [common/order-2] [common/eos-6]
    pub(crate) fn assert_saw_its_part(&self, witness: &Person) {
        assert_eq!(self.seen, self.part(witness), "what {} saw", self.name);
    }

    /// The same for an evicted client: the beginning of its part. [common/close-3]
    pub(crate) fn assert_saw_the_beginning_of_its_part(&self, witness: &Person) {
        assert!(
            self.part(witness).starts_with(&self.seen),
            "{} saw {:?} of {:?}",
            self.name,
            self.seen,
            witness.seen
        );
    }

    /// The events of `witness` from this person's join to before its departure.
    fn part<'witness>(&self, witness: &'witness Person) -> &'witness [String] {
        let (joined, left) =
            (format!("{} has joined", self.name), format!("{} has left", self.name));
        let whole = &witness.seen;
        let from = whole.iter().position(|line| *line == joined).expect("its join is announced");
        let to = whole.iter().position(|line| *line == left).unwrap_or(whole.len());
        &whole[from..to]
    }
}

/// The lines that both saw, both saw in the same order.
pub(crate) fn assert_agreement(a: &Person, b: &Person) {
    let common = |one: &Person, other: &Person| -> Vec<String> {
        one.seen.iter().filter(|line| other.seen.contains(line)).cloned().collect()
    };
    assert_eq!(common(a, b), common(b, a), "{} and {}", a.name, b.name);
}

//! Clients of the dialects other than rooms, and how they wait for each other.

use super::person::{Person, assert_deserted};
use parlance_core::limits::{ENTRY_BYTES, Limits};
use parlance_core::protocol::channels::Channels;
use parlance_core::protocol::dialect::{Dialect, Listing};
use parlance_core::protocol::lobby::Lobby;
use parlance_core::protocol::login::Login;
use parlance_core::protocol::simple::Simple;
use parlance_core::protocol::{Answer, Name, Request};
use parlance_core::registry::{CallContext, OutboxState, Registry};
use parlance_core::time::Time;
use std::future::poll_fn;
use std::task::{Context, Poll, Waker};

/// The bound of one outbox in scenarios in which a line evicts a client.
pub(crate) const BYTES_MAX: usize = 1000;

pub(crate) fn channels(limits: Limits) -> Registry {
    Registry::new(&Channels, limits)
}

pub(crate) fn lobby(limits: Limits) -> Registry {
    Registry::new(&Lobby, limits)
}

pub(crate) fn login(limits: Limits) -> Registry {
    Registry::new(&Login, limits)
}

pub(crate) fn simple(limits: Limits) -> Registry {
    Registry::new(&Simple, limits)
}

/// Outboxes of [`BYTES_MAX`] bytes.
pub(crate) fn small() -> Limits {
    Limits { outbox_bytes_max: BYTES_MAX, ..Limits::default() }
}

pub(crate) fn name_of(text: &str) -> Name {
    Name::new(text.as_bytes(), 20).expect("a valid name")
}

impl Person {
    /// A new client that has said nothing yet.
    pub(crate) fn connect(registry: &Registry, name: &'static str) -> Person {
        Person { name, client: registry.connect(), seen: Vec::new() }
    }

    /// A client of the channels dialect under its name, in no room, that has read its welcome.
    pub(crate) fn named(registry: &Registry, name: &'static str) -> Person {
        let mut person = Person::connect(registry, name);
        assert_eq!(person.claim(), Answer::Named);
        person.read();
        person
    }

    /// A client of the channels dialect in `room`, that has read the reply to its join.
    pub(crate) fn in_channel(registry: &Registry, room: &str, name: &'static str) -> Person {
        let mut person = Person::named(registry, name);
        assert_eq!(person.enter(room), Answer::Entered);
        person.read();
        person
    }

    /// Asks for its name, as `USERNAME` does.
    pub(crate) fn claim(&mut self) -> Answer {
        let name = name_of(self.name);
        self.submit(Request::Name { name })
    }

    pub(crate) fn leave(&mut self) -> Answer {
        self.submit(Request::Leave)
    }

    /// Says `text` in `room` of the channels dialect.
    pub(crate) fn post(&mut self, room: &str, text: &str) -> Answer {
        let mut lines = Vec::new();
        Channels.said(&name_of(room), &name_of(self.name), text.as_bytes(), &mut lines);
        self.submit(Request::Publish { lines })
    }

    /// Posts one line that brings the charge of the silent `reader` to exactly `charge`.
    pub(crate) fn fill(&mut self, room: &str, reader: &Person, charge: usize) {
        self.read(); // it hears itself, and must not be evicted by that
        let around = ["ROOM", room, self.name, "\r\n"].join(" ").len() + ENTRY_BYTES;
        let text = "x".repeat(charge - reader.client.charge() - around);
        assert_eq!(self.post(room, &text), Answer::Published);
        assert_eq!(reader.client.charge(), charge);
    }

    /// The request of the channels dialect that sends `text` to `to` alone.
    pub(crate) fn telling(&self, to: &str, text: &str) -> Request {
        let mut line = Vec::new();
        Channels.told(&name_of(self.name), text.as_bytes(), &mut line);
        Request::Tell { to: name_of(to), line: Ok(line) }
    }

    pub(crate) fn tell(&mut self, to: &str, text: &str) -> Answer {
        let request = self.telling(to, text);
        self.submit(request)
    }

    /// Requests a list and reads it, with all lines pending before it.
    pub(crate) fn list(&mut self, listing: Listing) -> String {
        assert_eq!(self.submit(Request::List(listing)), Answer::Done);
        self.read();
        self.seen.last().cloned().expect("a list is at least a line")
    }

    /// Its own timer finds that it has accepted no byte since the origin of time.
    pub(crate) fn stall(&mut self) {
        let mut call = CallContext::new(Time::ZERO + Limits::default().stall, Waker::noop());
        self.client.expire(&mut call);
        call.finish();
        assert!(self.is_evicted());
    }

    /// Its socket takes no byte of its pending lines.
    pub(crate) fn refuse_all(&self) {
        let mut batch = Vec::new();
        assert!(self.take(&mut batch, Waker::noop()));
        self.settle(&mut batch, 0, true, Waker::noop());
    }

    /// The position of `line`, which it saw once, among the lines that it saw.
    pub(crate) fn place(&self, line: &str) -> usize {
        assert_eq!(self.times(line), 1, "{} saw {:?}, not {line:?} once", self.name, self.seen);
        self.seen.iter().position(|seen| seen == line).expect("it is there once")
    }

    /// The lines it saw that begin with `word`.
    pub(crate) fn lines(&self, word: &str) -> Vec<&str> {
        self.seen.iter().map(String::as_str).filter(|line| line.starts_with(word)).collect()
    }
}

/// Reads, sleeping in between, until `person` has seen `line`.
pub(crate) fn reads(person: &mut Person, line: &str) -> impl Future<Output = ()> {
    poll_fn(move |context| {
        let mut batch = Vec::new();
        while person.times(line) == 0 {
            if !person.take(&mut batch, context.waker()) {
                assert_eq!(person.client.outbox_state(), OutboxState::Open);
                return Poll::Pending;
            }
            person.settle_whole(&mut batch, context.waker());
        }
        Poll::Ready(())
    })
}

/// Submits `request` after every wake until it need not wait.
pub(crate) fn performance(person: &mut Person, request: Request) -> impl Future<Output = Answer> {
    let mut request = Some(request);
    poll_fn(move |context: &mut Context<'_>| {
        let again = request.take().expect("polled no more once it is ready");
        match person.submit_as(again, context.waker()) {
            Answer::Wait { request: again, .. } => {
                request = Some(again);
                Poll::Pending
            }
            answer => Poll::Ready(answer),
        }
    })
}

/// `name` is free: the next client that claims it gets it. Then all clients depart.
pub(crate) fn assert_free(registry: &Registry, name: &'static str) {
    drop(Person::named(registry, name));
}

/// All clients depart, and nothing is left of them.
pub(crate) fn all_go<P>(registry: &Registry, people: P) {
    drop(people);
    assert_deserted(registry);
}

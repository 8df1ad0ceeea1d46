//! One connection of the scripted network, seen from both ends.
//!
//! Each direction has a bounded buffer. What the client sends is first *in flight* and arrives when
//! the test says so; what the server writes waits until the client reads it. Closing with unread
//! input destroys what the client has not read yet, as a reset of TCP may.

mod client;
mod server;

use super::layer::ClientEnd;
use super::random::Random;
use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex};
use std::task::Waker;

/// A client's end.
pub(crate) type Client = Arc<Wire>;

pub(crate) struct Wire(Mutex<State>);

/// How a network differs from a perfect one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Quirks {
    /// How many of 100 calls are cut short, interrupted or answered *ready* for no reason.
    pub(crate) percent: usize,
    /// How many bytes wait for the server at most.
    pub(crate) up_max: usize,
    /// How many bytes wait for the client at most.
    pub(crate) down_max: usize,
    /// Readiness is never admitted: asked for it, the wire answers *pending*, and wakes the task
    /// if a call would succeed. A reactor does so under load.
    pub(crate) lies: bool,
}

impl Quirks {
    pub(crate) const NONE: Quirks =
        Quirks { percent: 0, up_max: 65_536, down_max: 65_536, lies: false };
}

/// What the server has done with its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Open,
    /// It shut down its sending half.
    HalfClosed,
    Closed,
    /// It closed with unread input, so that the client's unread bytes are lost.
    ClosedUnread,
}

/// The end of what the client sends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fin {
    None,
    Sent,
    Arrived,
}

#[expect(clippy::struct_excessive_bools, reason = "they are independent of each other")]
struct State {
    random: Random,
    quirks: Quirks,
    /// The client's end of the layer, if the connection has one.
    layer: Option<Box<dyn ClientEnd>>,
    in_flight: VecDeque<u8>,
    up: VecDeque<u8>,
    fin: Fin,
    reset: bool,
    /// The next read panics.
    explodes: bool,
    /// How many calls are interrupted from now on.
    interrupts: usize,
    down: VecDeque<u8>,
    received: Vec<u8>,
    stalled: bool,
    end: End,
    /// The server shut down its sending half before it closed.
    ended_first: bool,
    read_after_half_close: usize,
    blocked_in_a_row: usize,
    writes: usize,
    server_read: Option<Waker>,
    server_write: Option<Waker>,
    client_read: Option<Waker>,
    client_write: Option<Waker>,
}

/// More refused calls than a task makes that waits for readiness: it spins.
const BLOCKED_MAX: usize = 10_000;

impl State {
    fn readable(&self) -> bool {
        !self.up.is_empty() || self.fin == Fin::Arrived || self.reset
    }

    fn writable(&self) -> bool {
        self.down.len() < self.quirks.down_max || self.reset
    }

    fn quirk(&mut self) -> bool {
        self.random.percent(self.quirks.percent)
    }

    /// Whether a signal interrupts this call.
    fn is_interrupted(&mut self) -> bool {
        if self.interrupts == 0 {
            return self.quirk() && self.quirk();
        }
        self.interrupts -= 1;
        true
    }

    /// How many of `most` bytes this call moves.
    fn portion(&mut self, most: usize) -> usize {
        if most > 1 && self.quirk() { self.random.between(1, most) } else { most }
    }

    fn would_block<T>(&mut self) -> io::Result<T> {
        self.blocked_in_a_row += 1;
        assert!(self.blocked_in_a_row < BLOCKED_MAX, "the server spins on a socket that blocks");
        Err(io::ErrorKind::WouldBlock.into())
    }

    /// Everyone whose wait is over.
    fn due(&mut self) -> [Option<Waker>; 4] {
        let closed = matches!(self.end, End::Closed | End::ClosedUnread);
        let client_read = !self.stalled && (!self.down.is_empty() || self.end != End::Open);
        let client_write = self.up.len() < self.quirks.up_max || closed;
        let (server_read, server_write) = (self.readable(), self.writable());
        [
            self.server_read.take_if(|_| server_read),
            self.server_write.take_if(|_| server_write),
            self.client_read.take_if(|_| client_read),
            self.client_write.take_if(|_| client_write),
        ]
    }

    fn deliver(&mut self, max: usize) -> usize {
        let room = self.quirks.up_max - self.up.len();
        let count = self.in_flight.len().min(max).min(room);
        if matches!(self.end, End::Closed | End::ClosedUnread) || self.reset {
            self.in_flight.clear();
            return 0;
        }
        move_bytes(&mut self.in_flight, count, |part| self.up.extend(part));
        let fin = self.fin == Fin::Sent && self.in_flight.is_empty();
        if fin {
            self.fin = Fin::Arrived;
        }
        count + usize::from(fin)
    }

    fn take_down(&mut self, max: usize) -> usize {
        let count = self.down.len().min(max);
        let received = &mut self.received;
        let Some(layer) = &mut self.layer else {
            move_bytes(&mut self.down, count, |part| received.extend_from_slice(part));
            return count;
        };
        let (random, mut out, mut ends) = (&mut self.random, Vec::new(), false);
        move_bytes(&mut self.down, count, |part| {
            ends |= layer.take(part, random, &mut out, received);
        });
        self.in_flight.extend(out);
        if ends {
            self.fin = Fin::Sent;
        }
        count
    }

    fn post(&mut self, bytes: &[u8]) {
        let Some(layer) = &mut self.layer else { return self.in_flight.extend(bytes) };
        let mut out = Vec::new();
        layer.post(bytes, &mut self.random, &mut out);
        self.in_flight.extend(out);
    }

    fn half_close(&mut self) {
        let mut out = Vec::new();
        let ends = self.layer.as_mut().is_none_or(|layer| layer.end(&mut out));
        self.in_flight.extend(out);
        if ends {
            self.fin = Fin::Sent;
        }
    }
}

/// Takes the first `count` bytes off `from`, in at most two parts.
fn move_bytes(from: &mut VecDeque<u8>, count: usize, mut to: impl FnMut(&[u8])) {
    let (first, second) = from.as_slices();
    let split = count.min(first.len());
    to(&first[..split]);
    to(&second[..count - split]);
    from.drain(..count);
}

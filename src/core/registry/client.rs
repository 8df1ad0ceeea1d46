//! A connection's own handle on the registry.

use super::outbox::Standing;
use super::outlet::Outlet;
use super::peer::Peer;
use super::room::Seat;
use super::turn::Turn;
use super::{Registry, Shared};
use crate::protocol::{Answer, Request};
use crate::sync::{Arc, lock};
use crate::time::Time;
use std::task::Waker;

/// One client of a [`Registry`], in the hands of the connection that serves it.
///
/// # Contract
///
/// * [`submit`](Client::submit) performs a request of the session. It appends to outboxes, the caller's
///   own included, but does not wake the caller: look at the outbox before going to sleep.
/// * What is owed is written through an [`Outlet`], by the connection's task or by others.
/// * [`expire`](Client::expire) is due at [`deadline`](Client::deadline).
/// * Wakers collected in the [`Turn`] are woken by the caller when no lock is held.
///
/// Dropping the handle is a departure: whatever ends a connection, a panic included, nobody stays
/// behind as a ghost.
#[derive(Debug)]
pub struct Client {
    pub(super) shared: Arc<Shared>,
    pub(super) peer: Arc<Peer>,
    /// Where this client entered; it may have been evicted from there since.
    pub(super) seat: Option<Seat>,
    /// When the registry was last called, for the departure that a drop makes.
    now: Time,
}

impl Client {
    pub(super) fn new(registry: &Registry, peer: Arc<Peer>) -> Client {
        Client { shared: Arc::clone(&registry.0), peer, seat: None, now: Time::ZERO }
    }

    /// Unique in its registry, in order of connecting.
    pub fn id(&self) -> u64 {
        self.peer.id
    }

    /// Performs `request` at once, or answers that it must wait or that it is too late.
    pub fn submit(&mut self, request: Request, turn: &mut Turn<'_>) -> Answer {
        self.now = turn.now;
        let answer = match request {
            // Departures never wait. [common/flow-2]
            Request::Depart { farewell } => self.depart(farewell, turn),
            // Answers are not bounded, so whoever does not read gets no further. [common/reply-2]
            request if self.peer.outbox().wait_for_replies(turn) => {
                Answer::Wait { request, until: Time::NEVER }
            }
            Request::Name { name } => self.take_name(&name),
            Request::Enter { room, name } => self.enter(room, name, turn),
            Request::Leave => self.leave(turn),
            Request::Publish { lines } => self.publish(lines, turn),
            Request::Tell { to, line } => self.tell(to, line, turn),
            Request::List(listing) => self.list(listing),
            Request::Reply { lines } => self.reply(lines, Answer::Done),
        };
        self.shared.relieve(turn);
        answer
    }

    /// What writes this client's outbox; others may have it too.
    pub fn outlet(&self) -> Outlet {
        Outlet { peer: Arc::clone(&self.peer) }
    }

    /// How the client stands.
    pub fn standing(&self) -> Standing {
        self.peer.outbox().standing()
    }

    /// Bytes owed and not yet accepted, each entry charged [`ENTRY_BYTES`](crate::limits::ENTRY_BYTES) more.
    pub fn charge(&self) -> usize {
        self.peer.outbox().charge()
    }

    /// When [`expire`](Client::expire) must be called; it may be called earlier.
    pub fn deadline(&self) -> Time {
        self.peer.outbox().refusing_since() + self.shared.limits.stall // NEVER stays so
    }

    /// Evicts the client if it has accepted nothing for too long. [common/outbox-8]
    pub fn expire(&mut self, turn: &mut Turn<'_>) {
        if self.peer.outbox().stalled(self.shared.limits.stall, turn.now) {
            self.shared.evict(&self.peer, turn);
            self.shared.relieve(turn);
        }
    }

    fn publish(&mut self, lines: Vec<u8>, turn: &mut Turn<'_>) -> Answer {
        let Some(seat) = &self.seat else {
            debug_assert!(false, "only a member publishes");
            return Answer::Gone;
        };
        let policy = self.shared.dialect.policy();
        let mut members = seat.room.lock();
        if !members.contains(seat.number) || self.standing() != Standing::Open {
            return Answer::Gone;
        }
        if let Some(until) = members.holds_until(turn) {
            return Answer::Wait { request: Request::Publish { lines }, until };
        }
        if policy.keeps_history {
            members.remember(&lines);
        }
        let skip = (!policy.sender_hears_itself).then_some(self.peer.id);
        members.fan_out(&self.shared.chunk(lines), skip, self.id(), &self.shared, turn);
        let still_here = members.contains(seat.number);
        self.shared.close_up(&seat.room, members);
        if still_here { Answer::Published } else { Answer::Gone }
    }

    /// Membership and name are given back first, then the client and the others are told.
    /// [common/eos-6] [rooms/error-3] [common/unique-2] [simple/leave-2]
    fn depart(&mut self, farewell: Vec<u8>, turn: &mut Turn<'_>) -> Answer {
        let say_farewell = |turn: &mut Turn<'_>| {
            self.peer.append_reply(self.shared.chunk(farewell), &self.shared.ledger);
            self.peer.outbox().close(turn);
        };
        if let Some(seat) = &self.seat {
            self.shared.stand_up(seat, Some(&self.peer), self.peer.id, turn, say_farewell);
        } else {
            self.shared.names.release(&self.peer);
            say_farewell(turn);
        }
        self.seat = None;
        match self.standing() {
            Standing::Evicted => Answer::Gone,
            Standing::Open | Standing::Closed => Answer::Departed,
        }
    }

    /// Owes the client `lines`, if any, and gives `answer`, unless nothing reaches it any more.
    pub(super) fn reply(&self, lines: Vec<u8>, answer: Answer) -> Answer {
        self.peer.append_reply(self.shared.chunk(lines), &self.shared.ledger);
        if self.standing() == Standing::Open { answer } else { Answer::Gone }
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let mut turn = Turn::new(self.now, Waker::noop());
        self.depart(Vec::new(), &mut turn);
        self.peer.evict(&self.shared.ledger, &mut turn);
        self.shared.relieve(&mut turn);
        lock(&self.shared.directory).disconnect(self.peer.id);
    }
}

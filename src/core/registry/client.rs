//! A connection's own handle on the registry.

use super::call_context::CallContext;
use super::outbox::OutboxState;
use super::outlet::Outlet;
use super::peer::Peer;
use super::room::Membership;
use super::{Registry, Shared};
use crate::protocol::{Answer, CloseReason, Request};
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
/// * Wakers collected in the [`CallContext`] are woken by the caller when no lock is held.
///
/// Dropping the handle is a departure: whatever ends a connection, a panic included, nobody stays
/// behind as a ghost.
#[derive(Debug)]
pub struct Client {
    pub(super) shared: Arc<Shared>,
    pub(super) peer: Arc<Peer>,
    /// Where this client entered; it may have been evicted from there since.
    pub(super) membership: Option<Membership>,
    /// When the registry was last called, for the departure that a drop makes.
    now: Time,
}

impl Client {
    pub(super) fn new(registry: &Registry, peer: Arc<Peer>) -> Client {
        Client { shared: Arc::clone(&registry.0), peer, membership: None, now: Time::ZERO }
    }

    /// Unique in its registry, in order of connecting.
    pub fn id(&self) -> u64 {
        self.peer.id
    }

    /// Performs `request` at once, or answers that it must wait or that it is too late.
    pub fn submit(&mut self, request: Request, call: &mut CallContext<'_>) -> Answer {
        self.now = call.now;
        let answer = match request {
            // Departures never wait. [common/flow-2]
            Request::Depart { farewell } => self.depart(farewell, call),
            // Answers are not bounded, so whoever does not read gets no further. [common/reply-2]
            request if self.peer.outbox().wait_for_replies(call) => {
                Answer::Wait { request, until: Time::NEVER }
            }
            Request::Name { name } => self.take_name(&name),
            Request::Enter { room, name } => self.enter(room, name, call),
            Request::Leave => self.leave(call),
            Request::Publish { lines } => self.publish(lines, call),
            Request::Tell { to, line } => self.tell(to, line, call),
            Request::List(listing) => self.list(listing),
            Request::Reply { lines } => self.reply(lines, Answer::Done),
        };
        self.shared.enforce_total(call);
        answer
    }

    /// What writes this client's outbox; others may have it too.
    pub fn outlet(&self) -> Outlet {
        Outlet { peer: Arc::clone(&self.peer) }
    }

    /// How the client stands.
    pub fn outbox_state(&self) -> OutboxState {
        self.peer.outbox().state()
    }

    /// Why the registry ended the client: stall, overflow, total bound or shutdown; the first of
    /// them. `None` while the client is open, and if it departed by itself.
    pub fn close_reason(&self) -> Option<CloseReason> {
        self.peer.outbox().close_reason()
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
    pub fn expire(&mut self, call: &mut CallContext<'_>) {
        if self.peer.outbox().stalled(self.shared.limits.stall, call.now) {
            self.shared.evict(&self.peer, CloseReason::Stalled, call);
            self.shared.enforce_total(call);
        }
    }

    fn publish(&mut self, lines: Vec<u8>, call: &mut CallContext<'_>) -> Answer {
        let Some(membership) = &self.membership else {
            debug_assert!(false, "only a member publishes");
            return Answer::Gone;
        };
        let policy = self.shared.dialect.policy();
        let mut members = membership.room.lock();
        if !members.contains(membership.number) || self.outbox_state() != OutboxState::Open {
            return Answer::Gone;
        }
        if let Some(until) = members.holds_until(call) {
            return Answer::Wait { request: Request::Publish { lines }, until };
        }
        if policy.keeps_history {
            members.remember(&lines);
        }
        let skip = (!policy.sender_hears_itself).then_some(self.peer.id);
        members.fan_out(&self.shared.chunk(lines), skip, self.id(), &self.shared, call);
        let still_here = members.contains(membership.number);
        self.shared.close_up(&membership.room, members);
        if still_here { Answer::Published } else { Answer::Gone }
    }

    /// Membership and name are given back first, then the client and the others are told.
    /// [common/eos-6] [rooms/error-3] [common/unique-2] [simple/leave-2]
    fn depart(&mut self, farewell: Vec<u8>, call: &mut CallContext<'_>) -> Answer {
        let say_farewell = |call: &mut CallContext<'_>| {
            self.peer.append_reply(self.shared.chunk(farewell), &self.shared.ledger);
            self.peer.outbox().close(None, call);
        };
        if let Some(membership) = &self.membership {
            self.shared.remove_member(
                membership,
                Some(&self.peer),
                self.peer.id,
                call,
                say_farewell,
            );
        } else {
            self.shared.names.release(&self.peer);
            say_farewell(call);
        }
        self.membership = None;
        match self.outbox_state() {
            OutboxState::Evicted => Answer::Gone,
            OutboxState::Open | OutboxState::Closed => Answer::Departed,
        }
    }

    /// Owes the client `lines`, if any, and gives `answer`, unless nothing reaches it any more.
    pub(super) fn reply(&self, lines: Vec<u8>, answer: Answer) -> Answer {
        self.peer.append_reply(self.shared.chunk(lines), &self.shared.ledger);
        if self.outbox_state() == OutboxState::Open { answer } else { Answer::Gone }
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let mut call = CallContext::new(self.now, Waker::noop());
        self.depart(Vec::new(), &mut call);
        self.peer.evict(None, &self.shared.ledger, &mut call);
        self.shared.enforce_total(&mut call);
        lock(&self.shared.directory).disconnect(self.peer.id);
    }
}

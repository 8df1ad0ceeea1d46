//! The part of a client that other threads reach: its outbox, its name and its place in a room.

use super::call_context::CallContext;
use super::chunk::{Chunk, Ledger};
use super::entry::Class;
use super::hold_budget::HoldLimit;
use super::outbox::{Appended, Outbox, OutboxState};
use super::wait_queue::Position;
use crate::protocol::{CloseReason, Name};
use crate::sync::{Arc, AtomicBool, Mutex, MutexGuard, Ordering, lock};
use crate::time::Time;

/// One connected client as the registry sees it.
#[derive(Debug)]
pub(super) struct Peer {
    /// In order of connecting.
    pub(super) id: u64,
    outbox: Mutex<Outbox>,
    /// A leaf lock, held for a clone or a store only.
    identity: Mutex<Identity>,
    /// Whether the client may be congested, or waited for, or its connection refuses bytes. Senders
    /// read the flag without a lock and skip the outboxes of all other peers. It is written under
    /// the outbox's lock. A publisher holds the room's lock, and the sender of a private message
    /// that of the names, so each sees every rise that an earlier line caused. A rise that it
    /// misses because of a refusal costs one line too many; a fall that it misses costs one look.
    may_lag: AtomicBool,
}

#[derive(Debug, Default)]
struct Identity {
    /// The unique name; `None` in dialects without unique names.
    name: Option<Name>,
    place: Option<Place>,
}

/// The place of a member, as values: a peer keeps no reference to its room, which refers to it.
///
/// A place may be out of date by the time it is used, and a new room of the same name may give the
/// number to another member: a removal compares the peer too.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) room: Name,
    /// The member's number in order of joining.
    pub(super) number: u64,
}

impl Peer {
    pub(super) fn new(id: u64) -> Arc<Peer> {
        Arc::new(Peer {
            id,
            outbox: Mutex::new(Outbox::new()),
            identity: Mutex::new(Identity::default()),
            may_lag: AtomicBool::new(false),
        })
    }

    pub(super) fn place(&self) -> Option<Place> {
        lock(&self.identity).place.clone()
    }

    pub(super) fn set_place(&self, place: Option<Place>) {
        lock(&self.identity).place = place;
    }

    pub(super) fn set_name(&self, name: Name) {
        lock(&self.identity).name = Some(name);
    }

    pub(super) fn has_name(&self) -> bool {
        lock(&self.identity).name.is_some()
    }

    pub(super) fn name(&self) -> Option<Name> {
        lock(&self.identity).name.clone()
    }

    pub(super) fn take_name(&self) -> Option<Name> {
        lock(&self.identity).name.take()
    }

    pub(super) fn outbox(&self) -> MutexGuard<'_, Outbox> {
        lock(&self.outbox)
    }

    /// Appends `chunk`, or evicts this peer if its bound forbids that.
    pub(super) fn append_or_evict(
        &self,
        chunk: &Chunk,
        class: Class,
        bytes_max: usize,
        ledger: &Ledger,
        call: &mut CallContext<'_>,
    ) -> Appended {
        let mut outbox = self.outbox();
        let appended =
            outbox.append(chunk, class, bytes_max, call.caller_id != Some(self.id), call);
        match appended {
            Appended::Queued => self.note(&outbox),
            Appended::Overflow => outbox.evict(Some(CloseReason::OutboxOverflow), ledger, call),
            Appended::Refused => {}
        }
        appended
    }

    /// Whether the peer may be congested or refuse bytes.
    pub(super) fn may_lag(&self) -> bool {
        self.may_lag.load(Ordering::Relaxed)
    }

    /// Until when the senders of the room must wait for this peer, at most; `None` if they need
    /// not. The caller then has a ticket. [common/flow-1]
    pub(super) fn holds_until(&self, limit: HoldLimit, call: &mut CallContext<'_>) -> Option<Time> {
        self.outbox().wait(limit, call)
    }

    /// Until when a private line of this `cost` to this peer must wait, at most, and the position
    /// of the caller in the queue; `None` if it need not. `own` is the position of a caller that
    /// waits already. [common/tell-2]
    pub(super) fn holds_private(
        &self,
        own: Option<Position>,
        cost: u64,
        call: &mut CallContext<'_>,
    ) -> Option<(Time, Position)> {
        if !self.may_lag() {
            return None;
        }
        self.outbox().wait_for_private(own, cost, call)
    }

    /// The private line at `position` waits no longer: it was `performed`, or its sender gave it
    /// up. The next one resumes.
    pub(super) fn private_wait_ends(
        &self,
        position: Position,
        performed: bool,
        call: &mut CallContext<'_>,
    ) {
        let mut outbox = self.outbox();
        outbox.private_wait_ends(position, performed, call);
        self.note(&outbox);
    }

    /// A line was tried in the room; `waits` says that it has to wait for a member.
    /// [common/flow-3]
    pub(super) fn line_tried(&self, waits: bool, now: Time) {
        if self.may_lag() {
            self.outbox().line_tried(waits, now);
        }
    }

    /// Drops the queue; returns whether this call was the one that evicted the peer.
    pub(super) fn evict(
        &self,
        reason: Option<CloseReason>,
        ledger: &Ledger,
        call: &mut CallContext<'_>,
    ) -> bool {
        let mut outbox = self.outbox();
        let first = outbox.state() != OutboxState::Evicted;
        if first {
            outbox.evict(reason, ledger, call);
        }
        first
    }

    /// Queues `chunk`, unless it is empty, as a reply to a line of this client; the caller is the
    /// client's own task. [common/outbox-7]
    pub(super) fn append_reply(&self, chunk: Chunk, ledger: &Ledger, now: Time) {
        let mut outbox = self.outbox();
        if !chunk.bytes().is_empty() && outbox.state() == OutboxState::Open {
            outbox.append_reply(chunk, now);
            ledger.entries_appended(1);
        }
    }

    /// Queues `farewell`, unless it is empty, and closes the outbox for `reason`; false, with no
    /// effect, if it takes nothing any more. Any task may call this.
    pub(super) fn close(
        &self,
        farewell: Chunk,
        reason: CloseReason,
        ledger: &Ledger,
        call: &mut CallContext<'_>,
    ) -> bool {
        let mut outbox = self.outbox();
        let was_open = outbox.state() == OutboxState::Open;
        if was_open {
            if !farewell.bytes().is_empty() {
                outbox.append_reply(farewell, call.now);
                ledger.entries_appended(1);
            }
            outbox.close(Some(reason), call);
            self.note(&outbox);
        }
        was_open
    }

    /// Updates the flag that senders read without a lock. `outbox` is this peer's, locked.
    pub(super) fn note(&self, outbox: &Outbox) {
        let lags = outbox.may_lag();
        if self.may_lag() != lags {
            self.may_lag.store(lags, Ordering::Relaxed);
        }
    }
}

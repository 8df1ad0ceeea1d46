//! The part of a client that others may touch: its outbox, its name and where it sits.

use super::call_context::CallContext;
use super::chunk::{Chunk, Ledger};
use super::outbox::{Appended, Outbox, OutboxState};
use super::room::Membership;
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
    place: Mutex<Place>,
    /// Whether the outbox may be above the mark, or its connection refuse bytes: saves senders the lock of everyone of whom
    /// neither is so. Written under the outbox's lock. A publisher holds the room's lock, so it sees every rise
    /// that an earlier publish caused, and who tells holds that of the names; what it misses of the
    /// other kind is one line too many, and a fall it misses costs it one look.
    may_lag: AtomicBool,
}

#[derive(Debug, Default)]
struct Place {
    /// The name that it alone has; none where names are not unique.
    name: Option<Name>,
    /// Where it is a member.
    membership: Option<Membership>,
}

impl Peer {
    pub(super) fn new(id: u64) -> Arc<Peer> {
        Arc::new(Peer {
            id,
            outbox: Mutex::new(Outbox::new()),
            place: Mutex::new(Place::default()),
            may_lag: AtomicBool::new(false),
        })
    }

    pub(super) fn membership(&self) -> Option<Membership> {
        lock(&self.place).membership.clone()
    }

    pub(super) fn set_membership(&self, membership: Option<Membership>) {
        // The old seat may be the last reference to its room: drop it after the lock.
        let old = std::mem::replace(&mut lock(&self.place).membership, membership);
        drop(old);
    }

    pub(super) fn set_name(&self, name: Name) {
        lock(&self.place).name = Some(name);
    }

    pub(super) fn has_name(&self) -> bool {
        lock(&self.place).name.is_some()
    }

    pub(super) fn take_name(&self) -> Option<Name> {
        lock(&self.place).name.take()
    }

    pub(super) fn outbox(&self) -> MutexGuard<'_, Outbox> {
        lock(&self.outbox)
    }

    /// Appends `chunk`, or evicts this peer if its bound forbids that.
    pub(super) fn append_or_evict(
        &self,
        chunk: &Chunk,
        bytes_max: usize,
        caller_id: u64,
        ledger: &Ledger,
        call: &mut CallContext<'_>,
    ) -> Appended {
        let mut outbox = self.outbox();
        let appended = outbox.append(chunk, bytes_max, self.id != caller_id, call);
        match appended {
            Appended::Queued => self.note(&outbox),
            Appended::Overflow => outbox.evict(Some(CloseReason::OutboxOverflow), ledger, call),
            Appended::Refused => {}
        }
        appended
    }

    /// Whether senders must wait for this peer, and until when at most. [common/flow-1]
    pub(super) fn holds_until(&self, call: &mut CallContext<'_>) -> Option<Time> {
        if !self.may_lag.load(Ordering::Relaxed) {
            return None;
        }
        self.outbox().wait(call)
    }

    /// A line was tried in the room, and has to wait for others in it or for nobody. [common/flow-3]
    pub(super) fn line_tried(&self, waits: bool, now: Time) {
        if self.may_lag.load(Ordering::Relaxed) {
            self.outbox().line_tried(waits, now);
        }
    }

    /// Drops the queue and says whether this call was the one that evicted the peer.
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

    /// Owes this peer `chunk`, unless it is empty, as an answer to a line of its own; the caller is
    /// its own task. [common/outbox-7]
    pub(super) fn append_reply(&self, chunk: Chunk, ledger: &Ledger) {
        let mut outbox = self.outbox();
        if !chunk.bytes().is_empty() && outbox.state() == OutboxState::Open {
            outbox.append_reply(chunk);
            ledger.entries_appended(1);
        }
    }

    /// Keeps what senders look at without a lock; called with the lock of `outbox`, which is this peer's.
    pub(super) fn note(&self, outbox: &Outbox) {
        let lags = outbox.is_over_high_water() || outbox.refuses();
        if self.may_lag.load(Ordering::Relaxed) != lags {
            self.may_lag.store(lags, Ordering::Relaxed);
        }
    }
}

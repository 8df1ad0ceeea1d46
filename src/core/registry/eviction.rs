//! Evictions: of one slow consumer, and of the largest backlogs to keep the total bound.

use super::call_context::CallContext;
use super::peer::Peer;
use super::shared::{Removal, Shared};
use crate::protocol::CloseReason;
use crate::sync::{Arc, lock};

impl Shared {
    /// Drops the unsent lines of `peer` and removes it from its room. [common/outbox-4]
    pub(super) fn evict(&self, peer: &Peer, reason: CloseReason, call: &mut CallContext<'_>) {
        if peer.evict(Some(reason), &self.delivery.ledger, call) {
            self.remove_evicted(peer, call);
        }
    }

    /// Removes the membership and the name of `peer`, whose outbox was evicted just now. A thread
    /// that joins `peer` to a room at the same time looks at the outbox after it has published the
    /// membership, so one of the two threads sees the other.
    pub(super) fn remove_evicted(&self, peer: &Peer, call: &mut CallContext<'_>) {
        if let Some(place) = peer.place() {
            let found = lock(&self.directory).room(&place.room).cloned();
            if let Some(room) = found {
                let eviction = Removal::eviction();
                return self.remove_member(&room, place.number, peer, eviction, call, |_| ());
            }
        }
        self.delivery.names.release(peer);
    }

    /// Evicts the largest backlogs, ties by lowest id, until the total is within its bound or no
    /// client has lines pending. [common/outbox-9]
    pub(super) fn enforce_total(&self, call: &mut CallContext<'_>) {
        let bytes_max = self.delivery.limits.total_bytes_max;
        if self.delivery.ledger.total() <= bytes_max {
            return;
        }
        // One thread at a time: a second thread that finds the total too large looks again.
        let _total_bound = lock(&self.total_bound);
        while self.delivery.ledger.total() > bytes_max {
            let Some(largest) = self.largest_backlog() else {
                return;
            };
            self.evict(&largest, CloseReason::TotalBound, call);
        }
    }

    fn largest_backlog(&self) -> Option<Arc<Peer>> {
        let directory = lock(&self.directory);
        let mut largest: Option<(usize, &Arc<Peer>)> = None;
        for peer in directory.clients() {
            let charge = peer.outbox().charge();
            if charge > largest.map_or(0, |(most, _)| most) {
                largest = Some((charge, peer));
            }
        }
        largest.map(|(_, peer)| Arc::clone(peer))
    }
}

//! Evictions: of one slow consumer, and of the heaviest backlogs to keep the total bound.

use super::call_context::CallContext;
use super::outbox::OutboxState;
use super::peer::Peer;
use super::shared::{Removal, Shared};
use crate::protocol::CloseReason;
use crate::sync::{Arc, lock};
use crate::time::Time;

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

    /// Evicts those that hold most memory for longest until the total is within its bound or no
    /// client holds any. [common/outbox-9]
    pub(super) fn enforce_total(&self, call: &mut CallContext<'_>) {
        let bytes_max = self.delivery.bounds.total_bytes_max();
        if self.delivery.ledger.total() <= bytes_max {
            return;
        }
        // One thread at a time: a second thread that finds the total too large looks again.
        let _total_bound = lock(&self.total_bound);
        while self.delivery.ledger.total() > bytes_max {
            let Some(heaviest) = self.heaviest_backlog(call.now) else {
                return;
            };
            self.evict(&heaviest, CloseReason::TotalBound, call);
        }
    }

    /// The client of the greatest weight, the first connected among equals.
    fn heaviest_backlog(&self, now: Time) -> Option<Arc<Peer>> {
        let directory = lock(&self.directory);
        let mut heaviest: Option<((u128, usize), &Arc<Peer>)> = None;
        for peer in directory.clients() {
            let outbox = peer.outbox();
            let weight = outbox.weight(now);
            let open = outbox.state() != OutboxState::Evicted;
            if open && weight > heaviest.map_or((0, 0), |(most, _)| most) {
                heaviest = Some((weight, peer));
            }
        }
        heaviest.map(|(_, peer)| Arc::clone(peer))
    }
}

//! Evictions: of one slow consumer, and of the heaviest backlogs to keep the total bound.

use super::call_context::CallContext;
use super::outbox::OutboxState;
use super::peer::Peer;
use super::shared::Shared;
use crate::protocol::{CloseReason, Name};
use crate::sync::{Arc, lock};
use crate::time::Time;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Enforcing the total bound leaves this part of it free. [common/outbox-9]
const MARGIN_PARTS: usize = 16;

impl Shared {
    /// Drops the unsent lines of `peer` and removes it from its room. [common/outbox-4]
    pub(super) fn evict(&self, peer: &Peer, reason: CloseReason, call: &mut CallContext<'_>) {
        if peer.evict(Some(reason), &self.delivery.ledger, call) {
            self.remove_evicted(&[peer], call);
        }
    }

    /// Removes the memberships and names of clients whose outboxes were ended just now, one wave
    /// for each room [common/outbox-6]. A thread that joins one of them to a room at the same time
    /// looks at the outbox after it has published the membership, so one of the two threads sees
    /// the other.
    pub(super) fn remove_evicted(&self, evicted: &[&Peer], call: &mut CallContext<'_>) {
        let mut rooms: BTreeMap<Name, Vec<(u64, &Peer)>> = BTreeMap::new();
        for peer in evicted {
            match peer.place() {
                Some(place) => rooms.entry(place.room).or_default().push((place.number, peer)),
                None => self.delivery.names.release(peer),
            }
        }
        for (name, members) in rooms {
            let found = lock(&self.directory).room(&name).cloned();
            match found {
                Some(room) => self.remove_members(&room, &members, call),
                None => members.iter().for_each(|(_, peer)| self.delivery.names.release(peer)),
            }
        }
    }

    /// Evicts those that hold most memory for longest until the total is well within its bound or
    /// no client holds any. [common/outbox-9]
    ///
    /// A departure is announced to all members of a room, and in a room of thousands that takes
    /// more memory than an eviction frees. So all are chosen and evicted before the first is
    /// announced, those of a room are announced together, and the margin has room for that.
    pub(super) fn enforce_total(&self, call: &mut CallContext<'_>) {
        let bytes_max = self.delivery.bounds.total_bytes_max();
        if self.delivery.ledger.total() <= bytes_max {
            return;
        }
        // One thread at a time: a second thread that finds the total too large looks again.
        let _total_bound = lock(&self.total_bound);
        while self.delivery.ledger.total() > bytes_max {
            let evicted = self.evict_backlogs(bytes_max - bytes_max / MARGIN_PARTS, call);
            if evicted.is_empty() {
                return;
            }
            let evicted: Vec<&Peer> = evicted.iter().map(|peer| &**peer).collect();
            self.remove_evicted(&evicted, call);
        }
    }

    /// Evicts clients by their weight, the first connected among equals, until the total is at most
    /// `bytes_max`. Nobody is told yet.
    fn evict_backlogs(&self, bytes_max: usize, call: &mut CallContext<'_>) -> Vec<Arc<Peer>> {
        let mut evicted = Vec::new();
        for peer in self.backlogs(call.now) {
            if self.delivery.ledger.total() <= bytes_max {
                break;
            }
            if peer.evict(Some(CloseReason::TotalBound), &self.delivery.ledger, call) {
                evicted.push(peer);
            }
        }
        evicted
    }

    /// The clients that hold memory, those of the greatest weight first.
    fn backlogs(&self, now: Time) -> Vec<Arc<Peer>> {
        let directory = lock(&self.directory);
        let mut backlogs = Vec::new();
        for peer in directory.clients() {
            let outbox = peer.outbox();
            let weight = outbox.weight(now);
            if outbox.state() != OutboxState::Evicted && weight > (0, 0) {
                backlogs.push((weight, Arc::clone(peer)));
            }
        }
        backlogs.sort_by_key(|(weight, _)| Reverse(*weight));
        backlogs.into_iter().map(|(_, peer)| peer).collect()
    }
}

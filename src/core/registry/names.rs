//! The unique names of clients, in dialects where no two clients may have the same name.

use super::outbox::OutboxState;
use super::peer::Peer;
use crate::protocol::Name;
use crate::sync::{Arc, Mutex, MutexGuard, lock};
use std::collections::BTreeMap;

/// The names taken. The lock comes after a room's and before an outbox's. [common/unique-1]
#[derive(Debug)]
pub(super) struct Names {
    /// False in dialects without unique names: then no name is taken and the lock is not used.
    unique: bool,
    taken: Mutex<BTreeMap<Name, Arc<Peer>>>,
}

/// The names, locked. A thread that announces a departure holds them from the release to the
/// notice, so that no client hears of the next holder of a name before. [common/unique-2]
pub(super) struct Held<'names>(Option<MutexGuard<'names, BTreeMap<Name, Arc<Peer>>>>);

impl Names {
    pub(super) fn new(unique: bool) -> Names {
        Names { unique, taken: Mutex::new(BTreeMap::new()) }
    }

    /// Gives `name` to `peer` and calls `announce` before any other thread can find the name.
    /// Returns false, with no effect, if the name is taken or `peer` was evicted or kicked: the
    /// thread that ends it looks for the name afterwards, so one of the two threads sees the other.
    pub(super) fn claim(&self, name: &Name, peer: &Arc<Peer>, announce: impl FnOnce()) -> bool {
        let mut taken = lock(&self.taken);
        if taken.contains_key(name) || peer.outbox().state() != OutboxState::Open {
            return false;
        }
        peer.set_name(name.clone());
        taken.insert(name.clone(), Arc::clone(peer));
        announce();
        true
    }

    /// Releases the name of `peer`, if it has one.
    pub(super) fn release(&self, peer: &Peer) {
        self.lock().release(peer);
    }

    /// Locks the names, for steps that belong together with a release or a look-up.
    pub(super) fn lock(&self) -> Held<'_> {
        Held(self.unique.then(|| lock(&self.taken)))
    }
}

impl Held<'_> {
    /// Releases the name of `peer`, if it has one. The peer's name and the entry go in one step: a
    /// thread that finds the peer without a name finds the name free.
    pub(super) fn release(&mut self, peer: &Peer) {
        if let (Some(taken), Some(name)) = (&mut self.0, peer.take_name()) {
            taken.remove(&name);
        }
    }

    /// The client that has `name`.
    pub(super) fn holder(&self, name: &Name) -> Option<&Arc<Peer>> {
        self.0.as_ref()?.get(name)
    }
}

//! Who has which name, where no two clients may have the same.

use super::outbox::OutboxState;
use super::peer::Peer;
use crate::protocol::Name;
use crate::sync::{Arc, Mutex, MutexGuard, lock};
use std::collections::BTreeMap;

/// The names taken. Its lock comes after a room's and before an outbox's. [common/unique-1]
#[derive(Debug)]
pub(super) struct Names {
    /// Where names need not be unique none is taken, and nobody waits for this lock.
    unique: bool,
    taken: Mutex<BTreeMap<Name, Arc<Peer>>>,
}

/// The names while nobody else can take, release or find one. Whoever announces a departure holds
/// them from the release to the notice, so that nobody hears of the next of a name before.
/// [common/unique-2]
pub(super) struct Held<'names>(Option<MutexGuard<'names, BTreeMap<Name, Arc<Peer>>>>);

impl Names {
    pub(super) fn new(unique: bool) -> Names {
        Names { unique, taken: Mutex::new(BTreeMap::new()) }
    }

    /// Gives `name` to `peer` and calls `announce` before anyone can find it; false, and nothing
    /// done, if it is taken, or if `peer` was evicted: whoever evicts looks for its name
    /// afterwards, so one of the two sees the other.
    pub(super) fn claim(&self, name: &Name, peer: &Arc<Peer>, announce: impl FnOnce()) -> bool {
        let mut taken = lock(&self.taken);
        if taken.contains_key(name) || peer.outbox().state() == OutboxState::Evicted {
            return false;
        }
        peer.set_name(name.clone());
        taken.insert(name.clone(), Arc::clone(peer));
        announce();
        true
    }

    /// Takes back the name of `peer`, if it has one.
    pub(super) fn release(&self, peer: &Peer) {
        self.lock().release(peer);
    }

    /// For what must go together with a release or a look-up.
    pub(super) fn lock(&self) -> Held<'_> {
        Held(self.unique.then(|| lock(&self.taken)))
    }
}

impl Held<'_> {
    /// Takes back the name of `peer`, if it has one. Name and entry go in one step: who finds the
    /// peer without a name finds the name free.
    pub(super) fn release(&mut self, peer: &Peer) {
        if let (Some(taken), Some(name)) = (&mut self.0, peer.take_name()) {
            taken.remove(&name);
        }
    }

    /// Who has `name`.
    pub(super) fn holder(&self, name: &Name) -> Option<&Arc<Peer>> {
        self.0.as_ref()?.get(name)
    }
}

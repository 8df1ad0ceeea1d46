//! Who has which name, where no two clients may have the same.

use super::peer::Peer;
use crate::protocol::Name;
use crate::sync::{Arc, Mutex, MutexGuard, lock};
use std::collections::BTreeMap;

/// The names taken. Its lock comes after a room's and before an outbox's: a name is given back in
/// the same step of the room's order as the membership, so that nobody can join under it before the
/// departure has its place. [common/unique-1]
#[derive(Debug, Default)]
pub(super) struct Names(Mutex<BTreeMap<Name, Arc<Peer>>>);

impl Names {
    /// Gives `name` to `peer` and calls `announce` before anyone can find it; false, and nothing
    /// done, if it is taken.
    pub(super) fn claim(&self, name: &Name, peer: &Arc<Peer>, announce: impl FnOnce()) -> bool {
        let mut names = self.lock();
        if names.contains_key(name) {
            return false;
        }
        peer.set_name(name.clone());
        names.insert(name.clone(), Arc::clone(peer));
        announce();
        true
    }

    /// Takes back the name of `peer`, if it has one.
    pub(super) fn release(&self, peer: &Peer) {
        if let Some(name) = peer.take_name() {
            // The peer may be dropped with its entry: after the lock.
            let entry = self.lock().remove(&name);
            drop(entry);
        }
    }

    /// For look-ups that must go together with what follows from them.
    pub(super) fn lock(&self) -> MutexGuard<'_, BTreeMap<Name, Arc<Peer>>> {
        lock(&self.0)
    }
}

//! Which rooms and clients there are.

use super::peer::Peer;
use super::room::Room;
use crate::protocol::Name;
use crate::sync::{Arc, Mutex, MutexGuard, lock};
use std::collections::{BTreeMap, BTreeSet};

/// Its lock comes before a room's and an outbox's. It is held for look-ups only, never while
/// a room's lock is awaited that a fan-out may hold.
#[derive(Debug, Default)]
pub(super) struct Directory {
    rooms: BTreeMap<Name, Arc<Room>>,
    clients: BTreeMap<u64, Arc<Peer>>,
    next_id: u64,
    /// The server shuts down: who connects now is closed from the start.
    pub(super) closing: bool,
}

impl Directory {
    pub(super) fn connect(&mut self) -> Arc<Peer> {
        let peer = Peer::new(self.next_id);
        self.next_id += 1;
        self.clients.insert(peer.id, Arc::clone(&peer));
        peer
    }

    pub(super) fn disconnect(&mut self, id: u64) {
        self.clients.remove(&id);
    }

    pub(super) fn clients(&self) -> impl Iterator<Item = &Arc<Peer>> {
        self.clients.values()
    }

    pub(super) fn room(&self, name: &Name) -> Option<&Arc<Room>> {
        self.rooms.get(name)
    }

    pub(super) fn rooms(&self) -> impl Iterator<Item = &Arc<Room>> {
        self.rooms.values()
    }

    /// Puts `room` in the place of the dead one of its name, if there is any.
    pub(super) fn add_room(&mut self, room: &Arc<Room>) {
        self.rooms.insert(room.name.clone(), Arc::clone(room));
    }

    /// Removes the dead `room`, unless a new one of its name has taken its place already.
    pub(super) fn remove_room(&mut self, room: &Arc<Room>) {
        if self.rooms.get(&room.name).is_some_and(|found| Arc::ptr_eq(found, room)) {
            self.rooms.remove(&room.name);
        }
    }
}

/// The rooms that have members, for lists of them. Rooms change it under their own locks, before anyone
/// is told of what changed it, and it is read as a whole: every list is a state that there was. Its
/// lock is a leaf. [common/reply-1]
#[derive(Debug, Default)]
pub(super) struct Occupied(Mutex<BTreeSet<Name>>);

impl Occupied {
    pub(super) fn lock(&self) -> MutexGuard<'_, BTreeSet<Name>> {
        lock(&self.0)
    }
}

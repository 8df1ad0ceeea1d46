//! The rooms and clients of one registry.

use super::figures::Sent;
use super::peer::Peer;
use super::room::Room;
use crate::protocol::Name;
use crate::sync::Arc;
use std::collections::BTreeMap;

/// Its lock comes before the locks of rooms and outboxes. It is held for look-ups only, never while
/// a room's lock is awaited that a fan-out may hold.
#[derive(Debug, Default)]
pub(super) struct Directory {
    rooms: BTreeMap<Name, Arc<Room>>,
    clients: BTreeMap<u64, Arc<Peer>>,
    next_id: u64,
    /// What the connections of clients that are gone had accepted.
    departed: Sent,
    /// The server shuts down: a client that connects now is closed from the start.
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
        if let Some(peer) = self.clients.remove(&id) {
            self.departed += peer.outbox().sent();
        }
    }

    /// What all connections have accepted, those of clients that are gone included. It never falls:
    /// a client goes under the same lock as what it was sent is kept.
    pub(super) fn sent(&self) -> Sent {
        let mut sent = self.departed;
        self.clients().for_each(|peer| sent += peer.outbox().sent());
        sent
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

    /// Adds `room`, which replaces the dead room of its name, if there is one.
    pub(super) fn add_room(&mut self, room: &Arc<Room>) {
        self.rooms.insert(room.name.clone(), Arc::clone(room));
    }

    /// Removes the dead `room`, unless a new one of its name has replaced it already.
    pub(super) fn remove_room(&mut self, room: &Arc<Room>) {
        if self.rooms.get(&room.name).is_some_and(|found| Arc::ptr_eq(found, room)) {
            self.rooms.remove(&room.name);
        }
    }
}

//! The state that all client handles of one registry share.

use super::call_context::CallContext;
use super::delivery::Delivery;
use super::directory::Directory;
use super::occupied::Occupied;
use super::peer::Peer;
use super::room::{Members, Room};
use crate::limits::Limits;
use crate::protocol::Dialect;
use crate::sync::{Arc, Mutex, MutexGuard, lock};
use std::fmt;

/// The shared state of one registry.
pub(super) struct Shared {
    pub(super) delivery: Delivery,
    pub(super) directory: Mutex<Directory>,
    pub(super) occupied: Arc<Occupied>,
    /// Held by the thread that enforces the total bound, and taken before every other lock.
    pub(super) total_bound: Mutex<()>,
}

/// Whether a member that leaves its room keeps its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Removal {
    /// The client stays connected, under its name.
    KeepName,
    /// The client departs or was evicted. [common/unique-2]
    ReleaseName,
}

impl Shared {
    pub(super) fn new(dialect: &'static dyn Dialect, limits: Limits) -> Arc<Shared> {
        Arc::new(Shared {
            delivery: Delivery::new(dialect, limits),
            directory: Mutex::new(Directory::default()),
            occupied: Arc::new(Occupied::default()),
            total_bound: Mutex::new(()),
        })
    }

    /// Removes member `number` of `room`, which is `peer`, calls `between`, and announces the
    /// departure, all in one step of the room's order. If `peer` is no such member, only `between`
    /// is called. A name is released before the announcement. [common/unique-2]
    pub(super) fn remove_member(
        &self,
        room: &Arc<Room>,
        number: u64,
        peer: &Peer,
        removal: Removal,
        call: &mut CallContext<'_>,
        between: impl FnOnce(&mut CallContext<'_>),
    ) {
        let silent = lock(&self.directory).closing;
        let mut members = room.lock();
        let mut names = self.delivery.names.lock();
        let left = members.remove(number, peer);
        if removal == Removal::ReleaseName {
            names.release(peer);
        }
        between(call);
        if let Some(member) = left.filter(|_| !silent) {
            members.announce_left(&member, &mut names, &self.delivery, call);
        }
        drop(names);
        self.close_up(room, members);
    }

    /// Unlocks `room`, and removes it from the directory if it has no members left.
    pub(super) fn close_up(&self, room: &Arc<Room>, mut members: MutexGuard<'_, Members>) {
        let dead = members.ends();
        drop(members);
        if dead {
            lock(&self.directory).remove_room(room);
        }
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dialect = self.delivery.dialect.name();
        f.debug_struct("Registry").field("dialect", &dialect).finish_non_exhaustive()
    }
}

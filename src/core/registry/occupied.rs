//! The names of the rooms that have members.

use crate::protocol::Name;
use crate::sync::{Mutex, MutexGuard, lock};
use std::collections::BTreeSet;

/// The rooms that have members, for lists of rooms.
///
/// A room changes the set under the room's own lock, before any client is told of the change. A
/// list reads the set as a whole, so that it shows a state that existed at one moment. The lock of
/// the set is a leaf. [common/reply-1]
#[derive(Debug, Default)]
pub(super) struct Occupied(Mutex<BTreeSet<Name>>);

impl Occupied {
    pub(super) fn lock(&self) -> MutexGuard<'_, BTreeSet<Name>> {
        lock(&self.0)
    }
}

//! The names of the rooms that have members.

use super::call_context::CallContext;
use super::chunk::Chunk;
use super::kept_list::KeptList;
use crate::protocol::Name;
use crate::sync::{Mutex, MutexGuard, lock};
use std::collections::BTreeSet;

/// The rooms that have members, for lists of rooms.
///
/// A room changes the set under the room's own lock, before any client is told of the change. A
/// list reads the set as a whole, so that it shows a state that existed at one moment. The lock of
/// the set is a leaf. [common/reply-1]
#[derive(Debug, Default)]
pub(super) struct Occupied(Mutex<Rooms>);

#[derive(Debug, Default)]
pub(super) struct Rooms {
    names: BTreeSet<Name>,
    list: KeptList,
}

impl Occupied {
    pub(super) fn insert(&self, name: Name) {
        let mut rooms = self.lock();
        rooms.names.insert(name);
        rooms.list.changed();
    }

    pub(super) fn remove(&self, name: &Name) {
        let mut rooms = self.lock();
        rooms.names.remove(name);
        rooms.list.changed();
    }

    /// The list as `render` makes it, rendered once for each state of the set. The names count as
    /// work of `call`. [common/prompt-2]
    pub(super) fn list(
        &self,
        call: &mut CallContext<'_>,
        render: impl FnOnce(&mut dyn Iterator<Item = &Name>) -> Chunk,
    ) -> Chunk {
        let mut rooms = self.lock();
        let Rooms { names, list } = &mut *rooms;
        call.appended += names.len();
        list.get(|| render(&mut names.iter()))
    }

    fn lock(&self) -> MutexGuard<'_, Rooms> {
        lock(&self.0)
    }
}

#[cfg(all(test, not(parlance_loom)))]
mod tests {
    use super::{CallContext, Name, Occupied};
    use crate::registry::chunk::{Chunk, Ledger};
    use crate::registry::kept_list::KEPT_BYTES_MIN;
    use crate::time::Time;
    use std::task::Waker;

    /// A list of `bytes` bytes, and whether it was rendered anew.
    fn list(occupied: &Occupied, bytes: usize) -> (usize, bool) {
        let (mut call, mut anew) = (CallContext::new(Time::ZERO, Waker::noop()), false);
        let chunk = occupied.list(&mut call, |names| {
            anew = true;
            Chunk::new(vec![b'\n'; bytes + names.count()], &Ledger::new())
        });
        assert_eq!(
            call.appended,
            chunk.bytes().len() - bytes,
            "the names are the work of the call"
        );
        (chunk.bytes().len(), anew)
    }

    #[test]
    fn a_long_list_is_rendered_once_until_the_rooms_change() {
        let occupied = Occupied::default();
        let [den, bar] = [b"den", b"bar"].map(|name| Name::new(name, 20).expect("a name"));
        occupied.insert(den);
        assert_eq!(list(&occupied, KEPT_BYTES_MIN), (KEPT_BYTES_MIN + 1, true));
        assert_eq!(list(&occupied, KEPT_BYTES_MIN), (KEPT_BYTES_MIN + 1, false));
        occupied.insert(bar.clone());
        assert_eq!(list(&occupied, KEPT_BYTES_MIN), (KEPT_BYTES_MIN + 2, true));
        occupied.remove(&bar);
        assert_eq!(list(&occupied, KEPT_BYTES_MIN), (KEPT_BYTES_MIN + 1, true));
        occupied.insert(bar);
        assert_eq!(list(&occupied, 10), (12, true));
        assert_eq!(list(&occupied, 10), (12, true), "a short list is not kept");
    }
}

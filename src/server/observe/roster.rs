//! The clients as an operator sees them, one by one.

use super::facts::Facts;
use parlance_core::protocol::Name;
use parlance_core::registry::Remote;
use parlance_core::time::Time;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// All clients that have a session, by the numbers of their connections.
#[derive(Debug, Default)]
pub(crate) struct Roster(Mutex<BTreeMap<u64, Arc<Entry>>>);

/// A client, while its connection lasts.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) facts: Facts,
    pub(crate) dialect: &'static str,
    pub(crate) remote: Remote,
    seen: Mutex<Seen>,
}

/// What the connection of a client has said of it last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) name: Option<Name>,
    pub(crate) room: Option<Name>,
    pub(crate) bytes_in: u64,
    pub(crate) lines_in: u64,
    /// Since when its input is held, if it is.
    pub(crate) held_since: Option<Time>,
}

impl Roster {
    fn entries(&self) -> MutexGuard<'_, BTreeMap<u64, Arc<Entry>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A connection has become that of a client.
    pub(crate) fn enter(&self, facts: Facts, dialect: &'static str, remote: Remote) -> Arc<Entry> {
        let conn = facts.conn;
        let entry = Arc::new(Entry { facts, dialect, remote, seen: Mutex::default() });
        self.entries().insert(conn, Arc::clone(&entry));
        entry
    }

    /// The connection of a client has ended.
    pub(crate) fn leave(&self, entry: &Entry) {
        self.entries().remove(&entry.facts.conn);
    }

    /// The client of connection `conn`.
    pub(crate) fn client(&self, conn: u64) -> Option<Arc<Entry>> {
        self.entries().get(&conn).cloned()
    }

    /// All clients, in the order of their connections.
    pub(crate) fn clients(&self) -> Vec<Arc<Entry>> {
        self.entries().values().cloned().collect()
    }
}

impl Entry {
    fn last(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is known of the client now.
    pub(crate) fn seen(&self) -> Seen {
        self.last().clone()
    }

    /// The client has this name and is in this room. Returns whether the name is another than
    /// before.
    pub(crate) fn is_called(&self, name: Option<&Name>, room: Option<&Name>) -> bool {
        let mut last = self.last();
        let is_new = last.name.as_ref() != name;
        (last.name, last.room) = (name.cloned(), room.cloned());
        is_new
    }

    /// The client has sent so much in all.
    pub(crate) fn has_sent(&self, bytes: u64, lines: u64) {
        let mut last = self.last();
        (last.bytes_in, last.lines_in) = (bytes, lines);
    }

    /// The client's input is held since then, or no longer.
    pub(crate) fn is_held(&self, since: Option<Time>) {
        self.last().held_since = since;
    }
}

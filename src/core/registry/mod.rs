//! Shared state: rooms, membership, fan-out and outboxes. No I/O, no clock.
//!
//! Locks are always taken in the order relief - directory - room - names - outbox, at most one of each
//! kind; a peer's place and the set of occupied rooms have leaf locks. None is held when a waker is
//! called. Only the registry appends to outboxes, replies and errors included: otherwise the one
//! order of a room could not hold. [common/order-1]

mod call_context;
mod chunk;
mod client;
mod directory;
mod history;
mod membership;
mod names;
mod outbox;
mod outlet;
mod peer;
mod private;
mod queue;
mod room;
mod stall_budget;

pub use call_context::CallContext;
pub use chunk::Chunk;
pub use client::Client;
pub use outbox::{Entry, OutboxState, Taken};
pub use outlet::{BATCH_ENTRIES_MAX, Outlet};

use crate::limits::Limits;
use crate::protocol::{CloseReason, Dialect};
use crate::sync::{Arc, Mutex, MutexGuard, lock};
use chunk::Ledger;
use directory::{Directory, Occupied};
use names::Names;
use peer::Peer;
use room::{Members, Membership, Room};
use std::fmt;

/// One dialect's world: all its rooms and clients. Clones share it.
///
/// ```
/// use parlance_core::limits::Limits;
/// use parlance_core::protocol::{Answer, Name, Request, rooms::Rooms};
/// use parlance_core::registry::{Registry, CallContext};
/// use parlance_core::time::Time;
/// use std::task::Waker;
///
/// let registry = Registry::new(&Rooms, Limits::default());
/// let mut turn = CallContext::new(Time::ZERO, Waker::noop());
/// let mut joe = registry.connect();
/// let (room, name) = (Name::new(b"den", 20).unwrap(), Name::new(b"joe", 20).unwrap());
/// assert_eq!(joe.submit(Request::Enter { room, name }, &mut turn), Answer::Entered);
///
/// let (outlet, mut batch) = (joe.outlet(), Vec::new());
/// outlet.take(&mut batch, Waker::noop());
/// assert_eq!(batch[0].bytes(), b"joe has joined\n");
/// outlet.settle(&mut batch, 4, true, &mut turn); // a partial write: the rest stays owed
/// outlet.take(&mut batch, Waker::noop());
/// assert_eq!(batch[0].bytes(), b"has joined\n");
/// # outlet.settle(&mut batch, 11, false, &mut turn);
///
/// drop(joe); // a departure, and the room goes with its last member
/// assert_eq!(registry.census().rooms, 0);
/// ```
#[derive(Clone)]
pub struct Registry(Arc<Shared>);

/// How many of everything are alive; all zero once everyone has left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Census {
    /// Connected clients, joined or not.
    pub clients: usize,
    /// Rooms in the directory: those that have members, when nothing else runs. [rooms/room-2]
    pub rooms: usize,
    /// Members of all rooms.
    pub members: usize,
    /// The charge of all outboxes, shared bytes counted once.
    pub charge: usize,
}

/// What every client handle and room reaches.
pub(crate) struct Shared {
    dialect: &'static dyn Dialect,
    limits: Limits,
    ledger: Arc<Ledger>,
    directory: Mutex<Directory>,
    names: Names,
    occupied: Arc<Occupied>,
    /// Held by whoever relieves the whole: before every other lock.
    total_bound: Mutex<()>,
}

impl Registry {
    /// An empty world of `dialect`.
    pub fn new(dialect: &'static dyn Dialect, limits: Limits) -> Registry {
        Registry(Arc::new(Shared {
            dialect,
            limits,
            ledger: Ledger::new(),
            directory: Mutex::new(Directory::default()),
            names: Names::new(dialect.policy().names_unique),
            occupied: Arc::new(Occupied::default()),
            total_bound: Mutex::new(()),
        }))
    }

    /// A new client, in no room unless the dialect's clients hear everything from the start. After
    /// [`shutdown`](Registry::shutdown) it is closed from the start.
    pub fn connect(&self) -> Client {
        let mut directory = lock(&self.0.directory);
        let peer = directory.connect();
        if directory.closing {
            let mut call = CallContext::new(crate::time::Time::ZERO, std::task::Waker::noop());
            peer.outbox().close(Some(CloseReason::Shutdown), &mut call);
        }
        drop(directory);
        let mut client = Client::new(self, peer);
        if self.0.dialect.policy().hears_from_connect {
            client.listen();
        }
        client
    }

    /// Closes every outbox and wakes every connection, to flush what it is owed. Departures are
    /// not announced from now on. [common/shutdown-1]
    pub fn shutdown(&self, call: &mut CallContext<'_>) {
        let mut directory = lock(&self.0.directory);
        directory.closing = true;
        for peer in directory.clients() {
            peer.outbox().close(Some(CloseReason::Shutdown), call);
        }
    }

    /// Counts what is alive, room by room: exact when nothing else runs.
    pub fn census(&self) -> Census {
        let directory = lock(&self.0.directory);
        let clients = directory.clients().count();
        let rooms: Vec<_> = directory.rooms().cloned().collect();
        drop(directory);
        let members = rooms.iter().map(|room| room.lock().len()).sum();
        Census { clients, rooms: rooms.len(), members, charge: self.0.ledger.total() }
    }
}

impl Shared {
    fn chunk(&self, bytes: Vec<u8>) -> Chunk {
        Chunk::new(bytes, &self.ledger)
    }

    /// Takes the member at `membership` out of its room, calls `between`, and tells the others, all in
    /// one step of the room's order. Without the member, only `between` happens. With `for_good` its
    /// name is given back too, before anyone is told. [common/unique-2]
    fn remove_member(
        &self,
        membership: &Membership,
        for_good: Option<&Peer>,
        caller_id: u64,
        call: &mut CallContext<'_>,
        between: impl FnOnce(&mut CallContext<'_>),
    ) {
        let silent = lock(&self.directory).closing;
        let mut members = membership.room.lock();
        let mut names = self.names.lock();
        let left = members.remove(membership.number);
        if let Some(peer) = for_good {
            names.release(peer);
        }
        between(call);
        if let Some(member) = left.filter(|_| !silent) {
            let room = &membership.room.name;
            members.announce_left(room, &member, caller_id, &mut names, self, call);
        }
        drop(names);
        self.close_up(&membership.room, members);
    }

    /// Unlocks `room`, and removes it if nobody is left in it.
    fn close_up(&self, room: &Arc<Room>, mut members: MutexGuard<'_, Members>) {
        let dead = members.ends();
        drop(members);
        if dead {
            lock(&self.directory).remove_room(room);
        }
    }

    /// Drops what `peer` is owed and takes it out of its room. [common/outbox-4]
    fn evict(&self, peer: &Peer, reason: CloseReason, call: &mut CallContext<'_>) {
        if peer.evict(Some(reason), &self.ledger, call) {
            self.remove_evicted(peer, call);
        }
    }

    /// Takes back the place and the name of `peer`, whose outbox was evicted just now. Who sits down
    /// at the same time looks at its outbox afterwards, so one of the two sees the other.
    fn remove_evicted(&self, peer: &Peer, call: &mut CallContext<'_>) {
        match peer.membership() {
            Some(membership) => self.remove_member(&membership, Some(peer), peer.id, call, |_| ()),
            None => self.names.release(peer),
        }
    }

    /// Evicts the largest backlogs, ties by lowest id, until the whole is within its bound or
    /// nobody owes anything. [common/outbox-9]
    fn enforce_total(&self, call: &mut CallContext<'_>) {
        if self.ledger.total() <= self.limits.total_bytes_max {
            return;
        }
        // One at a time: of two that find the whole too large, the second looks again.
        let _total_bound = lock(&self.total_bound);
        while self.ledger.total() > self.limits.total_bytes_max {
            let Some(largest) = self.largest_backlog() else {
                return;
            };
            self.evict(&largest, CloseReason::TotalBound, call);
        }
    }

    fn largest_backlog(&self) -> Option<Arc<Peer>> {
        let directory = lock(&self.directory);
        let mut largest: Option<(usize, &Arc<Peer>)> = None;
        for peer in directory.clients() {
            let charge = peer.outbox().charge();
            if charge > largest.map_or(0, |(most, _)| most) {
                largest = Some((charge, peer));
            }
        }
        largest.map(|(_, peer)| Arc::clone(peer))
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registry").field("dialect", &self.dialect.name()).finish_non_exhaustive()
    }
}

#[cfg(all(test, not(parlance_loom)))]
mod tests {
    use super::{CallContext, Limits, OutboxState, Registry};
    use crate::protocol::{Answer, Name, Request, rooms::Rooms};
    use crate::time::Time;
    use std::task::Waker;

    /// What it holds is locked, and other people's.
    #[test]
    fn a_client_shows_which_dialect_it_is_served_in_and_nothing_of_the_others() {
        let client = Registry::new(&Rooms, Limits::default()).connect();
        let shown = format!("{client:?}");
        assert!(shown.contains(r#"Registry { dialect: "rooms", .. }"#), "{shown}");
    }

    /// The shell takes no connection any more by then, but it may have taken one just before.
    #[test]
    fn who_connects_after_the_shutdown_is_closed_and_enters_no_room() {
        let registry = Registry::new(&Rooms, Limits::default());
        let mut call = CallContext::new(Time::ZERO, Waker::noop());
        registry.shutdown(&mut call);
        let mut late = registry.connect();
        assert_eq!(late.outbox_state(), OutboxState::Closed);
        let [room, name] = [b"den", b"joe"].map(|text| Name::new(text, 20).expect("a name"));
        assert_eq!(late.submit(Request::Enter { room, name }, &mut call), Answer::Gone);
        assert_eq!(registry.census().rooms, 0);
    }

    /// It need not publish again to learn of it.
    #[test]
    fn who_is_evicted_by_its_own_line_is_told_so() {
        let limits = Limits { outbox_bytes_max: 1_000, ..Limits::default() };
        let registry = Registry::new(&Rooms, limits);
        let mut call = CallContext::new(Time::ZERO, Waker::noop());
        let mut joe = registry.connect();
        let [room, name] = [b"den", b"joe"].map(|text| Name::new(text, 20).expect("a name"));
        assert_eq!(joe.submit(Request::Enter { room, name }, &mut call), Answer::Entered);
        let mut flood = || joe.submit(Request::Publish { lines: vec![b'\n'; 600] }, &mut call);
        assert_eq!((flood(), flood()), (Answer::Published, Answer::Gone));
        assert_eq!(joe.outbox_state(), OutboxState::Evicted);
    }

    /// Outboxes are closed one after the other: a line of a member whose own is closed must reach nobody.
    #[test]
    fn who_is_a_member_at_the_shutdown_publishes_nothing_more() {
        let registry = Registry::new(&Rooms, Limits::default());
        let mut call = CallContext::new(Time::ZERO, Waker::noop());
        let mut joe = registry.connect();
        let [room, name] = [b"den", b"joe"].map(|text| Name::new(text, 20).expect("a name"));
        assert_eq!(joe.submit(Request::Enter { room, name }, &mut call), Answer::Entered);
        registry.shutdown(&mut call);
        let lines = b"joe: hi\n".to_vec();
        assert_eq!(joe.submit(Request::Publish { lines }, &mut call), Answer::Gone);
    }
}

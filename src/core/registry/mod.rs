//! Shared state: rooms, membership, fan-out and outboxes. No I/O, no clock.
//!
//! Locks are taken in the order total bound - directory - room - names - outbox, at most one of
//! each kind; a peer's identity and the set of occupied rooms have leaf locks. No lock is held
//! while a waker is called. Only the registry appends to outboxes, replies and errors included:
//! otherwise the one order of a room could not hold. [common/order-1]
//!
//! Backpressure, and what happens to a slow consumer, is in `stall_budget`, `outbox` and
//! `eviction`.

mod account_state;
mod accounts;
mod archive;
mod awaited;
mod banned_names;
mod bounds;
mod call_context;
mod chunk;
mod client;
mod delivery;
mod directory;
mod entry;
mod eviction;
mod figures;
mod history;
mod hold_budget;
mod inquiries;
mod keeping;
mod kept_list;
mod kept_room;
mod kick;
mod membership;
mod names;
mod occupied;
mod outbox;
mod outlet;
mod peer;
mod private;
mod queue;
mod remote;
mod room;
mod room_queue;
mod shared;
mod stall_budget;
mod ticket;
mod turns;
mod wait_queue;

pub use archive::{ArchiveOptions, Effects, Outcome, Read, Sleep, Write, texts};
pub use banned_names::BannedName;
pub use call_context::CallContext;
pub use chunk::Chunk;
pub use client::Client;
pub use entry::Entry;
pub use figures::{LastFigures, Sent, Snapshot};
pub use inquiries::{AccountOptions, Asked, Effort, Inquiry, Verdict};
pub use outbox::{OutboxState, Taken};
pub use outlet::{BATCH_ENTRIES_MAX, Outlet};
pub use remote::Remote;

use crate::limits::Limits;
use crate::protocol::{CloseReason, Dialect, Name};
use crate::sync::{Arc, lock};
use crate::time::Time;
use shared::Shared;
use std::task::Waker;

/// The service of one dialect: all its rooms and clients. Clones share it.
///
/// ```
/// use parlance_core::limits::Limits;
/// use parlance_core::protocol::{Answer, Name, Request, rooms::Rooms};
/// use parlance_core::registry::{Registry, CallContext};
/// use parlance_core::time::Time;
/// use std::task::Waker;
///
/// let registry = Registry::new(&Rooms, Limits::default());
/// let mut call = CallContext::new(Time::ZERO, Waker::noop());
/// let mut joe = registry.connect();
/// let (room, name) = (Name::new(b"den", 20).unwrap(), Name::new(b"joe", 20).unwrap());
/// assert_eq!(joe.submit(Request::Enter { room, name }, &mut call), Answer::Entered);
///
/// let (outlet, mut batch) = (joe.outlet(), Vec::new());
/// outlet.take(&mut batch, Waker::noop());
/// assert_eq!(batch[0].bytes(), b"joe has joined\n");
/// outlet.settle(&mut batch, 4, true, &mut call); // a partial write: the rest stays pending
/// outlet.take(&mut batch, Waker::noop());
/// assert_eq!(batch[0].bytes(), b"has joined\n");
/// # outlet.settle(&mut batch, 11, false, &mut call);
///
/// drop(joe); // a departure, and the room goes with its last member
/// assert_eq!(registry.census().rooms, 0);
/// ```
#[derive(Clone)]
pub struct Registry(Arc<Shared>);

/// A room and the number of its members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomSize {
    /// The room.
    pub name: Name,
    /// How many clients are in it, those that only listen included.
    pub members: usize,
}

/// The numbers of live objects; all zero once every client has left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Census {
    /// Connected clients, joined or not.
    pub clients: usize,
    /// Rooms in the directory: those that have members, when nothing else runs. [rooms/room-2]
    pub rooms: usize,
    /// Members of all rooms.
    pub members: usize,
    /// The charge of all outboxes, in bytes, shared bytes counted once.
    pub charge: usize,
}

impl Registry {
    /// An empty service of `dialect`.
    #[expect(clippy::needless_pass_by_value, reason = "most callers make it for this call")]
    pub fn new(dialect: &'static dyn Dialect, limits: Limits) -> Registry {
        Registry(Shared::new(dialect, &limits))
    }

    /// As [`new`](Registry::new), with rooms that are kept in a store. The shell performs the
    /// [`Effects`]. [extensions/store-1]
    #[expect(clippy::needless_pass_by_value, reason = "as above")]
    pub fn with_archive(
        dialect: &'static dyn Dialect,
        limits: Limits,
        archive: ArchiveOptions,
    ) -> Registry {
        Registry(Shared::keeping(dialect, &limits, Some(archive), None))
    }

    /// As [`new`](Registry::new), with names that can have accounts, and rooms that are kept if
    /// there is an `archive`. The shell finds out what the registry has
    /// [asked](Registry::next_inquiry). [extensions/account-1]
    #[expect(clippy::needless_pass_by_value, reason = "as above")]
    pub fn with_accounts(
        dialect: &'static dyn Dialect,
        limits: Limits,
        archive: Option<ArchiveOptions>,
        accounts: AccountOptions,
    ) -> Registry {
        Registry(Shared::keeping(dialect, &limits, archive, Some(accounts)))
    }

    /// Changes the limits, except those of crowded rooms, which stay as they were made.
    ///
    /// A smaller total bound is enforced at once [common/outbox-9]. A smaller bound of an outbox
    /// counts from the next line to it, and another stall limit for every wait, also for those that
    /// have begun; a connection that waits looks at the end of its old limit, or earlier. What else
    /// there is in `limits` belongs to sessions and to the shell. [common/reload-2]
    pub fn set_limits(&self, limits: &Limits, call: &mut CallContext<'_>) {
        self.0.delivery.bounds.set(limits);
        self.0.enforce_total(call);
    }

    /// From now on nobody can take one of `names`; those before are free again, and nobody is sent
    /// away. [common/ban-2]
    pub fn ban_names(&self, names: impl IntoIterator<Item = (Name, BannedName)>) {
        self.0.banned_names.set(names.into_iter().collect());
    }

    /// A new client. It is in no room, unless the dialect's clients listen to the default room from
    /// the start. After [`shutdown`](Registry::shutdown) it is closed from the start.
    pub fn connect(&self) -> Client {
        let mut directory = lock(&self.0.directory);
        let peer = directory.connect();
        if directory.closing {
            let mut call = CallContext::new(Time::ZERO, Waker::noop());
            peer.outbox().close(Some(CloseReason::Shutdown), &mut call);
        }
        drop(directory);
        let mut client = Client::new(&self.0, peer);
        if self.0.delivery.dialect.policy().hears_from_connect {
            client.listen();
        }
        client
    }

    /// Closes every outbox and wakes every connection to flush its pending lines (drain).
    /// Departures are not announced from now on. [common/shutdown-1]
    pub fn shutdown(&self, call: &mut CallContext<'_>) {
        let mut directory = lock(&self.0.directory);
        directory.closing = true;
        for peer in directory.clients() {
            peer.outbox().close(Some(CloseReason::Shutdown), call);
        }
    }

    /// The rooms that have members, by name.
    pub fn rooms(&self) -> Vec<Name> {
        lock(&self.0.directory).rooms().map(|room| room.name.clone()).collect()
    }

    /// How many members the room called `name` has; `None` if there is no such room. It waits for a
    /// fan-out in the room.
    pub fn room_size(&self, name: &Name) -> Option<RoomSize> {
        let room = lock(&self.0.directory).room(name).cloned()?;
        let members = room.lock().len();
        (members > 0).then(|| RoomSize { name: name.clone(), members })
    }

    /// Has `performer` woken when this sleep is over; true if it is over already. Without a store
    /// it never is.
    pub fn sleep(&self, sleep: Sleep, performer: &Waker) -> bool {
        self.0.delivery.archive.as_ref().is_some_and(|archive| archive.sleep(sleep, performer))
    }

    /// Takes what is to be performed: the first writes, and if those are all, at most so many
    /// reads. The outcome of the writes is due before anything is taken again.
    pub fn take_effects(&self, reads_max: usize) -> Effects {
        let archive = self.0.delivery.archive.as_ref();
        archive.map_or_else(Effects::default, |archive| archive.take(reads_max))
    }

    /// Something that was taken has ended so: the requests that waited for it may be made again.
    pub fn performed(&self, outcome: Outcome, call: &mut CallContext<'_>) {
        self.0.performed(outcome, call);
        self.0.enforce_total(call);
    }

    /// Takes the next inquiry of this effort; if there is none, `performer` is woken once there is.
    /// Its verdict is due, whether or not somebody still waits for it. [extensions/account-9]
    pub fn next_inquiry(&self, effort: Effort, performer: &Waker) -> Option<Asked> {
        self.0.inquiries.as_ref()?.next(effort, performer)
    }

    /// The verdict on an inquiry that was taken: the request that waits for it may be made again.
    pub fn judged(&self, ticket: u64, verdict: Verdict, call: &mut CallContext<'_>) {
        if let Some(inquiries) = &self.0.inquiries {
            inquiries.judged(ticket, verdict, call);
        }
    }

    /// Bytes that wait to be stored.
    pub fn unstored(&self) -> usize {
        self.0.delivery.archive.as_ref().map_or(0, |archive| archive.bytes())
    }

    /// Counts the live objects, room by room: exact while no other call runs.
    pub fn census(&self) -> Census {
        let directory = lock(&self.0.directory);
        let clients = directory.clients().count();
        let rooms: Vec<_> = directory.rooms().cloned().collect();
        drop(directory);
        let members = rooms.iter().map(|room| room.lock().len()).sum();
        Census { clients, rooms: rooms.len(), members, charge: self.0.delivery.ledger.total() }
    }

    /// What there is and what was done so far, for whoever looks on. It awaits no room's lock, and
    /// costs a look at each client.
    pub fn snapshot(&self) -> Snapshot {
        let delivery = &self.0.delivery;
        let directory = lock(&self.0.directory);
        let (clients, rooms) = (directory.clients().count(), directory.rooms().count());
        let sent = directory.sent();
        drop(directory);
        Snapshot {
            clients,
            rooms,
            total: delivery.ledger.total(),
            deliveries: delivery.counters.deliveries(),
            names_refused: delivery.counters.names_refused(),
            sent,
        }
    }
}

#[cfg(all(test, not(parlance_loom)))]
mod tests {
    use super::{CallContext, CloseReason, Limits, OutboxState, Registry, Sent};
    use crate::limits::ENTRY_BYTES;
    use crate::protocol::{Answer, Name, Request, rooms::Rooms};
    use crate::time::Time;
    use std::task::Waker;
    use std::time::Duration;

    /// The rest is locked, and belongs to other clients.
    #[test]
    fn a_client_shows_its_dialect_and_no_other_client() {
        let client = Registry::new(&Rooms, Limits::default()).connect();
        let shown = format!("{client:?}");
        assert!(shown.contains(r#"Registry { dialect: "rooms", .. }"#), "{shown}");
    }

    /// The shell accepts no connection after the shutdown, but it may have accepted one just
    /// before.
    #[test]
    fn a_client_that_connects_after_the_shutdown_is_closed_and_joins_no_room() {
        let registry = Registry::new(&Rooms, Limits::default());
        let mut call = CallContext::new(Time::ZERO, Waker::noop());
        registry.shutdown(&mut call);
        let mut late = registry.connect();
        assert_eq!(late.outbox_state(), OutboxState::Closed);
        let [room, name] = [b"den", b"joe"].map(|text| Name::new(text, 20).expect("a name"));
        assert_eq!(late.submit(Request::Enter { room, name }, &mut call), Answer::Gone);
        assert_eq!(registry.census().rooms, 0);
    }

    /// The client need not publish again to learn of its eviction.
    #[test]
    fn a_client_evicted_by_its_own_line_is_answered_gone() {
        let limits = Limits { outbox_bytes_max: 1_000, ..Limits::default() };
        let registry = Registry::new(&Rooms, limits);
        let mut call = CallContext::new(Time::ZERO, Waker::noop());
        let mut joe = registry.connect();
        let [room, name] = [b"den", b"joe"].map(|text| Name::new(text, 20).expect("a name"));
        assert_eq!(joe.submit(Request::Enter { room, name }, &mut call), Answer::Entered);
        let mut flood = || joe.submit(Request::Publish { lines: vec![b'\n'; 600] }, &mut call);
        assert_eq!((flood(), flood()), (Answer::Published, Answer::Gone));
        assert_eq!(joe.outbox_state(), OutboxState::Evicted);
        assert_eq!(joe.close_reason(), Some(CloseReason::OutboxOverflow));
    }

    fn member(registry: &Registry, name: &str, call: &mut CallContext<'_>) -> super::Client {
        let mut client = registry.connect();
        let [room, name] = ["den", name].map(|text| Name::new(text.as_bytes(), 20).expect("one"));
        assert_eq!(client.submit(Request::Enter { room, name }, call), Answer::Entered);
        client
    }

    /// [common/reload-2]
    #[test]
    fn a_smaller_total_bound_is_enforced_at_once_and_a_smaller_outbox_by_the_next_line() {
        let (limits, mut call) = (Limits::default(), CallContext::new(Time::ZERO, Waker::noop()));
        let registry = Registry::new(&Rooms, limits.clone());
        let mut joe = member(&registry, "joe", &mut call);
        let ann = member(&registry, "ann", &mut call);
        let mut publish = |call: &mut CallContext<'_>| {
            joe.submit(Request::Publish { lines: vec![b'\n'; 600] }, call)
        };
        assert_eq!(publish(&mut call), Answer::Published);
        registry.set_limits(&Limits { outbox_bytes_max: 1_000, ..limits.clone() }, &mut call);
        assert_eq!(ann.outbox_state(), OutboxState::Open, "it holds less");
        registry.set_limits(&limits, &mut call);
        assert_eq!(publish(&mut call), Answer::Published, "and more is allowed again");
        registry.set_limits(&Limits { outbox_bytes_max: 1_000, ..limits.clone() }, &mut call);
        assert_eq!(ann.outbox_state(), OutboxState::Open, "nothing is sent to it");
        assert_eq!(publish(&mut call), Answer::Gone);
        assert_eq!(ann.close_reason(), Some(CloseReason::OutboxOverflow));

        let registry = Registry::new(&Rooms, limits.clone());
        let bob = member(&registry, "bob", &mut call);
        registry.set_limits(&Limits { total_bytes_max: 10_000, ..limits.clone() }, &mut call);
        assert_eq!(bob.outbox_state(), OutboxState::Open);
        registry.set_limits(&Limits { total_bytes_max: 10, ..limits }, &mut call);
        assert_eq!(bob.close_reason(), Some(CloseReason::TotalBound));
        assert_eq!(registry.census().members, 0);
    }

    /// Outboxes are closed one after the other: a line of a member with a closed outbox must reach
    /// no other member.
    #[test]
    fn a_member_publishes_nothing_after_the_shutdown() {
        let registry = Registry::new(&Rooms, Limits::default());
        let mut call = CallContext::new(Time::ZERO, Waker::noop());
        let mut joe = registry.connect();
        let [room, name] = [b"den", b"joe"].map(|text| Name::new(text, 20).expect("a name"));
        assert_eq!(joe.submit(Request::Enter { room, name }, &mut call), Answer::Entered);
        registry.shutdown(&mut call);
        let lines = b"joe: hi\n".to_vec();
        assert_eq!(joe.submit(Request::Publish { lines }, &mut call), Answer::Gone);
    }

    /// Those of a client that is gone included, or a counter would fall.
    #[test]
    fn a_snapshot_counts_whole_lines_and_what_those_were_sent_that_are_gone() {
        let registry = Registry::new(&Rooms, Limits::default());
        let mut call = CallContext::new(Time::ZERO, Waker::noop());
        let [mut ann, mut joe] = [registry.connect(), registry.connect()];
        for (client, name) in [(&mut ann, &b"ann"[..]), (&mut joe, b"joe")] {
            let [room, name] = [&b"den"[..], name].map(|text| Name::new(text, 20).expect("one"));
            client.submit(Request::Enter { room, name }, &mut call);
        }
        let lines = b"ann: a\nann: b\n".to_vec();
        ann.submit(Request::Publish { lines }, &mut call);
        let (outlet, mut batch) = (joe.outlet(), Vec::new());
        outlet.take(&mut batch, Waker::noop());
        outlet.settle(&mut batch, "joe has joined\nann: a\n".len(), true, &mut call);
        assert_eq!(joe.sent(), Sent { bytes: 22, lines: 1 });
        outlet.take(&mut batch, Waker::noop());
        outlet.settle(&mut batch, "ann: b\n".len(), false, &mut call);
        let seen = registry.snapshot();
        assert_eq!(joe.sent(), Sent { bytes: 29, lines: 3 });
        assert_eq!((seen.clients, seen.rooms, seen.deliveries), (2, 1, 7));
        drop(joe);
        assert_eq!(registry.snapshot().sent, Sent { bytes: 29, lines: 3 });
        assert_eq!(ann.last_figures(), None);
    }

    #[test]
    fn an_eviction_leaves_its_figures() {
        let limits = Limits { outbox_bytes_max: 1_000, ..Limits::default() };
        let registry = Registry::new(&Rooms, limits);
        let now = Time::ZERO + Duration::from_secs(7);
        let mut joe = registry.connect();
        let [room, name] = [b"den", b"joe"].map(|text| Name::new(text, 20).expect("a name"));
        let mut call = CallContext::new(Time::ZERO, Waker::noop());
        joe.submit(Request::Enter { room, name }, &mut call);
        joe.holds_input(5, &mut call);
        let mut late = CallContext::new(now, Waker::noop());
        joe.submit(Request::Publish { lines: vec![b'\n'; 1_000] }, &mut late);
        let last = joe.last_figures().expect("it was evicted");
        let charge = "joe has joined\n".len() + ENTRY_BYTES;
        assert_eq!((last.charge, last.counted, last.held_input), (charge, charge, 5));
        assert_eq!((last.refused_for, last.pending_for), (Duration::ZERO, now.since(Time::ZERO)));
        assert!(last.total > charge + 1_000);
    }
}

//! The state that all client handles of one registry share.

use super::archive::{ArchiveOptions, Outcome};
use super::banned_names::BannedNames;
use super::call_context::CallContext;
use super::delivery::Delivery;
use super::directory::Directory;
use super::inquiries::{AccountOptions, Inquiries};
use super::kept_room::Loading;
use super::occupied::Occupied;
use super::peer::Peer;
use super::room::{Members, Room};
use super::turns::OwnTurns;
use crate::limits::Limits;
use crate::protocol::{Dialect, Fault};
use crate::sync::{Arc, Mutex, MutexGuard, lock};
use std::fmt;

/// The shared state of one registry.
pub(super) struct Shared {
    pub(super) delivery: Delivery,
    pub(super) directory: Mutex<Directory>,
    pub(super) occupied: Arc<Occupied>,
    pub(super) banned_names: BannedNames,
    /// Where names can have accounts. [extensions/account-1]
    pub(super) inquiries: Option<Inquiries>,
    /// Held by the thread that enforces the total bound, and taken before every other lock.
    pub(super) total_bound: Mutex<()>,
}

/// How a member is removed from its room at its own request.
#[derive(Debug)]
pub(super) struct Removal<'client> {
    /// Whether its name is released, because it departs. [common/unique-2]
    releases_name: bool,
    /// Whether the removal may wait for the end of a turn: nothing is sent to the client itself.
    may_wait: bool,
    /// The turns of the client, whose own request it is.
    turns: &'client mut OwnTurns,
}

impl<'client> Removal<'client> {
    /// The client leaves the room and keeps its name.
    pub(super) fn leave(turns: &'client mut OwnTurns) -> Removal<'client> {
        Removal { releases_name: false, may_wait: false, turns }
    }

    /// The client leaves the room and gives its name back.
    pub(super) fn log_out(turns: &'client mut OwnTurns) -> Removal<'client> {
        Removal { releases_name: true, may_wait: false, turns }
    }

    /// The client departs; it is `silent` if it gets no farewell.
    pub(super) fn departure(silent: bool, turns: &'client mut OwnTurns) -> Removal<'client> {
        Removal { releases_name: true, may_wait: silent, turns }
    }
}

impl Shared {
    pub(super) fn new(dialect: &'static dyn Dialect, limits: &Limits) -> Arc<Shared> {
        Shared::keeping(dialect, limits, None, None)
    }

    /// With rooms that are kept in a store, and names that have accounts, as far as there are
    /// options for them.
    pub(super) fn keeping(
        dialect: &'static dyn Dialect,
        limits: &Limits,
        archive: Option<ArchiveOptions>,
        accounts: Option<AccountOptions>,
    ) -> Arc<Shared> {
        Arc::new(Shared {
            delivery: Delivery::new(dialect, limits, archive),
            inquiries: accounts.map(Inquiries::new),
            directory: Mutex::new(Directory::default()),
            occupied: Arc::new(Occupied::default()),
            banned_names: BannedNames::default(),
            total_bound: Mutex::new(()),
        })
    }

    /// Removes member `number` of `room`, which is `peer`, calls `between`, and announces the
    /// departure, all in one step of the room's order. If `peer` is no such member, only `between`
    /// is called. A name is released before the announcement. [common/unique-2] In a crowded room a
    /// removal is part of a turn, and one that may wait is made at the end of it. [common/flow-8]
    pub(super) fn remove_member(
        &self,
        room: &Arc<Room>,
        number: u64,
        peer: &Peer,
        removal: Removal<'_>,
        call: &mut CallContext<'_>,
        between: impl FnOnce(&mut CallContext<'_>),
    ) {
        let Removal { releases_name, may_wait, turns } = removal;
        let silent = lock(&self.directory).closing;
        let mut members = room.lock();
        if may_wait && members.departs_later(number, peer) {
            return between(call);
        }
        let mut names = self.delivery.names.lock();
        // Departures that wait for the end of the turn came before this one.
        members.announce_departures(&mut names, &self.delivery, call);
        let left = members.remove(number, peer, call.now);
        if releases_name {
            names.release(peer);
        }
        between(call);
        if let Some(member) = left.filter(|_| !silent) {
            members.announce_left(&member, &mut names, &self.delivery, call);
        }
        drop(names);
        members.take_turn(room, turns, call);
        self.close_up(room, members);
    }

    /// Removes those `members` of `room` that are still in it, by their numbers, as one wave. All
    /// were evicted. [common/outbox-6]
    pub(super) fn remove_members(
        &self,
        room: &Arc<Room>,
        members: &[(u64, &Peer)],
        call: &mut CallContext<'_>,
    ) {
        let silent = lock(&self.directory).closing;
        let mut state = room.lock();
        let mut names = self.delivery.names.lock();
        // Departures that wait for the end of the turn came before these.
        state.announce_departures(&mut names, &self.delivery, call);
        let mut leaving = 0;
        for (number, peer) in members {
            if state.marks_as_leaving(*number, peer) {
                leaving += 1;
            } else {
                names.release(peer);
            }
        }
        if silent {
            drop(state.remove_wave(&mut names, &self.delivery, call.now));
        } else {
            state.end_waves(leaving, &mut names, &self.delivery, call);
        }
        drop(names);
        self.close_up(room, state);
    }

    /// An effect has ended: whoever waited for it goes on.
    pub(super) fn performed(&self, outcome: Outcome, call: &mut CallContext<'_>) {
        let Some(archive) = &self.delivery.archive else { return };
        match outcome {
            Outcome::Written { stored } => archive.written(stored, call),
            Outcome::Lines { room, ticket, lines } => {
                let (dialect, mut reply) = (self.delivery.dialect, Vec::new());
                match lines {
                    Some(lines) => dialect.history(&room, &lines, archive.keeps(), &mut reply),
                    None => dialect.fault(&Fault::HistoryUnavailable, &mut reply),
                }
                archive.read(ticket, self.delivery.chunk(reply), call);
            }
            Outcome::Room { room, ticket, lines, topic } => {
                let Some(found) = lock(&self.directory).room(&room).cloned() else { return };
                let mut members = found.lock();
                let Some(kept) = &mut members.kept else { return };
                match &mut kept.loading {
                    Loading::Asked(asked, tickets) if *asked == ticket => tickets.resume(call),
                    _ => return, // of a room of the same name that is gone
                }
                (kept.loading, kept.topic) = (Loading::Done, topic);
                let mut rendered = Vec::new();
                for line in lines {
                    self.delivery.dialect.said(&room, &line.sender, &line.text, &mut rendered);
                }
                members.remember(&rendered, &self.delivery);
            }
        }
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

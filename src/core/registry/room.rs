//! One room: its members in order of joining, and the one order of its events.

use super::Shared;
use super::call_context::CallContext;
use super::chunk::Chunk;
use super::directory::Occupied;
use super::history::History;
use super::names::Held;
use super::outbox::Appended;
use super::peer::Peer;
use crate::limits::CHUNK_BYTES_MAX;
use crate::protocol::Name;
use crate::protocol::dialect::{Listing, Scene};
use crate::sync::{Arc, Mutex, MutexGuard, lock};
use crate::time::Time;

/// A room. Nothing in it reaches another room. [rooms/room-1] [channels/room-1] What happens under its lock happens in one order for all its members. [common/order-1]
#[derive(Debug)]
pub(super) struct Room {
    pub(super) name: Name,
    state: Mutex<Members>,
}

/// A place in a room.
#[derive(Clone, Debug)]
pub(super) struct Membership {
    pub(super) room: Arc<Room>,
    /// The member's number in order of joining.
    pub(super) number: u64,
}

#[derive(Debug)]
pub(super) struct Member {
    number: u64,
    /// None while it only listens.
    name: Option<Name>,
    pub(super) peer: Arc<Peer>,
    /// Evicted by the wave in progress, to be removed and announced at its end.
    evicted: bool,
}

/// The members of a room; exists only under its lock.
#[derive(Debug)]
pub(super) struct Members {
    /// Sorted by number, for a new member gets the next one.
    list: Vec<Member>,
    next_number: u64,
    /// The last member left. A dead room stays dead: whoever finds it in the directory replaces it,
    /// so that a join can never end up in a room that is about to be deleted. [rooms/room-2] [channels/room-2]
    dead: bool,
    /// The room's name, and where it stands while the room has members.
    name: Name,
    occupied: Arc<Occupied>,
    history: History,
    /// The last line that was tried has to wait for a member.
    line_waits: bool,
}

impl Room {
    pub(super) fn new(name: Name, occupied: &Arc<Occupied>) -> Arc<Room> {
        let members = Members {
            list: Vec::new(),
            next_number: 0,
            dead: false,
            name: name.clone(),
            occupied: Arc::clone(occupied),
            history: History::default(),
            line_waits: false,
        };
        Arc::new(Room { name, state: Mutex::new(members) })
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Members> {
        lock(&self.state)
    }
}

impl Members {
    pub(super) fn is_dead(&self) -> bool {
        self.dead
    }

    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    /// The number of whoever is added next.
    pub(super) fn next_number(&self) -> u64 {
        self.next_number
    }

    /// Adds `peer` at the end. The caller announces it.
    pub(super) fn add(&mut self, name: Option<Name>, peer: Arc<Peer>) {
        let number = self.next_number;
        self.next_number += 1;
        self.list.push(Member { number, name, peer, evicted: false });
        if self.list.len() == 1 {
            self.occupied.lock().insert(self.name.clone());
        }
    }

    /// Gives the listener `number` a name; false if it is gone.
    pub(super) fn name(&mut self, number: u64, name: Name) -> bool {
        let Ok(index) = self.index_of(number) else { return false };
        self.list[index].name = Some(name);
        true
    }

    /// Removes member `number`, or nobody if it is gone already. The caller announces it.
    pub(super) fn remove(&mut self, number: u64) -> Option<Member> {
        let member = self.list.remove(self.index_of(number).ok()?);
        member.peer.set_membership(None);
        self.ends();
        Some(member)
    }

    /// Without members the room is dead, and stays so; says whether it is.
    pub(super) fn ends(&mut self) -> bool {
        // Once only: by then there may be another of the name.
        if self.list.is_empty() && !self.dead {
            self.dead = true;
            self.occupied.lock().remove(&self.name);
        }
        self.dead
    }

    fn index_of(&self, number: u64) -> Result<usize, usize> {
        self.list.binary_search_by_key(&number, |member| member.number)
    }

    pub(super) fn contains(&self, number: u64) -> bool {
        self.index_of(number).is_ok()
    }

    /// Renders what `room` looks like to who enters it now. [channels/join-4]
    pub(super) fn scene(&self, room: &Name, shared: &Shared) -> Vec<u8> {
        let mut lines = Vec::new();
        let mut present = self.names();
        let scene =
            Scene { count: self.list.len(), present: &mut present, history: self.history.pieces() };
        shared.dialect.entered(room, scene, &mut lines);
        lines
    }

    /// Renders the list of members.
    pub(super) fn list(&self, shared: &Shared) -> Vec<u8> {
        let mut lines = Vec::new();
        shared.dialect.list(Listing::Members, &mut self.names(), &mut lines);
        lines
    }

    /// Keeps the lines of a run for who enters later. [channels/history-1]
    pub(super) fn remember(&mut self, run: &[u8]) {
        self.history.push(run);
    }

    fn names(&self) -> impl Iterator<Item = &Name> {
        self.list.iter().filter_map(|member| member.name.as_ref())
    }

    /// Until when a publish must wait for a congested member, if it must; the caller is then
    /// registered with every member that holds it up. [common/flow-1]
    pub(super) fn holds_until(&mut self, call: &mut CallContext<'_>) -> Option<Time> {
        let mut until = None;
        for member in &self.list {
            until = until.max(member.peer.holds_until(call));
        }
        let waits = until.is_some();
        if waits || self.line_waits {
            // Whoever stands still as well is waited for now, not when it is congested. [common/flow-3]
            self.list.iter().for_each(|member| member.peer.line_tried(waits, call.now));
        }
        self.line_waits = waits;
        until
    }

    /// Appends `chunk` to every member's outbox, `skip` excepted, and sees to those whom that
    /// evicts: all of one wave leave together and are announced to the rest, which may evict the
    /// next wave. Each wave is smaller than the room, so this ends. [common/outbox-5]
    pub(super) fn fan_out(
        &mut self,
        chunk: &Chunk,
        skip: Option<u64>,
        caller_id: u64,
        shared: &Shared,
        call: &mut CallContext<'_>,
    ) {
        let evicted = self.append_to_all(chunk, skip, caller_id, shared, call);
        if evicted > 0 {
            self.end_waves(evicted, caller_id, &mut shared.names.lock(), shared, call);
        }
    }

    /// Sees to the `evicted` of the last append, and to those whom that evicts.
    fn end_waves(
        &mut self,
        mut evicted: usize,
        caller_id: u64,
        names: &mut Held<'_>,
        shared: &Shared,
        call: &mut CallContext<'_>,
    ) {
        while evicted > 0 {
            evicted = 0;
            for notice in self.remove_wave(names, shared) {
                evicted += self.append_to_all(&notice, None, caller_id, shared, call);
            }
        }
    }

    /// Renders that `member` left and tells everyone who is still here.
    pub(super) fn announce_left(
        &mut self,
        room: &Name,
        member: &Member,
        caller_id: u64,
        names: &mut Held<'_>,
        shared: &Shared,
        call: &mut CallContext<'_>,
    ) {
        let mut notice = Vec::new();
        member.render_left(room, shared, &mut notice);
        if notice.is_empty() || self.list.is_empty() {
            return;
        }
        let evicted = self.append_to_all(&shared.chunk(notice), None, caller_id, shared, call);
        self.end_waves(evicted, caller_id, names, shared, call);
    }

    fn append_to_all(
        &mut self,
        chunk: &Chunk,
        skip: Option<u64>,
        caller_id: u64,
        shared: &Shared,
        call: &mut CallContext<'_>,
    ) -> usize {
        call.appended += self.list.len();
        let (mut queued, mut evicted) = (0, 0);
        let bytes_max = shared.limits.outbox_bytes_max;
        // Charged before it can be settled: a fast reader must not take the ledger below zero.
        shared.ledger.entries_appended(self.list.len());
        for member in &mut self.list {
            if skip == Some(member.peer.id) || member.evicted {
                continue;
            }
            match member.peer.append_or_evict(chunk, bytes_max, caller_id, &shared.ledger, call) {
                Appended::Queued => queued += 1,
                Appended::Overflow => {
                    member.evicted = true;
                    evicted += 1;
                }
                Appended::Refused => {}
            }
        }
        shared.ledger.entries_removed(self.list.len() - queued);
        evicted
    }

    /// Removes the members evicted by the last appends and renders their departures, in order of
    /// joining, into as few chunks as their bound allows. [common/outbox-6]
    fn remove_wave(&mut self, names: &mut Held<'_>, shared: &Shared) -> Vec<Chunk> {
        let mut notices = Vec::new();
        let mut notice = Vec::new();
        let mut line = Vec::new();
        for member in self.list.extract_if(.., |member| member.evicted) {
            names.release(&member.peer);
            if let Some(membership) = member.peer.membership() {
                line.clear();
                member.render_left(&membership.room.name, shared, &mut line);
                if notice.len() + line.len() > CHUNK_BYTES_MAX {
                    notices.push(shared.chunk(std::mem::take(&mut notice)));
                }
                notice.extend_from_slice(&line);
            }
            member.peer.set_membership(None);
        }
        self.ends();
        if !notice.is_empty() {
            notices.push(shared.chunk(notice));
        }
        notices
    }
}

impl Member {
    fn render_left(&self, room: &Name, shared: &Shared, out: &mut Vec<u8>) {
        if let Some(name) = &self.name {
            shared.dialect.left(room, name, out);
        }
    }
}

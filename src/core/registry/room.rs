//! One room: its members in order of joining, and the one order of its events.

use super::call_context::CallContext;
use super::chunk::Chunk;
use super::delivery::Delivery;
use super::entry::Class;
use super::history::History;
use super::hold_budget::{HoldBudget, HoldLimit};
use super::kept_list::KeptList;
use super::kept_room::KeptRoom;
use super::names::Held;
use super::occupied::Occupied;
use super::outbox::Appended;
use super::peer::{Peer, Place};
use super::room_queue::RoomQueue;
use crate::limits::{CHUNK_BYTES_MAX, CrowdLimits};
use crate::protocol::Name;
use crate::protocol::dialect::{Listing, Scene};
use crate::sync::{Arc, Mutex, MutexGuard, lock};
use crate::time::Time;

/// A room. Nothing in it reaches another room. [rooms/room-1] [channels/room-1]
///
/// All that happens under its lock happens in one order for all its members. [common/order-1]
#[derive(Debug)]
pub(super) struct Room {
    pub(super) name: Name,
    state: Mutex<Members>,
}

/// A client's membership of a room.
#[derive(Clone, Debug)]
pub(super) struct Membership {
    pub(super) room: Arc<Room>,
    /// The member's number in order of joining.
    pub(super) number: u64,
}

#[derive(Debug)]
pub(super) struct Member {
    number: u64,
    /// `None` while the member only listens.
    pub(super) name: Option<Name>,
    pub(super) peer: Arc<Peer>,
    /// Evicted by the wave in progress or departed within this turn: it gets nothing more, and is
    /// removed and announced with the others at the end of the wave or the turn.
    pub(super) leaves: bool,
}

/// The members of a room; reached under the room's lock only.
#[derive(Debug)]
pub(super) struct Members {
    /// Sorted by number, because each new member gets the next number.
    pub(super) list: Vec<Member>,
    next_number: u64,
    member_list: KeptList,
    /// The last member left. A dead room stays dead: a client that finds it in the directory
    /// replaces it, so that a join never ends in a room that is about to be deleted.
    /// [rooms/room-2] [channels/room-2]
    dead: bool,
    /// The room's name.
    name: Name,
    /// Contains the room's name while the room has members.
    occupied: Arc<Occupied>,
    history: History,
    /// Present where rooms are kept in a store.
    pub(super) kept: Option<Box<KeptRoom>>,
    /// The last line that was tried has to wait for a member.
    pub(super) line_waits: bool,
    /// Present while a line waits for a few members, and until that time is given back.
    hold_budget: Option<Box<HoldBudget>>,
    pub(super) crowd_limits: CrowdLimits,
    /// Present while the room is crowded or senders wait.
    pub(super) queue: Option<Box<RoomQueue>>,
    /// Members that departed within this turn, to be removed and announced at its end.
    pub(super) departing: usize,
}

impl Room {
    pub(super) fn new(
        name: Name,
        occupied: &Arc<Occupied>,
        crowd_limits: CrowdLimits,
        kept: Option<Box<KeptRoom>>,
    ) -> Arc<Room> {
        let members = Members {
            list: Vec::new(),
            next_number: 0,
            member_list: KeptList::default(),
            dead: false,
            name: name.clone(),
            occupied: Arc::clone(occupied),
            history: History::default(),
            kept,
            line_waits: false,
            hold_budget: None,
            crowd_limits,
            queue: None,
            departing: 0,
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

    /// The place of the next member.
    pub(super) fn next_place(&self) -> Place {
        Place { room: self.name.clone(), number: self.next_number }
    }

    /// Adds `peer` at the end. The caller announces it.
    pub(super) fn add(&mut self, name: Option<Name>, peer: Arc<Peer>) {
        let number = self.next_number;
        self.next_number += 1;
        self.list.push(Member { number, name, peer, leaves: false });
        self.member_list.changed();
        if self.list.len() == 1 {
            self.occupied.insert(self.name.clone());
        }
    }

    /// Gives the listener `number` a name; false if it is gone.
    pub(super) fn name(&mut self, number: u64, name: Name) -> bool {
        let Ok(index) = self.index_of(number) else { return false };
        self.list[index].name = Some(name);
        self.member_list.changed();
        true
    }

    /// Removes member `number`, which must be `peer`; `None` if it is not a member any more. The
    /// caller announces the departure.
    pub(super) fn remove(&mut self, number: u64, peer: &Peer, now: Time) -> Option<Member> {
        let index = self.index_of(number).ok()?;
        if self.list[index].peer.id != peer.id {
            return None;
        }
        self.note_departure(now);
        let member = self.list.remove(index);
        self.member_list.changed();
        member.peer.set_place(None);
        self.ends();
        Some(member)
    }

    /// A member departs, perhaps in the middle of a hold. [common/flow-9]
    fn note_departure(&mut self, now: Time) {
        if let Some(budget) = &mut self.hold_budget {
            budget.member_departs(self.next_number, now);
        }
    }

    /// Marks the room as dead if it has no members, and nobody waits to join it; returns whether it
    /// is dead.
    pub(super) fn ends(&mut self) -> bool {
        // Only once: later the directory may hold a new room of this name.
        if self.list.is_empty() && !self.dead {
            self.dead = self.kept.as_ref().is_none_or(|kept| kept.awaited == 0);
            self.occupied.remove(&self.name);
        }
        self.dead
    }

    pub(super) fn index_of(&self, number: u64) -> Result<usize, usize> {
        self.list.binary_search_by_key(&number, |member| member.number)
    }

    pub(super) fn contains(&self, number: u64) -> bool {
        self.index_of(number).is_ok()
    }

    /// Renders the room for a client that joins it now. [channels/join-4]
    pub(super) fn scene(&self, delivery: &Delivery) -> Vec<u8> {
        let mut lines = Vec::new();
        let mut present = self.names();
        let scene = Scene {
            count: self.list.len(),
            present: &mut present,
            history: self.history.pieces(),
            topic: self.kept.as_ref().and_then(|kept| kept.topic.as_ref()),
        };
        delivery.dialect.entered(&self.name, scene, &mut lines);
        lines
    }

    /// The list of members. They count as work of `call`. [common/prompt-2]
    pub(super) fn member_list(&mut self, delivery: &Delivery, call: &mut CallContext<'_>) -> Chunk {
        call.appended += self.list.len();
        let mut names = self.list.iter().filter_map(|member| member.name.as_ref());
        self.member_list.get(|| {
            let mut lines = Vec::new();
            delivery.dialect.list(Listing::Members, &mut names, &mut lines);
            delivery.chunk(lines)
        })
    }

    /// Keeps the lines of a run for clients that join later. [channels/history-1]
    pub(super) fn remember(&mut self, run: &[u8], delivery: &Delivery) {
        self.history.push(run, delivery.history_lines());
    }

    fn names(&self) -> impl Iterator<Item = &Name> {
        self.list.iter().filter_map(|member| member.name.as_ref())
    }

    /// Until when a request must wait for congested members, at most; `None` if it need not. The
    /// caller then has a ticket with every member that it waits for. [common/flow-1]
    pub(super) fn congested_until(&mut self, call: &mut CallContext<'_>) -> Option<Time> {
        if let Some(budget) = &mut self.hold_budget {
            budget.run_clock(self.next_number, call.now);
        }
        let (mut until, few) = self.longest_hold(None, call);
        let strained = self.hold_budget.as_deref().filter(|budget| budget.is_strained());
        if let (Some(budget), true) = (strained, few) {
            (until, _) = self.longest_hold(Some(budget), call);
        }
        let waits = until.is_some();
        let more_strained_at = self.note_hold(waits && few, call.now);
        if waits || self.line_waits {
            // The stall budgets of all stalled members run at the same time, not one after the
            // other once each is congested. [common/flow-3]
            self.list.iter().for_each(|member| member.peer.line_tried(waits, call.now));
        }
        self.line_waits = waits;
        until.map(|until| until.min(more_strained_at))
    }

    /// Until when the room waits for congested members, at most, and whether they are few: fewer
    /// than half of all, or of the older half. The caller has tickets with them. The hold `budget`
    /// bounds the hold too. [common/flow-9]
    fn longest_hold(
        &self,
        budget: Option<&HoldBudget>,
        call: &mut CallContext<'_>,
    ) -> (Option<Time>, bool) {
        let mut until = None;
        let (older, mut congested, mut congested_older) = (self.list.len().div_ceil(2), 0, 0);
        for (place, member) in self.list.iter().enumerate() {
            if !member.peer.may_lag() {
                continue;
            }
            let limit =
                budget.map_or(HoldLimit::StallBudget, |budget| budget.hold_limit(member.number));
            let member_until = member.peer.holds_until(limit, call);
            congested += usize::from(member_until.is_some());
            congested_older += usize::from(member_until.is_some() && place < older);
            until = until.max(member_until);
        }
        (until, 2 * congested < self.list.len() || 2 * congested_older < older)
    }

    /// A line was tried; `held` says that it has to wait for a few members. Returns when the room
    /// is strained, or more so, if the wait goes on. [common/flow-9]
    fn note_hold(&mut self, held: bool, now: Time) -> Time {
        if held && self.hold_budget.is_none() {
            self.hold_budget = Some(Box::new(HoldBudget::new(now)));
        }
        let Some(budget) = &mut self.hold_budget else { return Time::NEVER };
        budget.line_tried(held, now);
        let more_strained_at = budget.more_strained_at(now);
        drop(self.hold_budget.take_if(|budget| budget.is_over()));
        more_strained_at
    }

    /// No line of the room waits any longer. [common/flow-3] [common/flow-9]
    pub(super) fn hold_ends(&mut self, now: Time) {
        if std::mem::take(&mut self.line_waits) {
            if let Some(budget) = &mut self.hold_budget {
                budget.run_clock(self.next_number, now);
            }
            self.note_hold(false, now);
            self.list.iter().for_each(|member| member.peer.line_tried(false, now));
        }
    }

    /// Has member `number`, which is `peer` and was evicted, removed with the next wave; false if
    /// it is no member any more.
    pub(super) fn marks_as_leaving(&mut self, number: u64, peer: &Peer) -> bool {
        let index = self.index_of(number).ok().filter(|index| self.list[*index].peer.id == peer.id);
        let Some(index) = index else { return false };
        !std::mem::replace(&mut self.list[index].leaves, true)
    }

    /// Appends `chunk` to the outbox of every member except `skip`, and removes the members that
    /// this evicts. All members of one wave leave together and are announced to the rest, which
    /// may evict the next wave. Each wave is smaller than the room, so this ends.
    /// [common/outbox-5]
    pub(super) fn fan_out(
        &mut self,
        chunk: &Chunk,
        skip: Option<u64>,
        delivery: &Delivery,
        call: &mut CallContext<'_>,
    ) {
        let evicted = self.append_to_all(chunk, skip, delivery, call);
        if evicted > 0 {
            self.end_waves(evicted, &mut delivery.names.lock(), delivery, call);
        }
    }

    /// Removes and announces the `evicted` members of the last append, and then those whom the
    /// announcement evicts.
    pub(super) fn end_waves(
        &mut self,
        mut evicted: usize,
        names: &mut Held<'_>,
        delivery: &Delivery,
        call: &mut CallContext<'_>,
    ) {
        while evicted > 0 {
            evicted = 0;
            for notice in self.remove_wave(names, delivery, call.now) {
                evicted += self.append_to_all(&notice, None, delivery, call);
            }
        }
    }

    /// Announces the departure of `member` to the members that remain.
    pub(super) fn announce_left(
        &mut self,
        member: &Member,
        names: &mut Held<'_>,
        delivery: &Delivery,
        call: &mut CallContext<'_>,
    ) {
        let mut notice = Vec::new();
        member.render_left(&self.name, delivery, &mut notice);
        if notice.is_empty() || self.list.is_empty() {
            return;
        }
        let evicted = self.append_to_all(&delivery.chunk(notice), None, delivery, call);
        self.end_waves(evicted, names, delivery, call);
    }

    fn append_to_all(
        &mut self,
        chunk: &Chunk,
        skip: Option<u64>,
        delivery: &Delivery,
        call: &mut CallContext<'_>,
    ) -> usize {
        call.appended += self.list.len();
        let (mut queued, mut evicted) = (0, 0);
        let bytes_max = delivery.bounds.outbox_bytes_max();
        // Charged before it can be settled: a fast reader must not take the ledger below zero.
        delivery.ledger.entries_appended(self.list.len());
        for member in &mut self.list {
            if skip == Some(member.peer.id) || member.leaves {
                continue;
            }
            match member.peer.append_or_evict(chunk, Class::Room, bytes_max, &delivery.ledger, call)
            {
                Appended::Queued => queued += 1,
                Appended::Overflow => {
                    member.leaves = true;
                    evicted += 1;
                }
                Appended::Refused => {}
            }
        }
        delivery.ledger.entries_removed(self.list.len() - queued);
        delivery.counters.delivered(chunk.lines(), queued);
        evicted
    }

    /// Removes the members evicted by the last appends and renders their departures, in order of
    /// joining, into as few chunks as their bound allows. [common/outbox-6]
    pub(super) fn remove_wave(
        &mut self,
        names: &mut Held<'_>,
        delivery: &Delivery,
        now: Time,
    ) -> Vec<Chunk> {
        self.note_departure(now);
        self.member_list.changed();
        let mut notices = Vec::new();
        let mut notice = Vec::new();
        let mut line = Vec::new();
        for member in self.list.extract_if(.., |member| member.leaves) {
            names.release(&member.peer);
            line.clear();
            member.render_left(&self.name, delivery, &mut line);
            if notice.len() + line.len() > CHUNK_BYTES_MAX {
                notices.push(delivery.chunk(std::mem::take(&mut notice)));
            }
            notice.extend_from_slice(&line);
            member.peer.set_place(None);
        }
        self.ends();
        if !notice.is_empty() {
            notices.push(delivery.chunk(notice));
        }
        notices
    }
}

impl Member {
    fn render_left(&self, room: &Name, delivery: &Delivery, out: &mut Vec<u8>) {
        if let Some(name) = &self.name {
            delivery.dialect.left(room, name, out);
        }
    }
}

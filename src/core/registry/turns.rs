//! The turns of crowded rooms: what a client holds of them, and how a room gives them.
//! [common/flow-8]

use super::call_context::CallContext;
use super::crowd::Crowd;
use super::delivery::Delivery;
use super::names::Held;
use super::peer::Peer;
use super::room::{Members, Room};
use crate::sync::Arc;
use crate::time::Time;

/// What one client holds of the turns of crowded rooms.
#[derive(Debug, Default)]
pub(super) struct Turns {
    /// The room that the client waits in, and its number in the queue there.
    pub(super) waiting: Option<(Arc<Room>, u64)>,
    /// Rooms in which the client holds the turn: two after a move between crowded rooms.
    pub(super) held: Vec<Arc<Room>>,
}

/// The turns of a client; `None` while it holds none and does not wait for any.
pub(super) type OwnTurns = Option<Box<Turns>>;

/// The number of a client that waits in `room` already.
fn number_in(room: &Arc<Room>, own: Option<&Turns>) -> Option<u64> {
    let (waits_in, number) = own?.waiting.as_ref()?;
    Arc::ptr_eq(waits_in, room).then_some(*number)
}

impl Members {
    /// Whether this room works in turns.
    fn is_crowded(&self) -> bool {
        self.crowd.is_some() || self.list.len() >= self.crowd_limits.members_min
    }

    fn crowd(&mut self) -> &mut Crowd {
        let entries_max = self.crowd_limits.turn_entries_max;
        self.crowd.get_or_insert_with(|| Box::new(Crowd::new(entries_max)))
    }

    /// Whether a request has to wait in crowded `room` for clients that came before. The caller is
    /// then in the queue. [common/flow-8]
    pub(super) fn waits_its_turn(
        &mut self,
        room: &Arc<Room>,
        own: &mut OwnTurns,
        call: &CallContext<'_>,
    ) -> bool {
        if !self.is_crowded() {
            return false;
        }
        let (number, members) = (number_in(room, own.as_deref()), self.list.len());
        // A line after a departure that is not announced yet would come before the notice, and not
        // reach the client that departs: the order would differ. [common/order-1]
        let behind = self.departing > 0 || self.crowd().is_behind(number, members);
        if behind {
            self.enqueue(room, own, call);
        }
        behind
    }

    fn enqueue(&mut self, room: &Arc<Room>, own: &mut OwnTurns, call: &CallContext<'_>) {
        let number = self.crowd().wait(number_in(room, own.as_deref()), call);
        own.get_or_insert_default().waiting = Some((Arc::clone(room), number));
    }

    /// Until when a request must wait, at most; `None` if it need not. In a crowded room it waits
    /// for the clients that came before, without a time, and then for congested members.
    /// [common/flow-1] [common/flow-8]
    pub(super) fn holds_until(
        &mut self,
        room: &Arc<Room>,
        own: &mut OwnTurns,
        call: &mut CallContext<'_>,
    ) -> Option<Time> {
        if self.waits_its_turn(room, own, call) {
            return Some(Time::NEVER);
        }
        let until = self.congested_until(call);
        if until.is_some() && self.is_crowded() {
            self.enqueue(room, own, call); // it keeps its place
        }
        until
    }

    /// A request was performed in `room`: if the room is crowded, that is part of a turn, which the
    /// first such client holds.
    pub(super) fn take_turn(&mut self, room: &Arc<Room>, own: &mut OwnTurns) {
        if !self.is_crowded() {
            return;
        }
        let (number, members) = (number_in(room, own.as_deref()), self.list.len());
        if number.is_some() {
            own.get_or_insert_default().waiting = None;
        }
        if self.crowd().performed(number, members) {
            own.get_or_insert_default().held.push(Arc::clone(room));
        }
    }

    /// Has member `number`, which is `peer`, removed and announced at the end of this turn; false
    /// if no client holds the turn. Departures within a turn are announced together.
    /// [common/flow-8]
    pub(super) fn departs_later(&mut self, number: u64, peer: &Peer) -> bool {
        let held = self.crowd.as_ref().is_some_and(|crowd| crowd.is_held());
        let index = self.index_of(number).ok().filter(|index| self.list[*index].peer.id == peer.id);
        let (true, Some(index)) = (held, index) else { return false };
        self.list[index].leaves = true;
        self.departing += 1;
        true
    }

    /// Ends the turn, which the caller holds: announces the departures within it, and resumes the
    /// clients that fit into the next one.
    pub(super) fn pass_turn(&mut self, delivery: &Delivery, call: &mut CallContext<'_>) {
        if self.departing > 0 {
            self.announce_departures(&mut delivery.names.lock(), delivery, call);
        }
        let members = self.list.len();
        self.crowd().pass_turn(members, call);
        self.disperse();
    }

    /// Removes and announces the members that departed within this turn.
    pub(super) fn announce_departures(
        &mut self,
        names: &mut Held<'_>,
        delivery: &Delivery,
        call: &mut CallContext<'_>,
    ) {
        let departing = std::mem::take(&mut self.departing);
        self.end_waves(departing, names, delivery, call);
    }

    /// The client with this `number` in the queue waits no longer.
    pub(super) fn leave_queue(&mut self, number: u64, call: &mut CallContext<'_>) {
        let members = self.list.len();
        self.crowd().leave(number, members, call);
        self.disperse();
    }

    /// Frees the state of a crowd that has shrunk and in which no client waits.
    fn disperse(&mut self) {
        if self.list.len() < self.crowd_limits.members_min {
            drop(self.crowd.take_if(|crowd| crowd.is_empty()));
        }
    }
}

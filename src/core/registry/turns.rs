//! The waits of a client: for its turn in a room, for a congested member, for the target of a
//! private line; and how a room gives turns. [common/flow-5] [common/flow-8]

use super::call_context::CallContext;
use super::delivery::Delivery;
use super::names::Held;
use super::peer::Peer;
use super::room::{Members, Room};
use super::room_queue::RoomQueue;
use super::wait_queue::Position;
use crate::limits::CrowdLimits;
use crate::sync::Arc;
use crate::time::Time;

/// What one client holds of the turns of crowded rooms, and where it waits.
#[derive(Debug, Default)]
pub(super) struct Turns {
    /// The queue that the client waits in, and its position there.
    pub(super) waiting: Option<(Queue, Position)>,
    /// Rooms in which the client holds the turn: two after a move between crowded rooms.
    pub(super) held: Vec<Arc<Room>>,
}

/// A queue that a client may wait in.
#[derive(Clone, Debug)]
pub(super) enum Queue {
    /// Of the senders of a room.
    Room(Arc<Room>),
    /// Of the senders of private lines to one client.
    Private(Arc<Peer>),
}

/// The turns of a client; `None` while it holds none and does not wait.
pub(super) type OwnTurns = Option<Box<Turns>>;

/// The position of a client that waits in `room` already.
fn position_in(room: &Arc<Room>, own: &OwnTurns) -> Option<Position> {
    match own.as_ref()?.waiting.as_ref()? {
        (Queue::Room(waits_in, ..), position) if Arc::ptr_eq(waits_in, room) => Some(*position),
        _ => None,
    }
}

/// The position of a client that waits to send a private line to `target` already.
pub(super) fn position_at(target: &Arc<Peer>, own: &OwnTurns) -> Option<Position> {
    match own.as_ref()?.waiting.as_ref()? {
        (Queue::Private(peer), position) if Arc::ptr_eq(peer, target) => Some(*position),
        _ => None,
    }
}

impl Members {
    /// Whether this room works in turns.
    pub(super) fn is_crowded(&self) -> bool {
        self.list.len() >= self.crowd_limits.members_min
            || self.queue.as_ref().is_some_and(|queue| queue.crowded)
    }

    /// Whether a request may have to wait for other senders: not in a small room without any.
    fn has_queue(&self) -> bool {
        self.queue.is_some() || self.list.len() >= self.crowd_limits.members_min
    }

    fn queue(&mut self) -> &mut RoomQueue {
        let CrowdLimits { members_min, turn_entries_max } = self.crowd_limits;
        let crowded = self.list.len() >= members_min;
        let queue = self.queue.get_or_insert_with(|| Box::new(RoomQueue::new(turn_entries_max)));
        queue.crowded |= crowded;
        queue
    }

    /// When a request of this `cost` that has to wait in `room` for clients that come before it is
    /// looked after; `None` if it need not wait. The caller is then in the queue.
    /// [common/flow-5] [common/flow-8]
    pub(super) fn waits_its_turn(
        &mut self,
        room: &Arc<Room>,
        own: &mut OwnTurns,
        cost: u64,
        call: &CallContext<'_>,
    ) -> Option<Time> {
        if !self.has_queue() {
            return None;
        }
        let (position, members) = (position_in(room, own), self.list.len());
        // A line after a departure that is not announced yet would come before the notice, and not
        // reach the client that departs: the order would differ. [common/order-1]
        let behind = self.departing > 0 || self.queue().is_behind(position, cost, members);
        behind.then(|| self.enqueue(room, own, cost, call))
    }

    /// Whether a request comes after one that waits for congested members. A turn may have a place
    /// for it, but it would only find the same members, at the cost of looking at all of them.
    fn waits_for_the_held(&self, room: &Arc<Room>, own: &OwnTurns, cost: u64) -> bool {
        let is_behind =
            |queue: &RoomQueue| queue.waiting.is_behind(position_in(room, own), cost, 1);
        self.line_waits && self.queue.as_deref().is_some_and(is_behind)
    }

    /// Puts the caller into the queue, or keeps its position; returns when it is looked after.
    pub(super) fn enqueue(
        &mut self,
        room: &Arc<Room>,
        own: &mut OwnTurns,
        cost: u64,
        call: &CallContext<'_>,
    ) -> Time {
        let queue = &mut self.queue().waiting;
        let position = queue.wait(position_in(room, own), cost, call);
        own.get_or_insert_default().waiting = Some((Queue::Room(Arc::clone(room)), position));
        queue.look_after(call.now)
    }

    /// Until when a request of this `cost` must wait before it is made again, at most; `None` if it
    /// need not. It waits for the senders that come before it, and then for congested members.
    /// [common/flow-1] [common/flow-5] [common/flow-8]
    pub(super) fn holds_until(
        &mut self,
        room: &Arc<Room>,
        own: &mut OwnTurns,
        cost: u64,
        call: &mut CallContext<'_>,
    ) -> Option<Time> {
        if let Some(looked_after_at) = self.waits_its_turn(room, own, cost, call) {
            return Some(looked_after_at);
        }
        if self.waits_for_the_held(room, own, cost) {
            return Some(self.enqueue(room, own, cost, call));
        }
        let until = self.congested_until(call);
        if until.is_some() {
            self.enqueue(room, own, cost, call); // it keeps its position
        }
        until
    }

    /// A request was performed in `room`, which ends its wait. In a crowded room it is part of a
    /// turn, which the first such client holds.
    pub(super) fn take_turn(
        &mut self,
        room: &Arc<Room>,
        own: &mut OwnTurns,
        call: &mut CallContext<'_>,
    ) {
        if !self.has_queue() {
            return;
        }
        let (position, members) = (position_in(room, own), self.list.len());
        if let (Some(_), Some(turns)) = (position, own.as_mut()) {
            turns.waiting = None;
        }
        if self.queue().performed(position, members, call) {
            own.get_or_insert_default().held.push(Arc::clone(room));
        }
        self.disperse(call.now);
    }

    /// Has member `number`, which is `peer`, removed and announced at the end of this turn; false
    /// if no client holds the turn. Departures within a turn are announced together.
    /// [common/flow-8]
    pub(super) fn departs_later(&mut self, number: u64, peer: &Peer) -> bool {
        let held = self.queue.as_ref().is_some_and(|queue| queue.is_held());
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
        self.queue().pass_turn(members, call);
        self.disperse(call.now);
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

    /// The client at `position` waits no longer.
    pub(super) fn leave_queue(&mut self, position: Position, call: &mut CallContext<'_>) {
        let members = self.list.len();
        self.queue().leave(position, members, call);
        self.disperse(call.now);
    }

    /// Frees the queue of a room that is not crowded and in which nobody waits. A hold ends with
    /// the last client that waits, whether or not its line was heard.
    fn disperse(&mut self, now: Time) {
        if self.queue.as_ref().is_none_or(|queue| queue.waiting.is_empty()) {
            self.hold_ends(now);
        }
        if self.list.len() < self.crowd_limits.members_min {
            drop(self.queue.take_if(|queue| queue.is_empty()));
        }
    }
}

#[cfg(all(test, not(parlance_loom)))]
mod tests {
    use crate::limits::{CrowdLimits, HIGH_WATER_BYTES, Limits};
    use crate::protocol::{Answer, Name, Request, rooms::Rooms};
    use crate::registry::{CallContext, Client, Registry};
    use crate::time::Time;
    use std::sync::Arc;
    use std::task::{Wake, Waker};

    struct Named;

    impl Wake for Named {
        fn wake(self: Arc<Self>) {}
    }

    /// Reads everything pending; returns how many senders that resumes.
    fn read_all(client: &Client) -> usize {
        let (mut batch, mut call) = (Vec::new(), CallContext::new(Time::ZERO, Waker::noop()));
        let mut resumed = 0;
        loop {
            client.outlet().take(&mut batch, Waker::noop());
            let pending = batch.iter().map(|entry| entry.bytes().len()).sum();
            if pending == 0 || !client.outlet().settle(&mut batch, pending, false, &mut call) {
                return resumed + call.take_wakes().count();
            }
            resumed += call.take_wakes().count();
        }
    }

    /// A turn has places for all of them. They are resumed once the first was heard.
    /// [common/flow-5] [common/flow-8]
    #[test]
    fn of_many_held_senders_in_a_crowd_one_waits_for_the_members() {
        let crowd = CrowdLimits { members_min: 2, turn_entries_max: 1_000 };
        let registry = Registry::new(&Rooms, Limits { crowd, ..Limits::default() });
        let wakers = [(); 10].map(|()| Waker::from(Arc::new(Named)));
        let mut clients = [(); 10].map(|()| registry.connect());
        for (client, waker) in clients.iter_mut().zip(&wakers) {
            let [room, name] = ["den", "joe"].map(|text| Name::new(text.as_bytes(), 20).unwrap());
            let mut call = CallContext::new(Time::ZERO, waker);
            assert_eq!(client.submit(Request::Enter { room, name }, &mut call), Answer::Entered);
            client.pass_turn(&mut call);
        }
        let [slow, loud, others @ ..] = &mut clients;
        let mut call = CallContext::new(Time::ZERO, &wakers[1]);
        let lines = vec![b'\n'; HIGH_WATER_BYTES];
        assert_eq!(loud.submit(Request::Publish { lines }, &mut call), Answer::Published);
        loud.pass_turn(&mut call);
        for other in others.iter() {
            assert_eq!(read_all(other), 0);
        }
        assert_eq!(read_all(loud), 0);
        let publish = |sender: &mut Client, waker| {
            let lines = b"joe: hi\n".to_vec();
            sender.submit(Request::Publish { lines }, &mut CallContext::new(Time::ZERO, waker))
        };
        for (other, waker) in others.iter_mut().zip(&wakers[2..]) {
            assert!(matches!(publish(other, waker), Answer::Wait { .. }));
        }
        assert_eq!(read_all(slow), 1, "one sender has looked at the slow member");
        assert_eq!(publish(&mut others[0], &wakers[2]), Answer::Published);
        let mut passing = CallContext::new(Time::ZERO, &wakers[2]);
        others[0].pass_turn(&mut passing);
        assert_eq!(passing.wakes(), 7, "the turn has places for all that wait");
        for (other, waker) in others[1..].iter_mut().zip(&wakers[3..]) {
            assert_eq!(publish(other, waker), Answer::Published);
        }
    }
}

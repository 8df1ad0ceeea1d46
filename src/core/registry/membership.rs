//! Names and memberships of a client: names, joins, moves and leaves.

use super::call_context::CallContext;
use super::client::Client;
use super::outbox::OutboxState;
use super::room::{Members, Membership, Room};
use super::shared::Removal;
use super::wait_queue::cost;
use crate::limits::HELD_INTERVAL;
use crate::protocol::{Answer, Fault, Name, Request};
use crate::sync::{Arc, lock};
use crate::time::Time;

impl Client {
    /// Takes `name`, in no room; the welcome is the first line that reaches the client under it.
    /// [common/unique-1]
    pub(super) fn take_name(&self, name: &Name) -> Answer {
        let mut welcome = Vec::new();
        self.shared.delivery.dialect.welcome(name, &mut welcome);
        let mut answer = Answer::Gone;
        let named = self.shared.delivery.names.claim(name, &self.peer, || {
            answer = self.reply(welcome, Answer::Named);
        });
        if named { answer } else { self.refuse_name() }
    }

    /// Joins `room`. The client leaves its old room first, so that it is never in two rooms.
    /// [channels/move-1] [channels/move-2]
    pub(super) fn enter(&mut self, room: Name, name: Name, call: &mut CallContext<'_>) -> Answer {
        if let Some(Membership { room: own, number }) = &self.membership
            && own.name == room
        {
            let named = own.lock().name(*number, name);
            return if named { Answer::Entered } else { Answer::Gone };
        }
        // Before the client leaves its old room.
        if let Some(until) = self.creates_too_fast(&room, call) {
            return Answer::Wait { request: Request::Enter { room, name }, until };
        }
        if let Some(until) = self.awaits_room(&room, call) {
            return Answer::Wait { request: Request::Enter { room, name }, until };
        }
        if let Some(membership) = self.membership.clone() {
            if let Some(until) = self.held_in_its_room(call) {
                return Answer::Wait { request: Request::Enter { room, name }, until };
            }
            let Membership { room: old, number } = membership;
            let leave = Removal::leave(&mut self.turns);
            self.shared.remove_member(&old, number, &self.peer, leave, call, |_| ());
            self.membership = None;
        }
        let mut waits_until = None;
        let answer = self.in_room(&room, |client, room, members| {
            let cost = cost(name.as_bytes().len());
            if members.is_crowded() {
                waits_until = members.waits_its_turn(room, &mut client.turns, cost, call);
            }
            match waits_until {
                Some(_) => Answer::Gone,
                None => client.add_member(room, members, &name, call),
            }
        });
        match waits_until {
            Some(until) => Answer::Wait { request: Request::Enter { room, name }, until },
            None => answer,
        }
    }

    /// When the client is looked after next, if it may not create `room` yet. [common/rate-4]
    fn creates_too_fast(&mut self, room: &Name, call: &mut CallContext<'_>) -> Option<Time> {
        let (rate, meter) = self.rooms.as_deref()?;
        let due = meter.due(*rate);
        let may = due <= call.now || lock(&self.shared.directory).room(room).is_some();
        self.waits_to_create = !may;
        if may {
            return None;
        }
        self.yield_turn(true, call); // others must not wait behind it
        Some(due.min(call.now + HELD_INTERVAL))
    }

    /// Until when the client stays in its room, at most. Joins and leaves without a pause would
    /// otherwise evict, by their notices, members that keep up. [common/flow-7]
    pub(super) fn held_in_its_room(&mut self, call: &mut CallContext<'_>) -> Option<Time> {
        let membership = self.membership.as_ref()?;
        let mut members = membership.room.lock();
        if !members.contains(membership.number) {
            return None;
        }
        members.holds_until(&membership.room, &mut self.turns, cost(0), call)
    }

    /// Joins the default room from the first moment, as a member without a name and without a
    /// notice. [lobby/hear-1] [lobby/hear-2]
    pub(super) fn listen(&mut self) {
        self.in_room(&crate::protocol::default_room(), |client, room, members| {
            client.add_to(room, members, None);
            Answer::Entered
        });
    }

    /// Leaves its room and keeps its name. [channels/leave-1]
    pub(super) fn leave(&mut self, call: &mut CallContext<'_>) -> Answer {
        if let Some(until) = self.held_in_its_room(call) {
            return Answer::Wait { request: Request::Leave, until };
        }
        let Some(Membership { room, number }) = self.membership.take() else {
            debug_assert!(false, "only a member leaves");
            return Answer::Gone;
        };
        let mut goodbye = Vec::new();
        self.shared.delivery.dialect.goodbye(&room.name, &mut goodbye);
        let mut answer = Answer::Gone;
        let mut turns = self.turns.take();
        let leave = Removal::leave(&mut turns);
        self.shared.remove_member(&room, number, &self.peer, leave, call, |_| {
            answer = self.reply(goodbye, Answer::Left);
        });
        self.turns = turns;
        answer
    }

    /// Another client has the name.
    fn refuse_name(&self) -> Answer {
        self.shared.delivery.counters.name_refused();
        self.refuse(&Fault::NameTaken)
    }

    /// Answers with the line that the dialect has for `fault`.
    pub(super) fn refuse(&self, fault: &Fault) -> Answer {
        let mut lines = Vec::new();
        self.shared.delivery.dialect.fault(fault, &mut lines);
        self.reply(lines, Answer::Refused)
    }

    /// Calls `act` in the room called `name`. The room is created if there is none, and removed if
    /// it has no members after `act`. [rooms/room-2]
    pub(super) fn in_room(
        &mut self,
        name: &Name,
        act: impl FnOnce(&mut Client, &Arc<Room>, &mut Members) -> Answer,
    ) -> Answer {
        let shared = Arc::clone(&self.shared);
        loop {
            let mut directory = lock(&shared.directory);
            if directory.closing {
                return Answer::Gone;
            }
            if let Some(found) = directory.room(name).cloned() {
                // A busy room's lock is not awaited under the directory's.
                drop(directory);
                let mut members = found.lock();
                if !members.is_dead() {
                    let answer = act(self, &found, &mut members);
                    shared.close_up(&found, members);
                    return answer;
                }
                drop(members);
                lock(&shared.directory).remove_room(&found);
                continue;
            }
            let crowd_limits = shared.delivery.bounds.crowd;
            let kept = shared.delivery.archive.as_ref().map(|_| Box::default());
            let created = Room::new(name.clone(), &shared.occupied, crowd_limits, kept);
            let mut members = created.lock();
            directory.add_room(&created);
            drop(directory);
            if let Some((rate, meter)) = self.rooms.as_deref_mut() {
                meter.charge(*rate, 1, self.now); // [common/rate-4]
            }
            let answer = act(self, &created, &mut members);
            shared.close_up(&created, members);
            return answer;
        }
    }

    /// Performs a join at its place in the room's order: the joiner is answered, and then all
    /// members get the notice. [rooms/join-7] [common/order-2] [common/order-3]
    fn add_member(
        &mut self,
        room: &Arc<Room>,
        members: &mut Members,
        name: &Name,
        call: &mut CallContext<'_>,
    ) -> Answer {
        let shared = Arc::clone(&self.shared);
        let delivery = &shared.delivery;
        let policy = delivery.dialect.policy();
        let scene = delivery.chunk(members.scene(delivery));
        let answer = || self.peer.append_reply(scene, &delivery.ledger, call.now);
        if !policy.names_unique || self.peer.has_name() {
            answer();
        } else if !delivery.names.claim(name, &self.peer, answer) {
            return self.refuse_name();
        }
        if !self.add_to(room, members, Some(name.clone())) {
            return Answer::Gone;
        }
        let mut notice = Vec::new();
        delivery.dialect.joined(&room.name, name, &mut notice);
        if !notice.is_empty() {
            let skip = (!policy.joiner_hears_notice).then_some(self.peer.id);
            members.fan_out(&delivery.chunk(notice), skip, delivery, call);
        }
        members.take_turn(room, &mut self.turns, call);
        Answer::Entered
    }

    /// Makes the client a member; false if it was evicted or kicked meanwhile. The thread that does
    /// so looks for the place afterwards, so one of the two threads sees the other; a thread that
    /// finds the place waits for the room. A client that was ended before is a member at no moment,
    /// because a list of rooms would show it.
    fn add_to(&mut self, room: &Arc<Room>, members: &mut Members, name: Option<Name>) -> bool {
        let place = members.next_place();
        let membership = Membership { room: Arc::clone(room), number: place.number };
        self.peer.set_place(Some(place));
        if self.outbox_state() != OutboxState::Open {
            self.peer.set_place(None);
            self.shared.delivery.names.release(&self.peer);
            return false;
        }
        members.add(name, Arc::clone(&self.peer));
        self.membership = Some(membership);
        true
    }
}

#[cfg(all(test, not(parlance_loom)))]
mod tests {
    use super::{Answer, CallContext, Client, Name, Request, Time};
    use crate::limits::{HIGH_WATER_BYTES, LOOK_INTERVAL, Limits};
    use crate::protocol::channels::Channels;
    use crate::protocol::lobby::Lobby;
    use crate::registry::{OutboxState, Registry};
    use std::task::Waker;

    fn ask(client: &mut Client, request: Request) -> Answer {
        client.submit(request, &mut CallContext::new(Time::ZERO, Waker::noop()))
    }

    fn enter(client: &mut Client, room: &str, name: &str) -> Answer {
        let [room, name] = [room, name].map(|text| Name::new(text.as_bytes(), 20).expect("a name"));
        ask(client, Request::Enter { room, name })
    }

    fn read_all(client: &Client) {
        let (mut batch, mut call) = (Vec::new(), CallContext::new(Time::ZERO, Waker::noop()));
        client.outlet().take(&mut batch, Waker::noop());
        let pending = batch.iter().map(|entry| entry.bytes().len()).sum();
        client.outlet().settle(&mut batch, pending, false, &mut call);
    }

    /// [common/flow-7]
    #[test]
    fn leaves_and_moves_wait_for_congested_members_and_joins_do_not() {
        let registry = Registry::new(&Channels, Limits::default());
        let [mut ann, mut bob, mut eve] =
            [registry.connect(), registry.connect(), registry.connect()];
        assert_eq!(enter(&mut ann, "den", "ann"), Answer::Entered);
        assert_eq!(enter(&mut bob, "den", "bob"), Answer::Entered);
        let lines = vec![b'\n'; HIGH_WATER_BYTES];
        assert_eq!(ask(&mut ann, Request::Publish { lines }), Answer::Published);
        read_all(&ann);
        let until = Time::ZERO + LOOK_INTERVAL;
        let leave = Answer::Wait { request: Request::Leave, until };
        assert_eq!(ask(&mut ann, Request::Leave), leave);
        assert!(
            matches!(enter(&mut ann, "bar", "ann"), Answer::Wait { until: at, .. } if at == until)
        );
        assert_eq!(enter(&mut eve, "den", "eve"), Answer::Entered);
        read_all(&bob);
        read_all(&eve);
        assert_eq!(enter(&mut ann, "bar", "ann"), Answer::Entered);
        assert_eq!(ask(&mut bob, Request::Leave), Answer::Left);
    }

    /// Not even an empty entry is queued for it. [lobby/hear-4]
    #[test]
    fn a_listener_leaves_without_a_notice() {
        let registry = Registry::new(&Lobby, Limits::default());
        let [ann, bob] = [registry.connect(), registry.connect()];
        drop(bob);
        assert_eq!(ann.charge(), 0);
    }

    /// The connection may not know of the eviction yet. [common/eos-6]
    #[test]
    fn an_evicted_listener_gets_no_name_and_an_evicted_member_does_not_leave() {
        let limits = || Limits { outbox_bytes_max: 1_000, ..Limits::default() };
        let flood = || Request::Publish { lines: vec![b'\n'; 600] };

        let registry = Registry::new(&Lobby, limits());
        let [mut ann, mut bob] = [registry.connect(), registry.connect()];
        assert_eq!(enter(&mut ann, "hall", "ann"), Answer::Entered);
        for _ in 0..2 {
            assert_eq!(ask(&mut ann, flood()), Answer::Published);
            read_all(&ann);
        }
        assert_eq!(bob.outbox_state(), OutboxState::Evicted);
        assert_eq!(enter(&mut bob, "hall", "bob"), Answer::Gone);

        let registry = Registry::new(&Channels, limits());
        let [mut ann, mut bob] = [registry.connect(), registry.connect()];
        assert_eq!(enter(&mut ann, "den", "ann"), Answer::Entered);
        assert_eq!(enter(&mut bob, "den", "bob"), Answer::Entered);
        for _ in 0..2 {
            read_all(&ann);
            assert_eq!(ask(&mut ann, flood()), Answer::Published);
        }
        assert_eq!(bob.outbox_state(), OutboxState::Evicted);
        assert_eq!(ask(&mut bob, Request::Leave), Answer::Gone);
    }
}

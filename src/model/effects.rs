//! The effects of acts: names and memberships, deliveries and evictions.

use super::act::Act;
use super::holds::Holds;
use super::outbox::Class;
use super::{ClientId, HISTORY_BYTES, HISTORY_LINES, Model, OutboxState, Parting, Room, lines};
use std::cmp::Reverse;

/// Members of one room that are evicted together.
struct Wave {
    room: String,
    /// Its members before the first of them was evicted, in order of joining.
    order: Vec<ClientId>,
    evicted: Vec<(ClientId, String)>,
}

/// Requests of clients.
impl Model {
    /// Performs the act of a line, except a line to the room or the end of the connection.
    pub(super) fn perform(&mut self, id: ClientId, act: Act, now: u64) {
        match act {
            Act::Name(name) if self.is_free_name(id) => self.name(id, &name, now),
            Act::Name(_) => self.reply(id, b"ERROR Password required\r\n", now),
            Act::LogIn { .. }
            | Act::Ghost(_)
            | Act::Register { .. }
            | Act::ChangePassword { .. }
            | Act::LogOut => self.perform_account(id, act, now),
            Act::Enter { room, name } => self.enter(id, &room, &name, now),
            Act::Leave => self.leave(id, now),
            Act::Tell { to, line } => self.tell_one(id, &to, line, now),
            Act::Members => self.list_members(id, now),
            Act::Rooms => self.list_rooms(id, now),
            Act::Recall { .. } => {
                if let Some((number, reply)) = self.take_recalled(id) {
                    self.clients[id].outbox.append_reply(number, &reply, now);
                }
            }
            Act::Topic => {
                if let OutboxState::Member { room, .. } = &self.clients[id].outbox_state {
                    let line = self.topic_line(room);
                    self.reply(id, &line, now);
                }
            }
            Act::SetTopic(text) => self.set_topic(id, &text, now),
            Act::Answer(reply) => self.reply(id, &reply, now),
            Act::Say(_) | Act::End(_) => {} // these are `publish` and `depart`
        }
    }

    /// A client takes a name, if no client has it [channels/name-1].
    pub(super) fn name(&mut self, id: ClientId, name: &str, now: u64) {
        if self.client_named(name).is_some() {
            let refusal = self.dialect.name_taken();
            return self.reply(id, &refusal, now); // [common/unique-1]
        }
        self.clients[id].outbox_state = OutboxState::Named { name: name.to_owned() };
        let welcome = self.dialect.welcome(name);
        self.reply(id, &welcome, now);
    }

    /// A member sets the topic of its room, and all members are told [extensions/topic-2].
    fn set_topic(&mut self, id: ClientId, text: &[u8], now: u64) {
        if let OutboxState::Member { room, name } = self.clients[id].outbox_state.clone() {
            self.keep_topic(&room, &name, text);
            let line = self.topic_line(&room);
            self.tell(&room, vec![line], None, now);
        }
    }

    /// A client leaves its old room and becomes a member, the last in order of joining. It gets the
    /// reply first, and then the room gets the notice [common/order-2] [common/order-3]. If names
    /// are not unique, several members may have one name [rooms/room-3] [lobby/name-4].
    fn enter(&mut self, id: ClientId, room: &str, name: &str, now: u64) {
        let other = self.client_named(name).is_some_and(|owner| owner != id);
        if self.dialect.has_unique_names() && other {
            let refusal = self.dialect.name_taken();
            return self.reply(id, &refusal, now); // [common/unique-1]
        }
        let member = OutboxState::Member { room: room.to_owned(), name: name.to_owned() };
        if self.members(room).contains(&id) {
            self.clients[id].outbox_state = member;
            return; // it has heard the room from its connection on [lobby/hear-2] [lobby/hear-4]
        }
        if let Some((old, name)) = self.remove_from_room(id, now) {
            self.notify_left(&old, &name, now); // [channels/move-1] [channels/move-2]
        }
        self.clients[id].outbox_state = member;
        if self.members(room).is_empty() {
            self.creates_a_room(id, now); // [common/rate-4]
        }
        let block =
            self.dialect.entered(room, &self.names_of(&self.members(room)), &self.history(room));
        self.add_to_room(id, room);
        self.reply(id, &block, now);
        let skip = if self.dialect.joiner_hears_notice() { None } else { Some(id) };
        self.tell(room, vec![self.dialect.joined(room, name)], skip, now);
    }

    /// A member leaves its room and keeps its name [channels/leave-1].
    fn leave(&mut self, id: ClientId, now: u64) {
        if let Some((room, name)) = self.remove_from_room(id, now) {
            self.clients[id].outbox_state = OutboxState::Named { name: name.clone() };
            let goodbye = self.dialect.goodbye(&room);
            self.reply(id, &goodbye, now);
            self.notify_left(&room, &name, now);
        }
    }

    /// A member sends a run to its room [common/outbox-2].
    pub(super) fn publish(&mut self, id: ClientId, run: &[Vec<u8>], now: u64) {
        let OutboxState::Member { room, name } = self.clients[id].outbox_state.clone() else {
            return;
        };
        if self.config.kept_lines.is_some() {
            self.keep(&room, &name, run, now);
        }
        if self.dialect.keeps_history() {
            self.remember(&room, run);
        }
        let skip = if self.dialect.echoes() { None } else { Some(id) };
        self.tell(&room, vec![run.concat()], skip, now);
    }

    /// A room keeps its last lines [channels/history-2] [channels/history-3].
    fn remember(&mut self, room: &str, run: &[Vec<u8>]) {
        for kept in self.rooms.iter_mut().filter(|existing| existing.name == room) {
            for line in run {
                kept.history.push(line.clone());
                while kept.history.len() > HISTORY_LINES
                    || kept.history.concat().len() > HISTORY_BYTES
                {
                    kept.history.remove(0);
                }
            }
        }
    }

    /// A client sends a private message, perhaps to itself, and gets the reply [common/tell-1].
    fn tell_one(&mut self, id: ClientId, to: &str, line: Option<Vec<u8>>, now: u64) {
        let reply = match (self.client_named(to), line) {
            (None, _) => self.dialect.user_not_found(), // [common/tell-4]
            (Some(_), None) => self.dialect.nothing_to_tell(),
            (Some(target), Some(line)) => {
                self.numbered += 1;
                let outbox = &mut self.clients[target].outbox;
                if outbox.append(self.numbered, &line, Class::Private, now, &self.config) {
                    self.dialect.sent()
                } else {
                    self.close_and_tell(target, OutboxState::Evicted, now);
                    self.dialect.user_not_found() // [common/tell-3]
                }
            }
        };
        self.reply(id, &reply, now);
    }

    fn list_members(&mut self, id: ClientId, now: u64) {
        if let OutboxState::Member { room, .. } = &self.clients[id].outbox_state {
            let list = self.dialect.members(&self.names_of(&self.members(room)));
            self.reply(id, &list, now);
        }
    }

    fn list_rooms(&mut self, id: ClientId, now: u64) {
        let names: Vec<String> = self.rooms().into_iter().map(|(name, _)| name).collect();
        let list = self.dialect.rooms(&names);
        self.reply(id, &list, now);
    }

    /// Appends a reply, unless it is empty or its client was evicted meanwhile [common/reply-1]
    /// [common/outbox-7].
    pub(super) fn reply(&mut self, id: ClientId, reply: &[u8], now: u64) {
        if !reply.is_empty() && self.is_open(id) {
            self.numbered += 1;
            self.clients[id].outbox.append_reply(self.numbered, reply, now);
        }
    }
}

/// Departures.
impl Model {
    /// A client departs in an orderly way: its membership ends, its name is released, its last line
    /// is queued, if there is one, and the others get the notice [common/eos-6] [common/unique-2].
    pub(super) fn depart(&mut self, id: ClientId, parting: Parting, last_line: &[u8], now: u64) {
        self.stop_waiting(id, now);
        let seat = self.remove_from_room(id, now);
        self.reply(id, last_line, now);
        self.part(id, parting, now);
        if let Some((room, name)) = seat {
            self.notify_left(&room, &name, now);
        }
        self.bound_total(now);
    }

    /// A client's connection ends at once, and the others get the notice.
    pub(super) fn close_and_tell(&mut self, id: ClientId, outbox_state: OutboxState, now: u64) {
        if outbox_state != OutboxState::Evicted {
            self.stop_waiting(id, now);
        }
        let seat = self.remove_from_room(id, now);
        self.close(id, outbox_state, now);
        if let Some((room, name)) = seat {
            self.notify_left(&room, &name, now);
        }
    }

    /// A client departs. Its connection stays for its pending lines.
    pub(super) fn part(&mut self, id: ClientId, parting: Parting, now: u64) {
        let client = &mut self.clients[id];
        client.outbox_state = OutboxState::Departed(parting);
        client.departed_at = now;
        client.flushed_at = now;
        client.input.clear();
        client.held = false;
        self.stop_waiting(id, now);
        self.awaits_nothing(id);
        self.end_waits_for(id);
        let client = &mut self.clients[id];
        if client.outbox.queued() == 0 && (parting == Parting::Flushing || client.ended) {
            client.outbox_state = OutboxState::Departed(Parting::Closed);
        }
    }

    /// A client's connection ends, and its pending lines are dropped.
    pub(super) fn close(&mut self, id: ClientId, outbox_state: OutboxState, now: u64) {
        let client = &mut self.clients[id];
        client.outbox_state = outbox_state;
        client.input.clear();
        client.held = false;
        client.outbox.drop_queue();
        self.drops_recalled(id);
        if let Some(closed) = &mut self.closed_meanwhile {
            closed.push(id);
        } else {
            self.stop_waiting(id, now);
            self.awaits_nothing(id);
        }
        self.end_waits_for(id);
    }

    /// While the total is over its bound, evicts clients by their weight, and of equals those with
    /// the lowest ids, until a sixteenth of the bound is free; then tells their rooms
    /// [common/outbox-9].
    pub(super) fn bound_total(&mut self, now: u64) {
        let bound = self.config.total_bytes_max;
        while self.total() > bound {
            let weight = |id: ClientId| self.clients[id].outbox.weight(now);
            let mut heavy: Vec<_> = (0..self.clients.len()).map(|id| (weight(id), id)).collect();
            heavy.retain(|(weight, _)| *weight > (0, 0));
            heavy.sort_by_key(|(weight, _)| Reverse(*weight));
            if heavy.is_empty() {
                return;
            }
            let mut waves = Vec::new();
            for (_, id) in heavy {
                if self.total() <= bound - bound / 16 {
                    break;
                }
                self.evict_silently(id, &mut waves, now);
            }
            for Wave { room, order, evicted } in waves {
                let name = |id| evicted.iter().find(|(other, _)| *other == id);
                let names = order.into_iter().filter_map(name);
                let left: Vec<_> = names.map(|(_, name)| self.dialect.left(&room, name)).collect();
                self.tell(&room, lines::wave(&left), None, now);
            }
        }
    }

    /// Evicts a client and adds it to the wave of its room.
    fn evict_silently(&mut self, id: ClientId, waves: &mut Vec<Wave>, now: u64) {
        let room = match &self.clients[id].outbox_state {
            OutboxState::Member { room, .. } => room.clone(),
            _ => String::new(),
        };
        let members = self.members(&room);
        if let Some((room, name)) = self.remove_from_room(id, now) {
            match waves.iter_mut().find(|wave| wave.room == room) {
                Some(wave) => wave.evicted.push((id, name)),
                None => waves.push(Wave { room, order: members, evicted: vec![(id, name)] }),
            }
        }
        self.close(id, OutboxState::Evicted, now);
    }
}

/// Rooms.
impl Model {
    /// Puts a client into a room, which is made if there is none [rooms/room-2] [channels/room-2].
    pub(super) fn add_to_room(&mut self, id: ClientId, room: &str) {
        match self.rooms.iter_mut().find(|existing| existing.name == room) {
            Some(existing) => {
                existing.members.push(id);
                existing.holds.joined(id);
            }
            None => self.rooms.push(Room {
                name: room.to_owned(),
                members: vec![id],
                history: Vec::new(),
                holds: Holds::default(),
            }),
        }
    }

    /// Removes a client from its room, if it is in one, and returns the names of the room and of
    /// the user, if it has one. A room without members is removed [rooms/room-2] [channels/room-2].
    pub(super) fn remove_from_room(&mut self, id: ClientId, now: u64) -> Option<(String, String)> {
        let seat = match &self.clients[id].outbox_state {
            OutboxState::Member { room, name } => Some((room.clone(), name.clone())),
            _ => None,
        };
        for existing in self.rooms.iter_mut().filter(|existing| existing.members.contains(&id)) {
            existing.members.retain(|member| *member != id);
            existing.holds.departs(now, &self.config);
        }
        self.rooms.retain(|existing| !existing.members.is_empty());
        seat
    }

    /// Announces to a room that a former member has departed.
    pub(super) fn notify_left(&mut self, room: &str, name: &str, now: u64) {
        self.tell(room, vec![self.dialect.left(room, name)], None, now);
    }

    /// Delivers entries to the members of a room except one [common/outbox-2] [common/order-1], and
    /// announces the members that this evicts, wave by wave [common/outbox-4] [common/outbox-5].
    fn tell(&mut self, room: &str, entries: Vec<Vec<u8>>, skip: Option<ClientId>, now: u64) {
        let mut skip = skip;
        let mut entries: Vec<Vec<u8>> =
            entries.into_iter().filter(|entry| !entry.is_empty()).collect();
        while !entries.is_empty() {
            let members = self.members(room);
            let mut evicted: Vec<ClientId> = Vec::new();
            for entry in &entries {
                self.numbered += 1;
                for &member in &members {
                    let outbox = &mut self.clients[member].outbox;
                    if evicted.contains(&member) || skip == Some(member) {
                        continue;
                    }
                    if !outbox.append(self.numbered, entry, Class::Room, now, &self.config) {
                        outbox.drop_queue();
                        evicted.push(member);
                    }
                }
            }
            // They depart all together, in order of joining [common/outbox-6] [common/unique-2].
            let mut wave: Vec<Vec<u8>> = Vec::new();
            for &member in members.iter().filter(|member| evicted.contains(member)) {
                let seat = self.remove_from_room(member, now);
                wave.extend(seat.map(|(room, name)| self.dialect.left(&room, &name)));
                self.close(member, OutboxState::Evicted, now);
            }
            entries = lines::wave(&wave);
            skip = None;
        }
    }

    /// The members of a room, in order of joining; empty if there is no such room. Names of rooms
    /// are compared byte by byte [common/name-2], and no other client is a recipient [rooms/room-1]
    /// [channels/room-1].
    pub(super) fn members(&self, room: &str) -> Vec<ClientId> {
        let found = self.rooms.iter().find(|existing| existing.name == room);
        found.map_or(Vec::new(), |existing| existing.members.clone())
    }

    /// The history of a room.
    fn history(&self, room: &str) -> Vec<Vec<u8>> {
        if let Some(lines_max) = self.config.kept_lines {
            return self.past(room, lines_max);
        }
        let found = self.rooms.iter().find(|existing| existing.name == room);
        found.map_or(Vec::new(), |existing| existing.history.clone())
    }

    /// The names of some clients, as far as they have one.
    fn names_of(&self, ids: &[ClientId]) -> Vec<String> {
        let names = ids.iter().filter_map(|id| self.clients[*id].outbox_state.name());
        names.map(str::to_owned).collect()
    }

    /// The client that has a name; the first if several do [common/unique-1] [common/tell-4].
    pub(super) fn client_named(&self, name: &str) -> Option<ClientId> {
        self.clients.iter().position(|client| client.outbox_state.name() == Some(name))
    }
}

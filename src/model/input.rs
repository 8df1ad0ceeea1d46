//! From input to acts, and the acts that have to wait.

use super::act::Act;
use super::holds::Holds;
use super::lines::Cut;
use super::outbox::Class;
use super::queue::Goal;
use super::{ClientId, Model, OutboxState, Parting, RUN_MAX, extensions, lines};

impl Model {
    /// Takes a client's input line by line, as far as it gets: to the end of the last complete
    /// line, to the end of the connection, or to a line that has to wait.
    pub(super) fn take_input(&mut self, id: ClientId, now: u64) {
        let mut tried_before = self.clients[id].held;
        self.clients[id].held = false;
        self.closed_meanwhile = Some(Vec::new());
        // The input of a client that is not served any more is discarded.
        // [common/close-1] [common/outbox-4]
        while self.clients[id].outbox_state.is_served() && self.take_lines(id, tried_before, now) {
            tried_before = false;
        }
        for closed in self.closed_meanwhile.take().unwrap_or_default() {
            self.stop_waiting(closed, now);
            self.awaits_nothing(closed);
        }
        let client = &self.clients[id];
        if client.outbox_state.is_served() && client.ended && !client.held {
            self.depart(id, Parting::Flushing, &[], now); // [common/eos-3]
        }
    }

    /// Takes the first line of a client, or the first run; false if there is none, or if it has to
    /// wait.
    fn take_lines(&mut self, id: ClientId, tried_before: bool, now: u64) -> bool {
        let client = &self.clients[id];
        let fresh = client.outbox_state == OutboxState::Fresh;
        let (act, length) = match lines::cut(&client.input) {
            // Whether or not the line has ended. [common/tls-9]
            _ if fresh && client.input.starts_with(b"\x16\x03") => {
                (Act::End(self.dialect.http()), 0)
            }
            Cut::Unfinished => return false,
            Cut::TooLong => (Act::End(self.dialect.too_long()), 0), // [common/framing-4]
            Cut::Line(line, length) => (self.act(&client.outbox_state, &line), length),
        };
        if !tried_before {
            self.clients[id].line_at = now; // [common/idle-1]
        }
        if let Act::End(last_line) = act {
            // A departure never waits [common/flow-2].
            self.depart(id, Parting::Lingering, &last_line, now);
            return true;
        }
        if !tried_before {
            // [common/rate-1] [common/rate-2]
            self.clients[id].line_at = self.count_line(id, &act, now);
        }
        if self.clients[id].pace.waits(now) {
            self.clients[id].held = true; // [common/rate-2]
            return false;
        }
        if self.waits_for_replies(id) {
            self.stop_waiting(id, now); // for others: it waits for itself
            self.clients[id].held = true; // [common/reply-2]
            return false;
        }
        if self.rate_wait(id, &act, now) > 0 {
            self.stop_waiting(id, now);
            self.clients[id].held = true; // [common/rate-4]
            return false;
        }
        if self.asks_the_store(id, &act) {
            self.clients[id].held = true; // [extensions/history-3] [extensions/history-4]
            return false;
        }
        if self.asks_about_an_account(id, &act) {
            self.clients[id].held = true; // [extensions/account-9]
            return false;
        }
        if self.has_to_wait(id, &act, now) {
            self.wait(id, &act, now);
            self.clients[id].held = true; // [common/flow-1] [common/flow-5] [common/tell-2]
            return false;
        }
        if self.waits_to_be_stored(&act) {
            self.clients[id].held = true; // [extensions/store-3]
            return false;
        }
        self.no_longer_waits(id, now);
        if let Act::Say(_) = act {
            let (run, length) = self.first_run(id);
            self.clients[id].input.drain(..length);
            self.publish(id, &run, now);
        } else {
            self.clients[id].input.drain(..length);
            self.perform(id, act, now);
            self.awaits_nothing(id);
        }
        self.bound_total(now);
        true
    }

    /// What a line asks for [extensions/frame-1].
    fn act(&self, outbox_state: &OutboxState, line: &[u8]) -> Act {
        let act = self.dialect.act(outbox_state, line);
        let is_unknown = act == Act::answer("ERROR Unknown command\r\n");
        if is_unknown {
            extensions::act(&self.config, outbox_state, line).unwrap_or(act)
        } else {
            act
        }
    }

    /// The lines of the run that a member's input begins with, as the room is sent them, and how
    /// many bytes of input they took [common/outbox-1].
    pub(super) fn first_run(&self, id: ClientId) -> (Vec<Vec<u8>>, usize) {
        let client = &self.clients[id];
        let mut run: Vec<Vec<u8>> = Vec::new();
        let (mut taken, mut length_of_run) = (0, 0);
        while let Cut::Line(line, length) = lines::cut(&client.input[taken..]) {
            let Act::Say(rendered) = self.act(&client.outbox_state, &line) else {
                break;
            };
            let too_long = length_of_run + rendered.len() > RUN_MAX;
            if !run.is_empty() && (too_long || client.pace.cuts(taken + length)) {
                break;
            }
            length_of_run += rendered.len();
            run.push(rendered);
            taken += length;
        }
        (run, taken)
    }

    /// The act of the waiting line of a held client.
    pub(super) fn waiting_act(&self, id: ClientId) -> Option<Act> {
        let client = &self.clients[id];
        match lines::cut(&client.input) {
            Cut::Line(line, _) if client.held => Some(self.act(&client.outbox_state, &line)),
            _ => None,
        }
    }

    /// The clients that an act has to wait for: those concerned that are congested, whose stall
    /// budget is not exhausted, and that a strained room has not given up
    /// [common/flow-1] [common/flow-2] [common/flow-7] [common/flow-9] [common/tell-2].
    pub(super) fn in_the_way(&self, id: ClientId, act: &Act, now: u64) -> Vec<ClientId> {
        let mut congested = self.congested_for(id, act, now);
        congested.retain(|other| self.given_up_at(id, act, *other, now) > now);
        congested
    }

    /// The clients that an act has to wait for in a room that is not strained.
    fn congested_for(&self, id: ClientId, act: &Act, now: u64) -> Vec<ClientId> {
        let (mut concerned, class) = match self.goal(id, act) {
            Some(Goal::Target(target)) => (vec![target], Class::Private),
            Some(Goal::Room(room)) => (self.members(&room), Class::Room),
            None => return Vec::new(),
        };
        concerned.retain(|other| {
            let outbox = &self.clients[*other].outbox;
            outbox.congested_by(class, &self.config) && !outbox.exhausted(class, now, &self.config)
        });
        concerned
    }

    /// Whether some members of a room are few: fewer than half of all, or of the older half
    /// [common/flow-9].
    fn are_few(&self, room: &str, some: &[ClientId]) -> bool {
        let members = self.members(room);
        let older = &members[..members.len().div_ceil(2)];
        let some_older = some.iter().filter(|member| older.contains(member)).count();
        2 * some.len() < members.len() || 2 * some_older < older.len()
    }

    /// When a strained room waits for `other` no longer, if it takes no byte until then
    /// [common/flow-9].
    fn given_up_at(&self, id: ClientId, act: &Act, other: ClientId, now: u64) -> u64 {
        let Some(Goal::Room(room)) = self.goal(id, act) else { return u64::MAX };
        let outbox = &self.clients[other].outbox;
        let holds = self.holds(&room).at(now, &self.config);
        let few = self.are_few(&room, &self.congested_for(id, act, now));
        match outbox.refusing_since() {
            Some(since) if few && holds.is_strained() => {
                since + holds.allowance(other, outbox.is_proven(&self.config), &self.config)
            }
            _ => u64::MAX,
        }
    }

    /// For how long an act that waits for `other` waits for it, if `other` takes no byte.
    /// [common/flow-3] [common/flow-9]
    pub(super) fn budget_left(&self, id: ClientId, act: &Act, other: ClientId, now: u64) -> u64 {
        let class = match self.goal(id, act) {
            Some(Goal::Room(_)) => Class::Room,
            _ => Class::Private,
        };
        let left = self.clients[other].outbox.budget_left(class, now, &self.config);
        left.min(self.given_up_at(id, act, other, now).saturating_sub(now))
    }

    /// The hold budget of a room.
    pub(super) fn holds(&self, room: &str) -> Holds {
        let found = self.rooms.iter().find(|existing| existing.name == room);
        found.map_or(Holds::default(), |existing| existing.holds.clone())
    }

    /// Tries an act; returns whether it has to wait. The stall budgets of all stalled members of
    /// the room run, because the act waits for them too [common/flow-3].
    fn has_to_wait(&mut self, id: ClientId, act: &Act, now: u64) -> bool {
        if !self.ahead(id, act).is_empty() {
            return true;
        }
        let waits = !self.in_the_way(id, act, now).is_empty();
        if let (Some(Goal::Target(target)), true) = (self.goal(id, act), waits) {
            self.clients[target].outbox.look(now, &self.config);
        }
        if let Some(Goal::Room(room)) = self.goal(id, act) {
            let few = self.are_few(&room, &self.congested_for(id, act, now));
            self.line_tried(&room, waits, few, now);
        }
        waits
    }

    /// A line was tried in a room, or none waits there any longer; `few` says that it has to wait
    /// for a few members.
    pub(super) fn line_tried(&mut self, room: &str, waits: bool, few: bool, now: u64) {
        for member in self.members(room) {
            self.clients[member].outbox.line_tried(waits, now, &self.config);
        }
        for existing in self.rooms.iter_mut().filter(|existing| existing.name == room) {
            existing.holds.line_tried(waits && few, now, &self.config);
        }
    }
}

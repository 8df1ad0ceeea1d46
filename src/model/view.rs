//! The observable state of a model.

use super::act::Act;
use super::config::nanos;
use super::outbox::Class;
use super::queue::Goal;
use super::{CHUNK_COST, ClientId, ENTRY_COST, Model, OutboxState, Parting};

impl Model {
    /// The number of clients that ever connected; their ids are the numbers below it.
    pub fn clients(&self) -> usize {
        self.clients.len()
    }

    /// Everything the client's socket has taken, but what [`take_delivered`](Model::take_delivered)
    /// took away.
    pub fn delivered(&self, id: ClientId) -> &[u8] {
        self.clients[id].outbox.delivered()
    }

    /// As [`delivered`](Model::delivered), and forgets the bytes, so that a long run needs no
    /// memory for them. It has no other effect.
    ///
    /// # Examples
    ///
    /// ```
    /// use parlance_model::{Config, Dialect, Model};
    ///
    /// let mut model = Model::new(Config::default(), Dialect::Rooms);
    /// let ann = model.connect(0);
    /// model.receive(ann, b"JOIN lobby ann\n", 0);
    /// model.accept_bytes(ann, usize::MAX, 0);
    /// assert_eq!(model.take_delivered(ann), b"ann has joined\n");
    /// assert!(model.delivered(ann).is_empty() && model.take_delivered(ann).is_empty());
    /// ```
    pub fn take_delivered(&mut self, id: ClientId) -> Vec<u8> {
        self.clients[id].outbox.take_delivered()
    }

    /// The pending bytes of the client, replies included.
    pub fn queued(&self, id: ClientId) -> usize {
        self.clients[id].outbox.queued()
    }

    /// The charge of the client's outbox, replies included [common/outbox-3] [common/outbox-7].
    pub fn charge(&self, id: ClientId) -> usize {
        self.clients[id].outbox.charge()
    }

    /// The total of all outboxes [common/outbox-9].
    pub fn total(&self) -> usize {
        let mut entries: Vec<(u64, usize)> = Vec::new();
        for client in &self.clients {
            entries.extend(client.outbox.held_entries());
        }
        let overhead = entries.len() * ENTRY_COST;
        entries.extend(self.held_by_the_store());
        entries.sort_unstable();
        entries.dedup();
        overhead
            + entries.len() * CHUNK_COST
            + entries.iter().map(|(_, length)| length).sum::<usize>()
    }

    /// The state of the client.
    pub fn outbox_state(&self, id: ClientId) -> &OutboxState {
        &self.clients[id].outbox_state
    }

    /// Whether the client's connection is open.
    pub fn is_open(&self, id: ClientId) -> bool {
        let outbox_state = &self.clients[id].outbox_state;
        let parting =
            matches!(outbox_state, OutboxState::Departed(Parting::Flushing | Parting::Lingering));
        outbox_state.is_served() || parting
    }

    /// Whether the client's input is held [common/flow-1] [common/reply-2].
    pub fn is_held(&self, id: ClientId) -> bool {
        self.clients[id].held
    }

    /// Whether the client is congested [common/flow-1].
    pub fn is_congested(&self, id: ClientId) -> bool {
        self.clients[id].outbox.congested(&self.config)
    }

    /// Whether one of the client's stall budgets is exhausted [common/flow-3].
    pub fn is_exhausted(&self, id: ClientId, now: u64) -> bool {
        let outbox = &self.clients[id].outbox;
        [Class::Room, Class::Private]
            .into_iter()
            .any(|class| outbox.exhausted(class, now, &self.config))
    }

    /// Whether any line of this client would have to wait now until it has read its replies; for a
    /// held client, whether it waits for that [common/reply-2].
    pub fn waits_for_replies(&self, id: ClientId) -> bool {
        self.clients[id].outbox_state.is_served()
            && self.clients[id].outbox.has_too_much_queued(&self.config)
    }

    /// The clients that a held client waits for: those whose lines come before its own
    /// [common/flow-5]; if there are none, members of its room in order of joining, or the target
    /// of its private line, as far as they are congested and their budgets last [common/flow-1]
    /// [common/flow-9] [common/tell-2]. For a member that is not held, those that a run would wait
    /// for. Empty while the client has to read replies first [common/reply-3].
    pub fn waits_for(&self, id: ClientId, now: u64) -> Vec<ClientId> {
        if self.waits_for_replies(id) || self.waits_for_its_rate(id, now) {
            return Vec::new();
        }
        let act = self.waiting_act(id).unwrap_or(Act::Say(Vec::new()));
        let ahead = self.ahead(id, &act);
        if ahead.is_empty() { self.in_the_way(id, &act, now) } else { ahead }
    }

    /// Whether the waiting line of a held client comes after that of another [common/flow-5].
    pub fn is_behind_another(&self, id: ClientId) -> bool {
        self.waiting_act(id).is_some_and(|act| !self.ahead(id, &act).is_empty())
    }

    /// Whether the waiting line of a held client takes it out of its room [common/flow-7].
    pub fn waits_to_move(&self, id: ClientId) -> bool {
        let moves =
            matches!(self.waiting_act(id), Some(Act::Enter { .. } | Act::Leave | Act::LogOut));
        moves && matches!(self.outbox_state(id), OutboxState::Member { .. })
    }

    /// Whether the limit for the client's next line has passed, which a hold suspends
    /// [common/idle-1] [common/limit-1].
    pub fn is_late(&self, id: ClientId, now: u64) -> bool {
        self.line_limit(id).is_some_and(|(at, _)| at <= now)
    }

    /// Whether the client is in a room that is strained [common/flow-9].
    pub fn is_in_a_strained_room(&self, id: ClientId, now: u64) -> bool {
        match self.outbox_state(id) {
            OutboxState::Member { room, .. } => {
                self.holds(room).at(now, &self.config).is_strained()
            }
            _ => false,
        }
    }

    /// Whether the client is in a room that is overstrained [common/flow-9].
    pub fn is_in_an_overstrained_room(&self, id: ClientId, now: u64) -> bool {
        match self.outbox_state(id) {
            OutboxState::Member { room, .. } => {
                self.holds(room).at(now, &self.config).is_overstrained()
            }
            _ => false,
        }
    }

    /// The time at which the wait of a held client ends without another event: when the last stall
    /// budget it waits for is exhausted, if all those clients refuse bytes from now on, or when its
    /// room is strained or overstrained [common/flow-9]. `u64::MAX`, which is never, for a client
    /// that has to read replies first [common/reply-3] or that waits for others [common/flow-5];
    /// `None` for a client that is not held.
    pub fn retry_at(&self, id: ClientId, now: u64) -> Option<u64> {
        if !self.clients[id].held {
            return None;
        }
        if self.clients[id].pace.waits(now) {
            return Some(self.looked_after_at(id, now)); // [common/rate-2]
        }
        if self.waits_for_replies(id) {
            return Some(u64::MAX);
        }
        let Some(act) = self.waiting_act(id) else { return Some(now) };
        if self.rate_wait(id, &act, now) > 0 {
            return Some(self.looked_after_at(id, now)); // [common/rate-4]
        }
        let waits_for_lines = matches!(
            act,
            Act::Recall { .. }
                | Act::Enter { .. }
                | Act::Name(_)
                | Act::LogIn { .. }
                | Act::Register { .. }
                | Act::ChangePassword { .. }
        );
        if waits_for_lines && self.waits_for_the_store(id) {
            return Some(now.saturating_add(nanos(self.config.held_interval)));
        }
        if !self.ahead(id, &act).is_empty() {
            let waiting = self.waiting_for_the_goal_of(id, &act) as u64;
            let each = nanos(self.config.held_interval_each);
            let interval = nanos(self.config.held_interval) + each * waiting;
            return Some(now.saturating_add(interval));
        }
        if self.in_the_way(id, &act, now).is_empty() && self.waits_to_be_stored(&act) {
            return Some(now.saturating_add(nanos(self.config.held_interval)));
        }
        let left = |member: &ClientId| self.budget_left(id, &act, *member, now);
        let longest = self.in_the_way(id, &act, now).iter().map(left).max();
        let more_strained_at = match self.goal(id, &act) {
            Some(Goal::Room(room)) => self.holds(&room).more_strained_at(now, &self.config),
            _ => u64::MAX,
        };
        let look = longest.unwrap_or(0).min(nanos(self.config.look_interval));
        Some(now.saturating_add(look).min(more_strained_at))
    }

    /// When a client that waits for its own rates is looked at again [common/flow-6].
    fn looked_after_at(&self, id: ClientId, now: u64) -> u64 {
        let wait = self.waiting_act(id).map_or(0, |act| self.rate_wait(id, &act, now));
        now.saturating_add(wait.min(nanos(self.config.held_interval)))
    }

    /// The earliest time at which [`Model::tick`] does something to this client, as things are.
    pub fn deadline(&self, id: ClientId) -> Option<u64> {
        self.dues(id).into_iter().chain(self.line_due(id)).map(|(at, _)| at).min()
    }

    /// The rooms, sorted by name, with their members in order of joining.
    pub fn rooms(&self) -> Vec<(String, Vec<ClientId>)> {
        let mut rooms: Vec<(String, Vec<ClientId>)> =
            self.rooms.iter().map(|room| (room.name.clone(), room.members.clone())).collect();
        rooms.sort();
        rooms
    }
}

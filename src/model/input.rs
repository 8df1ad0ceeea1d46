//! From input to acts, and the acts that have to wait.

use super::act::Act;
use super::lines::Cut;
use super::{ClientId, Model, OutboxState, Parting, RUN_MAX, lines};

impl Model {
    /// Takes a client's input line by line, as far as it gets: to the end of the last complete
    /// line, to the end of the connection, or to a line that has to wait.
    pub(super) fn take_input(&mut self, id: ClientId, now: u64) {
        let mut tried_before = self.clients[id].held;
        self.clients[id].held = false;
        // The input of a client that is not served any more is discarded.
        // [common/close-1] [common/outbox-4]
        while self.clients[id].outbox_state.is_served() && self.take_lines(id, tried_before, now) {
            tried_before = false;
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
        let (act, length) = match lines::cut(&client.input) {
            Cut::Unfinished => return false,
            Cut::TooLong => (Act::End(self.dialect.too_long()), 0), // [common/framing-4]
            Cut::Line(line, length) => (self.dialect.act(&client.outbox_state, &line), length),
        };
        if !tried_before {
            self.clients[id].line_at = now; // [common/idle-1]
        }
        if let Act::End(last_line) = act {
            // A departure never waits [common/flow-2].
            self.depart(id, Parting::Lingering, &last_line, now);
            return true;
        }
        if self.waits_for_replies(id) || self.has_to_wait(id, &act, now) {
            self.clients[id].held = true; // [common/reply-2] [common/flow-1] [common/tell-2]
            return false;
        }
        if let Act::Say(_) = act {
            let (run, length) = self.first_run(id);
            self.clients[id].input.drain(..length);
            self.publish(id, &run, now);
        } else {
            self.clients[id].input.drain(..length);
            self.perform(id, act, now);
        }
        self.bound_total(now);
        true
    }

    /// The lines of the run that a member's input begins with, as the room is sent them, and how
    /// many bytes of input they took [common/outbox-1].
    fn first_run(&self, id: ClientId) -> (Vec<Vec<u8>>, usize) {
        let client = &self.clients[id];
        let mut run: Vec<Vec<u8>> = Vec::new();
        let (mut taken, mut length_of_run) = (0, 0);
        while let Cut::Line(line, length) = lines::cut(&client.input[taken..]) {
            let Act::Say(rendered) = self.dialect.act(&client.outbox_state, &line) else {
                break;
            };
            if !run.is_empty() && length_of_run + rendered.len() > RUN_MAX {
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
            Cut::Line(line, _) if client.held => {
                Some(self.dialect.act(&client.outbox_state, &line))
            }
            _ => None,
        }
    }

    /// The clients that an act has to wait for: those concerned that are congested and whose stall
    /// budget is not exhausted
    /// [common/flow-1] [common/flow-2] [common/flow-7] [common/tell-2].
    pub(super) fn in_the_way(&self, id: ClientId, act: &Act, now: u64) -> Vec<ClientId> {
        let mut concerned = match act {
            Act::Tell { to, line: Some(_) } => self.client_named(to).into_iter().collect(),
            _ => self.room_of(id, act),
        };
        concerned.retain(|other| self.is_congested(*other) && !self.is_exhausted(*other, now));
        concerned
    }

    /// The members of the room in which an act that may have to wait is told.
    fn room_of(&self, id: ClientId, act: &Act) -> Vec<ClientId> {
        match (act, &self.clients[id].outbox_state) {
            (Act::Say(_) | Act::Enter { .. } | Act::Leave, OutboxState::Member { room, .. }) => {
                self.members(room)
            }
            _ => Vec::new(),
        }
    }

    /// Tries an act; returns whether it has to wait. The stall budgets of all stalled members of
    /// the room run, because the act waits for them too [common/flow-3].
    fn has_to_wait(&mut self, id: ClientId, act: &Act, now: u64) -> bool {
        let waits = !self.in_the_way(id, act, now).is_empty();
        for member in self.room_of(id, act) {
            self.clients[member].outbox.line_tried(waits, now, &self.config);
        }
        waits
    }
}

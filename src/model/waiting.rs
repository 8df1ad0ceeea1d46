//! Clients that wait for the same room, or for the same target of private lines, in fair order.

use super::act::Act;
use super::config::ENTRY_COST;
use super::queue::{Goal, Queue};
use super::{ClientId, Model, OutboxState};

/// The parts of a byte in which costs, tags and virtual time are counted [common/flow-5].
const PARTS: usize = 65_536;

impl Model {
    /// What an act waits for, if acts of its kind wait for others [common/flow-2].
    pub(super) fn goal(&self, id: ClientId, act: &Act) -> Option<Goal> {
        match (act, &self.clients[id].outbox_state) {
            (Act::LogOut, _) if !self.has_logged_in(id) => None,
            (Act::Tell { to, line: Some(_) }, _) => self.client_named(to).map(Goal::Target),
            (
                Act::Say(_) | Act::SetTopic(_) | Act::Enter { .. } | Act::Leave | Act::LogOut,
                OutboxState::Member { room, .. },
            ) => Some(Goal::Room(room.clone())),
            _ => None,
        }
    }

    /// What an act costs: the bytes that each recipient gets of it, and an entry [common/flow-5].
    fn cost(&self, id: ClientId, act: &Act) -> usize {
        let bytes = match act {
            Act::Say(_) => self.first_run(id).0.concat().len(),
            Act::Tell { line: Some(line), .. } => line.len(),
            Act::SetTopic(text) => text.len(),
            _ => 0,
        };
        (bytes + ENTRY_COST) * PARTS
    }

    /// The clients whose acts come before this one: those with a lower tag and, among equals, those
    /// that waited before [common/flow-5].
    pub(super) fn ahead(&self, id: ClientId, act: &Act) -> Vec<ClientId> {
        let goal = self.goal(id, act);
        let Some(queue) = self.queues.iter().find(|queue| Some(&queue.goal) == goal.as_ref())
        else {
            return Vec::new();
        };
        let own = queue.waiting.iter().find(|(.., client)| *client == id).copied();
        let cost = self.cost(id, act);
        let (tag, number, ..) = own.unwrap_or((queue.passed + cost, u64::MAX, cost, id));
        let before = queue.waiting.iter().filter(|other| (other.0, other.1) < (tag, number));
        before.map(|(.., client)| *client).collect()
    }

    /// A client begins to wait with an act, or goes on waiting.
    pub(super) fn wait(&mut self, id: ClientId, act: &Act, now: u64) {
        let (goal, cost) = (self.goal(id, act), self.cost(id, act));
        let waits_already = |queue: &Queue| queue.waiting.iter().any(|(.., client)| *client == id);
        let Some(goal) = goal else { return };
        if !self.queues.iter().any(|queue| queue.goal == goal && waits_already(queue)) {
            self.stop_waiting(id, now);
            if !self.queues.iter().any(|queue| queue.goal == goal) {
                let waiting = Vec::new();
                self.queues.push(Queue { goal: goal.clone(), passed: 0, numbered: 0, waiting });
            }
            for queue in self.queues.iter_mut().filter(|queue| queue.goal == goal) {
                queue.numbered += 1;
                queue.waiting.push((queue.passed + cost, queue.numbered, cost, id));
            }
        }
    }

    /// How many clients wait for the goal of an act.
    pub(super) fn waiting_for_the_goal_of(&self, id: ClientId, act: &Act) -> usize {
        let goal = self.goal(id, act);
        let found = self.queues.iter().find(|queue| Some(&queue.goal) == goal.as_ref());
        found.map_or(0, |queue| queue.waiting.len())
    }

    /// The waiting act of a client, if it has one, is performed.
    pub(super) fn no_longer_waits(&mut self, id: ClientId, now: u64) {
        for queue in &mut self.queues {
            let others = queue.waiting.iter().filter(|(.., client)| *client != id);
            let lowest = others.map(|(tag, ..)| *tag).min().unwrap_or(0);
            if let Some((_, _, cost, _)) = queue.waiting.iter().find(|(.., client)| *client == id) {
                queue.passed = (queue.passed + cost / queue.waiting.len()).min(lowest);
            }
        }
        self.stop_waiting(id, now);
    }

    /// A client gives up its wait, if it waits. A hold ends with the last that waits
    /// [common/flow-3] [common/flow-9].
    pub(super) fn stop_waiting(&mut self, id: ClientId, now: u64) {
        for queue in &mut self.queues {
            queue.waiting.retain(|(.., client)| *client != id);
        }
        let over: Vec<Queue> =
            self.queues.extract_if(.., |queue| queue.waiting.is_empty()).collect();
        for queue in over {
            if let Goal::Room(room) = queue.goal {
                self.line_tried(&room, false, false, now);
            }
        }
    }

    /// A client takes no private lines any more: nobody waits for it.
    pub(super) fn end_waits_for(&mut self, id: ClientId) {
        self.queues.retain(|queue| queue.goal != Goal::Target(id));
    }
}

//! The data that a fault can see and change.

use std::collections::{BTreeMap, BTreeSet};

use super::aliases::Aliases;
use parlance_model::{ClientId, Dialect, Model, OutboxState};

/// An event of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// A line, or several, of one client.
    Line,
    /// The end of its stream.
    End,
    /// A reset of its connection.
    Reset,
    /// An action of the server: a deadline, a retry.
    Server,
}

/// Why some bytes are sent.
#[derive(Clone, Debug)]
pub(super) struct Cause {
    /// The client that caused them.
    pub(super) actor: ClientId,
    /// Its event.
    pub(super) event: Event,
    /// Its state before that.
    pub(super) before: OutboxState,
    /// Its state after that.
    pub(super) after: OutboxState,
    /// The clients that had no name then.
    pub(super) unnamed: Vec<ClientId>,
}

/// The memory of a wrong server about all its clients.
#[derive(Debug, Default)]
pub(super) struct Memory {
    pub(super) aliases: Aliases,
    /// Names that were ever given out, or other bytes that a fault keeps.
    pub(super) names: BTreeSet<Vec<u8>>,
    /// Names that clients use instead of their own.
    pub(super) nicks: BTreeMap<ClientId, Vec<u8>>,
    /// Bytes that a fault keeps for later.
    pub(super) kept: Vec<u8>,
    /// The process has died.
    pub(super) crashed: bool,
    /// Nothing happens any more, as if a lock were poisoned.
    pub(super) stuck: bool,
}

/// The memory of a wrong server about one client.
#[derive(Debug, Default)]
pub(super) struct Own {
    pub(super) kept: Vec<u8>,
    pub(super) count: usize,
}

/// One moment at a seam.
pub(super) struct Scene<'a> {
    pub(super) dialect: Dialect,
    /// The author of the line, or the receiver of the bytes.
    pub(super) id: ClientId,
    pub(super) model: &'a Model,
    pub(super) memory: &'a mut Memory,
    pub(super) own: &'a mut Own,
    /// Bytes for clients that the model knows nothing about.
    pub(super) also: &'a mut Vec<(ClientId, Vec<u8>)>,
}

impl Scene<'_> {
    /// The state of the client of this scene.
    pub(super) fn outbox_state(&self) -> &OutboxState {
        self.model.outbox_state(self.id)
    }

    /// Whether it is in a room, under a name.
    pub(super) fn is_member(&self) -> bool {
        matches!(self.outbox_state(), OutboxState::Member { .. })
    }

    /// Whether it has neither name nor room.
    pub(super) fn is_fresh(&self) -> bool {
        *self.outbox_state() == OutboxState::Fresh
    }

    /// Its name.
    pub(super) fn name(&self) -> Option<&str> {
        name(self.outbox_state())
    }

    /// Sends bytes to a client without the model.
    pub(super) fn say(&mut self, to: ClientId, bytes: impl Into<Vec<u8>>) {
        self.also.push((to, bytes.into()));
    }

    /// All other clients that are in a room under a name.
    pub(super) fn others(&self) -> Vec<ClientId> {
        let named =
            |id: &ClientId| matches!(self.model.outbox_state(*id), OutboxState::Member { .. });
        (0..self.model.clients()).filter(|id| *id != self.id).filter(named).collect()
    }
}

/// The name of a client in this state.
pub(super) fn name(outbox_state: &OutboxState) -> Option<&str> {
    match outbox_state {
        OutboxState::Named { name } | OutboxState::Member { name, .. } => Some(name),
        _ => None,
    }
}

//! What a room has that is kept in a store: its topic, and the requests that wait for the store.

use super::ticket::Tickets;
use crate::protocol::extensions::Topic;
use crate::time::Time;

/// The part of a room that its store knows. A room without a store has none.
#[derive(Debug, Default)]
pub(super) struct KeptRoom {
    /// Whether its last lines and its topic are here.
    pub(super) loading: Loading,
    /// How many clients wait to join until they are. A room without members lives as long.
    pub(super) awaited: usize,
    pub(super) topic: Option<Topic>,
    /// The line that is being stored before it is sent.
    pub(super) storing: Option<Storing>,
}

/// How far a new room is.
#[derive(Debug, Default)]
pub(super) enum Loading {
    /// Nothing was asked for yet.
    #[default]
    Unasked,
    /// The store was asked with this ticket, and these wait for the answer.
    Asked(u64, Tickets),
    /// All is here.
    Done,
}

/// A member's line that is being stored. [extensions/store-2]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Storing {
    /// The member's number.
    pub(super) member: u64,
    /// The number of the line behind it.
    pub(super) until: u64,
}

/// Whether a line may be sent to the members now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    /// It is in the queue of the store, or there is none.
    Send,
    /// Until then at most it has to wait.
    Wait(Time),
}

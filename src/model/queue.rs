//! A queue of clients that wait for the same goal.

/// What the clients of one queue wait for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Goal {
    /// To be heard in a room, or to leave it [common/flow-5].
    Room(String),
    /// To send a private line to a client [common/tell-2].
    Target(usize),
}

/// The clients that wait for one goal. It exists while there are any.
#[derive(Clone, Debug)]
pub(super) struct Queue {
    pub(super) goal: Goal,
    /// The virtual time.
    pub(super) passed: usize,
    /// The number of the last client that began to wait.
    pub(super) numbered: u64,
    /// Tag, number, cost and client of each act, in no order.
    pub(super) waiting: Vec<(usize, u64, usize, usize)>,
}

//! What a client waits for that the store or the accounts have been asked for.

use super::room::Room;
use crate::sync::Arc;

/// What a client waits for that was asked for.
#[derive(Debug)]
pub(super) enum Awaited {
    /// What is kept of this room, to join it.
    Room(Arc<Room>),
    /// Lines, by their ticket.
    Lines(u64),
    /// A verdict, by its ticket.
    Verdict(u64),
}

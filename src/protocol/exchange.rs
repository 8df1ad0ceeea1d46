//! The values that pass between a session and the registry. Neither calls the other.

use super::Name;
use crate::time::Time;

/// What a session asks of the registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// Make the client a member of `room`.
    Enter {
        /// The room, created if there is none.
        room: Name,
        /// The client's name in it.
        name: Name,
    },
    /// Deliver these rendered lines to the client's room.
    Publish {
        /// One or more whole lines, at most [`CHUNK_BYTES_MAX`](crate::limits::CHUNK_BYTES_MAX) bytes.
        lines: Vec<u8>,
    },
    /// Give back membership and name, then owe the client this last line (none if empty).
    Depart {
        /// The last line, terminator included.
        farewell: &'static [u8],
    },
}

/// What the registry answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The client is a member now; its join notice is the first thing it is owed.
    Entered,
    /// The lines are in every recipient's outbox.
    Published,
    /// A recipient is congested: nothing was delivered. The request comes back, to be made again
    /// when the submitter is woken, and at `until` at the latest.
    Wait {
        /// The request as it was made.
        request: Request,
        /// When to ask again if nobody wakes the submitter.
        until: Time,
    },
    /// The client is in no room any more, and nothing but what it is owed now will reach it.
    Departed,
    /// The client was evicted, or the server is shutting down: nothing more can be done for it.
    Gone,
}

//! The values that pass between a session and the registry. Neither calls the other.

use super::Name;
use super::dialect::{Fault, Listing};
use crate::time::Time;

/// What a session asks of the registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// Give the client this name, in no room, and answer it.
    Name {
        /// Taken if somebody has it.
        name: Name,
    },
    /// Make the client a member of `room`, and answer it with what it finds there. It leaves the
    /// room before; it takes its name first if it has none yet.
    Enter {
        /// The room, created if there is none.
        room: Name,
        /// The client's name in it.
        name: Name,
    },
    /// Take the client out of its room, and answer it. It keeps its name.
    Leave,
    /// Deliver these rendered lines to the client's room.
    Publish {
        /// One or more whole lines, at most [`CHUNK_BYTES_MAX`](crate::limits::CHUNK_BYTES_MAX) bytes.
        lines: Vec<u8>,
    },
    /// Deliver this line to one client, and answer the sender.
    Tell {
        /// Whom.
        to: Name,
        /// The rendered line; or why there is none, which is said only if there is such a client.
        line: Result<Vec<u8>, Fault>,
    },
    /// Answer with a list.
    List(Listing),
    /// Owe the client this answer to a line of its own.
    Reply {
        /// One or more whole lines.
        lines: Vec<u8>,
    },
    /// Give back membership and name, then owe the client these last lines (none if empty).
    Depart {
        /// Terminators included.
        farewell: Vec<u8>,
    },
}

/// What the registry answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The client has the name.
    Named,
    /// The client is a member now; what it is owed for that is in its outbox.
    Entered,
    /// The client is in no room, and nothing more of the one before will reach it.
    Left,
    /// The lines are in every recipient's outbox.
    Published,
    /// The client's outbox has the answer.
    Done,
    /// The client's outbox has the reason why not; nothing else has changed.
    Refused,
    /// A recipient is congested, or the client has to take earlier answers first: nothing was done.
    /// The request comes back, to be made again when the submitter is woken, and at `until` at the
    /// latest.
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

//! The values that pass between a session and the registry. Neither calls the other.

use super::Name;
use super::dialect::{Fault, Listing};
use super::extensions::Recall;
use super::secret::Secret;
use crate::time::Time;

/// A request of a session to the registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// Give the client this name, in no room, and reply to it.
    Name {
        /// The name; refused if another client has it.
        name: Name,
    },
    /// Make the client a member of `room` and reply with the room's members and history, where the
    /// dialect shows them. The client leaves its old room first. It takes its name first if it has
    /// none yet.
    Enter {
        /// The room, created if there is none.
        room: Name,
        /// The client's name in it.
        name: Name,
    },
    /// Remove the client from its room and reply to it. It keeps its name.
    Leave,
    /// Deliver these rendered lines to the client's room.
    Publish {
        /// One or more whole lines, at most
        /// [`CHUNK_BYTES_MAX`](crate::limits::CHUNK_BYTES_MAX) bytes.
        lines: Vec<u8>,
    },
    /// Deliver this line to one client, and reply to the sender.
    Tell {
        /// The name of the recipient.
        to: Name,
        /// The rendered line, or a fault that is reported only if the recipient exists.
        line: Result<Vec<u8>, Fault>,
    },
    /// Reply with a list.
    List(Listing),
    /// Reply with lines that were said in the client's room.
    History(Recall),
    /// Reply with the topic of the client's room.
    Topic,
    /// Change the topic of the client's room, and tell all its members.
    SetTopic {
        /// The topic; empty to have none.
        text: Vec<u8>,
    },
    /// Queue this reply to a line of the client.
    Reply {
        /// One or more whole lines.
        lines: Vec<u8>,
    },
    /// End the membership, release the name, and then queue these last lines for the client.
    Depart {
        /// Whole lines, terminators included; may be empty.
        farewell: Vec<u8>,
    },
    /// Give the client this name, which has an account, if the password is right.
    LogIn {
        /// The name of the account.
        name: Name,
        /// The password, until the registry has taken it.
        password: Option<Secret>,
    },
    /// End the client that has this name, of an account whose password the client has shown, and
    /// give the name to the client.
    Ghost {
        /// The name of the account.
        name: Name,
    },
    /// Make an account of this name: that of the client, or one that it is to have.
    Register {
        /// The name of the account.
        name: Name,
        /// The password, until the registry has taken it.
        password: Option<Secret>,
    },
    /// Change the password of the client's account.
    ChangePassword {
        /// The old and the new password, until the registry has taken them.
        secrets: Option<(Secret, Secret)>,
    },
    /// Remove the client from its room, if it is in one, and release its name.
    LogOut,
}

/// The registry's answer to a [`Request`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The client has the name.
    Named,
    /// The client is a member now; its outbox has the reply.
    Entered,
    /// The client is in no room, and no further line of its old room will reach it.
    Left,
    /// The lines are in every recipient's outbox.
    Published,
    /// The client's outbox has the reply.
    Done,
    /// The client's outbox has the reason; nothing else has changed.
    Refused,
    /// A recipient is congested, or the client has to read earlier replies first, or a store has to
    /// be asked, or a password checked. Nothing was done, and a ticket is registered. The caller
    /// makes the returned request again when it is woken, and at `until` at the latest.
    Wait {
        /// The request as it was made.
        request: Request,
        /// When to make the request again without a wake.
        until: Time,
    },
    /// The client is in no room, and only lines that are pending now will reach it.
    Departed,
    /// The client was evicted or kicked, or the server shuts down;
    /// [`Client::close_reason`](crate::registry::Client::close_reason) says which.
    Gone,
    /// The client is in no room and has no name.
    LoggedOut,
}

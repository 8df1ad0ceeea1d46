//! Which extensions a server offers, and what it keeps of a room, as values.

use super::name::Name;

/// Which extensions a server offers.
#[expect(clippy::struct_excessive_bools, reason = "independent answers to independent questions")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extensions {
    /// `/history` and `/topic`: rooms have a store.
    pub kept_rooms: bool,
    /// `/login` and what belongs to it: names can have accounts.
    pub accounts: bool,
    /// `/register`: clients can make accounts.
    pub registration: bool,
    /// Whether this client may not send a password, because it could be read on its way.
    pub refuses_passwords: bool,
}

impl Extensions {
    /// None of them.
    pub const OFF: Extensions = Extensions {
        kept_rooms: false,
        accounts: false,
        registration: false,
        refuses_passwords: false,
    };

    /// Whether there is none.
    pub fn is_off(self) -> bool {
        !self.kept_rooms && !self.accounts
    }
}

/// Which lines of its room a client asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recall {
    /// At most so many, the newest.
    pub lines: usize,
    /// Only those with a smaller number.
    pub before: u64,
}

/// A line that was said, as the store has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastLine {
    /// Its number, in the order of its room.
    pub id: u64,
    /// When it was said, in milliseconds since 1970 in UTC.
    pub at: i64,
    /// The client that said it.
    pub sender: Name,
    /// The text.
    pub text: Vec<u8>,
}

/// The topic of a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    /// The client that set it.
    pub sender: Name,
    /// Not empty, and no more than [`TOPIC_BYTES_MAX`](crate::limits::TOPIC_BYTES_MAX) bytes.
    pub text: Vec<u8>,
}

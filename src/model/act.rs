//! What a line of a client asks for.

/// The default room: the only room of a dialect without rooms. Its name is never on the wire.
pub const DEFAULT_ROOM: &str = "hall";

/// A parsed line of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Act {
    /// Send a line to the room; the line as rendered.
    Say(Vec<u8>),
    /// Take a name, in no room yet.
    Name(String),
    /// Join a room under a name.
    Enter { room: String, name: String },
    /// Leave the room and keep the name.
    Leave,
    /// Send a private message; the line as rendered, `None` if it has no text.
    Tell { to: String, line: Option<Vec<u8>> },
    /// List the members of the room.
    Members,
    /// List the rooms.
    Rooms,
    /// Get so many lines that were said in the room, with smaller numbers.
    Recall { count: u64, before: u64 },
    /// Get the topic of the room.
    Topic,
    /// Set the topic of the room; none if it is empty.
    SetTopic(Vec<u8>),
    /// Take the name of an account.
    LogIn { name: String, password: Vec<u8> },
    /// Take a name from the client that has it.
    Ghost(String),
    /// Make an account.
    Register { name: String, password: Vec<u8> },
    /// Change the password of an account.
    ChangePassword { old: Vec<u8>, new: Vec<u8> },
    /// Leave the room and give the name back.
    LogOut,
    /// Get this reply and nothing else: mostly an error that does not end the connection.
    Answer(Vec<u8>),
    /// Get this as the last line: a fatal error or a farewell.
    End(Vec<u8>),
}

impl Act {
    /// A reply with a fixed text.
    pub(super) fn answer(words: &str) -> Act {
        Act::Answer(words.as_bytes().to_vec())
    }

    /// A last line with a fixed text.
    pub(super) fn end(words: &str) -> Act {
        Act::End(words.as_bytes().to_vec())
    }
}

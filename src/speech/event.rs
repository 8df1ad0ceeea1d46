//! What a server tells a client.

/// The meaning of one line of a server. `room` is set where the dialect's line names the room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event<'l> {
    /// A member sent a text to the room.
    Said {
        /// The room.
        room: Option<&'l [u8]>,
        /// The sender.
        from: &'l [u8],
        /// The text.
        text: &'l [u8],
    },
    /// A user sent a private message to this client.
    Told {
        /// The sender.
        from: &'l [u8],
        /// The text.
        text: &'l [u8],
    },
    /// A user joined, or is listed as a member in the answer to a join.
    Joined {
        /// The room.
        room: Option<&'l [u8]>,
        /// The user.
        user: &'l [u8],
    },
    /// A user left.
    Left {
        /// The room.
        room: Option<&'l [u8]>,
        /// The user.
        user: &'l [u8],
    },
    /// A command succeeded; `0` are the server's words, which may be empty.
    Done(&'l [u8]),
    /// A command failed; `0` is the reason, which may be empty.
    Failed(&'l [u8]),
    /// `0` is one user of a list of one line per user.
    User(&'l [u8]),
    /// `0` is a list of users, separated by spaces.
    Users(&'l [u8]),
    /// `0` is a list of rooms, separated by spaces.
    Rooms(&'l [u8]),
    /// A line of the room's past, one of as many as the [`Done`](Event::Done) before has said.
    Past {
        /// Its number, and when it was said.
        id_and_time: (&'l [u8], &'l [u8]),
        /// The room.
        room: &'l [u8],
        /// The sender.
        from: &'l [u8],
        /// The text.
        text: &'l [u8],
    },
    /// The topic of the room, and who has set it; none if there is none.
    Topic {
        /// The room.
        room: &'l [u8],
        /// The user that has set it, and the topic.
        set: Option<(&'l [u8], &'l [u8])>,
    },
    /// The answer to [`Command::Ping`](crate::Command::Ping).
    Pong,
    /// A line that the dialect does not have.
    Unknown,
}

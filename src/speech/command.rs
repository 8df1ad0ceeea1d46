//! What a client asks of a server.

/// A command of a client. [`Dialect::line`](crate::Dialect::line) gives its line, if the dialect
/// has the command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command<'a> {
    /// Claims a name. In the rooms dialect the same line joins `room`; the others ignore it.
    Name {
        /// The name that is claimed.
        user: &'a [u8],
        /// The room to join.
        room: &'a [u8],
    },
    /// Joins the room `0`.
    Join(&'a [u8]),
    /// Leaves the room and stays connected.
    Part,
    /// Sends the text `0` to all members of the room.
    Say(&'a [u8]),
    /// Sends a private message.
    Tell {
        /// The recipient.
        to: &'a [u8],
        /// The text.
        text: &'a [u8],
    },
    /// Lists users.
    Users,
    /// Lists rooms.
    Rooms,
    /// Asks for lines of the room's past: `0` is empty, or `[N] [before ID]`.
    History(&'a [u8]),
    /// Asks for the topic of the room, or sets it to `0` unless that is empty.
    Topic(&'a [u8]),
    /// Does something about an account: the `word` of the command, like `/login`, and the `rest`.
    Account {
        /// The word, its `/` included.
        word: &'a [u8],
        /// What is behind it; a password is in it.
        rest: &'a [u8],
    },
    /// Asks for [`Event::Pong`](crate::Event::Pong), which also shows that every earlier command is
    /// done.
    Ping,
    /// Leaves the server, which answers [`Event::Done`](crate::Event::Done) and closes.
    Quit,
}

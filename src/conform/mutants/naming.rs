//! The place of the names in a line.

use parlance_model::{Dialect, OutboxState};

/// A line that asks for a name or a room, in parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Naming {
    /// The keyword with its space.
    pub(super) head: Vec<u8>,
    pub(super) room: Option<Vec<u8>>,
    pub(super) user: Option<Vec<u8>>,
    /// The terminator, with a CR if there is one.
    pub(super) end: Vec<u8>,
}

impl Naming {
    /// The names in a line of a client in this state, if the line asks for a name. They need not be
    /// valid.
    pub(super) fn of(dialect: Dialect, outbox_state: &OutboxState, line: &[u8]) -> Option<Naming> {
        let (content, end) = split_end(line);
        let named = |room: Option<&[u8]>, user: Option<&[u8]>, head: &[u8]| Naming {
            head: head.to_vec(),
            room: room.map(<[u8]>::to_vec),
            user: user.map(<[u8]>::to_vec),
            end: end.to_vec(),
        };
        let fresh = *outbox_state == OutboxState::Fresh;
        let (word, argument) = split_word(content);
        let head = &content[..content.len() - argument.len()];
        let upper = word.to_ascii_uppercase();
        match (dialect, &upper[..]) {
            (Dialect::Lobby, _) if fresh => Some(named(None, Some(content), b"")),
            (Dialect::Rooms, b"JOIN") if fresh => {
                let (room, user) = split_word(argument);
                Some(named(Some(room), Some(user), head))
            }
            (Dialect::Simple, b"JOIN") | (Dialect::Login, b"LOGIN") => {
                Some(named(None, Some(argument), head))
            }
            (Dialect::Channels, b"USERNAME") if word == b"USERNAME" => {
                Some(named(None, Some(argument), head))
            }
            (Dialect::Channels, _) if word == b"JOIN" || word == b"/join" => {
                Some(named(Some(argument), None, head))
            }
            _ => None,
        }
    }

    /// The line as bytes.
    pub(super) fn line(&self) -> Vec<u8> {
        let room = self.room.clone().unwrap_or_default();
        let user = self.user.clone().unwrap_or_default();
        let space: &[u8] = if self.room.is_some() && self.user.is_some() { b" " } else { b"" };
        [&self.head, &room, space, &user, &self.end].concat()
    }
}

/// The content of a line and its terminator, LF or CR LF; a line without one has none.
pub(super) fn split_end(line: &[u8]) -> (&[u8], &[u8]) {
    let length = match line {
        [.., b'\r', b'\n'] => 2,
        [.., b'\n'] => 1,
        _ => 0,
    };
    line.split_at(line.len() - length)
}

/// The word before the first space, and everything after the space.
pub(super) fn split_word(content: &[u8]) -> (&[u8], &[u8]) {
    match content.iter().position(|byte| *byte == b' ') {
        Some(at) => (&content[..at], &content[at + 1..]),
        None => (content, b""),
    }
}

//! The lines of the lobby dialect.

use super::act::{Act, DEFAULT_ROOM};
use super::{OutboxState, lines};

/// What a line asks for: a name, at first [lobby/name-1], and then to be heard [lobby/text-4].
pub(super) fn act(outbox_state: &OutboxState, line: &[u8]) -> Act {
    match outbox_state {
        OutboxState::Member { name, .. } => Act::Say(text(name, line)),
        _ => match user(line) {
            Some(name) => Act::Enter { room: DEFAULT_ROOM.to_owned(), name },
            None => Act::end(""), // [lobby/name-3]
        },
    }
}

/// A user's name, if these bytes are one [lobby/name-2].
fn user(bytes: &[u8]) -> Option<String> {
    lines::name(bytes, 64).filter(|name| !name.contains(':'))
}

/// A member's line as the room is sent it [lobby/text-1] [lobby/text-2] [lobby/text-3].
fn text(user: &str, line: &[u8]) -> Vec<u8> {
    lines::joined(&[user.as_bytes(), b":", line, b"\n"])
}

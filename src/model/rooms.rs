//! The lines of the rooms dialect.

use super::act::Act;
use super::{OutboxState, lines};

/// What a line asks for: to join, at first, and then to be heard [rooms/text-3].
pub(super) fn act(outbox_state: &OutboxState, line: &[u8]) -> Act {
    match outbox_state {
        OutboxState::Member { name, .. } => Act::Say(text(name, line)),
        _ => match join(line) {
            Some((room, name)) => Act::Enter { room, name },
            None => Act::end("ERROR\n"), // [rooms/error-1]
        },
    }
}

/// Room and user of a valid JOIN line.
///
/// [rooms/join-1] [rooms/join-2] [rooms/join-3] [rooms/join-4] [rooms/join-5] [rooms/join-6]
fn join(line: &[u8]) -> Option<(String, String)> {
    let parts: Vec<&[u8]> = line.split(|byte| *byte == b' ').collect();
    if parts.len() != 3 || !parts[0].eq_ignore_ascii_case(b"JOIN") {
        return None;
    }
    Some((lines::name(parts[1], 20)?, lines::name(parts[2], 20)?))
}

/// A member's line as the room is sent it [rooms/text-1].
fn text(user: &str, line: &[u8]) -> Vec<u8> {
    lines::joined(&[user.as_bytes(), b": ", line, b"\n"])
}

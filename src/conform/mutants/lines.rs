//! What a line from the server is.

use super::scene::{Cause, Event};
use parlance_model::{ClientId, Dialect, OutboxState};

/// A sort of line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Somebody's message.
    Text,
    /// Somebody joined.
    Joined,
    /// Somebody left.
    Left,
    /// For one client only, from another.
    Private,
    /// An answer to one's own line.
    Reply,
    /// In an answer to one's own joining: who else is there, or what was said before.
    Shown,
}

/// What sort of line this is, sent to a client for that cause.
pub(super) fn kind(dialect: Dialect, to: ClientId, cause: &Cause, line: &[u8]) -> Kind {
    let own = cause.actor == to;
    let entered = !in_room(&cause.before) && in_room(&cause.after);
    let word = super::naming::split_word(line).0;
    match dialect {
        Dialect::Lobby => Kind::Text,
        Dialect::Rooms if entered => Kind::Joined,
        Dialect::Rooms if in_room(&cause.after) && cause.event == Event::Line => Kind::Text,
        Dialect::Rooms if own => Kind::Reply,
        Dialect::Rooms => Kind::Left,
        _ => match word {
            b"ROOM" | b"JOIN" if own && moved(cause) => Kind::Shown,
            b"MSG" | b"ROOM" => Kind::Text,
            b"JOINED" | b"JOIN" => Kind::Joined,
            b"LEFT" | b"INFO" | b"LEAVE" => Kind::Left,
            b"DM" | b"PRIVMSG" => Kind::Private,
            _ => Kind::Reply,
        },
    }
}

fn in_room(outbox_state: &OutboxState) -> bool {
    matches!(outbox_state, OutboxState::Member { .. })
}

/// Whether somebody is in a room now in which it was not before.
fn moved(cause: &Cause) -> bool {
    in_room(&cause.after) && cause.before != cause.after
}

/// The bytes with every line replaced by what becomes of it.
pub(super) fn each(bytes: &[u8], change: impl FnMut(&[u8]) -> Vec<u8>) -> Vec<u8> {
    bytes.split_inclusive(|byte| *byte == b'\n').map(change).collect::<Vec<_>>().concat()
}

//! The kind of a line from the server.

use super::scene::{Cause, Event};
use parlance_model::{ClientId, Dialect, OutboxState};

/// A kind of line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A message of another client.
    Text,
    /// Another client joined.
    Joined,
    /// Another client left.
    Left,
    /// For one client only, from another.
    Private,
    /// An answer to a line of the client itself.
    Reply,
    /// Part of the answer to a join: the other members, or earlier lines.
    Shown,
}

/// The kind of this line, sent to a client for that cause.
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

/// Whether the client is in a room now in which it was not before.
fn moved(cause: &Cause) -> bool {
    in_room(&cause.after) && cause.before != cause.after
}

/// The bytes with every line replaced by its change.
pub(super) fn each(bytes: &[u8], change: impl FnMut(&[u8]) -> Vec<u8>) -> Vec<u8> {
    bytes.split_inclusive(|byte| *byte == b'\n').map(change).collect::<Vec<_>>().concat()
}

//! Helpers for faults.

use super::lines::{Kind, each, kind};
use super::naming::{Naming, split_end, split_word};
use super::scene::{Cause, Scene};
use parlance_model::{Dialect, OutboxState};

/// A line with other content and the same terminator.
pub(super) fn content(line: &[u8], change: impl FnOnce(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let (content, end) = split_end(line);
    let mut changed = change(content);
    changed.extend_from_slice(end);
    changed
}

/// The upper-case keyword of a line, and its argument.
pub(super) fn command(line: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let (word, argument) = split_word(split_end(line).0);
    (word.to_ascii_uppercase(), argument.to_vec())
}

/// A line that asks for names, with other names; any other line as it is.
pub(super) fn renamed(
    scene: &mut Scene<'_>,
    line: Vec<u8>,
    mut change: impl FnMut(&mut Scene<'_>, Vec<u8>) -> Vec<u8>,
) -> Vec<u8> {
    let Some(mut naming) = Naming::of(scene.dialect, scene.outbox_state(), &line) else {
        return line;
    };
    naming.room = naming.room.map(|name| change(scene, name));
    naming.user = naming.user.map(|name| change(scene, name));
    naming.line()
}

/// As [`renamed`], for the names of rooms alone.
pub(super) fn rooms_renamed(
    scene: &Scene<'_>,
    line: Vec<u8>,
    change: impl FnOnce(Vec<u8>) -> Vec<u8>,
) -> Vec<u8> {
    let Some(mut naming) = Naming::of(scene.dialect, scene.outbox_state(), &line) else {
        return line;
    };
    naming.room = naming.room.map(change);
    naming.line()
}

/// The user's name that a client without one asks for.
pub(super) fn wanted(scene: &Scene<'_>, line: &[u8]) -> Option<Vec<u8>> {
    if !scene.is_fresh() {
        return None;
    }
    Naming::of(scene.dialect, scene.outbox_state(), line)?.user
}

/// The longest name of a dialect.
pub(super) fn longest_name(dialect: Dialect) -> usize {
    match dialect {
        Dialect::Rooms => 20,
        Dialect::Lobby => 64,
        Dialect::Simple | Dialect::Login => 32,
        Dialect::Channels => 31,
    }
}

/// Whether the dialect accepts this as a name.
pub(super) fn is_name(dialect: Dialect, name: &[u8]) -> bool {
    let length = (1..=longest_name(dialect)).contains(&name.len());
    length
        && name.iter().all(u8::is_ascii_graphic)
        && !(dialect == Dialect::Lobby && name.contains(&b':'))
}

/// The answer to a name that another client has.
pub(super) fn taken(dialect: Dialect) -> &'static [u8] {
    match dialect {
        Dialect::Rooms | Dialect::Lobby => b"",
        Dialect::Simple => b"ERROR username-taken\n",
        Dialect::Login => b"ERR username-taken\n",
        Dialect::Channels => b"ERROR Username taken\r\n",
    }
}

/// The notice of the departure of a client in this state.
pub(super) fn departure(dialect: Dialect, outbox_state: &OutboxState) -> Vec<u8> {
    let OutboxState::Member { room, name } = outbox_state else { return Vec::new() };
    let notice = match dialect {
        Dialect::Rooms => format!("{name} has left\n"),
        Dialect::Lobby => format!("{name}: left\n"), // no dialect of its own has one
        Dialect::Simple => format!("LEFT {name}\n"),
        Dialect::Login => format!("INFO {name} disconnected\n"),
        Dialect::Channels => format!("LEAVE {room} {name}\r\n"),
    };
    notice.into_bytes()
}

/// The output with each line replaced according to its kind.
pub(super) fn by_kind(
    scene: &mut Scene<'_>,
    cause: &Cause,
    bytes: &[u8],
    mut change: impl FnMut(&mut Scene<'_>, Kind, &[u8]) -> Vec<u8>,
) -> Vec<u8> {
    each(bytes, |line| {
        let kind = kind(scene.dialect, scene.id, cause, line);
        change(scene, kind, line)
    })
}

/// The output without the lines of one kind.
pub(super) fn without(
    scene: &mut Scene<'_>,
    cause: &Cause,
    bytes: &[u8],
    unwanted: Kind,
) -> Vec<u8> {
    by_kind(
        scene,
        cause,
        bytes,
        |_, kind, line| {
            if kind == unwanted { Vec::new() } else { line.to_vec() }
        },
    )
}

/// The bytes with every occurrence of `old` replaced by `new`. An empty `old` occurs nowhere.
pub(super) fn replaced(bytes: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    if old.is_empty() {
        return bytes.to_vec();
    }
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(first) = rest.first() {
        if let Some(after) = rest.strip_prefix(old) {
            out.extend_from_slice(new);
            rest = after;
        } else {
            out.push(*first);
            rest = &rest[1..];
        }
    }
    out
}

//! What an operator is shown, as rows of JSON.

use crate::bans::{Ban, BanTarget};
use crate::observe::bound::millis;
use crate::observe::roster::Entry;
use parlance_core::protocol::{Explanation, Name};
use parlance_core::registry::RoomSize;
use parlance_core::time::Time;
use serde_json::{Map, Value, json};
use std::time::UNIX_EPOCH;

/// A line of an answer.
pub type Row = Map<String, Value>;

/// An object as a row.
pub(super) fn row(value: Value) -> Row {
    match value {
        Value::Object(row) => row,
        other => Row::from_iter([("value".to_owned(), other)]),
    }
}

fn text(name: Option<&Name>) -> Option<&str> {
    name.map(Name::as_str)
}

/// A client at `now`: what it is, what it has done, and how it stands.
pub(super) fn client(entry: &Entry, now: Time) -> Row {
    let (seen, sent) = (entry.seen(), entry.remote.sent());
    let held = seen.held_since.map(|since| millis(now.since(since)));
    let refuses = entry.remote.refuses_for(now);
    row(json!({
        "conn": entry.facts.conn,
        "peer": entry.facts.peer().to_string(),
        "dialect": entry.dialect,
        "listener": entry.facts.listener.name(),
        "name": text(seen.name.as_ref()),
        "room": text(seen.room.as_ref()),
        "connected_ms": millis(now.since(entry.facts.since)),
        "bytes_in": seen.bytes_in,
        "lines_in": seen.lines_in,
        "bytes_out": sent.bytes,
        "lines_out": sent.lines,
        "pending_bytes": entry.remote.charge(),
        "closing": !entry.remote.is_open(),
        "held_ms": held,
        "refuses_ms": millis(refuses),
    }))
}

pub(super) fn room(dialect: &str, room: &RoomSize) -> Row {
    row(json!({ "dialect": dialect, "room": room.name.as_str(), "members": room.members }))
}

pub(super) fn ban(target: &BanTarget, ban: &Ban, now: Time) -> Row {
    let until = ban.end.and_then(|end| end.calendar.duration_since(UNIX_EPOCH).ok());
    let left = ban.end.map(|end| end.time.since(now).as_secs());
    row(json!({
        "target": target.to_string(),
        "kind": target.kind(),
        "reason": ban.why.as_ref().map(Explanation::as_str),
        "until_unix": until.map(|until| until.as_secs()),
        "left_s": left,
        "from": if ban.is_configured { "configuration" } else { "operator" },
    }))
}

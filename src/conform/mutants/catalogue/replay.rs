//! The members and the history of a room that a joiner is shown in the channels dialect.

use crate::mutants::fault::Fault::Said;
use crate::mutants::lines::{Kind, each};
use crate::mutants::mutation::Mutation;
use crate::mutants::scene::{Cause, Scene};
use crate::mutants::tools::by_kind;
use parlance_model::{Dialect, OutboxState};

const CHANNELS: &[Dialect] = &[Dialect::Channels];

/// Members and messages that are not shown, in another order, or too many or too few.
pub(super) static MUTATIONS: &[Mutation] = &[
    Mutation::new(
        "members-not-shown-to-who-joins",
        CHANNELS,
        "channels/join-5",
        "does not show a joiner the members that are there",
        &[Said(|scene, cause, bytes| shown(scene, cause, &bytes, b"JOIN ", |_| Vec::new()))],
    ),
    Mutation::new(
        "members-shown-newest-first",
        CHANNELS,
        "channels/join-4",
        "shows a joiner the members that are there, the newest first",
        &[Said(|scene, cause, bytes| {
            let (rest, mut members) = taken_out(scene, cause, &bytes, b"JOIN ");
            members.reverse();
            let answer = rest.iter().position(|byte| *byte == b'\n').map_or(0, |at| at + 1);
            [&rest[..answer], &members.concat(), &rest[answer..]].concat()
        })],
    ),
    Mutation::new(
        "history-before-members",
        CHANNELS,
        "channels/join-4",
        "shows a joiner the earlier messages before the members",
        &[Said(|scene, cause, bytes| {
            let (rest, members) = taken_out(scene, cause, &bytes, b"JOIN ");
            [rest, members.concat()].concat()
        })],
    ),
    Mutation::new(
        "history-twice",
        CHANNELS,
        "channels/history-1",
        "shows each earlier message twice",
        &[Said(|scene, cause, bytes| shown(scene, cause, &bytes, b"ROOM ", |line| line.repeat(2)))],
    ),
    Mutation::new(
        "history-newest-first",
        CHANNELS,
        "channels/history-1",
        "shows the newest of the earlier messages first",
        &[Said(|scene, cause, bytes| {
            let mut earlier: Vec<Vec<u8>> = Vec::new();
            let rest = shown(scene, cause, &bytes, b"ROOM ", |line| {
                earlier.push(line.to_vec());
                Vec::new()
            });
            earlier.reverse();
            [rest, earlier.concat()].concat()
        })],
    ),
    Mutation::new(
        "history-of-ten",
        CHANNELS,
        "channels/history-2",
        "keeps ten messages instead of fifty",
        &[Said(|scene, cause, bytes| {
            let mut all = 0;
            shown(scene, cause, &bytes, b"ROOM ", |_| {
                all += 1;
                Vec::new()
            });
            let mut number = 0;
            shown(scene, cause, &bytes, b"ROOM ", |line| {
                number += 1;
                if number + 10 <= all { Vec::new() } else { line.to_vec() }
            })
        })],
    ),
    Mutation::new(
        "history-of-all",
        CHANNELS,
        "channels/history-2",
        "keeps every message of a room",
        &[Said(everything_kept)],
    ),
    Mutation::new(
        "history-of-4096-bytes",
        CHANNELS,
        "channels/history-3",
        "keeps 4,096 bytes of a room's messages",
        &[Said(|scene, cause, bytes| at_most(4096, scene, cause, &bytes))],
    ),
    Mutation::new(
        "history-of-65535-bytes",
        CHANNELS,
        "channels/history-3",
        "keeps one byte less of a room's messages than it may",
        &[Said(|scene, cause, bytes| at_most(65_535, scene, cause, &bytes))],
    ),
    Mutation::new(
        "history-outlives-its-room",
        CHANNELS,
        "channels/history-4",
        "shows the first member of a room the messages of an earlier room of its name",
        &[Said(outliving)],
    ),
];

/// The lines shown to a joiner, with those of this prefix replaced.
fn shown(
    scene: &mut Scene<'_>,
    cause: &Cause,
    bytes: &[u8],
    begin: &[u8],
    mut change: impl FnMut(&[u8]) -> Vec<u8>,
) -> Vec<u8> {
    by_kind(scene, cause, bytes, |_, kind, line| {
        if kind == Kind::Shown && line.starts_with(begin) { change(line) } else { line.to_vec() }
    })
}

/// The output without the lines of this prefix that are shown to a joiner, and these lines.
fn taken_out(
    scene: &mut Scene<'_>,
    cause: &Cause,
    bytes: &[u8],
    begin: &[u8],
) -> (Vec<u8>, Vec<Vec<u8>>) {
    let mut lines = Vec::new();
    let rest = shown(scene, cause, bytes, begin, |line| {
        lines.push(line.to_vec());
        Vec::new()
    });
    (rest, lines)
}

/// A history that drops its oldest lines while it has more bytes than `most`.
fn at_most(most: usize, scene: &mut Scene<'_>, cause: &Cause, bytes: &[u8]) -> Vec<u8> {
    let mut length: usize = taken_out(scene, cause, bytes, b"ROOM ").1.iter().map(Vec::len).sum();
    shown(scene, cause, bytes, b"ROOM ", |line| {
        let over = length > most;
        length -= line.len();
        if over { Vec::new() } else { line.to_vec() }
    })
}

/// Lines are kept as their authors see them, and shown to the first client in a room.
fn outliving(scene: &mut Scene<'_>, cause: &Cause, bytes: Vec<u8>) -> Vec<u8> {
    if cause.actor != scene.id {
        return bytes;
    }
    let bytes = by_kind(scene, cause, &bytes, |scene, kind, line| {
        if kind == Kind::Text {
            scene.memory.kept.extend_from_slice(line);
        }
        line.to_vec()
    });
    let OutboxState::Member { room, .. } = &cause.after else { return bytes };
    if !bytes.starts_with(format!("OK Joined {room} (0 users)").as_bytes()) {
        return bytes;
    }
    let begin = format!("ROOM {room} ").into_bytes();
    let of_this_room =
        |line: &[u8]| if line.starts_with(&begin) { line.to_vec() } else { Vec::new() };
    let kept = each(&scene.memory.kept, of_this_room);
    [bytes, kept].concat()
}

/// The history is kept here, from the lines that authors see, and shown instead of the model's.
fn everything_kept(scene: &mut Scene<'_>, cause: &Cause, bytes: Vec<u8>) -> Vec<u8> {
    let own = cause.actor == scene.id;
    let mut begin = Vec::new();
    let rest = by_kind(scene, cause, &bytes, |scene, kind, line| {
        let is_room = line.starts_with(b"ROOM ");
        if own && kind == Kind::Text {
            scene.memory.kept.extend_from_slice(line);
        }
        if is_room && kind == Kind::Shown {
            let room = line.splitn(3, |byte| *byte == b' ').nth(1).unwrap_or(b"");
            begin = [b"ROOM ", room, b" "].concat();
        }
        if is_room && kind == Kind::Shown { Vec::new() } else { line.to_vec() }
    });
    let kept = each(&scene.memory.kept, |line| {
        let of_this_room = !begin.is_empty() && line.starts_with(&begin);
        if of_this_room { line.to_vec() } else { Vec::new() }
    });
    [rest, kept].concat()
}

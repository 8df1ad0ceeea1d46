//! Faults in the lobby dialect.

use super::names::{ABOVE_ASCII, LONG_CUT};
use crate::mutants::fault::Fault::{Event, Line, Manner, Said};
use crate::mutants::fault::{Fate, Manner as Kind};
use crate::mutants::mutation::Mutation;
use crate::mutants::scene::name;
use crate::mutants::tools::{departure, is_name, renamed, replaced, wanted};
use parlance_model::{Dialect, LINE_MAX};

const LOBBY: &[Dialect] = &[Dialect::Lobby];

/// Names, forbidden notices, and text.
pub(super) static MUTATIONS: &[Mutation] = &[
    Mutation::new(
        "naming-answered",
        LOBBY,
        "lobby/name-1",
        "answers the line that gives the name",
        &[Line(|scene, line| {
            if wanted(scene, &line).is_some_and(|name| is_name(scene.dialect, &name)) {
                scene.say(scene.id, *b"OK\n");
            }
            line
        })],
    ),
    Mutation::new(
        "name-line-said-too",
        LOBBY,
        "lobby/name-1",
        "sends the line with the name to the room as if it were text",
        &[Line(|scene, line| if scene.is_fresh() { line.repeat(2) } else { line })],
    ),
    Mutation::new(
        "bad-name-answered",
        LOBBY,
        "lobby/name-3",
        "has an error line for a bad name, which this protocol has not",
        &[Line(|scene, line| {
            if wanted(scene, &line).is_some_and(|name| !is_name(scene.dialect, &name)) {
                scene.say(scene.id, *b"ERROR\n");
            }
            line
        })],
    ),
    Mutation::new(
        "too-long-answered",
        LOBBY,
        "lobby/error-1",
        "has an error line for a line that is too long, which this protocol has not",
        &[
            Manner(Kind::LineLimit(LINE_MAX)),
            Line(|scene, line| {
                if line.len() > LINE_MAX || !line.ends_with(b"\n") {
                    scene.say(scene.id, *b"ERROR\n");
                }
                line
            }),
        ],
    ),
    Mutation::new(
        "empty-name-waited-out",
        LOBBY,
        "lobby/name-3",
        "ignores an empty first line and waits for another",
        &[Line(|scene, line| {
            let empty = wanted(scene, &line).is_some_and(|name| name.is_empty());
            if empty { Vec::new() } else { line }
        })],
    ),
    Mutation::new(
        "coming-announced",
        LOBBY,
        "lobby/hear-4",
        "tells the others that somebody took a name",
        &[Line(|scene, line| {
            if let Some(name) = wanted(scene, &line) {
                let notice = [&name[..], b": joined\n"].concat();
                for other in scene.others() {
                    scene.say(other, notice.clone());
                }
            }
            line
        })],
    ),
    Mutation::new(
        "going-announced",
        LOBBY,
        "lobby/hear-4",
        "tells the others that somebody has left",
        &[Event(|scene, _| {
            let notice = departure(scene.dialect, scene.outbox_state());
            for other in scene.others() {
                scene.say(other, notice.clone());
            }
            Fate::Told
        })],
    ),
    Mutation::new(
        "history-in-lobby",
        LOBBY,
        "lobby/hear-3",
        "shows a new client the earlier messages",
        &[
            Line(|scene, line| {
                if scene.is_fresh() {
                    let earlier = scene.memory.kept.clone();
                    scene.say(scene.id, earlier);
                }
                line
            }),
            Said(|scene, cause, bytes| {
                if cause.actor == scene.id {
                    scene.memory.kept.extend_from_slice(&bytes);
                }
                bytes
            }),
        ],
    ),
    Mutation::new(
        "name-without-colon",
        LOBBY,
        "lobby/text-2",
        "puts a space instead of a colon between the name and the text",
        &[Said(|_, _, bytes| {
            let mut line = bytes;
            if let Some(colon) = line.iter_mut().find(|byte| **byte == b':') {
                *colon = b' ';
            }
            line
        })],
    ),
    Mutation::new(
        "text-without-name",
        LOBBY,
        "lobby/text-2",
        "sends the text without its author's name",
        &[Said(|_, _, bytes| {
            let at = bytes.iter().position(|byte| *byte == b':').map_or(0, |at| at + 1);
            bytes[at..].to_vec()
        })],
    ),
    Mutation::new(
        "slash-lines-are-commands-in-lobby",
        LOBBY,
        "lobby/text-4",
        "takes a line that begins with a slash for a command",
        &[Line(|_, line| if line.starts_with(b"/") { Vec::new() } else { line })],
    ),
    Mutation::new(
        "empty-lines-ignored-in-lobby",
        LOBBY,
        "lobby/text-4",
        "does not send empty lines",
        &[Line(|scene, line| if line == b"\n" && scene.is_member() { Vec::new() } else { line })],
    ),
    Mutation::new(
        "text-up-to-the-next-colon",
        LOBBY,
        "lobby/text-4",
        "cuts a text at its first colon",
        &[Line(|_, line| match line.iter().position(|byte| *byte == b':') {
            Some(at) => [&line[..at], b"\n"].concat(),
            None => line,
        })],
    ),
    Mutation::new(
        "lobby-lines-end-in-cr-lf",
        LOBBY,
        "lobby/text-2",
        "ends its lines in CR LF",
        &[Said(|_, _, bytes| replaced(&bytes, b"\n", b"\r\n"))],
    ),
    Mutation::new(
        "long-names-cut-in-lobby",
        LOBBY,
        "lobby/name-2",
        "cuts a name of more than 64 characters instead of refusing it",
        LONG_CUT,
    ),
    Mutation::new(
        "names-cut-at-sixty",
        LOBBY,
        "lobby/name-2",
        "cuts a name of more than 60 characters",
        &[Line(|scene, line| {
            renamed(scene, line, |_, mut name| {
                if name.len() == 64 {
                    name.truncate(60);
                }
                name
            })
        })],
    ),
    Mutation::new(
        "names-cut-at-the-colon",
        LOBBY,
        "lobby/name-2",
        "takes the part of the first line before a colon for the name",
        &[Line(|scene, line| renamed(scene, line, |_, name| first_part(&name, b':')))],
    ),
    Mutation::new(
        "names-cut-at-the-space",
        LOBBY,
        "lobby/name-2",
        "takes the first word of the first line for the name",
        &[Line(|scene, line| renamed(scene, line, |_, name| first_part(&name, b' ')))],
    ),
    Mutation::new(
        "bytes-above-127-in-lobby-names",
        LOBBY,
        "lobby/name-3",
        "accepts names that are not ASCII",
        ABOVE_ASCII,
    ),
    Mutation::new(
        "bad-name-ends-service",
        LOBBY,
        "lobby/name-3",
        "serves nobody any more once a client had a name that is none",
        &[Line(|scene, line| {
            let bad = wanted(scene, &line).is_some_and(|name| !is_name(scene.dialect, &name));
            scene.memory.stuck |= bad;
            line
        })],
    ),
    Mutation::new(
        "second-of-a-name-is-numbered",
        LOBBY,
        "lobby/name-4",
        "adds a digit to a name that another client has",
        &[Line(|scene, line| {
            let Some(user) = wanted(scene, &line) else { return line };
            let has =
                |id: usize| name(scene.model.outbox_state(id)).map(str::as_bytes) == Some(&user);
            if (0..scene.model.clients()).any(has) { [&user[..], b"2\n"].concat() } else { line }
        })],
    ),
    Mutation::new(
        "two-spaces-after-the-colon",
        LOBBY,
        "lobby/text-3",
        "puts two spaces between the colon and the text",
        &[Said(|_, _, bytes| match bytes.iter().position(|byte| *byte == b':') {
            Some(at) => [&bytes[..=at], b"  ", &bytes[at + 1..]].concat(),
            None => bytes,
        })],
    ),
    Mutation::new(
        "quit-is-a-command-in-lobby",
        LOBBY,
        "lobby/text-4",
        "does not send a line that says QUIT",
        &[Line(|_, line| if line == b"QUIT\n" { Vec::new() } else { line })],
    ),
    Mutation::new(
        "a-later-name-is-not-text",
        LOBBY,
        "lobby/text-4",
        "does not send a line that is its client's name",
        &[Line(|scene, line| {
            let own = scene.name().is_some_and(|name| line == [name.as_bytes(), b"\n"].concat());
            if own { Vec::new() } else { line }
        })],
    ),
    Mutation::new(
        "unnamed-clients-miss-lines",
        LOBBY,
        "lobby/hear-1",
        "sends a client that has no name yet every second line only",
        &[Said(|scene, cause, bytes| {
            if !cause.unnamed.contains(&scene.id) {
                return bytes;
            }
            scene.own.count += 1;
            if scene.own.count % 2 == 0 { Vec::new() } else { bytes }
        })],
    ),
];

fn first_part(name: &[u8], end: u8) -> Vec<u8> {
    name.split(|byte| *byte == end).next().unwrap_or(name).to_vec()
}

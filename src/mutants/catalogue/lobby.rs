//! Faults in the lobby dialect.

use crate::mutants::fault::Fault::{Event, Line, Manner, Said};
use crate::mutants::fault::{Fate, Manner as Kind};
use crate::mutants::mutation::Mutation;
use crate::mutants::tools::{departure, is_name, replaced, wanted};
use crate::reference::{Dialect, LINE_MAX};

const LOBBY: &[Dialect] = &[Dialect::Lobby];

/// Names, notices that should not be, and text.
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
            let notice = departure(scene.dialect, scene.standing());
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
        "shows who comes what was said before",
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
];

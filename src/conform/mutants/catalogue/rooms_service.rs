//! Faults in the rooms dialect that stop the service, and clients mistaken for others.

use super::dialects::ALL;
use crate::mutants::fault::Fate;
use crate::mutants::fault::Fault::{Event, Line, Read};
use crate::mutants::mutation::Mutation;
use crate::mutants::scene::name;
use crate::mutants::tools::{command, content, replaced, wanted};
use parlance_model::{Dialect, LINE_MAX};

const ROOMS: &[Dialect] = &[Dialect::Rooms];

/// Faults that stop the service, and lines mistaken for others.
pub(super) static MUTATIONS: &[Mutation] = &[
    Mutation::new(
        "bad-join-ends-service",
        ROOMS,
        "rooms/error-1",
        "serves nobody any more once a first line was not JOIN",
        &[Line(|scene, line| {
            scene.memory.stuck |= scene.is_fresh() && command(&line).0 != b"JOIN";
            line
        })],
    ),
    Mutation::new(
        "dies-of-what-is-not-utf-8",
        ROOMS,
        "rooms/daemon-5",
        "crashes when a line is not UTF-8",
        &[Line(|scene, line| {
            scene.memory.crashed |= std::str::from_utf8(&line).is_err();
            line
        })],
    ),
    Mutation::new(
        "a-line-that-is-too-long-ends-service",
        ALL,
        "common/misuse-1",
        "serves nobody any more once a line was too long",
        &[Read(|scene, bytes| {
            let last = bytes.iter().rposition(|byte| *byte == b'\n');
            scene.own.count = match last {
                Some(at) => bytes.len() - at - 1,
                None => scene.own.count + bytes.len(),
            };
            scene.memory.stuck |= scene.own.count >= LINE_MAX;
            bytes
        })],
    ),
    Mutation::new(
        "join-by-its-beginning",
        ROOMS,
        "rooms/error-1",
        "takes any word that begins with JOIN for it",
        &[Line(|scene, line| {
            let (word, argument) = command(&line);
            if scene.is_fresh() && word.starts_with(b"JOIN") {
                content(&line, |_| [b"JOIN ", &argument[..]].concat())
            } else {
                line
            }
        })],
    ),
    Mutation::new(
        "twins-are-numbered",
        ROOMS,
        "rooms/room-3",
        "adds a digit to a name that another client has",
        &[Line(|scene, line| {
            let Some(user) = wanted(scene, &line) else { return line };
            let has =
                |id: usize| name(scene.model.outbox_state(id)).map(str::as_bytes) == Some(&user);
            if !(0..scene.model.clients()).any(has) {
                return line;
            }
            content(&line, |text| [text, b"2"].concat())
        })],
    ),
    Mutation::new(
        "strangers-announced-as-leaving",
        ROOMS,
        "rooms/leave-1",
        "tells the members of the end of a client that never joined",
        &[Event(|scene, _| {
            if scene.is_fresh() {
                for other in scene.others() {
                    scene.say(other, *b" has left\n");
                }
            }
            Fate::Told
        })],
    ),
    Mutation::new(
        "percent-signs-are-dropped",
        ROOMS,
        "rooms/text-1",
        "uses a text as a format, so that its percent signs go",
        &[Line(|scene, line| if scene.is_fresh() { line } else { replaced(&line, b"%", b"") })],
    ),
];

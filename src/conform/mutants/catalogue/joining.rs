//! How joins are announced.

use crate::mutants::fault::Fault::{self, Line, Said};
use crate::mutants::lines::Kind;
use crate::mutants::mutation::Mutation;
use crate::mutants::scene::{Cause, Scene};
use crate::mutants::tools::{by_kind, wanted};
use parlance_model::Dialect;

const ANNOUNCED_EARLY: &[Fault] =
    &[Line(announced_early), Said(|scene, cause, bytes| others_not_told(scene, cause, &bytes))];

const NOT_ANNOUNCED: &[Fault] =
    &[Said(|scene, cause, bytes| others_not_told(scene, cause, &bytes))];

/// Joins announced too early, to too few or too many clients.
pub(super) static MUTATIONS: &[Mutation] = &[
    Mutation::new(
        "join-announced-before-it-is-accepted",
        &[Dialect::Rooms],
        "rooms/error-1",
        "announces a client before it knows whether its name is valid and free",
        ANNOUNCED_EARLY,
    ),
    Mutation::new(
        "join-announced-before-it-is-accepted-in-simple",
        &[Dialect::Simple],
        "simple/error-4",
        "announces a client before it knows whether its name is valid and free",
        ANNOUNCED_EARLY,
    ),
    Mutation::new(
        "joins-not-announced",
        &[Dialect::Rooms],
        "rooms/join-7",
        "does not tell the members of a room of a join",
        NOT_ANNOUNCED,
    ),
    Mutation::new(
        "joins-not-announced-in-simple",
        &[Dialect::Simple],
        "simple/join-6",
        "does not tell the members of a room of a join",
        NOT_ANNOUNCED,
    ),
    Mutation::new(
        "joins-not-announced-in-channels",
        &[Dialect::Channels],
        "channels/join-6",
        "does not tell the members of a room of a join",
        NOT_ANNOUNCED,
    ),
    Mutation::new(
        "joins-twice",
        &[Dialect::Rooms, Dialect::Simple, Dialect::Channels],
        "common/order-1",
        "announces each join twice",
        &[Said(|scene, cause, bytes| {
            by_kind(scene, cause, &bytes, |_, kind, line| {
                line.repeat(if kind == Kind::Joined { 2 } else { 1 })
            })
        })],
    ),
];

fn announced_early(scene: &mut Scene<'_>, line: Vec<u8>) -> Vec<u8> {
    let Some(name) = wanted(scene, &line) else { return line };
    let notice = match scene.dialect {
        Dialect::Simple => [b"JOINED ", &name[..], b"\n"].concat(),
        _ => [&name[..], b" has joined\n"].concat(),
    };
    for other in scene.others() {
        scene.say(other, notice.clone());
    }
    line
}

fn others_not_told(scene: &mut Scene<'_>, cause: &Cause, bytes: &[u8]) -> Vec<u8> {
    by_kind(scene, cause, bytes, |scene, kind, line| {
        let other = kind == Kind::Joined && cause.actor != scene.id;
        if other { Vec::new() } else { line.to_vec() }
    })
}

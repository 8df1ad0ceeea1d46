//! Names: which are in use, and which are valid.

use super::dialects::{ALL, UNIQUE};
use crate::mutants::fault::Fault::{self, Line, Said};
use crate::mutants::mutation::Mutation;
use crate::mutants::scene::{Cause, Scene, name};
use crate::mutants::tools::{
    command, is_name, longest_name, renamed, replaced, rooms_renamed, taken, wanted,
};
use parlance_model::Dialect;

const ROOMS: &[Dialect] = &[Dialect::Rooms];

/// A text that is not a valid name, and is refused wherever a name is required.
const REFUSED: &[u8] = b"\x01";

pub(super) const LONGEST_REFUSED: &[Fault] = &[Line(|scene, line| {
    let longest = longest_name(scene.dialect);
    renamed(scene, line, |_, name| if name.len() == longest { REFUSED.to_vec() } else { name })
})];

pub(super) const ONE_TOO_LONG_ACCEPTED: &[Fault] = &[Line(|scene, line| {
    let longest = longest_name(scene.dialect);
    renamed(scene, line, |scene, name| {
        let long = name.len() == longest + 1 && name.iter().all(u8::is_ascii_graphic);
        if long { scene.memory.aliases.stand_in(&name) } else { name }
    })
})];

pub(super) const LONG_CUT: &[Fault] = &[Line(|scene, line| {
    let longest = longest_name(scene.dialect);
    renamed(scene, line, |_, mut name| {
        name.truncate(longest);
        name
    })
})];

pub(super) const ABOVE_ASCII: &[Fault] =
    &[Line(|scene, line| {
        renamed(scene, line, |scene, name| {
            if name.is_ascii() { name } else { scene.memory.aliases.stand_in(&name) }
        })
    })];

pub(super) const ONE_CHARACTER_REFUSED: &[Fault] =
    &[Line(|scene, line| refused(scene, line, |name| name.len() == 1))];

pub(super) const PUNCTUATION_REFUSED: &[Fault] =
    &[Line(|scene, line| refused(scene, line, |name| name.iter().any(u8::is_ascii_punctuation)))];

const EMPTY_NAME: &[Fault] = &[Line(|scene, line| {
    let spaces = line.split(|byte| *byte == b' ').count() - 1;
    let enough = spaces >= if scene.dialect == Dialect::Rooms { 2 } else { 1 };
    renamed(scene, line, |scene, name| {
        if name.is_empty() && enough { scene.memory.aliases.stand_in(b"") } else { name }
    })
})];

const SECOND_NAMING: &[Fault] = &[Line(second_naming), Said(by_its_other_name)];

/// Names that are wrongly refused, accepted, changed and compared.
pub(super) static MUTATIONS: &[Mutation] = &[
    Mutation::new(
        "names-never-released",
        UNIQUE,
        "common/unique-1",
        "keeps a name taken for ever after its owner has gone",
        &[Line(never_released)],
    ),
    Mutation::new(
        "names-given-back-late",
        UNIQUE,
        "common/unique-2",
        "refuses a name to the first client that asks for it once its owner has gone",
        &[Line(given_back_late)],
    ),
    Mutation::new(
        "names-not-unique",
        UNIQUE,
        "common/unique-1",
        "gives the same name to two clients",
        &[Line(|scene, line| {
            if wanted(scene, &line).is_none_or(|name| owner(scene, &name).is_none()) {
                return line;
            }
            renamed(scene, line, |scene, name| scene.memory.aliases.another(&name))
        })],
    ),
    Mutation::new(
        "taken-names-without-case",
        UNIQUE,
        "common/name-2",
        "takes Ann and ann for the same name",
        &[Line(without_case)],
    ),
    Mutation::new(
        "room-names-without-case",
        &[Dialect::Rooms, Dialect::Channels],
        "common/name-2",
        "takes Cooking and cooking for the same room",
        &[Line(|scene, line| rooms_renamed(scene, line, |room| room.to_ascii_lowercase()))],
    ),
    Mutation::new(
        "names-in-lower-case",
        ALL,
        "common/name-2",
        "changes the names of users to lower case",
        &[Line(|scene, line| renamed(scene, line, |_, name| name.to_ascii_lowercase()))],
    ),
    Mutation::new(
        "control-bytes-filtered-from-names",
        ALL,
        "common/name-1",
        "removes control bytes from a name instead of refusing it",
        &[Line(|scene, line| {
            renamed(scene, line, |_, name| {
                name.into_iter().filter(|byte| !byte.is_ascii_control()).collect()
            })
        })],
    ),
    Mutation::new(
        "longest-names-refused",
        ROOMS,
        "rooms/join-4",
        "refuses names of exactly 20 characters",
        LONGEST_REFUSED,
    ),
    Mutation::new(
        "names-one-too-long-accepted",
        ROOMS,
        "rooms/join-4",
        "accepts names of 21 characters",
        ONE_TOO_LONG_ACCEPTED,
    ),
    Mutation::new(
        "long-names-cut",
        ROOMS,
        "rooms/join-4",
        "cuts a name that is too long instead of refusing it",
        LONG_CUT,
    ),
    Mutation::new(
        "one-character-refused",
        ROOMS,
        "rooms/join-4",
        "refuses names of one character",
        ONE_CHARACTER_REFUSED,
    ),
    Mutation::new(
        "letters-and-digits-only",
        ROOMS,
        "rooms/join-1",
        "refuses names with punctuation",
        PUNCTUATION_REFUSED,
    ),
    Mutation::new(
        "bytes-above-127-in-names",
        &[Dialect::Rooms],
        "rooms/join-5",
        "accepts names that are not ASCII",
        ABOVE_ASCII,
    ),
    Mutation::new(
        "empty-name-accepted",
        &[Dialect::Rooms],
        "rooms/join-4",
        "accepts an empty name",
        EMPTY_NAME,
    ),
    Mutation::new(
        "empty-name-accepted-in-simple",
        &[Dialect::Simple],
        "simple/join-3",
        "accepts an empty name",
        EMPTY_NAME,
    ),
    Mutation::new(
        "empty-name-accepted-in-login",
        &[Dialect::Login],
        "login/login-4",
        "accepts an empty name",
        EMPTY_NAME,
    ),
    Mutation::new(
        "empty-name-accepted-in-channels",
        &[Dialect::Channels],
        "channels/name-3",
        "accepts an empty name",
        EMPTY_NAME,
    ),
    Mutation::new(
        "second-join-changes-the-name",
        &[Dialect::Rooms],
        "rooms/text-3",
        "gives a member another name when it asks a second time",
        SECOND_NAMING,
    ),
    Mutation::new(
        "second-join-changes-the-name-in-simple",
        &[Dialect::Simple],
        "simple/join-5",
        "gives a member another name when it asks a second time",
        SECOND_NAMING,
    ),
    Mutation::new(
        "second-login-changes-the-name",
        &[Dialect::Login],
        "login/login-8",
        "gives a member another name when it asks a second time",
        SECOND_NAMING,
    ),
    Mutation::new(
        "second-username-changes-the-name",
        &[Dialect::Channels],
        "channels/name-5",
        "gives a member another name when it asks a second time",
        SECOND_NAMING,
    ),
];

/// Refuses these names as if they were invalid.
fn refused(scene: &mut Scene<'_>, line: Vec<u8>, these: fn(&[u8]) -> bool) -> Vec<u8> {
    renamed(scene, line, |_, name| if these(&name) { REFUSED.to_vec() } else { name })
}

/// The client that has this name now.
fn owner(scene: &Scene<'_>, wanted: &[u8]) -> Option<usize> {
    let has = |id: &usize| name(scene.model.outbox_state(*id)).map(str::as_bytes) == Some(wanted);
    (0..scene.model.clients()).find(has)
}

fn never_released(scene: &mut Scene<'_>, line: Vec<u8>) -> Vec<u8> {
    let Some(name) = wanted(scene, &line).filter(|name| is_name(scene.dialect, name)) else {
        return line;
    };
    if scene.memory.names.insert(name) {
        return line;
    }
    scene.say(scene.id, taken(scene.dialect));
    Vec::new()
}

fn given_back_late(scene: &mut Scene<'_>, line: Vec<u8>) -> Vec<u8> {
    let Some(name) = wanted(scene, &line).filter(|name| is_name(scene.dialect, name)) else {
        return line;
    };
    if owner(scene, &name).is_none() && scene.memory.names.remove(&name) {
        scene.say(scene.id, taken(scene.dialect));
        return Vec::new();
    }
    scene.memory.names.insert(name);
    line
}

fn without_case(scene: &mut Scene<'_>, line: Vec<u8>) -> Vec<u8> {
    let Some(wanted) = wanted(scene, &line) else { return line };
    let same = |id: usize| {
        let other = name(scene.model.outbox_state(id)).map(str::as_bytes);
        other.is_some_and(|other| other != wanted && other.eq_ignore_ascii_case(&wanted))
    };
    if !(0..scene.model.clients()).any(same) {
        return line;
    }
    scene.say(scene.id, taken(scene.dialect));
    Vec::new()
}

fn second_naming(scene: &mut Scene<'_>, line: Vec<u8>) -> Vec<u8> {
    let (word, argument) = command(&line);
    let (keyword, answer): (&[u8], &[u8]) = match scene.dialect {
        Dialect::Rooms | Dialect::Lobby => (b"JOIN", b""),
        Dialect::Simple => (b"JOIN", b"OK\n"),
        Dialect::Login => (b"LOGIN", b"OK\n"),
        Dialect::Channels => (b"USERNAME", b"OK\r\n"),
    };
    let named = scene.name().is_some();
    let user = argument.split(|byte| *byte == b' ').next_back().unwrap_or(b"").to_vec();
    if !named || word != keyword {
        return line;
    }
    scene.memory.nicks.insert(scene.id, user);
    scene.say(scene.id, answer);
    Vec::new()
}

/// Messages bear the last name of their author.
fn by_its_other_name(scene: &mut Scene<'_>, cause: &Cause, bytes: Vec<u8>) -> Vec<u8> {
    let old = name(&cause.before).unwrap_or("").to_owned();
    match scene.memory.nicks.get(&cause.actor) {
        Some(nick) => replaced(&bytes, old.as_bytes(), nick),
        None => bytes,
    }
}

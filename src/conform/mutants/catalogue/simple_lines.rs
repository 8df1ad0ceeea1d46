//! Faults in the simple dialect: mistaken lines, and how lines are refused.

use super::names::{
    ABOVE_ASCII, LONG_CUT, LONGEST_REFUSED, ONE_CHARACTER_REFUSED, ONE_TOO_LONG_ACCEPTED,
    PUNCTUATION_REFUSED,
};
use crate::mutants::fault::Fate;
use crate::mutants::fault::Fault::{Event, Line, Said};
use crate::mutants::lines::Kind;
use crate::mutants::mutation::Mutation;
use crate::mutants::scene::{Cause, Scene};
use crate::mutants::tools::{by_kind, command, is_name, renamed, without};
use parlance_model::Dialect;

const SIMPLE: &[Dialect] = &[Dialect::Simple];

/// Names, keywords and errors.
pub(super) static MUTATIONS: &[Mutation] = &[
    Mutation::new(
        "longest-names-refused-in-simple",
        SIMPLE,
        "simple/join-2",
        "refuses names of exactly 32 characters",
        LONGEST_REFUSED,
    ),
    Mutation::new(
        "names-one-too-long-accepted-in-simple",
        SIMPLE,
        "simple/join-2",
        "accepts names of 33 characters",
        ONE_TOO_LONG_ACCEPTED,
    ),
    Mutation::new(
        "long-names-cut-in-simple",
        SIMPLE,
        "simple/join-2",
        "cuts a name that is too long instead of refusing it",
        LONG_CUT,
    ),
    Mutation::new(
        "one-character-refused-in-simple",
        SIMPLE,
        "simple/join-2",
        "refuses names of one character",
        ONE_CHARACTER_REFUSED,
    ),
    Mutation::new(
        "letters-and-digits-only-in-simple",
        SIMPLE,
        "simple/join-2",
        "refuses names with punctuation",
        PUNCTUATION_REFUSED,
    ),
    Mutation::new(
        "bytes-above-127-in-simple-names",
        SIMPLE,
        "simple/join-3",
        "accepts names that are not ASCII",
        ABOVE_ASCII,
    ),
    Mutation::new(
        "second-word-of-join-ignored-in-simple",
        SIMPLE,
        "simple/join-3",
        "takes JOIN a b for JOIN a",
        &[Line(|scene, line| {
            renamed(scene, line, |_, name| {
                name.split(|byte| *byte == b' ').next().unwrap_or(&name).to_vec()
            })
        })],
    ),
    Mutation::new(
        "join-without-argument-unknown",
        SIMPLE,
        "simple/join-3",
        "says unknown-command to JOIN without a name",
        &[Line(|_, line| {
            let (word, argument) = command(&line);
            if word == b"JOIN" && argument.is_empty() { b"?\n".to_vec() } else { line }
        })],
    ),
    Mutation::new(
        "names-looked-at-first-in-simple",
        SIMPLE,
        "simple/error-6",
        "says invalid-username to a member's JOIN with a bad name",
        &[Line(|scene, line| {
            let (word, name) = command(&line);
            if word != b"JOIN" || !scene.is_member() || is_name(scene.dialect, &name) {
                return line;
            }
            scene.say(scene.id, *b"ERROR invalid-username\n");
            Vec::new()
        })],
    ),
    Mutation::new(
        "texts-looked-at-first-in-simple",
        SIMPLE,
        "simple/error-6",
        "says empty-message to SEND without a text of a client that has not joined",
        &[Line(|scene, line| {
            let (word, text) = command(&line);
            if word != b"SEND" || scene.is_member() || !text.is_empty() {
                return line;
            }
            scene.say(scene.id, *b"ERROR empty-message\n");
            Vec::new()
        })],
    ),
    Mutation::new(
        "taken-told-as-invalid-in-simple",
        SIMPLE,
        "simple/error-6",
        "says invalid-username to a taken name",
        &[Said(|_, _, bytes| {
            reworded(&bytes, b"ERROR username-taken\n", b"ERROR invalid-username\n")
        })],
    ),
    Mutation::new(
        "not-joined-told-in-other-words",
        SIMPLE,
        "simple/error-1",
        "says ERROR join first instead of ERROR not-joined",
        &[Said(|_, _, bytes| reworded(&bytes, b"ERROR not-joined\n", b"ERROR join first\n"))],
    ),
    Mutation::new(
        "anybody-may-leave",
        SIMPLE,
        "simple/error-1",
        "answers OK to LEAVE of a client that has not joined",
        &[Line(|scene, line| {
            if command(&line).0 != b"LEAVE" || !scene.is_fresh() {
                return line;
            }
            scene.say(scene.id, *b"OK\n");
            Vec::new()
        })],
    ),
    Mutation::new(
        "keywords-in-one-case-in-simple",
        SIMPLE,
        "simple/line-1",
        "knows keywords in upper or in lower case, and in no mixture",
        &[Line(|_, line| {
            let word: Vec<u8> = line.iter().copied().take_while(u8::is_ascii_alphabetic).collect();
            let mixed =
                word.iter().any(u8::is_ascii_lowercase) && word.iter().any(u8::is_ascii_uppercase);
            if mixed { b"?\n".to_vec() } else { line }
        })],
    ),
    Mutation::new(
        "keywords-by-their-beginning-in-simple",
        SIMPLE,
        "simple/error-2",
        "takes any word that begins with SEND for it",
        &[Line(|_, line| {
            let (word, text) = command(&line);
            if word.starts_with(b"SEND") { [b"SEND ", &text[..], b"\n"].concat() } else { line }
        })],
    ),
    Mutation::new(
        "plain-lines-are-sent-in-simple",
        SIMPLE,
        "simple/error-2",
        "sends a member's line that begins with no keyword as a message",
        &[Line(|scene, line| {
            let known = [&b"JOIN"[..], b"SEND", b"LEAVE"].contains(&&command(&line).0[..]);
            let plain = scene.is_member() && !known && line.len() > 1;
            if plain { [b"SEND ", &line[..]].concat() } else { line }
        })],
    ),
    Mutation::new(
        "empty-lines-ignored-in-simple",
        SIMPLE,
        "simple/error-2",
        "says nothing to an empty line",
        &[Line(|_, line| if line == b"\n" { Vec::new() } else { line })],
    ),
    Mutation::new(
        "too-long-unanswered-in-simple",
        SIMPLE,
        "simple/error-3",
        "closes without a line when a line is too long",
        &[Said(|_, _, bytes| reworded(&bytes, b"ERROR line-too-long\n", b""))],
    ),
    Mutation::new(
        "an-error-ends-a-membership",
        SIMPLE,
        "simple/error-4",
        "sends nothing more of the room to a member that made a mistake",
        &[Said(an_error_ends_it)],
    ),
    Mutation::new(
        "one-message-reaches-one-reader",
        SIMPLE,
        "simple/send-1",
        "sends a message to the one of the others that came first",
        &[Said(|scene, cause, bytes| {
            let first = scene.others().into_iter().find(|id| *id != cause.actor);
            let other = first.is_some_and(|first| first < scene.id);
            by_kind(scene, cause, &bytes, |_, kind, line| {
                if kind == Kind::Text && other { Vec::new() } else { line.to_vec() }
            })
        })],
    ),
    Mutation::new(
        "a-room-for-every-two",
        SIMPLE,
        "simple/room-1",
        "lets only those hear each other that came one after the other",
        &[Said(|scene, cause, bytes| {
            let far = scene.id.abs_diff(cause.actor) > 1;
            by_kind(scene, cause, &bytes, |_, kind, line| {
                if kind == Kind::Text && far { Vec::new() } else { line.to_vec() }
            })
        })],
    ),
    Mutation::new(
        "leave-answered-and-not-done",
        SIMPLE,
        "simple/leave-2",
        "answers LEAVE, keeps the member and goes on with it",
        &[Line(|scene, line| {
            if command(&line).0 != b"LEAVE" || !scene.is_member() {
                return line;
            }
            scene.say(scene.id, *b"OK\n");
            Vec::new()
        })],
    ),
    Mutation::new(
        "strangers-announced-as-leaving-in-simple",
        SIMPLE,
        "simple/leave-3",
        "tells the members of the end of a client that never joined",
        &[Event(|scene, _| {
            if scene.is_fresh() {
                for other in scene.others() {
                    scene.say(other, *b"LEFT nobody\n");
                }
            }
            Fate::Told
        })],
    ),
];

/// The answer with other words.
fn reworded(bytes: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    if bytes == old { new.to_vec() } else { bytes.to_vec() }
}

fn an_error_ends_it(scene: &mut Scene<'_>, cause: &Cause, bytes: Vec<u8>) -> Vec<u8> {
    if scene.own.count > 0 {
        return without(scene, cause, &bytes, Kind::Text);
    }
    scene.own.count += usize::from(scene.is_member() && bytes.starts_with(b"ERROR"));
    bytes
}

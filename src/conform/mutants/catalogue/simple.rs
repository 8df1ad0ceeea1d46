//! Faults in the simple dialect.

use crate::mutants::fault::Fault::{Line, Said};
use crate::mutants::mutation::Mutation;
use crate::mutants::tools::{command, replaced};
use parlance_model::{Dialect, OutboxState};

const SIMPLE: &[Dialect] = &[Dialect::Simple];

/// Joining, sending and leaving.
pub(super) static MUTATIONS: &[Mutation] = &[
    Mutation::new(
        "echo-to-the-sender",
        SIMPLE,
        "simple/send-2",
        "sends a message to its sender too",
        &[Line(|scene, line| {
            let (word, text) = command(&line);
            if let (b"SEND", Some(name)) = (&word[..], scene.name())
                && !text.is_empty()
            {
                let echo = [b"MSG ", name.as_bytes(), b" ", &text, b"\n"].concat();
                scene.say(scene.id, echo);
            }
            line
        })],
    ),
    Mutation::new(
        "ok-to-send",
        SIMPLE,
        "simple/send-2",
        "answers OK to a message",
        &[Line(|scene, line| {
            let (word, text) = command(&line);
            if word == b"SEND" && scene.is_member() && !text.is_empty() {
                scene.say(scene.id, *b"OK\n");
            }
            line
        })],
    ),
    Mutation::new(
        "joiner-told-of-itself",
        SIMPLE,
        "simple/join-6",
        "announces a join to the joiner too",
        &[Said(|scene, cause, bytes| match (&cause.before, &cause.after) {
            (OutboxState::Fresh, OutboxState::Member { name, .. }) if cause.actor == scene.id => {
                [&bytes[..], b"JOINED ", name.as_bytes(), b"\n"].concat()
            }
            _ => bytes,
        })],
    ),
    Mutation::new(
        "ok-to-join-comes-with-the-next-line",
        SIMPLE,
        "simple/join-1",
        "sends the OK to a JOIN only when it has something else to send",
        &[Said(|scene, cause, bytes| {
            let joins = cause.actor == scene.id && cause.before == OutboxState::Fresh;
            if joins && bytes == b"OK\n" {
                scene.own.kept = bytes;
                return Vec::new();
            }
            [std::mem::take(&mut scene.own.kept), bytes].concat()
        })],
    ),
    Mutation::new(
        "leave-unanswered",
        SIMPLE,
        "simple/leave-1",
        "closes after LEAVE without an OK",
        &[Said(|_, cause, bytes| {
            let left = matches!(cause.after, OutboxState::Departed(_));
            if left && bytes == b"OK\n" { Vec::new() } else { bytes }
        })],
    ),
    Mutation::new(
        "leave-with-argument-refused",
        SIMPLE,
        "simple/leave-1",
        "does not know LEAVE with an argument",
        &[Line(|_, line| {
            let (word, argument) = command(&line);
            if word == b"LEAVE" && !argument.is_empty() { b"?\n".to_vec() } else { line }
        })],
    ),
    Mutation::new(
        "upper-case-only-in-simple",
        SIMPLE,
        "simple/line-1",
        "does not know keywords in lower case",
        &[Line(|_, line| {
            if line.first().is_some_and(u8::is_ascii_lowercase) { b"?\n".to_vec() } else { line }
        })],
    ),
    Mutation::new(
        "unknown-command-told-as-not-joined",
        SIMPLE,
        "simple/error-6",
        "says not-joined to an unknown command of a client that has not joined",
        &[Said(|scene, _, bytes| {
            let unknown = scene.is_fresh() && bytes == b"ERROR unknown-command\n";
            if unknown { b"ERROR not-joined\n".to_vec() } else { bytes }
        })],
    ),
    Mutation::new(
        "unknown-commands-ignored",
        SIMPLE,
        "simple/error-2",
        "says nothing to an unknown command",
        &[Said(|_, _, bytes| if bytes == b"ERROR unknown-command\n" { Vec::new() } else { bytes })],
    ),
    Mutation::new(
        "empty-messages-sent",
        SIMPLE,
        "simple/send-3",
        "sends messages without text",
        &[Line(|scene, line| {
            let (word, text) = command(&line);
            if word != b"SEND" || !text.is_empty() {
                return line;
            }
            [b"SEND ", &scene.memory.aliases.stand_in(b"")[..], b"\n"].concat()
        })],
    ),
    Mutation::new(
        "text-up-to-the-first-space",
        SIMPLE,
        "common/line-1",
        "sends the first word of a message only",
        &[Line(|_, line| {
            let words: Vec<&[u8]> = line.splitn(3, |byte| *byte == b' ').collect();
            if words.len() < 3 { line } else { [words[0], b" ", words[1], b"\n"].concat() }
        })],
    ),
    Mutation::new(
        "taken-name-ends-the-conversation",
        SIMPLE,
        "simple/error-4",
        "ignores whatever comes from a client that once asked for a taken name",
        &[
            Said(|scene, _, bytes| {
                scene.own.count += usize::from(bytes == b"ERROR username-taken\n");
                bytes
            }),
            Line(|scene, line| if scene.own.count > 0 { Vec::new() } else { line }),
        ],
    ),
    Mutation::new(
        "simple-lines-end-in-cr-lf",
        SIMPLE,
        "simple/send-1",
        "ends its lines in CR LF",
        &[Said(|_, _, bytes| replaced(&bytes, b"\n", b"\r\n"))],
    ),
];

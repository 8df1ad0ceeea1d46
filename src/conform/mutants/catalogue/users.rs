//! Faults in the login dialect: messages between users, and notices about them.

use crate::mutants::fault::Fate;
use crate::mutants::fault::Fault::{Event, Line, Manner, Said};
use crate::mutants::fault::Manner::Crowd;
use crate::mutants::lines::Kind;
use crate::mutants::mutation::Mutation;
use crate::mutants::naming::split_word;
use crate::mutants::scene::Scene;
use crate::mutants::tools::{by_kind, command, is_name, replaced, wanted, without};
use parlance_model::{ClientId, Dialect, OutboxState};

const LOGIN: &[Dialect] = &[Dialect::Login];

/// Messages, lists, private lines and departures.
pub(super) static MUTATIONS: &[Mutation] = &[
    Mutation::new(
        "who-without-oneself",
        LOGIN,
        "login/who-1",
        "leaves the asking client out of the list of users",
        &[Said(|scene, _, bytes| {
            let own = format!("USER {}\n", scene.name().unwrap_or(""));
            replaced(&bytes, own.as_bytes(), b"")
        })],
    ),
    Mutation::new(
        "who-without-the-last",
        LOGIN,
        "login/who-1",
        "loses the last of the list of users",
        &[Said(|scene, cause, bytes| {
            if !bytes.starts_with(b"USER ") {
                return bytes;
            }
            let last = bytes.split_inclusive(|byte| *byte == b'\n').count();
            let mut number = 0;
            by_kind(scene, cause, &bytes, |_, _, line| {
                number += 1;
                if number == last { Vec::new() } else { line.to_vec() }
            })
        })],
    ),
    Mutation::new(
        "private-lines-to-all",
        LOGIN,
        "login/dm-1",
        "sends a private line to everybody",
        &[Line(|scene, line| dm_to(scene, line, |_| true))],
    ),
    Mutation::new(
        "private-lines-leak-to-the-last",
        LOGIN,
        "login/dm-1",
        "sends a private line to one more than its target",
        &[Line(|scene, line| {
            let last = scene.others().into_iter().max();
            dm_to(scene, line, |id| Some(id) == last)
        })],
    ),
    Mutation::new(
        "private-lines-without-sender",
        LOGIN,
        "login/dm-1",
        "does not say whose a private line is",
        &[Said(|scene, cause, bytes| {
            by_kind(scene, cause, &bytes, |_, kind, line| match kind {
                Kind::Private => {
                    let (word, rest) = split_word(line);
                    [word, b" ", split_word(rest).1].concat()
                }
                _ => line.to_vec(),
            })
        })],
    ),
    Mutation::new(
        "private-lines-to-nobody-unanswered",
        LOGIN,
        "login/dm-2",
        "says nothing when nobody has the name a private line is for",
        &[Said(|_, _, bytes| if bytes == b"ERR user-not-found\n" { Vec::new() } else { bytes })],
    ),
    Mutation::new(
        "private-target-before-text",
        LOGIN,
        "login/error-5",
        "looks for the target of a private line before it looks at the text",
        &[Line(|scene, line| {
            let (word, argument) = command(&line);
            let (target, text) = split_word(&argument);
            let known = scene.others().iter().any(|id| {
                crate::mutants::scene::name(scene.model.outbox_state(*id)).map(str::as_bytes)
                    == Some(target)
            });
            if word == b"DM" && text.is_empty() && !known && scene.is_member() {
                return b"DM ~ ~\n".to_vec();
            }
            line
        })],
    ),
    Mutation::new(
        "departures-in-other-words",
        LOGIN,
        "login/leave-1",
        "says has left instead of disconnected",
        &[Said(|_, _, bytes| {
            let info = bytes.starts_with(b"INFO ");
            if info { replaced(&bytes, b" disconnected\n", b" has left\n") } else { bytes }
        })],
    ),
    Mutation::new(
        "empty-messages-ignored",
        LOGIN,
        "login/msg-3",
        "says nothing to a message without text",
        &[Said(|_, _, bytes| if bytes == b"ERR empty-message\n" { Vec::new() } else { bytes })],
    ),
    Mutation::new(
        "messages-to-those-without-a-name",
        LOGIN,
        "login/msg-1",
        "sends messages to clients that have not logged in, too",
        &[Line(|scene, line| {
            let (word, text) = command(&line);
            if let (b"MSG", Some(name)) = (&word[..], scene.name())
                && !text.is_empty()
            {
                let message = [b"MSG ", name.as_bytes(), b" ", &text, b"\n"].concat();
                let fresh = |id: &ClientId| *scene.model.outbox_state(*id) == OutboxState::Fresh;
                let nameless: Vec<ClientId> = (0..scene.model.clients()).filter(fresh).collect();
                for other in nameless {
                    scene.say(other, message.clone());
                }
            }
            line
        })],
    ),
    Mutation::new(
        "echo-in-other-words",
        LOGIN,
        "login/msg-2",
        "shows its own message to a client as something else",
        &[Said(|scene, cause, bytes| {
            let own = cause.actor == scene.id && bytes.starts_with(b"MSG ");
            if own { replaced(&bytes, b"MSG ", b"SENT ") } else { bytes }
        })],
    ),
    Mutation::new(
        "echo-now-and-then",
        LOGIN,
        "login/msg-2",
        "shows a client only every second message of its own",
        &[Said(|scene, cause, bytes| {
            if cause.actor != scene.id {
                return bytes;
            }
            by_kind(scene, cause, &bytes, |scene, kind, line| {
                scene.own.count += usize::from(kind == Kind::Text);
                let lost = kind == Kind::Text && scene.own.count % 2 == 0;
                if lost { Vec::new() } else { line.to_vec() }
            })
        })],
    ),
    Mutation::new(
        "ok-to-messages",
        LOGIN,
        "login/msg-2",
        "answers OK to a message",
        &[Line(|scene, line| {
            let (word, text) = command(&line);
            if word == b"MSG" && scene.is_member() && !text.is_empty() {
                scene.say(scene.id, *b"OK\n");
            }
            line
        })],
    ),
    Mutation::new(
        "empty-messages-delivered",
        LOGIN,
        "login/msg-3",
        "delivers a message without text",
        &[Line(|scene, line| {
            let (word, text) = command(&line);
            if let (b"MSG", Some(name)) = (&word[..], scene.name())
                && text.is_empty()
            {
                let message = [b"MSG ", name.as_bytes(), b" \n"].concat();
                for other in scene.others() {
                    scene.say(other, message.clone());
                }
            }
            line
        })],
    ),
    Mutation::new(
        "who-with-the-departed",
        LOGIN,
        "login/who-1",
        "lists users that have gone",
        &[
            Line(|scene, line| {
                if let Some(name) = wanted(scene, &line).filter(|name| is_name(scene.dialect, name))
                {
                    scene.memory.names.insert(name);
                }
                line
            }),
            Said(|scene, _, bytes| {
                if !bytes.starts_with(b"USER ") {
                    return bytes;
                }
                let lines = scene.memory.names.iter();
                lines.flat_map(|name| [b"USER ", &name[..], b"\n"].concat()).collect()
            }),
        ],
    ),
    Mutation::new(
        "private-lines-come-back",
        LOGIN,
        "login/dm-1",
        "shows every second private line to its sender",
        &[Line(|scene, line| {
            let (word, argument) = command(&line);
            let (target, text) = split_word(&argument);
            let known = scene.others().into_iter().any(|id| {
                let name = crate::mutants::scene::name(scene.model.outbox_state(id));
                name.map(str::as_bytes) == Some(target)
            });
            let own = scene.name().unwrap_or("").to_owned();
            if word == b"DM" && scene.is_member() && known && !text.is_empty() {
                scene.own.count += 1;
                if scene.own.count % 2 == 0 {
                    scene.say(scene.id, [b"DM ", own.as_bytes(), b" ", text, b"\n"].concat());
                }
            }
            line
        })],
    ),
    Mutation::new(
        "one-pong-for-each-client",
        LOGIN,
        "login/ping-1",
        "answers only the first PING of each client",
        &[Said(|scene, _, bytes| {
            if bytes != b"PONG\n" {
                return bytes;
            }
            scene.own.count += 1;
            if scene.own.count == 1 { bytes } else { Vec::new() }
        })],
    ),
    Mutation::new(
        "departures-told-to-the-first",
        LOGIN,
        "login/leave-1",
        "tells nobody but the first client that is there of a departure",
        &[Said(|scene, cause, bytes| {
            let first = scene.others().into_iter().all(|other| other > scene.id);
            if first { bytes } else { without(scene, cause, &bytes, Kind::Left) }
        })],
    ),
    Mutation::new(
        "departures-without-a-name-announced",
        LOGIN,
        "login/leave-1",
        "announces the departure of clients that never logged in",
        &[Event(|scene, _| {
            if scene.is_fresh() {
                for other in scene.others() {
                    scene.say(other, *b"INFO None disconnected\n");
                }
            }
            Fate::Told
        })],
    ),
    Mutation::new(
        "pong-in-other-words",
        LOGIN,
        "login/ping-1",
        "answers PING with something else than PONG",
        &[Said(|_, _, bytes| if bytes == b"PONG\n" { b"PONG!\n".to_vec() } else { bytes })],
    ),
    Mutation::new(
        "who-in-another-format",
        LOGIN,
        "login/who-1",
        "answers WHO in lines of another format",
        &[Said(|scene, cause, bytes| {
            by_kind(scene, cause, &bytes, |_, _, line| match line.strip_prefix(b"USER ") {
                Some(name) => [b"* ", name].concat(),
                None => line.to_vec(),
            })
        })],
    ),
    Mutation::new(
        "no-tenth-client",
        LOGIN,
        "login/room-1",
        "refuses everybody after the ninth client",
        &[Manner(Crowd(9))],
    ),
    Mutation::new(
        "login-lines-end-in-cr-lf",
        LOGIN,
        "login/msg-1",
        "ends its lines in CR LF",
        &[Said(|_, _, bytes| replaced(&bytes, b"\n", b"\r\n"))],
    ),
];

/// Sends a private line to other clients than its target.
fn dm_to(scene: &mut Scene<'_>, line: Vec<u8>, to: impl Fn(ClientId) -> bool) -> Vec<u8> {
    let (word, argument) = command(&line);
    let (target, text) = split_word(&argument);
    if let (b"DM", Some(name)) = (&word[..], scene.name())
        && !text.is_empty()
    {
        let private = [b"DM ", name.as_bytes(), b" ", text, b"\n"].concat();
        for other in scene.others().into_iter().filter(|id| to(*id)) {
            let known = crate::mutants::scene::name(scene.model.outbox_state(other));
            if known.map(str::as_bytes) != Some(target) {
                scene.say(other, private.clone());
            }
        }
    }
    line
}

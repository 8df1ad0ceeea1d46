//! Faults in the login dialect.

use crate::mutants::fault::Fault::{Line, Said};
use crate::mutants::lines::Kind;
use crate::mutants::mutation::Mutation;
use crate::mutants::naming::split_word;
use crate::mutants::scene::Scene;
use crate::mutants::tools::{by_kind, command, content, is_name, replaced, wanted, without};
use crate::reference::{ClientId, Dialect};

const LOGIN: &[Dialect] = &[Dialect::Login];

/// Logging in, lists and private lines.
pub(super) static MUTATIONS: &[Mutation] = &[
    Mutation::new(
        "logins-announced",
        LOGIN,
        "login/login-9",
        "tells the others that somebody logs in",
        &[Line(|scene, line| {
            if let Some(name) = wanted(scene, &line).filter(|name| is_name(scene.dialect, name)) {
                let notice = [b"INFO ", &name[..], b" connected\n"].concat();
                for other in scene.others() {
                    scene.say(other, notice.clone());
                }
            }
            line
        })],
    ),
    Mutation::new(
        "ping-answered-before-login",
        LOGIN,
        "login/login-7",
        "answers PING before LOGIN",
        &[Line(|scene, line| {
            if !scene.is_fresh() || command(&line).0 != b"PING" {
                return line;
            }
            scene.say(scene.id, *b"PONG\n");
            Vec::new()
        })],
    ),
    Mutation::new(
        "commands-before-login-ignored",
        LOGIN,
        "login/login-7",
        "says nothing to what comes before LOGIN",
        &[Said(|_, _, bytes| if bytes == b"ERR not-logged-in\n" { Vec::new() } else { bytes })],
    ),
    Mutation::new(
        "second-word-of-login-ignored",
        LOGIN,
        "login/login-3",
        "takes LOGIN a b for LOGIN a",
        &[Line(|scene, line| {
            if wanted(scene, &line).is_none() {
                return line;
            }
            content(&line, |text| {
                text.splitn(3, |b| *b == b' ').take(2).collect::<Vec<_>>().join(&b' ')
            })
        })],
    ),
    Mutation::new(
        "errors-say-error",
        LOGIN,
        "login/login-5",
        "says ERROR where the protocol says ERR",
        &[Said(|_, _, bytes| match bytes.strip_prefix(b"ERR ") {
            Some(reason) => [b"ERROR ", reason].concat(),
            None => bytes,
        })],
    ),
    Mutation::new(
        "who-without-oneself",
        LOGIN,
        "login/who-1",
        "leaves who asks out of the list of users",
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
                crate::mutants::scene::name(scene.model.standing(*id)).map(str::as_bytes)
                    == Some(target)
            });
            if word == b"DM" && text.is_empty() && !known && scene.is_member() {
                return b"DM ~ ~\n".to_vec();
            }
            line
        })],
    ),
    Mutation::new(
        "ping-with-argument-refused",
        LOGIN,
        "login/line-1",
        "does not know PING with an argument",
        &[Line(|_, line| {
            let (word, argument) = command(&line);
            if word == b"PING" && !argument.is_empty() { b"?\n".to_vec() } else { line }
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
        "errors-unanswered",
        LOGIN,
        "login/login-4",
        "has no answer to a bad name",
        &[Said(|scene, cause, bytes| {
            let bad = bytes == b"ERR invalid-username\n";
            if bad { without(scene, cause, &bytes, Kind::Reply) } else { bytes }
        })],
    ),
    Mutation::new(
        "login-lines-end-in-cr-lf",
        LOGIN,
        "login/msg-1",
        "ends its lines in CR LF",
        &[Said(|_, _, bytes| replaced(&bytes, b"\n", b"\r\n"))],
    ),
];

/// Sends a private line to others than its target.
fn dm_to(scene: &mut Scene<'_>, line: Vec<u8>, to: impl Fn(ClientId) -> bool) -> Vec<u8> {
    let (word, argument) = command(&line);
    let (target, text) = split_word(&argument);
    if let (b"DM", Some(name)) = (&word[..], scene.name())
        && !text.is_empty()
    {
        let private = [b"DM ", name.as_bytes(), b" ", text, b"\n"].concat();
        for other in scene.others().into_iter().filter(|id| to(*id)) {
            let known = crate::mutants::scene::name(scene.model.standing(other));
            if known.map(str::as_bytes) != Some(target) {
                scene.say(other, private.clone());
            }
        }
    }
    line
}

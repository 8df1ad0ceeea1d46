//! Faults in the login dialect: logging in, and errors.

use crate::mutants::fault::Fault::{Line, Manner, Said};
use crate::mutants::fault::Manner::Greet;
use crate::mutants::lines::Kind;
use crate::mutants::mutation::Mutation;
use crate::mutants::naming::split_word;
use crate::mutants::scene::Scene;
use crate::mutants::tools::{command, content, is_name, longest_name, renamed, wanted, without};
use parlance_model::Dialect;

const LOGIN: &[Dialect] = &[Dialect::Login];

/// Logging in, and the answers to errors.
pub(super) static MUTATIONS: &[Mutation] = &[
    Mutation::new(
        "logins-announced",
        LOGIN,
        "login/login-9",
        "tells the others that somebody logs in",
        &[Line(announced)],
    ),
    Mutation::new(
        "greets-and-announces",
        LOGIN,
        "common/framing-7",
        "greets each client, and tells the others of each login",
        &[Manner(Greet), Line(announced)],
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
        "login-keywords-in-upper-case-only",
        LOGIN,
        "login/line-1",
        "does not know keywords in lower case",
        &[Line(|_, line| {
            let word = split_word(&line).0;
            if word.iter().any(u8::is_ascii_lowercase) { b"?\n".to_vec() } else { line }
        })],
    ),
    Mutation::new(
        "who-with-argument-refused",
        LOGIN,
        "login/line-1",
        "does not know WHO with an argument",
        &[Line(|_, line| {
            let (word, argument) = command(&line);
            if word == b"WHO" && !argument.is_empty() { b"?\n".to_vec() } else { line }
        })],
    ),
    Mutation::new(
        "ok-to-login-with-words",
        LOGIN,
        "login/login-1",
        "says more than OK to a LOGIN",
        &[Said(|_, _, bytes| if bytes == b"OK\n" { b"OK welcome\n".to_vec() } else { bytes })],
    ),
    Mutation::new(
        "long-names-cut-in-login",
        LOGIN,
        "login/login-2",
        "cuts a name that is too long instead of refusing it",
        &[Line(|scene, line| {
            let longest = longest_name(scene.dialect);
            renamed(scene, line, |_, mut name| {
                name.truncate(longest);
                name
            })
        })],
    ),
    Mutation::new(
        "spaces-in-names-of-login",
        LOGIN,
        "login/login-3",
        "takes a name with a space in it",
        &[Line(|scene, line| {
            renamed(scene, line, |scene, name| {
                let two = name.split(|b| *b == b' ').all(|word| is_name(scene.dialect, word));
                if two && name.contains(&b' ') {
                    scene.memory.aliases.stand_in(&name)
                } else {
                    name
                }
            })
        })],
    ),
    Mutation::new(
        "messages-before-login-delivered",
        LOGIN,
        "login/login-6",
        "delivers what a client says before it has logged in",
        &[Line(|scene, line| {
            let (word, argument) = command(&line);
            if scene.is_fresh() && matches!(&word[..], b"MSG" | b"DM") {
                let text = [b"MSG  ", &argument[..], b"\n"].concat();
                for other in scene.others() {
                    scene.say(other, text.clone());
                }
                return Vec::new();
            }
            line
        })],
    ),
    Mutation::new(
        "name-before-already-logged-in",
        LOGIN,
        "login/error-5",
        "looks at the name before it looks whether its client is logged in",
        &[Line(|scene, line| {
            let (word, name) = command(&line);
            if word == b"LOGIN" && scene.is_member() && !is_name(scene.dialect, &name) {
                scene.say(scene.id, *b"ERR invalid-username\n");
                return Vec::new();
            }
            line
        })],
    ),
    Mutation::new(
        "text-before-login",
        LOGIN,
        "login/error-5",
        "looks at the text before it looks whether its author is logged in",
        &[Line(|scene, line| {
            let (word, text) = command(&line);
            if word == b"MSG" && scene.is_fresh() && text.is_empty() {
                scene.say(scene.id, *b"ERR empty-message\n");
                return Vec::new();
            }
            line
        })],
    ),
    Mutation::new(
        "login-unknown-commands-ignored",
        LOGIN,
        "login/error-1",
        "says nothing to an unknown command",
        &[Said(|_, _, bytes| if bytes == b"ERR unknown-command\n" { Vec::new() } else { bytes })],
    ),
    Mutation::new(
        "errors-told-to-all",
        LOGIN,
        "login/error-3",
        "tells everybody of the error of one",
        &[Said(|scene, cause, bytes| {
            if cause.actor == scene.id && bytes.starts_with(b"ERR ") {
                for other in scene.others() {
                    scene.say(other, bytes.clone());
                }
            }
            bytes
        })],
    ),
];

/// Tells the others of a login.
fn announced(scene: &mut Scene<'_>, line: Vec<u8>) -> Vec<u8> {
    if let Some(name) = wanted(scene, &line).filter(|name| is_name(scene.dialect, name)) {
        let notice = [b"INFO ", &name[..], b" connected\n"].concat();
        for other in scene.others() {
            scene.say(other, notice.clone());
        }
    }
    line
}

//! The lines of the login dialect.

use super::act::{Act, DEFAULT_ROOM};
use super::{OutboxState, lines};

/// What a line asks for. The order of the questions is that of the errors [login/error-5].
pub(super) fn act(outbox_state: &OutboxState, line: &[u8]) -> Act {
    let (keyword, argument) = lines::keyword(line);
    match (keyword.to_ascii_uppercase().as_slice(), outbox_state) {
        // [login/line-1]
        (b"LOGIN", outbox_state) => login(outbox_state, argument),
        (b"MSG", OutboxState::Member { name, .. }) => message(name, argument),
        (b"DM", OutboxState::Member { name, .. }) => private(name, argument),
        (b"WHO", OutboxState::Member { .. }) => Act::Members,
        (b"PING", OutboxState::Member { .. }) => Act::answer("PONG\n"), // [login/ping-1]
        (_, OutboxState::Member { .. }) => Act::answer("ERR unknown-command\n"), // [login/error-1]
        _ => Act::answer("ERR not-logged-in\n"), // [login/login-6] [login/login-7]
    }
}

/// [login/login-1] [login/login-2] [login/login-3] [login/login-4] [login/login-8]
fn login(outbox_state: &OutboxState, argument: &[u8]) -> Act {
    if let OutboxState::Member { .. } = outbox_state {
        return Act::answer("ERR already-logged-in\n");
    }
    match lines::name(argument, 32) {
        Some(name) => Act::Enter { room: DEFAULT_ROOM.to_owned(), name },
        None => Act::answer("ERR invalid-username\n"),
    }
}

/// [login/msg-1] [login/msg-3]
fn message(user: &str, text: &[u8]) -> Act {
    if text.is_empty() {
        return Act::answer("ERR empty-message\n");
    }
    Act::Say(lines::joined(&[b"MSG ", user.as_bytes(), b" ", text, b"\n"]))
}

/// [login/dm-1] [login/dm-2] [login/dm-3]
fn private(user: &str, argument: &[u8]) -> Act {
    let (target, text) = lines::keyword(argument);
    if text.is_empty() {
        return Act::answer("ERR empty-message\n");
    }
    match lines::name(target, 32) {
        Some(to) => {
            let line = lines::joined(&[b"DM ", user.as_bytes(), b" ", text, b"\n"]);
            Act::Tell { to, line: Some(line) }
        }
        None => Act::answer("ERR user-not-found\n"), // [common/tell-4]
    }
}

/// The list of members, in order of logging in [login/who-1].
pub(super) fn users(names: &[String]) -> Vec<u8> {
    let lines: Vec<String> = names.iter().map(|name| format!("USER {name}\n")).collect();
    lines.concat().into_bytes()
}

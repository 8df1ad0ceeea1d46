//! The lines of the simple dialect.

use super::act::{Act, DEFAULT_ROOM};
use super::{OutboxState, lines};

/// What a line asks for. The order of the questions is that of the errors [simple/error-6].
pub(super) fn act(outbox_state: &OutboxState, line: &[u8]) -> Act {
    let (keyword, argument) = lines::keyword(line);
    match (keyword.to_ascii_uppercase().as_slice(), outbox_state) {
        // [simple/line-1]
        (b"JOIN", outbox_state) => join(outbox_state, argument),
        (b"SEND", OutboxState::Member { name, .. }) => send(name, argument),
        (b"LEAVE", OutboxState::Member { .. }) => Act::end("OK\n"), // [simple/leave-1]
        (b"SEND" | b"LEAVE", _) => Act::answer("ERROR not-joined\n"), // [simple/error-1]
        _ => Act::answer("ERROR unknown-command\n"),                // [simple/error-2]
    }
}

/// [simple/join-1] [simple/join-2] [simple/join-3] [simple/join-5]
fn join(outbox_state: &OutboxState, argument: &[u8]) -> Act {
    if let OutboxState::Member { .. } = outbox_state {
        return Act::answer("ERROR already-joined\n");
    }
    match lines::name(argument, 32) {
        Some(name) => Act::Enter { room: DEFAULT_ROOM.to_owned(), name },
        None => Act::answer("ERROR invalid-username\n"),
    }
}

/// [simple/send-1] [simple/send-3]
fn send(user: &str, text: &[u8]) -> Act {
    if text.is_empty() {
        return Act::answer("ERROR empty-message\n");
    }
    Act::Say(lines::joined(&[b"MSG ", user.as_bytes(), b" ", text, b"\n"]))
}

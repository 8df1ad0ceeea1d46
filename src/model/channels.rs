//! The lines of the channels dialect. Each line from the server ends in CR LF [channels/line-1].

use super::act::Act;
use super::{OutboxState, lines};

/// What a line asks for. The order of the questions is that of the errors [channels/error-4].
pub(super) fn act(outbox_state: &OutboxState, line: &[u8]) -> Act {
    let (keyword, argument) = command(line);
    if keyword == "/" {
        return Act::answer("ERROR Unknown command\r\n"); // [channels/line-4]
    }
    if keyword == "QUIT" {
        return Act::end("OK Goodbye!\r\n"); // [channels/quit-1] [channels/name-7]
    }
    match outbox_state {
        OutboxState::Named { name } => with_name(keyword, argument, name, None),
        OutboxState::Member { room, name } => with_name(keyword, argument, name, Some(room)),
        _ => without_name(keyword, argument),
    }
}

/// The command in a line and its argument: `MSG` with the whole line if it begins with no keyword
/// [channels/msg-2], `/` if it looks like a command and is none.
///
/// [channels/line-2] [channels/line-3] [channels/line-4]
fn command(line: &[u8]) -> (&'static str, &[u8]) {
    let (word, argument) = lines::keyword(line);
    for keyword in ["USERNAME", "JOIN", "MSG", "PRIVMSG"] {
        if word == keyword.as_bytes() {
            return (keyword, argument);
        }
    }
    for (short, keyword) in [("/join", "JOIN"), ("/msg", "PRIVMSG")] {
        if word == short.as_bytes() {
            return (keyword, argument);
        }
    }
    for keyword in ["LEAVE", "ROOMS", "USERS", "QUIT"] {
        let short = format!("/{}", keyword.to_ascii_lowercase());
        if argument.is_empty() && (word == keyword.as_bytes() || word == short.as_bytes()) {
            return (keyword, argument);
        }
    }
    if line.starts_with(b"/") { ("/", b"") } else { ("MSG", line) }
}

/// A line of a client that has no name [channels/name-1] [channels/name-3] [channels/name-6]
/// [channels/name-7].
fn without_name(keyword: &str, argument: &[u8]) -> Act {
    if keyword != "USERNAME" {
        return Act::answer("ERROR Username required\r\n");
    }
    match lines::name(argument, 31) {
        Some(name) => Act::Name(name), // [channels/name-2]
        None => Act::answer("ERROR Invalid username\r\n"),
    }
}

/// A line of a client that has a name, and is in a room or not.
fn with_name(keyword: &str, argument: &[u8], user: &str, room: Option<&String>) -> Act {
    match (keyword, room) {
        ("USERNAME", _) => Act::answer("ERROR Already named\r\n"), // [channels/name-5]
        ("JOIN", _) => join(argument, user, room),
        // [channels/tell-5]
        ("PRIVMSG", _) => private(argument, user),
        ("ROOMS", _) => Act::Rooms,
        (_, None) => Act::answer("ERROR Not in a room\r\n"), // [channels/msg-4] [channels/msg-6]
        ("LEAVE", Some(_)) => Act::Leave,
        ("USERS", Some(_)) => Act::Members,
        (_, Some(room)) => message(argument, user, room),
    }
}

/// [channels/join-1] [channels/join-2] [channels/join-3] [channels/join-7] [channels/join-8]
/// [channels/move-1]
fn join(argument: &[u8], user: &str, room: Option<&String>) -> Act {
    match lines::name(argument, 31) {
        None => Act::answer("ERROR Invalid room\r\n"),
        Some(wanted) if Some(&wanted) == room => {
            Act::Answer(format!("ERROR Already in {wanted}\r\n").into_bytes())
        }
        Some(wanted) => Act::Enter { room: wanted, name: user.to_owned() },
    }
}

/// [channels/tell-1] [channels/tell-3] [channels/tell-4]
fn private(argument: &[u8], user: &str) -> Act {
    let (target, text) = lines::keyword(argument);
    let Some(to) = lines::name(target, 31) else {
        return Act::answer("ERROR User not found\r\n"); // [common/tell-4]
    };
    let line = lines::joined(&[b"PRIVMSG ", user.as_bytes(), b" ", text, b"\r\n"]);
    Act::Tell { to, line: if text.is_empty() { None } else { Some(line) } }
}

/// [channels/msg-1] [channels/msg-3] [channels/msg-5]
fn message(text: &[u8], user: &str, room: &str) -> Act {
    if text.is_empty() {
        return Act::answer("ERROR Empty message\r\n");
    }
    let parts = [b"ROOM ", room.as_bytes(), b" ", user.as_bytes(), b" ", text, b"\r\n"];
    Act::Say(lines::joined(&parts))
}

/// What a joiner is shown [channels/join-1] [channels/join-4] [channels/join-5]
/// [channels/history-1].
pub(super) fn block(room: &str, others: &[String], history: &[Vec<u8>]) -> Vec<u8> {
    let notices: Vec<String> =
        others.iter().map(|other| format!("JOIN {room} {other}\r\n")).collect();
    let ok = format!("OK Joined {room} ({} users)\r\n", others.len());
    let mut block = (ok + &notices.concat()).into_bytes();
    block.extend_from_slice(&history.concat());
    block
}

/// A list of names on one line [channels/list-1] [channels/list-2] [channels/list-3].
pub(super) fn list(keyword: &str, names: &[String]) -> Vec<u8> {
    let names: Vec<String> = names.iter().map(|name| format!(" {name}")).collect();
    format!("{keyword}{}\r\n", names.concat()).into_bytes()
}

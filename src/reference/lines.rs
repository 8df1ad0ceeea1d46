//! Lines: how bytes are cut into them, what the first one says, how the others are rendered.

use super::config::{LINE_MAX, RUN_MAX};

/// What the beginning of some input is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Cut {
    /// A line: its content without the terminator, and how many bytes it took with it.
    Line(Vec<u8>, usize),
    /// A line that is too long, whether or not its LF is there.
    TooLong,
    /// The beginning of a line, or nothing.
    Unfinished,
}

/// Cuts the first line off.
///
/// [common/framing-1] [common/framing-2] [common/framing-3] [common/framing-4] [common/framing-5]
pub(super) fn cut(input: &[u8]) -> Cut {
    match input.iter().position(|byte| *byte == b'\n') {
        Some(at) if at + 1 > LINE_MAX => Cut::TooLong,
        Some(at) => {
            let mut content = input[..at].to_vec();
            if content.last() == Some(&b'\r') {
                content.pop();
            }
            Cut::Line(content, at + 1)
        }
        None if input.len() >= LINE_MAX => Cut::TooLong,
        None => Cut::Unfinished,
    }
}

/// Room and user of a valid JOIN line.
///
/// [rooms/join-1] [rooms/join-2] [rooms/join-6]
pub(super) fn join(content: &[u8]) -> Option<(String, String)> {
    let parts: Vec<&[u8]> = content.split(|byte| *byte == b' ').collect();
    if parts.len() != 3 || !parts[0].eq_ignore_ascii_case(b"JOIN") {
        return None;
    }
    Some((name(parts[1])?, name(parts[2])?))
}

/// A name, if these bytes are one.
///
/// [rooms/join-3] [rooms/join-4] [rooms/join-5] [common/name-1]
fn name(bytes: &[u8]) -> Option<String> {
    let long_enough = !bytes.is_empty() && bytes.len() <= 20;
    let graphic = bytes.iter().all(|byte| (0x21..=0x7E).contains(byte));
    if long_enough && graphic {
        Some(bytes.iter().map(|byte| char::from(*byte)).collect())
    } else {
        None
    }
}

/// A member's line as the room is sent it [rooms/text-1] [rooms/text-3].
pub(super) fn text(user: &str, content: &[u8]) -> Vec<u8> {
    let mut line = user.as_bytes().to_vec();
    line.extend_from_slice(b": ");
    line.extend_from_slice(content);
    line.push(b'\n');
    line
}

/// The notice of a join [rooms/join-7].
pub(super) fn joined(user: &str) -> Vec<u8> {
    format!("{user} has joined\n").into_bytes()
}

/// The notice of a departure [rooms/leave-1].
pub(super) fn left(user: &str) -> Vec<u8> {
    format!("{user} has left\n").into_bytes()
}

/// The first run in some input, rendered, and how many bytes of input it took; nothing if the
/// input does not begin with an acceptable line [common/outbox-1].
pub(super) fn run(user: &str, input: &[u8]) -> Option<(Vec<u8>, usize)> {
    let mut rendering = Vec::new();
    let mut taken = 0;
    while let Cut::Line(content, length) = cut(&input[taken..]) {
        let line = text(user, &content);
        if taken > 0 && rendering.len() + line.len() > RUN_MAX {
            break;
        }
        rendering.extend_from_slice(&line);
        taken += length;
    }
    if taken == 0 { None } else { Some((rendering, taken)) }
}

/// The departures of one wave as entries: one, or several if they do not fit into one
/// [common/outbox-6].
pub(super) fn wave(users: &[String]) -> Vec<Vec<u8>> {
    let mut entries: Vec<Vec<u8>> = Vec::new();
    for user in users {
        let line = left(user);
        match entries.last_mut() {
            Some(last) if last.len() + line.len() <= RUN_MAX => last.extend_from_slice(&line),
            _ => entries.push(line),
        }
    }
    entries
}

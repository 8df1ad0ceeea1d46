//! The first line is the name; every later line is text.

use super::command::Command;
use super::event::Event;

pub(super) fn line(command: &Command<'_>) -> Option<Vec<u8>> {
    match *command {
        Command::Name { user, .. } => Some(user.to_vec()),
        Command::Say(text) => Some(text.to_vec()),
        Command::Join(_)
        | Command::Part
        | Command::Tell { .. }
        | Command::Users
        | Command::Rooms
        | Command::History(_)
        | Command::Topic(_)
        | Command::Account { .. }
        | Command::Ping
        | Command::Quit => None,
    }
}

/// Some servers put a space after the colon. It stays in the text here, because a text may begin
/// with a space.
pub(super) fn event(line: &[u8]) -> Option<Event<'_>> {
    match line.iter().position(|byte| *byte == b':') {
        Some(at @ 1..) => {
            Some(Event::Said { room: None, from: &line[..at], text: &line[at + 1..] })
        }
        _ => None,
    }
}

pub(super) fn server_line(event: &Event<'_>) -> Option<Vec<u8>> {
    match *event {
        Event::Said { from, text, .. } => Some([from, b":", text].concat()),
        Event::Told { .. }
        | Event::Joined { .. }
        | Event::Left { .. }
        | Event::Done(_)
        | Event::Failed(_)
        | Event::User(_)
        | Event::Users(_)
        | Event::Rooms(_)
        | Event::Past { .. }
        | Event::Topic { .. }
        | Event::Pong
        | Event::Unknown => None,
    }
}

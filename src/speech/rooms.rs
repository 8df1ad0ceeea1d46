//! `JOIN {room} {user}`; every later line is text.

use super::command::Command;
use super::event::Event;
use super::split;

pub(super) fn line(command: &Command<'_>) -> Option<Vec<u8>> {
    match *command {
        Command::Name { user, room } => Some([b"JOIN ", room, b" ", user].concat()),
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

/// A name ends at the first space, because no name has one. `ERROR` alone is no text of a user,
/// because that has a colon.
pub(super) fn event(line: &[u8]) -> Option<Event<'_>> {
    let (name, Some(rest)) = split(line) else {
        return (line == b"ERROR").then_some(Event::Failed(b""));
    };
    match (name.strip_suffix(b":"), rest) {
        (Some(from @ [_, ..]), text) => Some(Event::Said { room: None, from, text }),
        (None, b"has joined") if !name.is_empty() => Some(Event::Joined { room: None, user: name }),
        (None, b"has left") if !name.is_empty() => Some(Event::Left { room: None, user: name }),
        _ => None,
    }
}

pub(super) fn server_line(event: &Event<'_>) -> Option<Vec<u8>> {
    match *event {
        Event::Said { from, text, .. } => Some([from, b": ", text].concat()),
        Event::Joined { user, .. } => Some([user, b" has joined"].concat()),
        Event::Left { user, .. } => Some([user, b" has left"].concat()),
        Event::Failed(b"") => Some(b"ERROR".to_vec()),
        Event::Told { .. }
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

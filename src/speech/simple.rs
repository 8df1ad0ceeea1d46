//! Keywords and one room; a sender does not get its own lines back.

use super::command::Command;
use super::event::Event;
use super::{pair, split, with_text};

pub(super) fn line(command: &Command<'_>) -> Option<Vec<u8>> {
    match *command {
        Command::Name { user, .. } => Some([b"JOIN ", user].concat()),
        Command::Say(text) => Some([b"SEND ", text].concat()),
        Command::Quit => Some(b"LEAVE".to_vec()),
        Command::Join(_)
        | Command::Part
        | Command::Tell { .. }
        | Command::Users
        | Command::Rooms
        | Command::History(_)
        | Command::Topic(_)
        | Command::Account { .. }
        | Command::Ping => None,
    }
}

pub(super) fn event(line: &[u8]) -> Option<Event<'_>> {
    match split(line) {
        (b"OK", rest) => Some(Event::Done(rest.unwrap_or_default())),
        (b"ERROR", rest) => Some(Event::Failed(rest.unwrap_or_default())),
        (b"MSG", Some(rest)) => {
            pair(rest).map(|(from, text)| Event::Said { room: None, from, text })
        }
        (b"JOINED", Some(user @ [_, ..])) => Some(Event::Joined { room: None, user }),
        (b"LEFT", Some(user @ [_, ..])) => Some(Event::Left { room: None, user }),
        _ => None,
    }
}

pub(super) fn server_line(event: &Event<'_>) -> Option<Vec<u8>> {
    match *event {
        Event::Said { from, text, .. } => Some([b"MSG ", from, b" ", text].concat()),
        Event::Joined { user, .. } => Some([b"JOINED ", user].concat()),
        Event::Left { user, .. } => Some([b"LEFT ", user].concat()),
        Event::Done(words) => Some(with_text(b"OK", words)),
        Event::Failed(reason) => Some(with_text(b"ERROR", reason)),
        Event::Told { .. }
        | Event::User(_)
        | Event::Users(_)
        | Event::Rooms(_)
        | Event::Past { .. }
        | Event::Topic { .. }
        | Event::Pong
        | Event::Unknown => None,
    }
}

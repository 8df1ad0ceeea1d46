//! Keywords, one room, private messages; `PING` is answered by `PONG`.

use super::command::Command;
use super::event::Event;
use super::{pair, split, with_text};

pub(super) fn line(command: &Command<'_>) -> Option<Vec<u8>> {
    match *command {
        Command::Name { user, .. } => Some([b"LOGIN ", user].concat()),
        Command::Say(text) => Some([b"MSG ", text].concat()),
        Command::Tell { to, text } => Some([b"DM ", to, b" ", text].concat()),
        Command::Users => Some(b"WHO".to_vec()),
        Command::Ping => Some(b"PING".to_vec()),
        Command::Join(_)
        | Command::Part
        | Command::Rooms
        | Command::History(_)
        | Command::Topic(_)
        | Command::Account { .. }
        | Command::Quit => None,
    }
}

pub(super) fn event(line: &[u8]) -> Option<Event<'_>> {
    match split(line) {
        (b"OK", rest) => Some(Event::Done(rest.unwrap_or_default())),
        (b"ERR", rest) => Some(Event::Failed(rest.unwrap_or_default())),
        (b"PONG", _) => Some(Event::Pong),
        (b"MSG", Some(rest)) => {
            pair(rest).map(|(from, text)| Event::Said { room: None, from, text })
        }
        (b"DM", Some(rest)) => pair(rest).map(|(from, text)| Event::Told { from, text }),
        (b"USER", Some(name @ [_, ..])) => Some(Event::User(name)),
        (b"INFO", Some(rest)) => match pair(rest) {
            Some((user, b"disconnected")) => Some(Event::Left { room: None, user }),
            _ => None,
        },
        _ => None,
    }
}

pub(super) fn server_line(event: &Event<'_>) -> Option<Vec<u8>> {
    match *event {
        Event::Said { from, text, .. } => Some([b"MSG ", from, b" ", text].concat()),
        Event::Told { from, text } => Some([b"DM ", from, b" ", text].concat()),
        Event::Left { user, .. } => Some([b"INFO ", user, b" disconnected"].concat()),
        Event::Done(words) => Some(with_text(b"OK", words)),
        Event::Failed(reason) => Some(with_text(b"ERR", reason)),
        Event::User(name) => Some([b"USER ", name].concat()),
        Event::Pong => Some(b"PONG".to_vec()),
        Event::Joined { .. }
        | Event::Users(_)
        | Event::Rooms(_)
        | Event::Past { .. }
        | Event::Topic { .. }
        | Event::Unknown => None,
    }
}

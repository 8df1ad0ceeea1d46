//! Keywords in upper case, many rooms, and an answer to every command.

use super::command::Command;
use super::event::Event;
use super::{pair, split, with_text};
use std::fmt::Write as _;

/// A text is sent by `MSG`, although a bare line would do: `MSG` also carries texts that look like
/// commands.
pub(super) fn line(command: &Command<'_>) -> Option<Vec<u8>> {
    match *command {
        Command::Name { user, .. } => Some([b"USERNAME ", user].concat()),
        Command::Join(room) => Some([b"JOIN ", room].concat()),
        Command::Part => Some(b"LEAVE".to_vec()),
        Command::Say(text) => Some([b"MSG ", text].concat()),
        Command::Tell { to, text } => Some([b"PRIVMSG ", to, b" ", text].concat()),
        Command::Users => Some(b"USERS".to_vec()),
        Command::Rooms => Some(b"ROOMS".to_vec()),
        Command::Quit => Some(b"QUIT".to_vec()),
        Command::History(what) => Some(with_text(b"/history", what)),
        Command::Topic(text) => Some(with_text(b"/topic", text)),
        Command::Account { word, rest } => Some(with_text(word, rest)),
        Command::Ping => None,
    }
}

pub(super) fn event(line: &[u8]) -> Option<Event<'_>> {
    let (keyword, rest) = split(line);
    let rest = rest.unwrap_or_default();
    match keyword {
        b"OK" => Some(Event::Done(rest)),
        b"ERROR" => Some(Event::Failed(rest)),
        b"USERLIST" => Some(Event::Users(rest)),
        b"ROOMLIST" => Some(Event::Rooms(rest)),
        b"PRIVMSG" => pair(rest).map(|(from, text)| Event::Told { from, text }),
        b"ROOM" => {
            let (room, said) = pair(rest)?;
            pair(said).map(|(from, text)| Event::Said { room: Some(room), from, text })
        }
        b"JOIN" => pair(rest).map(|(room, user)| Event::Joined { room: Some(room), user }),
        b"LEAVE" => pair(rest).map(|(room, user)| Event::Left { room: Some(room), user }),
        b"HISTORY" => past(rest),
        b"TOPIC" => {
            let (room, set) = split(rest);
            let set = set.and_then(pair);
            (!room.is_empty()).then_some(Event::Topic { room, set })
        }
        _ => None,
    }
}

/// `{id} {time} {room} {user} {text}`
fn past(rest: &[u8]) -> Option<Event<'_>> {
    let (id, rest) = pair(rest)?;
    let (time, rest) = pair(rest)?;
    let (room, rest) = pair(rest)?;
    let (from, text) = pair(rest)?;
    Some(Event::Past { id_and_time: (id, time), room, from, text })
}

pub(super) fn server_line(event: &Event<'_>) -> Option<Vec<u8>> {
    match *event {
        Event::Said { room, from, text } => {
            Some([b"ROOM ", room?, b" ", from, b" ", text].concat())
        }
        Event::Told { from, text } => Some([b"PRIVMSG ", from, b" ", text].concat()),
        Event::Joined { room, user } => Some([b"JOIN ", room?, b" ", user].concat()),
        Event::Left { room, user } => Some([b"LEAVE ", room?, b" ", user].concat()),
        Event::Done(words) => Some(with_text(b"OK", words)),
        Event::Failed(reason) => Some(with_text(b"ERROR", reason)),
        Event::Users(names) => Some(with_text(b"USERLIST", names)),
        Event::Rooms(names) => Some(with_text(b"ROOMLIST", names)),
        Event::Past { id_and_time: (id, time), room, from, text } => {
            Some([b"HISTORY ", id, b" ", time, b" ", room, b" ", from, b" ", text].concat())
        }
        Event::Topic { room, set: Some((user, text)) } => {
            Some([b"TOPIC ", room, b" ", user, b" ", text].concat())
        }
        Event::Topic { room, set: None } => Some([b"TOPIC ", room].concat()),
        Event::User(_) | Event::Pong | Event::Unknown => None,
    }
}

pub(super) fn welcome(room: &str, user: &str, present: &[impl AsRef<str>]) -> Vec<u8> {
    let count = present.len();
    let mut lines = format!("OK Welcome, {user}!\r\nOK Joined {room} ({count} users)\r\n");
    for member in present {
        write!(lines, "JOIN {room} {}\r\n", member.as_ref()).expect("a string takes all writes");
    }
    lines.into_bytes()
}

//! `JOIN {room} {user}`, then every line is text.

use super::{Admission, Event, Input, Language, Verb, word};

#[derive(Debug)]
pub(super) struct RoomsLanguage;

impl Language for RoomsLanguage {
    fn name(&self) -> &'static str {
        "rooms"
    }

    fn default_port(&self) -> u16 {
        1234
    }

    fn verbs(&self) -> &'static [Verb] {
        &[Verb::Send, Verb::Help, Verb::Leave]
    }

    fn default_room(&self) -> Option<&'static str> {
        Some("main")
    }

    fn name_line(&self, user: &str, room: &str) -> String {
        format!("JOIN {room} {user}")
    }

    fn admission(&self) -> Admission {
        Admission::OwnJoin
    }

    fn put(&self, input: &Input<'_>) -> Vec<u8> {
        match input {
            Input::Send(text) => text.to_vec(),
            _ => Vec::new(),
        }
    }

    /// A name ends at the first space: no name has one. `ERROR` alone is no one's text, which has a colon.
    fn hear<'l>(&self, line: &'l [u8]) -> Event<'l> {
        let (name, Some(rest)) = word(line) else {
            return if line == b"ERROR" { Event::Failed(b"") } else { Event::Strange };
        };
        match (name.strip_suffix(b":"), rest) {
            (Some(from @ [_, ..]), text) => Event::Said { from, text },
            (None, b"has joined") if !name.is_empty() => Event::Joined(name),
            (None, b"has left") if !name.is_empty() => Event::Left(name),
            _ => Event::Strange,
        }
    }
}

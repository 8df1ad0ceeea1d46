//! Keywords in upper case, many rooms, every command answered.

use super::{Admission, Event, Input, Language, Verb, line, word};

#[derive(Debug)]
pub(super) struct ChannelsLanguage;

impl Language for ChannelsLanguage {
    fn name(&self) -> &'static str {
        "channels"
    }

    fn default_port(&self) -> u16 {
        9999
    }

    fn verbs(&self) -> &'static [Verb] {
        &[
            Verb::Send,
            Verb::Tell,
            Verb::Join,
            Verb::Part,
            Verb::Users,
            Verb::Rooms,
            Verb::Help,
            Verb::Leave,
        ]
    }

    fn name_line(&self, user: &str, _: &str) -> String {
        format!("USERNAME {user}")
    }

    fn admission(&self) -> Admission {
        Admission::Reply
    }

    fn farewell(&self) -> Option<&'static str> {
        Some("QUIT")
    }

    /// MSG, though a bare line would do: it also says lines that are commands.
    fn put(&self, input: &Input<'_>) -> Vec<u8> {
        match input {
            Input::Send(text) => line(&[b"MSG ", text]),
            Input::Tell { to, text } => line(&[b"PRIVMSG ", to, b" ", text]),
            Input::Join(room) => line(&[b"JOIN ", room]),
            Input::Part => b"LEAVE".to_vec(),
            Input::Users => b"USERS".to_vec(),
            Input::Rooms => b"ROOMS".to_vec(),
            Input::Help | Input::Leave => Vec::new(),
        }
    }

    fn hear<'l>(&self, line: &'l [u8]) -> Event<'l> {
        let (keyword, rest) = word(line);
        let pair = || match word(rest.unwrap_or_default()) {
            (first @ [_, ..], Some(second)) => Some((first, second)),
            _ => None,
        };
        let event = match keyword {
            b"OK" => Some(Event::Done(rest.unwrap_or_default())),
            b"ERROR" => Some(Event::Failed(rest.unwrap_or_default())),
            b"USERLIST" => Some(Event::Users(rest.unwrap_or_default())),
            b"ROOMLIST" => Some(Event::Rooms(rest.unwrap_or_default())),
            b"PRIVMSG" => pair().map(|(from, text)| Event::Told { from, text }),
            b"ROOM" => pair().and_then(|(_, said)| match word(said) {
                (from @ [_, ..], Some(text)) => Some(Event::Said { from, text }),
                _ => None,
            }),
            b"JOIN" => pair().map(|(_, name)| Event::Joined(name)),
            b"LEAVE" => pair().map(|(_, name)| Event::Left(name)),
            _ => None,
        };
        event.unwrap_or(Event::Strange)
    }
}

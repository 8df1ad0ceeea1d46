//! The first line is the name, every other one is text.

use super::{Admission, Event, Input, Language, Verb};

#[derive(Debug)]
pub(super) struct LobbyLanguage;

impl Language for LobbyLanguage {
    fn name(&self) -> &'static str {
        "lobby"
    }

    fn default_port(&self) -> u16 {
        1235
    }

    fn verbs(&self) -> &'static [Verb] {
        &[Verb::Send, Verb::Help, Verb::Leave]
    }

    /// A colon would end the name in every line of its owner's.
    fn can_write(&self, name: &str) -> bool {
        !name.is_empty()
            && !name.contains(|c: char| c.is_whitespace() || c.is_control() || c == ':')
    }

    fn name_line(&self, user: &str, _: &str) -> String {
        user.to_owned()
    }

    fn admission(&self) -> Admission {
        Admission::Silence
    }

    fn put(&self, input: &Input<'_>) -> Vec<u8> {
        match input {
            Input::Send(text) => text.to_vec(),
            _ => Vec::new(),
        }
    }

    fn hear<'l>(&self, line: &'l [u8]) -> Event<'l> {
        match memchr::memchr(b':', line) {
            Some(at @ 1..) => Event::Said { from: &line[..at], text: &line[at + 1..] },
            _ => Event::Strange,
        }
    }
}

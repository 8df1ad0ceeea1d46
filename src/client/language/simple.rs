//! Keywords, one room, and nobody hears what he says himself.

use super::{Admission, Event, Input, Language, Verb, line, word};

#[derive(Debug)]
pub(super) struct SimpleLanguage;

impl Language for SimpleLanguage {
    fn name(&self) -> &'static str {
        "simple"
    }

    fn default_port(&self) -> u16 {
        1236
    }

    fn verbs(&self) -> &'static [Verb] {
        &[Verb::Send, Verb::Help, Verb::Leave]
    }

    fn name_line(&self, user: &str, _: &str) -> String {
        format!("JOIN {user}")
    }

    fn admission(&self) -> Admission {
        Admission::Reply
    }

    fn echoes(&self) -> bool {
        false
    }

    fn farewell(&self) -> Option<&'static str> {
        Some("LEAVE")
    }

    fn put(&self, input: &Input<'_>) -> Vec<u8> {
        match input {
            Input::Send(text) => line(&[b"SEND ", text]),
            _ => Vec::new(),
        }
    }

    fn hear<'l>(&self, line: &'l [u8]) -> Event<'l> {
        let (keyword, rest) = word(line);
        match (keyword, rest) {
            (b"OK", rest) => Event::Done(rest.unwrap_or_default()),
            (b"ERROR", rest) => Event::Failed(rest.unwrap_or_default()),
            (b"MSG", Some(rest)) => match word(rest) {
                (from @ [_, ..], Some(text)) => Event::Said { from, text },
                _ => Event::Strange,
            },
            (b"JOINED", Some(name @ [_, ..])) => Event::Joined(name),
            (b"LEFT", Some(name @ [_, ..])) => Event::Left(name),
            _ => Event::Strange,
        }
    }
}

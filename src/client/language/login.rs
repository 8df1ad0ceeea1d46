//! Keywords, one room, private messages; PING is answered by PONG.

use super::{Admission, Event, Input, Language, Verb, line, word};

#[derive(Debug)]
pub(super) struct LoginLanguage;

impl Language for LoginLanguage {
    fn name(&self) -> &'static str {
        "login"
    }

    fn default_port(&self) -> u16 {
        4000
    }

    fn verbs(&self) -> &'static [Verb] {
        &[Verb::Send, Verb::Tell, Verb::Users, Verb::Help, Verb::Leave]
    }

    fn name_line(&self, user: &str, _: &str) -> String {
        format!("LOGIN {user}")
    }

    fn admission(&self) -> Admission {
        Admission::Reply
    }

    fn fence(&self) -> Option<&'static str> {
        Some("PING")
    }

    fn put(&self, input: &Input<'_>) -> Vec<u8> {
        match input {
            Input::Send(text) => line(&[b"MSG ", text]),
            Input::Tell { to, text } => line(&[b"DM ", to, b" ", text]),
            Input::Users => b"WHO".to_vec(),
            _ => Vec::new(),
        }
    }

    fn hear<'l>(&self, line: &'l [u8]) -> Event<'l> {
        let (keyword, rest) = word(line);
        match (keyword, rest) {
            (b"OK", rest) => Event::Done(rest.unwrap_or_default()),
            (b"ERR", rest) => Event::Failed(rest.unwrap_or_default()),
            (b"PONG", _) => Event::Pong,
            (b"MSG" | b"DM", Some(rest)) => match word(rest) {
                (from @ [_, ..], Some(text)) if keyword == b"MSG" => Event::Said { from, text },
                (from @ [_, ..], Some(text)) => Event::Told { from, text },
                _ => Event::Strange,
            },
            (b"USER", Some(name @ [_, ..])) => Event::User(name),
            (b"INFO", Some(rest)) => match word(rest) {
                (name @ [_, ..], Some(b"disconnected")) => Event::Left(name),
                _ => Event::Strange,
            },
            _ => Event::Strange,
        }
    }
}

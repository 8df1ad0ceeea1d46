//! What a history needs to know of each dialect beyond the shared codec.
//!
//! Lines are encoded and decoded by `parlance-speech`. The suite's cases describe the dialects on
//! their own and do not use it.

use parlance_speech::{Command, Dialect, Event};

/// One line from the server. A room stands where the line names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Heard<'a> {
    Joined(Option<&'a str>, &'a str),
    Left(Option<&'a str>, &'a str),
    Said(Option<&'a str>, &'a str, &'a str),
    /// The answer to a name, which is no join yet.
    Named,
    /// A join or a departure is done; this many members are listed next.
    Done(Option<usize>),
    Refused,
    /// A line that the dialect does not have, or that no history asks for.
    Strange,
}

/// A command by which a client departs.
#[derive(Clone, Debug)]
pub(super) struct Leave {
    pub(super) line: Vec<u8>,
    /// Whether the server then ends the connection.
    pub(super) closes: bool,
}

/// What there is to know of a dialect to play and to judge a history in it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Voice {
    pub(super) dialect: Dialect,
    /// The prefix of a room's name, if there are several rooms. Every reading takes such a room.
    pub(super) rooms: Option<&'static str>,
    /// If a client can move from one room to another: the clause, and its reading in which that
    /// is refused.
    pub(super) moves: Option<(&'static str, &'static str)>,
    /// The number of participants that every server of the dialect must bear.
    pub(super) crowd: usize,
    /// Whether a joiner may be shown lines from before its join.
    pub(super) replay: bool,
}

impl Voice {
    pub(super) const fn of(dialect: Dialect) -> Voice {
        let plain = Voice { dialect, rooms: None, moves: None, crowd: 64, replay: false };
        match dialect {
            Dialect::Rooms => Voice { rooms: Some("r"), ..plain },
            Dialect::Lobby | Dialect::Simple => plain,
            // The document asks for ten clients at the same time; three of them watch.
            Dialect::Login => Voice { crowd: 6, ..plain },
            Dialect::Channels => Voice {
                rooms: Some("#r"),
                moves: Some(("channels/move-1", "refuses")),
                replay: true,
                ..plain
            },
        }
    }

    /// The lines that join `room`; `named` says that the connection has its name already.
    pub(super) fn enter(&self, room: &str, user: &str, named: bool) -> Vec<u8> {
        match self.dialect.line(&Command::Join(room.as_bytes())) {
            Some(line) if named => ended(line),
            _ => self.dialect.enter(room, user),
        }
    }

    /// The line of a text. Channels has two forms of it; each is used often.
    pub(super) fn say(&self, text: &str) -> Vec<u8> {
        let bare = match self.dialect {
            Dialect::Rooms | Dialect::Lobby | Dialect::Simple | Dialect::Login => false,
            Dialect::Channels => text.bytes().map(usize::from).sum::<usize>() % 2 != 0,
        };
        let line = self.dialect.line(&Command::Say(text.as_bytes()));
        ended(if bare { text.into() } else { line.expect("every dialect has a line for a text") })
    }

    /// The ways to depart other than by the connection.
    pub(super) fn leaves(&self) -> Vec<Leave> {
        let commands = [(Command::Part, false), (Command::Quit, true)];
        let leave = |(command, closes)| {
            self.dialect.line(&command).map(|line| Leave { line: ended(line), closes })
        };
        commands.into_iter().filter_map(leave).collect()
    }

    /// Reads one line, given without its LF.
    pub(super) fn hear<'a>(&self, line: &'a str) -> Heard<'a> {
        let end = text_of(self.dialect.server_line_end()).trim_end_matches('\n');
        let Some(line) = line.strip_suffix(end) else { return Heard::Strange };
        match self.dialect.event(line.as_bytes()) {
            Event::Said { room, from, text } => {
                Heard::Said(room.map(text_of), text_of(from), self.without_padding(text_of(text)))
            }
            Event::Joined { room, user } => Heard::Joined(room.map(text_of), text_of(user)),
            Event::Left { room, user } => Heard::Left(room.map(text_of), text_of(user)),
            Event::Done(words) => self.done(line, text_of(words)),
            Event::Failed(reason) => self.refused(text_of(reason)),
            // No history asks for these.
            Event::Told { .. }
            | Event::User(_)
            | Event::Users(_)
            | Event::Rooms(_)
            | Event::Past { .. }
            | Event::Topic { .. }
            | Event::Pong
            | Event::Unknown => Heard::Strange,
        }
    }

    /// A server of lobby may put a space after the colon. No text of a history begins with one.
    fn without_padding<'a>(&self, text: &'a str) -> &'a str {
        match self.dialect {
            Dialect::Lobby => text.strip_prefix(' ').unwrap_or(text),
            Dialect::Rooms | Dialect::Simple | Dialect::Login | Dialect::Channels => text,
        }
    }

    /// Channels answers in words, simple and login by `OK` alone.
    fn done(&self, line: &str, words: &str) -> Heard<'static> {
        match self.dialect {
            Dialect::Channels if words.is_empty() => Heard::Strange,
            Dialect::Channels if words.starts_with("Welcome") => Heard::Named,
            Dialect::Channels => Heard::Done(users_in_room(words)),
            Dialect::Simple | Dialect::Login if line == "OK" => Heard::Done(None),
            Dialect::Rooms | Dialect::Lobby | Dialect::Simple | Dialect::Login => Heard::Strange,
        }
    }

    /// An error has a reason, except in rooms.
    fn refused(&self, reason: &str) -> Heard<'static> {
        let complete = match self.dialect {
            Dialect::Rooms => true,
            Dialect::Lobby | Dialect::Simple | Dialect::Login | Dialect::Channels => {
                !reason.is_empty()
            }
        };
        if complete { Heard::Refused } else { Heard::Strange }
    }
}

fn ended(mut line: Vec<u8>) -> Vec<u8> {
    line.push(b'\n');
    line
}

fn text_of(part: &[u8]) -> &str {
    std::str::from_utf8(part).expect("a part of a text, cut at ASCII characters, is text")
}

/// The number in `Joined #general (2 users)`.
fn users_in_room(words: &str) -> Option<usize> {
    words.strip_suffix(" users)")?.rsplit_once('(')?.1.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{Heard, Voice};
    use parlance_speech::Dialect;

    #[test]
    fn lines_of_each_dialect_are_understood() {
        let cases = [
            (Dialect::Rooms, "ann has left", Heard::Left(None, "ann")),
            (Dialect::Rooms, "ERROR", Heard::Refused),
            (Dialect::Lobby, "ann:hi", Heard::Said(None, "ann", "hi")),
            (Dialect::Lobby, "ann: hi", Heard::Said(None, "ann", "hi")),
            (Dialect::Simple, "MSG ann hi all", Heard::Said(None, "ann", "hi all")),
            (Dialect::Simple, "OK", Heard::Done(None)),
            (Dialect::Simple, "OK then", Heard::Strange),
            (Dialect::Simple, "ERROR", Heard::Strange),
            (Dialect::Login, "INFO ann disconnected", Heard::Left(None, "ann")),
            (Dialect::Channels, "OK Welcome, ann!\r", Heard::Named),
            (Dialect::Channels, "OK Joined #r (2 users)\r", Heard::Done(Some(2))),
            (Dialect::Channels, "OK\r", Heard::Strange),
            (Dialect::Channels, "ROOM #r ann hi\r", Heard::Said(Some("#r"), "ann", "hi")),
            (Dialect::Channels, "ROOM #r ann hi", Heard::Strange), // without its CR
        ];
        for (dialect, line, heard) in cases {
            assert_eq!(Voice::of(dialect).hear(line), heard, "{dialect}: {line:?}");
        }
    }

    #[test]
    fn a_named_connection_joins_by_one_line() {
        let channels = Voice::of(Dialect::Channels);
        assert_eq!(channels.enter("#r", "ann", false), b"USERNAME ann\nJOIN #r\n");
        assert_eq!(channels.enter("#r", "ann", true), b"JOIN #r\n");
        assert_eq!(Voice::of(Dialect::Simple).enter("", "ann", true), b"JOIN ann\n");
    }

    #[test]
    fn channels_texts_are_sent_in_both_forms() {
        let channels = Voice::of(Dialect::Channels);
        assert_eq!(channels.say("b"), b"MSG b\n");
        assert_eq!(channels.say("a"), b"a\n");
    }
}

//! The five dialects, and the facts in which they differ.

use super::command::Command;
use super::event::Event;
use super::{channels, lobby, login, rooms, simple};
use std::fmt;

/// A chat dialect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// `JOIN {room} {user}`; every later line is text.
    Rooms,
    /// The first line is the name; every later line is text.
    Lobby,
    /// Keywords and one room; a sender does not get its own lines back.
    Simple,
    /// Keywords, one room, private messages, and `PING`.
    Login,
    /// Keywords, many rooms, and an answer to every command.
    Channels,
}

/// How a client learns that it is a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// By the notice of its own join, which all members get.
    Notice,
    /// By an answer that only the client gets.
    Reply,
    /// Not at all; a server that refuses the name closes the connection.
    Silent,
}

/// Whether a member gets its own lines back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Echo {
    /// The document asks for it.
    Always,
    /// The document rules it out.
    Never,
    /// The document allows both. Parlance's server echoes.
    Optional,
}

impl Dialect {
    /// All dialects; the first is the default of every program.
    pub const ALL: [Dialect; 5] =
        [Dialect::Rooms, Dialect::Lobby, Dialect::Simple, Dialect::Login, Dialect::Channels];

    /// The dialect with this name.
    ///
    /// ```
    /// use parlance_speech::Dialect;
    ///
    /// assert_eq!(Dialect::from_name("login"), Some(Dialect::Login));
    /// assert_eq!(Dialect::from_name("Login"), None);
    /// ```
    pub fn from_name(name: &str) -> Option<Dialect> {
        Dialect::ALL.into_iter().find(|dialect| dialect.name() == name)
    }

    /// The name in options.
    pub const fn name(self) -> &'static str {
        match self {
            Dialect::Rooms => "rooms",
            Dialect::Lobby => "lobby",
            Dialect::Simple => "simple",
            Dialect::Login => "login",
            Dialect::Channels => "channels",
        }
    }

    /// The default TCP port of its servers.
    pub fn default_port(self) -> u16 {
        match self {
            Dialect::Rooms => 1234,
            Dialect::Lobby => 1235,
            Dialect::Simple => 1236,
            Dialect::Login => 4000,
            Dialect::Channels => 9999,
        }
    }

    /// Whether users are divided into rooms with names.
    pub fn has_rooms(self) -> bool {
        match self {
            Dialect::Rooms | Dialect::Channels => true,
            Dialect::Lobby | Dialect::Simple | Dialect::Login => false,
        }
    }

    /// Whether `name` fits into a line of this dialect as a user or a room. A server may still
    /// refuse the name.
    pub fn can_write(self, name: &str) -> bool {
        let reserved = |c: char| match self {
            // A colon would end the name in every line of its user.
            Dialect::Lobby => c == ':',
            Dialect::Rooms | Dialect::Simple | Dialect::Login | Dialect::Channels => false,
        };
        let unfit = |c: char| c.is_whitespace() || c.is_control() || reserved(c);
        !name.is_empty() && !name.contains(unfit)
    }

    /// How a client learns that it is a member.
    pub fn entry(self) -> Entry {
        match self {
            Dialect::Rooms => Entry::Notice,
            Dialect::Lobby => Entry::Silent,
            Dialect::Simple | Dialect::Login | Dialect::Channels => Entry::Reply,
        }
    }

    /// Whether a member gets its own lines back.
    pub fn echo(self) -> Echo {
        match self {
            Dialect::Rooms | Dialect::Lobby | Dialect::Channels => Echo::Always,
            Dialect::Simple => Echo::Never,
            Dialect::Login => Echo::Optional,
        }
    }

    /// Whether members are told of a join.
    pub fn announces_joins(self) -> bool {
        match self {
            Dialect::Rooms | Dialect::Simple | Dialect::Channels => true,
            Dialect::Lobby | Dialect::Login => false,
        }
    }

    /// Whether members are told of a departure.
    pub fn announces_departures(self) -> bool {
        match self {
            Dialect::Rooms | Dialect::Simple | Dialect::Login | Dialect::Channels => true,
            Dialect::Lobby => false,
        }
    }

    /// The end of a server's line. A client's line ends in LF in every dialect.
    pub fn server_line_end(self) -> &'static [u8] {
        match self {
            Dialect::Rooms | Dialect::Lobby | Dialect::Simple | Dialect::Login => b"\n",
            Dialect::Channels => b"\r\n",
        }
    }

    /// The line of `command` without its LF; `None` if the dialect does not have the command.
    pub fn line(self, command: &Command<'_>) -> Option<Vec<u8>> {
        match self {
            Dialect::Rooms => rooms::line(command),
            Dialect::Lobby => lobby::line(command),
            Dialect::Simple => simple::line(command),
            Dialect::Login => login::line(command),
            Dialect::Channels => channels::line(command),
        }
    }

    /// Whether the dialect has `command`.
    pub fn has(self, command: &Command<'_>) -> bool {
        self.line(command).is_some()
    }

    /// The meaning of a server's line, given without its end.
    pub fn event(self, line: &[u8]) -> Event<'_> {
        let event = match self {
            Dialect::Rooms => rooms::event(line),
            Dialect::Lobby => lobby::event(line),
            Dialect::Simple => simple::event(line),
            Dialect::Login => login::event(line),
            Dialect::Channels => channels::event(line),
        };
        event.unwrap_or(Event::Unknown)
    }

    /// The line, with its end, by which a server says `event`; `None` if the dialect has no such
    /// line. A room is ignored where lines name none.
    pub fn server_line(self, event: &Event<'_>) -> Option<Vec<u8>> {
        let line = match self {
            Dialect::Rooms => rooms::server_line(event),
            Dialect::Lobby => lobby::server_line(event),
            Dialect::Simple => simple::server_line(event),
            Dialect::Login => login::server_line(event),
            Dialect::Channels => channels::server_line(event),
        };
        line.map(|line| [&line, self.server_line_end()].concat())
    }

    /// The complete lines by which a fresh client becomes a member of `room`.
    ///
    /// ```
    /// use parlance_speech::Dialect;
    ///
    /// assert_eq!(Dialect::Rooms.enter("#r", "bob"), b"JOIN #r bob\n");
    /// assert_eq!(Dialect::Channels.enter("#r", "bob"), b"USERNAME bob\nJOIN #r\n");
    /// ```
    pub fn enter(self, room: &str, user: &str) -> Vec<u8> {
        let (room, user) = (room.as_bytes(), user.as_bytes());
        let lines = [self.line(&Command::Name { user, room }), self.line(&Command::Join(room))];
        lines.into_iter().flatten().flat_map(|line| [line, b"\n".to_vec()].concat()).collect()
    }

    /// The complete lines that only the new member gets in answer to [`enter`](Dialect::enter), if
    /// `present` are the members already, in the order of their joins.
    pub fn welcome(self, room: &str, user: &str, present: &[impl AsRef<str>]) -> Vec<u8> {
        match self {
            Dialect::Rooms | Dialect::Lobby => Vec::new(),
            Dialect::Simple | Dialect::Login => b"OK\n".to_vec(),
            Dialect::Channels => channels::welcome(room, user, present),
        }
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

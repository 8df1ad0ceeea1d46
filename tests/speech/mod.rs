//! The dialects as templates: what a client sends and what everybody hears of it.
//!
//! Goal: what all dialects have in common is claimed once and tested for each. Method: the lines
//! are those of `parlance-speech`, which shares no code with the server; one row for each dialect
//! has the rest, written from the documents and `spec/`, not from the code. Limits: lines that all
//! dialects have in some form; what is one dialect's own is in its own tests.
#![allow(dead_code, reason = "each test program uses its part of this")]
#![allow(unreachable_pub, reason = "it is a module of test programs, which export nothing")]

use parlance_speech::{Command, Dialect, Event};

/// One dialect: its lines by the shared codec of clients, and its bounds and errors.
#[derive(Debug)]
pub struct Speech {
    pub dialect: &'static str,
    codec: Dialect,
    /// Whether the speaker hears itself.
    pub echoes: bool,
    /// Whether two clients may have one name.
    pub names_unique: bool,
    pub name_bytes_max: usize,
    /// The answer to a line that is too long.
    pub too_long: &'static str,
    /// The answer to one client too many.
    pub full: &'static str,
    /// The answer to an HTTP request.
    pub http: &'static str,
    /// The answer to an invalid name, and whether the connection goes on.
    pub invalid: (&'static str, bool),
    /// The answer to a name that is taken.
    pub taken: &'static str,
}

pub const ROOMS: Speech = Speech {
    dialect: Dialect::Rooms.name(),
    codec: Dialect::Rooms,
    echoes: true,
    names_unique: false,
    name_bytes_max: 20,
    too_long: "ERROR\n",
    full: "ERROR\n",
    http: "ERROR\n",
    invalid: ("ERROR\n", false),
    taken: "",
};

pub const LOBBY: Speech = Speech {
    dialect: Dialect::Lobby.name(),
    codec: Dialect::Lobby,
    echoes: true,
    names_unique: false,
    name_bytes_max: 64,
    too_long: "",
    full: "",
    http: "",
    invalid: ("", false),
    taken: "",
};

pub const SIMPLE: Speech = Speech {
    dialect: Dialect::Simple.name(),
    codec: Dialect::Simple,
    echoes: false,
    names_unique: true,
    name_bytes_max: 32,
    too_long: "ERROR line-too-long\n",
    full: "ERROR server-full\n",
    http: "ERROR unknown-command\n",
    invalid: ("ERROR invalid-username\n", true),
    taken: "ERROR username-taken\n",
};

pub const LOGIN: Speech = Speech {
    dialect: Dialect::Login.name(),
    codec: Dialect::Login,
    echoes: true,
    names_unique: true,
    name_bytes_max: 32,
    too_long: "ERR line-too-long\n",
    full: "ERR server-full\n",
    http: "ERR not-logged-in\n",
    invalid: ("ERR invalid-username\n", true),
    taken: "ERR username-taken\n",
};

pub const CHANNELS: Speech = Speech {
    dialect: Dialect::Channels.name(),
    codec: Dialect::Channels,
    echoes: true,
    names_unique: true,
    name_bytes_max: 31,
    too_long: "ERROR Line too long\r\n",
    full: "ERROR Server full\r\n",
    http: "ERROR Username required\r\n",
    invalid: ("ERROR Invalid username\r\n", true),
    taken: "ERROR Username taken\r\n",
};

pub const ALL: [&Speech; 5] = [&ROOMS, &LOBBY, &SIMPLE, &LOGIN, &CHANNELS];

/// The room of every test that needs one only.
pub const ROOM: &str = "den";

impl Speech {
    pub fn enter(&self, user: &str) -> Vec<u8> {
        self.enter_room(ROOM, user)
    }

    pub fn enter_room(&self, room: &str, user: &str) -> Vec<u8> {
        self.codec.enter(room, user)
    }

    /// The line that asks for a name; the room of channels is asked for by another.
    pub fn claim(&self, user: &str) -> Vec<u8> {
        let mut lines = self.enter(user);
        let end = lines.iter().position(|byte| *byte == b'\n').expect("lines end");
        lines.truncate(end + 1);
        lines
    }

    /// The lines for a new member, if `present` are the members and `said`, rendered, is the
    /// history.
    pub fn entered(&self, user: &str, present: &[&str], said: &[u8]) -> Vec<u8> {
        self.entered_room(ROOM, user, present, said)
    }

    pub fn entered_room(&self, room: &str, user: &str, present: &[&str], said: &[u8]) -> Vec<u8> {
        let mut lines = match self.codec {
            Dialect::Rooms => self.joined_room(room, user),
            Dialect::Lobby | Dialect::Simple | Dialect::Login | Dialect::Channels => {
                self.codec.welcome(room, user, present)
            }
        };
        match self.codec {
            Dialect::Channels => lines.extend(said),
            Dialect::Rooms | Dialect::Lobby | Dialect::Simple | Dialect::Login => {}
        }
        lines
    }

    pub fn joined(&self, user: &str) -> Vec<u8> {
        self.joined_room(ROOM, user)
    }

    pub fn joined_room(&self, room: &str, user: &str) -> Vec<u8> {
        let (room, user) = (Some(room.as_bytes()), user.as_bytes());
        self.event(&Event::Joined { room, user })
    }

    /// The last line of a client that an operator ends for this reason.
    pub fn kicked(&self, why: &str) -> String {
        self.explained("kicked", why)
    }

    /// The last line of a client that is not let in for this reason.
    pub fn banned(&self, why: &str) -> String {
        self.explained("banned", why)
    }

    fn explained(&self, word: &str, why: &str) -> String {
        match self.dialect {
            "rooms" => "ERROR\n".to_owned(),
            "lobby" => String::new(),
            "simple" => format!("ERROR {word} {why}\n"),
            "login" => format!("ERR {word} {why}\n"),
            _ => {
                let (first, rest) = word.split_at(1);
                format!("ERROR {}{rest}: {why}\r\n", first.to_uppercase())
            }
        }
    }

    pub fn left(&self, user: &str) -> Vec<u8> {
        self.left_room(ROOM, user)
    }

    pub fn left_room(&self, room: &str, user: &str) -> Vec<u8> {
        let (room, user) = (Some(room.as_bytes()), user.as_bytes());
        self.event(&Event::Left { room, user })
    }

    pub fn say(&self, text: impl AsRef<[u8]>) -> Vec<u8> {
        let mut line = self.codec.line(&Command::Say(text.as_ref())).expect("texts are sent");
        line.push(b'\n');
        line
    }

    pub fn said(&self, user: &str, text: impl AsRef<[u8]>) -> Vec<u8> {
        self.said_room(ROOM, user, text)
    }

    pub fn said_room(&self, room: &str, user: &str, text: impl AsRef<[u8]>) -> Vec<u8> {
        let (room, from) = (Some(room.as_bytes()), user.as_bytes());
        self.event(&Event::Said { room, from, text: text.as_ref() })
    }

    /// What the speaker hears of its own line.
    pub fn echo(&self, user: &str, text: impl AsRef<[u8]>) -> Vec<u8> {
        if self.echoes { self.said(user, text) } else { Vec::new() }
    }

    /// What a line adds to its text, terminators included, when it is sent.
    pub fn overhead(&self) -> usize {
        self.say("").len()
    }

    /// The line of an event, or nothing in a dialect that has none.
    fn event(&self, event: &Event<'_>) -> Vec<u8> {
        self.codec.server_line(event).unwrap_or_default()
    }
}

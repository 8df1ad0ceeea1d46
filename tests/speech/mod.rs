//! The dialects as templates: what a client sends and what everybody hears of it.
//!
//! Goal: what all dialects have in common is claimed once and tested for each. Method: one row for
//! each dialect, written from the documents and `spec/`, not from the code. Limits: lines that all
//! dialects have in some form; what is one dialect's own is in its own tests.
#![allow(dead_code, reason = "each test program uses its part of this")]
#![allow(unreachable_pub, reason = "it is a module of test programs, which export nothing")]

/// One dialect. `{user}`, `{room}` and `{text}` stand for what they say.
#[derive(Debug)]
pub struct Speech {
    pub dialect: &'static str,
    /// What a fresh client sends to become a member.
    enter: &'static str,
    /// What the first member of a room is sent for it.
    entered: &'static str,
    /// What everybody else is sent of a join and of a departure.
    joined: &'static str,
    left: &'static str,
    say: &'static str,
    said: &'static str,
    /// Whether the speaker hears itself.
    pub echoes: bool,
    /// Whether two clients may have one name.
    pub names_unique: bool,
    pub name_bytes_max: usize,
    /// The answer to a line that is too long.
    pub too_long: &'static str,
    /// The answer to one client too many.
    pub full: &'static str,
    /// The answers to a name that is none, and whether the connection goes on; and to one that is taken.
    pub invalid: (&'static str, bool),
    pub taken: &'static str,
}

pub const ROOMS: Speech = Speech {
    dialect: "rooms",
    enter: "JOIN {room} {user}\n",
    entered: "{user} has joined\n",
    joined: "{user} has joined\n",
    left: "{user} has left\n",
    say: "{text}\n",
    said: "{user}: {text}\n",
    echoes: true,
    names_unique: false,
    name_bytes_max: 20,
    too_long: "ERROR\n",
    full: "ERROR\n",
    invalid: ("ERROR\n", false),
    taken: "",
};

pub const LOBBY: Speech = Speech {
    dialect: "lobby",
    enter: "{user}\n",
    entered: "",
    joined: "",
    left: "",
    say: "{text}\n",
    said: "{user}:{text}\n",
    echoes: true,
    names_unique: false,
    name_bytes_max: 64,
    too_long: "",
    full: "",
    invalid: ("", false),
    taken: "",
};

pub const SIMPLE: Speech = Speech {
    dialect: "simple",
    enter: "JOIN {user}\n",
    entered: "OK\n",
    joined: "JOINED {user}\n",
    left: "LEFT {user}\n",
    say: "SEND {text}\n",
    said: "MSG {user} {text}\n",
    echoes: false,
    names_unique: true,
    name_bytes_max: 32,
    too_long: "ERROR line-too-long\n",
    full: "ERROR server-full\n",
    invalid: ("ERROR invalid-username\n", true),
    taken: "ERROR username-taken\n",
};

pub const LOGIN: Speech = Speech {
    dialect: "login",
    enter: "LOGIN {user}\n",
    entered: "OK\n",
    joined: "",
    left: "INFO {user} disconnected\n",
    say: "MSG {text}\n",
    said: "MSG {user} {text}\n",
    echoes: true,
    names_unique: true,
    name_bytes_max: 32,
    too_long: "ERR line-too-long\n",
    full: "ERR server-full\n",
    invalid: ("ERR invalid-username\n", true),
    taken: "ERR username-taken\n",
};

pub const CHANNELS: Speech = Speech {
    dialect: "channels",
    enter: "USERNAME {user}\nJOIN {room}\n",
    entered: "OK Welcome, {user}!\r\nOK Joined {room} (0 users)\r\n",
    joined: "JOIN {room} {user}\r\n",
    left: "LEAVE {room} {user}\r\n",
    say: "MSG {text}\n",
    said: "ROOM {room} {user} {text}\r\n",
    echoes: true,
    names_unique: true,
    name_bytes_max: 31,
    too_long: "ERROR Line too long\r\n",
    full: "ERROR Server full\r\n",
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
        fill(self.enter, room, user, b"")
    }

    /// The line that asks for a name; the room of channels is asked for by another.
    pub fn claim(&self, user: &str) -> Vec<u8> {
        let mut lines = self.enter(user);
        let end = lines.iter().position(|byte| *byte == b'\n').expect("lines end");
        lines.truncate(end + 1);
        lines
    }

    /// What who enters is sent, if `present` are there already and what they `said`, rendered, is kept.
    pub fn entered(&self, user: &str, present: &[&str], said: &[u8]) -> Vec<u8> {
        self.entered_room(ROOM, user, present, said)
    }

    pub fn entered_room(&self, room: &str, user: &str, present: &[&str], said: &[u8]) -> Vec<u8> {
        let mut lines = fill(self.entered, room, user, b"");
        if self.dialect == CHANNELS.dialect {
            let count = format!("({} users)", present.len());
            lines = String::from_utf8(lines).unwrap().replace("(0 users)", &count).into_bytes();
            lines.extend(present.iter().flat_map(|member| self.joined_room(room, member)));
            lines.extend(said);
        }
        lines
    }

    pub fn joined(&self, user: &str) -> Vec<u8> {
        self.joined_room(ROOM, user)
    }

    pub fn joined_room(&self, room: &str, user: &str) -> Vec<u8> {
        fill(self.joined, room, user, b"")
    }

    pub fn left(&self, user: &str) -> Vec<u8> {
        self.left_room(ROOM, user)
    }

    pub fn left_room(&self, room: &str, user: &str) -> Vec<u8> {
        fill(self.left, room, user, b"")
    }

    pub fn say(&self, text: impl AsRef<[u8]>) -> Vec<u8> {
        fill(self.say, ROOM, "", text.as_ref())
    }

    pub fn said(&self, user: &str, text: impl AsRef<[u8]>) -> Vec<u8> {
        self.said_room(ROOM, user, text)
    }

    pub fn said_room(&self, room: &str, user: &str, text: impl AsRef<[u8]>) -> Vec<u8> {
        fill(self.said, room, user, text.as_ref())
    }

    /// What the speaker hears of its own line.
    pub fn echo(&self, user: &str, text: impl AsRef<[u8]>) -> Vec<u8> {
        if self.echoes { self.said(user, text) } else { Vec::new() }
    }

    /// What a line adds to its text, terminators included, when it is sent.
    pub fn overhead(&self) -> usize {
        self.say("").len()
    }
}

fn fill(template: &str, room: &str, user: &str, text: &[u8]) -> Vec<u8> {
    let filled = template.replace("{room}", room).replace("{user}", user);
    match filled.split_once("{text}") {
        Some((before, after)) => [before.as_bytes(), text, after.as_bytes()].concat(),
        None => filled.into_bytes(),
    }
}

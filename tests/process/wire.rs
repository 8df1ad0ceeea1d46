//! A client of each dialect, as far as a test that is about something else needs it: a member of
//! one room that says things.
//!
//! The lines come from `parlance-speech`, which shares no code with the server.

use super::Chat;
use parlance_speech::{Command, Dialect, Echo, Entry, Event};
use std::net::SocketAddr;

const ROOM: &str = "r";

/// The text by which a client shows that it has joined, where nothing else does.
const FIRST: &str = "here";

/// The clients of one dialect.
pub struct Wire {
    pub dialect: &'static str,
    codec: Dialect,
}

const WIRES: [Wire; 5] = [
    wire(Dialect::Rooms),
    wire(Dialect::Lobby),
    wire(Dialect::Simple),
    wire(Dialect::Login),
    wire(Dialect::Channels),
];

const fn wire(codec: Dialect) -> Wire {
    Wire { dialect: codec.name(), codec }
}

impl Wire {
    /// The clients of the dialect with this name.
    pub fn of(dialect: &str) -> &'static Wire {
        let found = WIRES.iter().find(|wire| wire.dialect == dialect);
        found.unwrap_or_else(|| panic!("no dialect is called {dialect}"))
    }

    /// The clients of all dialects.
    pub fn all() -> Vec<&'static Wire> {
        Dialect::ALL.map(|dialect| Wire::of(dialect.name())).to_vec()
    }

    /// Joins as `user`, where `present` are the members and the room has no history but their
    /// first texts.
    #[track_caller]
    pub fn enter(&self, address: SocketAddr, user: &str, present: &[&str]) -> Chat {
        let mut chat = Chat::connect(address);
        chat.send(self.codec.enter(ROOM, user));
        match self.codec.entry() {
            Entry::Notice => chat.expect(self.notice(user)),
            Entry::Reply => chat.expect(self.codec.welcome(ROOM, user, present)),
            Entry::Silent => self.say(&mut chat, user, FIRST),
        }
        chat
    }

    /// The lines that members receive for an [`enter`](Wire::enter).
    pub fn arrival(&self, user: &str) -> Vec<u8> {
        match self.codec.entry() {
            Entry::Notice | Entry::Reply => self.notice(user),
            Entry::Silent => self.said(user, FIRST),
        }
    }

    /// Says `text` as the member `user`, and receives it where the dialect echoes.
    #[track_caller]
    pub fn say(&self, chat: &mut Chat, user: &str, text: &str) {
        let line = self.codec.line(&Command::Say(text.as_bytes()));
        chat.send([&line.expect("every dialect has a line for a text"), &b"\n"[..]].concat());
        match self.codec.echo() {
            Echo::Always | Echo::Optional => chat.expect(self.said(user, text)),
            Echo::Never => {}
        }
    }

    /// The line that members receive when `user` says `text`.
    pub fn said(&self, user: &str, text: &str) -> Vec<u8> {
        let (room, from) = (Some(ROOM.as_bytes()), user.as_bytes());
        let line = self.codec.server_line(&Event::Said { room, from, text: text.as_bytes() });
        line.expect("every dialect has a line for a text")
    }

    /// The notice of a join, which is nothing in some dialects.
    fn notice(&self, user: &str) -> Vec<u8> {
        let (room, user) = (Some(ROOM.as_bytes()), user.as_bytes());
        self.codec.server_line(&Event::Joined { room, user }).unwrap_or_default()
    }
}

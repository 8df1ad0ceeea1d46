//! The five chat dialects, in the words of the shared codec.

use super::format::{Arrival, Frame, Part, Place, Wire};
use parlance_speech::{Command, Dialect, Echo, Entry, Event};

/// The first line of a client where nothing else shows that it has joined.
const FIRST: &[u8] = b"here";

/// A server of a chat dialect.
#[derive(Debug)]
pub(super) struct Chat(pub(super) Dialect);

impl Chat {
    fn received_text(&self, place: Place, text: &[u8]) -> Vec<u8> {
        let (room, from) = (Some(place.room.as_bytes()), place.user.as_bytes());
        let line = self.0.server_line(&Event::Said { room, from, text });
        line.expect("every dialect has a line for a text")
    }

    fn sent_text(&self, text: &[u8]) -> Vec<u8> {
        self.0.line(&Command::Say(text)).expect("every dialect has a line for a text")
    }
}

impl Wire for Chat {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn has_one_room(&self) -> bool {
        !self.0.has_rooms()
    }

    fn echoes(&self) -> bool {
        match self.0.echo() {
            Echo::Always | Echo::Optional => true,
            Echo::Never => false,
        }
    }

    fn tells_arrivals_alone(&self) -> bool {
        match self.0 {
            Dialect::Rooms | Dialect::Simple => true,
            // Lobby has no notices, login none of joins, and channels lists the members to each.
            Dialect::Lobby | Dialect::Login | Dialect::Channels => false,
        }
    }

    fn enter(&self, Place { room, user }: Place) -> Vec<u8> {
        let mut lines = self.0.enter(room, user);
        if self.0.entry() == Entry::Silent {
            lines.extend(self.sent_text(FIRST));
            lines.push(b'\n');
        }
        lines
    }

    fn answer(&self, Place { room, user }: Place, present: &[String]) -> Vec<Part> {
        let welcome = self.0.welcome(room, user, present);
        if welcome.is_empty() { Vec::new() } else { vec![Part::Exact(welcome)] }
    }

    fn joined(&self, place: Place) -> Option<Arrival> {
        let (room, user) = (Some(place.room.as_bytes()), place.user.as_bytes());
        let notice = || self.0.server_line(&Event::Joined { room, user });
        match self.0.entry() {
            Entry::Notice => notice().map(|line| Arrival { line, own: true }),
            Entry::Reply => notice().map(|line| Arrival { line, own: false }),
            Entry::Silent => Some(Arrival { line: self.received_text(place, FIRST), own: true }),
        }
    }

    fn left(&self, place: Place) -> Option<Vec<u8>> {
        let (room, user) = (Some(place.room.as_bytes()), place.user.as_bytes());
        self.0.server_line(&Event::Left { room, user })
    }

    /// The text comes last in every line, so the line of an empty text is the part before it.
    fn say(&self, _: Place, _: usize) -> Frame {
        Frame::new(self.sent_text(b""), "\n")
    }

    fn hear(&self, place: Place, _: usize) -> Frame {
        let mut before = self.received_text(place, b"");
        let end = self.0.server_line_end();
        before.truncate(before.len() - end.len());
        Frame::new(before, end)
    }
}

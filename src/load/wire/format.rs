//! What a kind of server has to say about its bytes: the trait [`Wire`], and its values.

use std::fmt;

/// A room and one of its members.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    pub(crate) room: &'a str,
    pub(crate) user: &'a str,
}

/// A part of the private answer to a join.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// These bytes.
    Exact(Vec<u8>),
    /// One line with this prefix and any rest.
    Line(&'static [u8]),
}

/// The bytes before and after a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) before: Vec<u8>,
    pub(crate) after: Vec<u8>,
}

impl Frame {
    pub(super) fn new(before: impl Into<Vec<u8>>, after: impl Into<Vec<u8>>) -> Frame {
        Frame { before: before.into(), after: after.into() }
    }
}

/// The notice of a join.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Arrival {
    pub(crate) line: Vec<u8>,
    /// Whether the new member receives it too.
    pub(crate) own: bool,
}

/// The lines of one kind of server. All functions are pure.
pub(crate) trait Wire: fmt::Debug + Sync {
    /// Its name on the command line.
    fn name(&self) -> &'static str;

    /// Whether a connection in TLS begins with TLS.
    fn has_tls(&self) -> bool {
        true
    }

    /// The path at which it speaks WebSocket, if it does.
    fn websocket_path(&self) -> Option<String> {
        Some(format!("/ws/{}", self.name()))
    }

    /// Whether all clients share one room.
    fn has_one_room(&self) -> bool {
        false
    }

    /// Whether a sender receives its own lines.
    fn echoes(&self) -> bool {
        true
    }

    /// Whether joins and departures cause notices alone, which do not depend on the members. Storms
    /// need that.
    fn tells_arrivals_alone(&self) -> bool {
        false
    }

    /// Whether a received line names its sender.
    fn names_senders(&self) -> bool {
        true
    }

    /// Whether all members of a room receive the lines of different senders in one order.
    fn orders_senders(&self) -> bool {
        true
    }

    /// The prefix of the receipt for a sent line, where members may not send. Senders then have
    /// connections of their own.
    fn receipt(&self) -> Option<&'static [u8]> {
        None
    }

    /// A line that the server may send between any two lines, and the expected answer.
    fn interjection(&self) -> Option<(&'static [u8], &'static [u8])> {
        None
    }

    /// The bytes by which a client joins.
    fn enter(&self, place: Place) -> Vec<u8>;

    /// The private answer, if `present` are the members in the order of their joins.
    fn answer(&self, place: Place, present: &[String]) -> Vec<Part>;

    /// The notice of a join.
    fn joined(&self, place: Place) -> Option<Arrival>;

    /// The notice of a closed connection.
    fn left(&self, place: Place) -> Option<Vec<u8>>;

    /// The frame in which a text of `length` bytes is sent.
    fn say(&self, place: Place, length: usize) -> Frame;

    /// The frame in which such a text is received.
    fn hear(&self, place: Place, length: usize) -> Frame;
}

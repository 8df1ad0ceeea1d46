//! The bytes on the wire of each kind of server: one entry in [`WIRES`] each. The chat dialects
//! share one implementation.

mod chat;
mod nats;
mod redis;

use chat::Chat;
use parlance_speech::Dialect;
use std::fmt;

/// The kinds of server that can be measured.
const WIRES: [&dyn Wire; 7] = [
    &Chat(Dialect::Rooms),
    &Chat(Dialect::Lobby),
    &Chat(Dialect::Simple),
    &Chat(Dialect::Login),
    &Chat(Dialect::Channels),
    &redis::Redis,
    &nats::Nats,
];

/// A room and one of its members.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    pub(super) room: &'a str,
    pub(super) user: &'a str,
}

/// A part of the private answer to a join.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// These bytes.
    Exact(Vec<u8>),
    /// One line with this prefix and any rest.
    Line(&'static [u8]),
}

/// The bytes before and after a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) before: Vec<u8>,
    pub(super) after: Vec<u8>,
}

impl Frame {
    fn new(before: impl Into<Vec<u8>>, after: impl Into<Vec<u8>>) -> Frame {
        Frame { before: before.into(), after: after.into() }
    }
}

/// The notice of a join.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Arrival {
    pub(super) line: Vec<u8>,
    /// Whether the new member receives it too.
    pub(super) own: bool,
}

/// The lines of one kind of server. All functions are pure.
pub(super) trait Wire: fmt::Debug + Sync {
    /// Its name on the command line.
    fn name(&self) -> &'static str;

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

/// A kind of server, by its name.
#[derive(Clone, Copy, Debug)]
pub struct Protocol(pub(super) &'static dyn Wire);

impl Protocol {
    /// The kind with this name; the error lists all names.
    pub(super) fn by_name(name: &str) -> Result<Protocol, String> {
        let found = WIRES.into_iter().find(|wire| wire.name() == name);
        found
            .map(Protocol)
            .ok_or_else(|| format!("`{name}` is none of {}", WIRES.map(Wire::name).join(", ")))
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.name())
    }
}

#[cfg(test)]
mod tests {
    use super::{Place, Protocol, WIRES, Wire};

    #[test]
    fn names_find_their_protocols_and_errors_list_all_names() {
        for wire in WIRES {
            assert_eq!(
                Protocol::by_name(wire.name()).expect("it is there").to_string(),
                wire.name()
            );
        }
        let error = Protocol::by_name("irc").expect_err("not there");
        assert!(error.contains("`irc`") && error.contains("nats"), "{error}");
    }

    #[test]
    fn joins_and_departures_are_announced_in_the_words_of_each_dialect() {
        let place = Place { room: "r", user: "u" };
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
        let said = |wire: &dyn Wire| {
            let joined = wire.joined(place).map(|arrival| (text(arrival.line), arrival.own));
            (text(wire.enter(place)), joined, wire.left(place).map(text))
        };
        let expected = [
            ("JOIN r u\n", Some(("u has joined\n", true)), Some("u has left\n")),
            ("u\nhere\n", Some(("u:here\n", true)), None),
            ("JOIN u\n", Some(("JOINED u\n", false)), Some("LEFT u\n")),
            ("LOGIN u\n", None, Some("INFO u disconnected\n")),
            ("USERNAME u\nJOIN r\n", Some(("JOIN r u\r\n", false)), Some("LEAVE r u\r\n")),
        ];
        for (wire, (enter, joined, left)) in WIRES.into_iter().zip(expected) {
            let joined = joined.map(|(line, own)| (line.to_owned(), own));
            assert_eq!(said(wire), (enter.to_owned(), joined, left.map(str::to_owned)), "{wire:?}");
        }
    }

    #[test]
    fn frames_surround_the_text_on_the_wire() {
        let place = Place { room: "r", user: "u" };
        let said = |wire: &dyn Wire| {
            let (say, hear) = (wire.say(place, 2), wire.hear(place, 2));
            [say, hear].map(|frame| [&frame.before[..], b"hi", &frame.after].concat())
        };
        let expected = [
            ["hi\n", "u: hi\n"],
            ["hi\n", "u:hi\n"],
            ["SEND hi\n", "MSG u hi\n"],
            ["MSG hi\n", "MSG u hi\n"],
            ["MSG hi\n", "ROOM r u hi\r\n"],
            [
                "*3\r\n$7\r\nPUBLISH\r\n$1\r\nr\r\n$2\r\nhi\r\n",
                "*3\r\n$7\r\nmessage\r\n$1\r\nr\r\n$2\r\nhi\r\n",
            ],
            ["PUB r 2\r\nhi\r\n", "MSG r 1 2\r\nhi\r\n"],
        ];
        for (wire, expected) in WIRES.into_iter().zip(expected) {
            assert_eq!(said(wire), expected.map(|text| text.as_bytes().to_vec()), "{wire:?}");
        }
    }
}

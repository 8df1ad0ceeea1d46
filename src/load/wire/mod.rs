//! The bytes on the wire of each kind of server: one entry in [`WIRES`] each. The chat dialects
//! share one implementation.

mod chat;
mod format;
mod nats;
mod redis;

use chat::Chat;
use parlance_speech::Dialect;
use std::fmt;

pub(super) use format::{Arrival, Frame, Part, Place, Wire};

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

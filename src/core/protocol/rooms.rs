//! The rooms dialect: `JOIN {room} {user}`, then every line is text. See `spec/rooms.md`.

use super::dialect::{Command, Dialect, Fault, Policy, Stage};
use super::name::Name;
use super::words::put;
use crate::limits::ROOMS_NAME_BYTES_MAX;

/// Many rooms; a client stays in one for as long as it is connected. Names need not be unique.
/// [rooms/room-3]
///
/// ```
/// use parlance_core::protocol::dialect::{Command, Dialect, Fault, Stage};
/// use parlance_core::protocol::rooms::Rooms;
///
/// assert!(matches!(Rooms.parse(Stage::Fresh, b"jOiN cooking joe"), Ok(Command::Enter { .. })));
/// assert_eq!(Rooms.parse(Stage::Fresh, b"JOIN  cooking joe"), Err(Fault::Syntax));
/// // Once inside, even a second JOIN is only text.
/// assert_eq!(Rooms.parse(Stage::Member, b"JOIN a b"), Ok(Command::Say(b"JOIN a b")));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Rooms;

impl Dialect for Rooms {
    fn name(&self) -> &'static str {
        "rooms"
    }

    fn default_port(&self) -> u16 {
        1234
    }

    fn policy(&self) -> Policy {
        Policy {
            sender_hears_itself: true,
            joiner_hears_notice: true,
            names_unique: false,
            hears_from_connect: false,
            keeps_history: false,
            limits_idleness: false,
        }
    }

    fn parse<'line>(&self, stage: Stage, line: &'line [u8]) -> Result<Command<'line>, Fault> {
        match stage {
            // Any other first line is an error. [rooms/error-1]
            Stage::Fresh | Stage::Named => parse_join(line).ok_or(Fault::Syntax),
            // A member has no commands. [rooms/text-3]
            Stage::Member => Ok(Command::Say(line)),
        }
    }

    /// [rooms/error-1] [rooms/error-2]
    fn fault(&self, _fault: &Fault, out: &mut Vec<u8>) {
        out.extend_from_slice(b"ERROR\n");
    }

    /// [rooms/text-1]
    fn said(&self, _room: &Name, name: &Name, text: &[u8], out: &mut Vec<u8>) {
        put(out, &[name.as_bytes(), b": ", text, b"\n"]);
    }

    /// [rooms/join-7]
    fn joined(&self, _room: &Name, name: &Name, out: &mut Vec<u8>) {
        put(out, &[name.as_bytes(), b" has joined\n"]);
    }

    /// [rooms/leave-1]
    fn left(&self, _room: &Name, name: &Name, out: &mut Vec<u8>) {
        put(out, &[name.as_bytes(), b" has left\n"]);
    }
}

/// `JOIN` in any case, one space, a room, one space, a user, and nothing else.
/// [rooms/join-1] [rooms/join-2] [rooms/join-5] [rooms/join-6]
fn parse_join(line: &[u8]) -> Option<Command<'static>> {
    let mut words = line.split(|&byte| byte == b' ');
    let keyword = words.next()?;
    let room = Name::new(words.next()?, ROOMS_NAME_BYTES_MAX)?;
    let name = Name::new(words.next()?, ROOMS_NAME_BYTES_MAX)?;
    (keyword.eq_ignore_ascii_case(b"JOIN") && words.next().is_none())
        .then_some(Command::Enter { room, name })
}

//! The simple dialect: one room of unique names; `JOIN`, `SEND`, `LEAVE`. See `spec/simple.md`.

use super::dialect::{Command, Dialect, Fault, Policy, Scene, Stage};
use super::name::Name;
use super::words::{default_room, keyword_and_argument, put, put_explained};
use crate::limits::SIMPLE_NAME_BYTES_MAX;

/// One room. A sender does not get its own lines. Only an overlong line ends the connection.
/// [simple/room-1] [simple/error-4]
///
/// ```
/// use parlance_core::protocol::dialect::{Command, Dialect, Fault, Stage};
/// use parlance_core::protocol::simple::Simple;
///
/// assert_eq!(Simple.parse(Stage::Member, b"send  hi"), Ok(Command::Say(b" hi"))); // untrimmed
/// assert_eq!(Simple.parse(Stage::Member, b"SEND "), Err(Fault::EmptyText));
/// assert_eq!(Simple.parse(Stage::Fresh, b"SEND hi"), Err(Fault::NotNamed));
/// assert_eq!(Simple.parse(Stage::Fresh, b"JOIN a b"), Err(Fault::NameInvalid));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Simple;

impl Dialect for Simple {
    fn name(&self) -> &'static str {
        "simple"
    }

    fn default_port(&self) -> u16 {
        1236 // [simple/daemon-1]
    }

    fn policy(&self) -> Policy {
        Policy {
            sender_hears_itself: false, // [simple/send-2]
            joiner_hears_notice: false, // [simple/join-6]
            names_unique: true,         // [simple/join-4]
            hears_from_connect: false,
            keeps_history: false,
            limits_idleness: false,
        }
    }

    /// [simple/line-1] [simple/error-6]
    fn parse<'line>(&self, stage: Stage, line: &'line [u8]) -> Result<Command<'line>, Fault> {
        let (keyword, argument) = keyword_and_argument(line);
        let is = |word: &[u8]| keyword.eq_ignore_ascii_case(word);
        let here = stage == Stage::Member;
        if is(b"JOIN") && here {
            Err(Fault::NamedAlready) // [simple/join-5]
        } else if is(b"JOIN") {
            // [simple/join-2] [simple/join-3]
            let name = Name::new(argument, SIMPLE_NAME_BYTES_MAX).ok_or(Fault::NameInvalid)?;
            Ok(Command::Enter { room: default_room(), name })
        } else if !is(b"SEND") && !is(b"LEAVE") {
            Err(Fault::UnknownCommand) // [simple/error-2]
        } else if !here {
            Err(Fault::NotNamed) // [simple/error-1]
        } else if is(b"LEAVE") {
            Ok(Command::Quit(b"OK\n")) // [simple/leave-1]
        } else if argument.is_empty() {
            Err(Fault::EmptyText) // [simple/send-3]
        } else {
            Ok(Command::Say(argument))
        }
    }

    /// [simple/error-3] [simple/error-5]
    fn fault(&self, fault: &Fault, out: &mut Vec<u8>) {
        let reason: &[u8] = match fault {
            Fault::LineTooLong => b"line-too-long",
            Fault::TooManyClients => b"server-full",
            Fault::NameTaken => b"username-taken",
            Fault::NameInvalid => b"invalid-username",
            Fault::NamedAlready => b"already-joined",
            Fault::NotNamed => b"not-joined",
            Fault::EmptyText => b"empty-message",
            Fault::Kicked(why) => {
                return put_explained(out, b"ERROR kicked", b" ", why.as_ref(), b"\n");
            }
            Fault::Banned(why) => {
                return put_explained(out, b"ERROR banned", b" ", why.as_ref(), b"\n");
            }
            Fault::Syntax
            | Fault::Idle
            | Fault::RoomInvalid
            | Fault::InRoomAlready(_)
            | Fault::NotInRoom
            | Fault::UserNotFound
            | Fault::UnknownCommand
            | Fault::Usage(_)
            | Fault::TopicTooLong
            | Fault::HistoryUnavailable
            | Fault::Account(_)
            | Fault::HttpRequest
            | Fault::TlsHello => b"unknown-command",
        };
        put(out, &[b"ERROR ", reason, b"\n"]);
    }

    /// [simple/send-1]
    fn said(&self, _room: &Name, name: &Name, text: &[u8], out: &mut Vec<u8>) {
        put(out, &[b"MSG ", name.as_bytes(), b" ", text, b"\n"]);
    }

    /// [simple/join-6]
    fn joined(&self, _room: &Name, name: &Name, out: &mut Vec<u8>) {
        put(out, &[b"JOINED ", name.as_bytes(), b"\n"]);
    }

    /// [simple/leave-3]
    fn left(&self, _room: &Name, name: &Name, out: &mut Vec<u8>) {
        put(out, &[b"LEFT ", name.as_bytes(), b"\n"]);
    }

    /// [simple/join-1]
    fn entered(&self, _room: &Name, _scene: Scene<'_, '_>, out: &mut Vec<u8>) {
        out.extend_from_slice(b"OK\n");
    }
}

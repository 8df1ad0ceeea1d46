//! The lobby dialect: the first line is a name, all other lines are text. See `spec/lobby.md`.

use super::dialect::{Command, Dialect, Fault, Policy, Stage};
use super::name::Name;
use super::words::{default_room, put};
use crate::limits::LOBBY_NAME_BYTES_MAX;

/// One room, which every connected client hears, named or not. Names need not be unique. There is
/// no history, no notice and no error line. [lobby/hear-3] [lobby/hear-4] [lobby/name-4]
///
/// ```
/// use parlance_core::protocol::dialect::{Command, Dialect, Fault, Stage};
/// use parlance_core::protocol::lobby::Lobby;
///
/// assert!(matches!(Lobby.parse(Stage::Fresh, b"JOIN"), Ok(Command::Enter { .. }))); // a name
/// assert_eq!(Lobby.parse(Stage::Fresh, b"a:b"), Err(Fault::Syntax));
/// let mut line = Vec::new();
/// Lobby.fault(&Fault::Syntax, &mut line);
/// assert!(line.is_empty()); // closed without a line
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Lobby;

impl Dialect for Lobby {
    fn name(&self) -> &'static str {
        "lobby"
    }

    fn default_port(&self) -> u16 {
        1235 // [lobby/daemon-1]
    }

    fn policy(&self) -> Policy {
        Policy {
            sender_hears_itself: true, // [lobby/text-1]
            joiner_hears_notice: false,
            names_unique: false,
            hears_from_connect: true, // [lobby/hear-1]
            keeps_history: false,
            limits_idleness: false,
        }
    }

    fn parse<'line>(&self, stage: Stage, line: &'line [u8]) -> Result<Command<'line>, Fault> {
        match stage {
            // [lobby/name-1] [lobby/name-2] [lobby/name-3]
            Stage::Fresh | Stage::Named => {
                let name = Name::new(line, LOBBY_NAME_BYTES_MAX).filter(|_| !line.contains(&b':'));
                name.map(|name| Command::Enter { room: default_room(), name }).ok_or(Fault::Syntax)
            }
            // [lobby/text-4]
            Stage::Member => Ok(Command::Say(line)),
        }
    }

    /// The document has no error line. [lobby/error-1]
    fn fault(&self, _fault: &Fault, _out: &mut Vec<u8>) {}

    /// [lobby/text-2] [lobby/text-3]
    fn said(&self, _room: &Name, name: &Name, text: &[u8], out: &mut Vec<u8>) {
        put(out, &[name.as_bytes(), b":", text, b"\n"]);
    }
}

//! The lobby dialect: the first line is a name, every other is text. See `spec/lobby.md`.

use super::dialect::{Command, Dialect, Fault, Policy, Stage};
use super::name::Name;
use super::words::{hall, put};
use crate::limits::LOBBY_NAME_BYTES_MAX;

/// One room, which everyone hears who is connected, named or not; no notices, no error lines.
///
/// ```
/// use parlance::protocol::dialect::{Command, Dialect, Fault, Stage};
/// use parlance::protocol::lobby::Lobby;
///
/// assert!(matches!(Lobby.parse(Stage::Fresh, b"JOIN"), Ok(Command::Enter { .. }))); // a name
/// assert_eq!(Lobby.parse(Stage::Fresh, b"a:b"), Err(Fault::Syntax));
/// let mut line = Vec::new();
/// Lobby.fault(&Fault::Syntax, &mut line);
/// assert!(line.is_empty()); // closed without a word
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Lobby;

impl Dialect for Lobby {
    fn name(&self) -> &'static str {
        "lobby"
    }

    fn default_port(&self) -> u16 {
        1235
    }

    fn policy(&self) -> Policy {
        Policy {
            sender_hears_itself: true,
            joiner_hears_notice: false,
            names_unique: false,
            hears_from_connect: true,
            keeps_history: false,
            limits_idleness: false,
        }
    }

    fn parse<'line>(&self, stage: Stage, line: &'line [u8]) -> Result<Command<'line>, Fault> {
        match stage {
            Stage::Fresh | Stage::Named => {
                let name = Name::new(line, LOBBY_NAME_BYTES_MAX).filter(|_| !line.contains(&b':'));
                name.map(|name| Command::Enter { room: hall(), name }).ok_or(Fault::Syntax)
            }
            Stage::Member => Ok(Command::Say(line)),
        }
    }

    /// The document has no line for it.
    fn fault(&self, _fault: &Fault, _out: &mut Vec<u8>) {}

    fn said(&self, _room: &Name, name: &Name, text: &[u8], out: &mut Vec<u8>) {
        put(out, &[name.as_bytes(), b":", text, b"\n"]);
    }
}

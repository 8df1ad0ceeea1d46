//! What makes one line protocol different from another: a grammar, a renderer and a policy.

use super::Name;

/// How far a client has come, which is what its next line means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Connected, nothing valid received yet.
    Fresh,
    /// In a room, under a name.
    Member,
}

/// What a client's line asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command<'line> {
    /// Enter `room` under `name`, creating the room if there is none.
    Enter {
        /// The room.
        room: Name,
        /// The client's name in it.
        name: Name,
    },
    /// Send this text to the room.
    Say(&'line [u8]),
}

/// Why a client cannot be served any further. Each is the peer's doing, or a limit of ours that it met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A line is longer than [`LINE_BYTES_MAX`](crate::limits::LINE_BYTES_MAX).
    LineTooLong,
    /// The line is no command of the dialect, or none that is possible at this stage.
    Syntax,
    /// The server holds as many clients as it was told to.
    TooManyClients,
}

/// What a dialect decides about delivery; data, so that no other code asks which dialect it serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Whether a line is delivered to its own sender too.
    pub sender_hears_itself: bool,
}

/// One line protocol. Everything here is pure: the same arguments always give the same answer.
///
/// The functions that render append whole lines, terminator included, and nothing else to `out`.
/// A new dialect is one implementation of this trait, its `spec/`, its tests, and one entry in
/// [`DIALECTS`](super::DIALECTS).
pub trait Dialect: Sync {
    /// The name that users type, as in `rooms://127.0.0.1:1234`.
    fn name(&self) -> &'static str;

    /// The TCP port it is served on when none is given.
    fn default_port(&self) -> u16;

    /// Who hears what.
    fn policy(&self) -> Policy;

    /// What `line` (without terminator) means at `stage`.
    ///
    /// # Errors
    /// The [`Fault`] that ends the connection.
    fn parse<'line>(&self, stage: Stage, line: &'line [u8]) -> Result<Command<'line>, Fault>;

    /// Renders that `name` said `text`. The length must be that of `text` plus something that
    /// depends on `name` alone, so that a run can be measured before it is rendered.
    fn said(&self, name: &Name, text: &[u8], out: &mut Vec<u8>);

    /// Renders the notice that `name` entered `room`.
    fn joined(&self, room: &Name, name: &Name, out: &mut Vec<u8>);

    /// Renders the notice that `name` left `room`.
    fn left(&self, room: &Name, name: &Name, out: &mut Vec<u8>);

    /// The last line sent to a client because of `fault`; empty if the dialect closes without one.
    fn farewell(&self, fault: Fault) -> &'static [u8];
}

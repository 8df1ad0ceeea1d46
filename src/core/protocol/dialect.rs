//! What makes one line protocol different from another: a grammar, a renderer and a policy.

use super::Name;
use std::fmt;

/// How far a client has come, which is what its next line means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Connected, without a name.
    Fresh,
    /// Under a name, in no room; only where names and rooms are asked for apart.
    Named,
    /// In a room, under a name.
    Member,
}

/// What a client may ask to be listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listing {
    /// The members of its room, in order of joining.
    Members,
    /// The rooms that have members, in order of their bytes.
    Rooms,
}

/// What a client's line asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command<'line> {
    /// Take a name, and no room yet.
    Name(Name),
    /// Enter `room` under `name`, creating the room if there is none.
    Enter {
        /// The room.
        room: Name,
        /// The client's name in it.
        name: Name,
    },
    /// Enter this room under the name taken before, leaving the room before.
    Join(Name),
    /// Leave the room and keep the name.
    Leave,
    /// Send this text to the room.
    Say(&'line [u8]),
    /// Send this text to one client.
    Tell {
        /// The client's name.
        to: Name,
        /// May be empty, which is an error, but one that comes after that of an unknown name.
        text: &'line [u8],
    },
    /// Answer with a list.
    List(Listing),
    /// Answer with this line.
    Answer(&'static [u8]),
    /// Leave the server, with this as the last line.
    Quit(&'static [u8]),
}

/// Why a line, or a client, cannot be served. Each is the peer's doing, or a limit of ours that it met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A line is longer than [`LINE_BYTES_MAX`](crate::limits::LINE_BYTES_MAX).
    LineTooLong,
    /// The line is no command of the dialect, which forgives none.
    Syntax,
    /// The server holds as many clients as it was told to.
    TooManyClients,
    /// The client sent no line for too long.
    Idle,
    /// Somebody has this name.
    NameTaken,
    /// This cannot be a name.
    NameInvalid,
    /// The client has a name.
    NamedAlready,
    /// The client needs a name first.
    NotNamed,
    /// This cannot be the name of a room.
    RoomInvalid,
    /// The client is in this room.
    InRoomAlready(Name),
    /// The client is in no room.
    NotInRoom,
    /// Nobody has this name.
    UserNotFound,
    /// There is nothing to send.
    EmptyText,
    /// The line is no command of the dialect.
    UnknownCommand,
}

impl Fault {
    /// Whether the connection ends with it. [common/close-1]
    ///
    /// ```
    /// use parlance_core::protocol::Fault;
    ///
    /// assert!(Fault::LineTooLong.is_fatal()); // what follows cannot be told from the line's tail
    /// assert!(!Fault::UnknownCommand.is_fatal());
    /// ```
    pub fn is_fatal(&self) -> bool {
        matches!(self, Fault::LineTooLong | Fault::Syntax | Fault::TooManyClients | Fault::Idle)
    }
}

/// What a dialect decides about delivery; data, so that no other code asks which dialect it serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "independent answers to independent questions")]
pub struct Policy {
    /// Whether a line is delivered to its own sender too.
    pub sender_hears_itself: bool,
    /// Whether the notice of a join goes to the joiner too.
    pub joiner_hears_notice: bool,
    /// Whether no two clients may have one name, and names can be written to.
    pub names_unique: bool,
    /// Whether a client is a member of the one room from its first moment, nameless at first. That it
    /// takes its name then is told to nobody, and names cannot be unique.
    pub hears_from_connect: bool,
    /// Whether a room's last lines are kept for who enters.
    pub keeps_history: bool,
    /// Whether a client that sends no line for a while is sent away, however far it has come.
    pub limits_idleness: bool,
}

/// What a room looks like to who enters it.
pub struct Scene<'scene, 'room> {
    /// Who is there already, in order of joining.
    pub present: &'scene mut dyn Iterator<Item = &'room Name>,
    /// How many they are.
    pub count: usize,
    /// The room's last lines as rendered, in two pieces; empty where none are kept.
    pub history: (&'room [u8], &'room [u8]),
}

/// One line protocol. Everything here is pure: the same arguments always give the same answer.
///
/// The functions that render append whole lines, terminator included, and nothing else to `out`;
/// where they append nothing, nothing is sent. Those with a default belong to commands that not
/// every dialect has.
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
    /// The [`Fault`] to answer with; of several that apply the first in the dialect's order.
    /// [simple/error-6] [login/error-5] [channels/error-4]
    fn parse<'line>(&self, stage: Stage, line: &'line [u8]) -> Result<Command<'line>, Fault>;

    /// Renders what a client is told because of `fault`; nothing if the dialect has no such line.
    fn fault(&self, fault: &Fault, out: &mut Vec<u8>);

    /// Renders that `name` said `text` in `room`. The length must be that of `text` plus something
    /// that depends on the names alone, so that a run can be measured before it is rendered.
    fn said(&self, room: &Name, name: &Name, text: &[u8], out: &mut Vec<u8>);

    /// Renders the notice that `name` entered `room`.
    fn joined(&self, _room: &Name, _name: &Name, _out: &mut Vec<u8>) {}

    /// Renders the notice that `name` left `room`.
    fn left(&self, _room: &Name, _name: &Name, _out: &mut Vec<u8>) {}

    /// Renders the answer to who took a name alone.
    fn welcome(&self, _name: &Name, _out: &mut Vec<u8>) {}

    /// Renders the answer to who enters `room`, and what it finds there.
    fn entered(&self, _room: &Name, _scene: Scene<'_, '_>, _out: &mut Vec<u8>) {}

    /// Renders the answer to who left `room` and stays connected.
    fn goodbye(&self, _room: &Name, _out: &mut Vec<u8>) {}

    /// Renders what `from` told one client.
    fn told(&self, _from: &Name, _text: &[u8], _out: &mut Vec<u8>) {}

    /// Renders the answer to who told it.
    fn delivered(&self, _out: &mut Vec<u8>) {}

    /// Renders the answer to a [`Listing`].
    fn list(&self, _listing: Listing, _names: &mut dyn Iterator<Item = &Name>, _out: &mut Vec<u8>) {
    }

    /// The environment variable that says on which port it is served when none is given, where its
    /// document has one.
    fn port_variable(&self) -> Option<&'static str> {
        None
    }
}

impl fmt::Debug for dyn Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

//! The parts of a line protocol: a grammar, a renderer and a policy.

use super::kept::{Extensions, PastLine, Recall, Topic};
use super::{AccountFault, Explanation, Name, Secret};
use std::fmt;

/// The progress of a client, on which the meaning of its next line depends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Connected, without a name.
    Fresh,
    /// Named, in no room; only in dialects with separate commands for names and rooms.
    Named,
    /// Named, in a room.
    Member,
}

/// The lists that a client may request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listing {
    /// The members of its room, in order of joining.
    Members,
    /// The rooms that have members, in order of their bytes.
    Rooms,
}

/// A parsed line of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command<'line> {
    /// Take a name, in no room yet.
    Name(Name),
    /// Enter `room` under `name`, creating the room if there is none.
    Enter {
        /// The room.
        room: Name,
        /// The client's name in it.
        name: Name,
    },
    /// Enter this room under the name taken earlier, and leave the old room.
    Join(Name),
    /// Leave the room and keep the name.
    Leave,
    /// Send this text to the room.
    Say(&'line [u8]),
    /// Send this text to one client.
    Tell {
        /// The client's name.
        to: Name,
        /// May be empty: an error that is reported only if the name is known.
        text: &'line [u8],
    },
    /// Answer with a list.
    List(Listing),
    /// Answer with the list of these extensions.
    Help(Extensions),
    /// Answer with lines that were said in the room.
    History(Recall),
    /// Answer with the topic of the room.
    Topic,
    /// Set the topic of the room; none if it is empty.
    SetTopic(&'line [u8]),
    /// Answer with this line.
    Answer(&'static [u8]),
    /// Leave the server, with this as the last line.
    Quit(&'static [u8]),
    /// Take the name of an account.
    LogIn {
        /// The name.
        name: Name,
        /// The password.
        password: Secret,
    },
    /// Take the name of an account from the client that has it.
    Ghost(Name),
    /// Make an account of the client's own name, or of this one.
    Register {
        /// The name, if the client has none.
        name: Option<Name>,
        /// The password.
        password: Secret,
    },
    /// Change the password of the client's account.
    ChangePassword {
        /// The password that it has.
        old: Secret,
        /// The password that it is to have.
        new: Secret,
    },
    /// Leave the room and give the name back.
    LogOut,
}

/// Why a line, or a client, cannot be served: a mistake of the peer, or a limit of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A line is longer than [`LINE_BYTES_MAX`](crate::limits::LINE_BYTES_MAX).
    LineTooLong,
    /// The line is no command of the dialect, and the connection ends.
    Syntax,
    /// The server is at its maximum of clients.
    TooManyClients,
    /// The client sent no line within the idle limit.
    Idle,
    /// Another client has this name.
    NameTaken,
    /// The name is invalid.
    NameInvalid,
    /// The client has a name already.
    NamedAlready,
    /// The client needs a name first.
    NotNamed,
    /// The room's name is invalid.
    RoomInvalid,
    /// The client is in this room already.
    InRoomAlready(Name),
    /// The client is in no room.
    NotInRoom,
    /// No client has this name.
    UserNotFound,
    /// The message is empty.
    EmptyText,
    /// The line is no command of the dialect, and the connection goes on.
    UnknownCommand,
    /// The arguments of an extension are none; this is its form. [extensions/frame-3]
    Usage(&'static str),
    /// The topic is longer than [`TOPIC_BYTES_MAX`](crate::limits::TOPIC_BYTES_MAX).
    TopicTooLong,
    /// The store cannot be read.
    HistoryUnavailable,
    /// Something that concerns accounts is refused.
    Account(AccountFault),
    /// The line is an HTTP request: a browser speaks, and its user does not know.
    HttpRequest,
    /// The line begins as TLS does: the client takes the listener for another. [common/tls-9]
    TlsHello,
    /// An operator ends the connection, and may say why. [common/kick-2]
    Kicked(Option<Explanation>),
    /// The client's address or its name is banned; an operator may have said why. [common/ban-3]
    Banned(Option<Explanation>),
}

impl Fault {
    /// Whether the fault ends the connection. [common/close-1]
    ///
    /// ```
    /// use parlance_core::protocol::Fault;
    ///
    /// assert!(Fault::LineTooLong.is_fatal()); // what follows cannot be told from the line's tail
    /// assert!(!Fault::UnknownCommand.is_fatal());
    /// ```
    pub fn is_fatal(&self) -> bool {
        match self {
            Fault::LineTooLong
            | Fault::Syntax
            | Fault::TooManyClients
            | Fault::Idle
            | Fault::HttpRequest
            | Fault::TlsHello
            | Fault::Kicked(_)
            | Fault::Banned(_) => true,
            Fault::Account(fault) => matches!(fault, AccountFault::Ghosted),
            Fault::NameTaken
            | Fault::NameInvalid
            | Fault::NamedAlready
            | Fault::NotNamed
            | Fault::RoomInvalid
            | Fault::InRoomAlready(_)
            | Fault::NotInRoom
            | Fault::UserNotFound
            | Fault::EmptyText
            | Fault::UnknownCommand
            | Fault::Usage(_)
            | Fault::TopicTooLong
            | Fault::HistoryUnavailable => false,
        }
    }
}

/// The delivery rules of a dialect, as data: no other code depends on which dialect it serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "independent answers to independent questions")]
pub struct Policy {
    /// Whether a line is delivered to its own sender too.
    pub sender_hears_itself: bool,
    /// Whether the notice of a join goes to the joiner too.
    pub joiner_hears_notice: bool,
    /// Whether names are unique, which private messages require.
    pub names_unique: bool,
    /// Whether a client is a member of the default room from its first moment, without a name at
    /// first. The later name is not announced, and names cannot be unique.
    pub hears_from_connect: bool,
    /// Whether a room keeps its last lines for clients that join.
    pub keeps_history: bool,
    /// Whether a client that sends no line within the idle limit is disconnected, at every stage.
    pub limits_idleness: bool,
}

/// A room at the moment of a join.
pub struct Scene<'scene, 'room> {
    /// The names of the members already present, in order of joining.
    pub present: &'scene mut dyn Iterator<Item = &'room Name>,
    /// The number of members already present.
    pub count: usize,
    /// The room's last lines as rendered, in two pieces; empty if none are kept.
    pub history: (&'room [u8], &'room [u8]),
    /// The room's topic, if it has one.
    pub topic: Option<&'room Topic>,
}

/// One line protocol. All functions are pure: the same arguments always give the same result.
///
/// The functions that render append whole lines, terminator included, and nothing else to `out`;
/// if they append nothing, nothing is sent. Functions with a default belong to commands that not
/// every dialect has.
///
/// A new dialect is one implementation of this trait, its `spec/`, its tests, and one entry in
/// [`DIALECTS`](super::DIALECTS).
pub trait Dialect: Sync {
    /// The name that users type, as in `rooms://127.0.0.1:1234`.
    fn name(&self) -> &'static str;

    /// The TCP port of the dialect if none is configured.
    fn default_port(&self) -> u16;

    /// The delivery rules.
    fn policy(&self) -> Policy;

    /// What `line` (without terminator) means at `stage`.
    ///
    /// # Errors
    /// The [`Fault`] to answer with; of several that apply the first in the dialect's order.
    /// [simple/error-6] [login/error-5] [channels/error-4]
    fn parse<'line>(&self, stage: Stage, line: &'line [u8]) -> Result<Command<'line>, Fault>;

    /// Renders the line for `fault`; nothing if the dialect has no such line.
    fn fault(&self, fault: &Fault, out: &mut Vec<u8>);

    /// Renders the line `text` of `name` in `room`. Its length must be that of `text` plus a number
    /// that depends on the names alone, so that a run can be measured before it is rendered.
    fn said(&self, room: &Name, name: &Name, text: &[u8], out: &mut Vec<u8>);

    /// Renders the notice that `name` entered `room`.
    fn joined(&self, _room: &Name, _name: &Name, _out: &mut Vec<u8>) {}

    /// Renders the notice that `name` left `room`.
    fn left(&self, _room: &Name, _name: &Name, _out: &mut Vec<u8>) {}

    /// Renders the reply to a client that took a name without a room.
    fn welcome(&self, _name: &Name, _out: &mut Vec<u8>) {}

    /// Renders the reply to a client that joins `room`, with the room's members and history.
    fn entered(&self, _room: &Name, _scene: Scene<'_, '_>, _out: &mut Vec<u8>) {}

    /// Renders the reply to a client that left `room` and stays connected.
    fn goodbye(&self, _room: &Name, _out: &mut Vec<u8>) {}

    /// Renders a private message of `from`.
    fn told(&self, _from: &Name, _text: &[u8], _out: &mut Vec<u8>) {}

    /// Renders the reply to the sender of a private message.
    fn delivered(&self, _out: &mut Vec<u8>) {}

    /// Renders the reply to a [`Listing`].
    fn list(&self, _listing: Listing, _names: &mut dyn Iterator<Item = &Name>, _out: &mut Vec<u8>) {
    }

    /// What `line`, which is no command of the dialect, means where these extensions are `on`.
    /// [extensions/frame-1]
    ///
    /// # Errors
    /// The [`Fault`] to answer with.
    fn extension<'line>(
        &self,
        _on: Extensions,
        _stage: Stage,
        _line: &'line [u8],
    ) -> Result<Command<'line>, Fault> {
        Err(Fault::UnknownCommand)
    }

    /// Renders the list of the extensions that are `on`.
    fn help(&self, _on: Extensions, _out: &mut Vec<u8>) {}

    /// Renders lines that were said in `room`, and whether lines are still `kept`.
    fn history(&self, _room: &Name, _lines: &[PastLine], _kept: bool, _out: &mut Vec<u8>) {}

    /// Renders the topic of `room`, or that there is none.
    fn topic(&self, _room: &Name, _topic: Option<&Topic>, _out: &mut Vec<u8>) {}

    /// Whether names can have accounts, where the server has any. [extensions/account-1]
    fn has_accounts(&self) -> bool {
        false
    }

    /// Renders the reply to a client whose name has an account from now on.
    fn registered(&self, _name: &Name, _out: &mut Vec<u8>) {}

    /// Renders the reply to a client that has changed its password.
    fn password_changed(&self, _out: &mut Vec<u8>) {}

    /// Renders the reply to a client that has logged out and stays connected.
    fn logged_out(&self, _out: &mut Vec<u8>) {}

    /// The environment variable with the port if none is given on the command line; `None` if the
    /// dialect's document names none.
    fn port_variable(&self) -> Option<&'static str> {
        None
    }
}

impl fmt::Debug for dyn Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

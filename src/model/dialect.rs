//! Which dialect a model speaks, and what each of them says.

use super::{OutboxState, channels, lobby, login, rooms, simple};

/// The room of the dialects that have one only. Its name is never on the wire.
pub const HALL: &str = "hall";

/// A line protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Many rooms, one per client, fixed by its first line.
    Rooms,
    /// One room; the first line is a name, every other is text.
    Lobby,
    /// One room, unique names; who speaks does not hear itself.
    Simple,
    /// One room, unique names, private lines and an idle rule.
    Login,
    /// Many rooms, one per client at a time, unique names, private lines, lists and a history.
    Channels,
}

/// What a client's line asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Act {
    /// Tell the room; this is the line as the room is sent it.
    Say(Vec<u8>),
    /// Take a name, and no room yet.
    Name(String),
    /// Enter a room under a name.
    Enter { room: String, name: String },
    /// Leave the room and keep the name.
    Leave,
    /// Tell one client; the line as it is sent it, nothing if there is no text.
    Tell { to: String, line: Option<Vec<u8>> },
    /// List the members of the room.
    Members,
    /// List the rooms.
    Rooms,
    /// Be answered with this, and nothing else: an error that is forgiven, mostly.
    Answer(Vec<u8>),
    /// Be sent this as the last line: a fatal error or a farewell.
    End(Vec<u8>),
}

impl Act {
    /// An answer of fixed words.
    pub(super) fn answer(words: &str) -> Act {
        Act::Answer(words.as_bytes().to_vec())
    }

    /// An end with fixed words.
    pub(super) fn end(words: &str) -> Act {
        Act::End(words.as_bytes().to_vec())
    }
}

/// What lines mean.
impl Dialect {
    /// What a line, given without its terminator, asks for. Its client stands as given.
    pub(super) fn act(self, outbox_state: &OutboxState, line: &[u8]) -> Act {
        match self {
            Dialect::Rooms => rooms::act(outbox_state, line),
            Dialect::Lobby => lobby::act(outbox_state, line),
            Dialect::Simple => simple::act(outbox_state, line),
            Dialect::Login => login::act(outbox_state, line),
            Dialect::Channels => channels::act(outbox_state, line),
        }
    }
}

/// Who hears what.
impl Dialect {
    /// Whether a client is in the one room from its connection on [lobby/hear-1].
    pub(super) fn hears_from_connection(self) -> bool {
        self == Dialect::Lobby
    }

    /// Whether a line goes to its own sender too [rooms/text-1] [lobby/text-1] [simple/send-2]
    /// [login/msg-2] [channels/msg-1].
    pub(super) fn echoes(self) -> bool {
        self != Dialect::Simple
    }

    /// Whether the notice of a join goes to the joiner too [rooms/join-7] [simple/join-6]
    /// [channels/join-6].
    pub(super) fn joiner_hears_notice(self) -> bool {
        self == Dialect::Rooms
    }

    /// Whether no two clients have the same name [rooms/room-3] [lobby/name-4] [simple/join-4]
    /// [login/login-5] [channels/name-4].
    pub(super) fn has_unique_names(self) -> bool {
        matches!(self, Dialect::Simple | Dialect::Login | Dialect::Channels)
    }

    /// Whether rooms keep their last lines [channels/history-1] [lobby/hear-3].
    pub(super) fn keeps_history(self) -> bool {
        self == Dialect::Channels
    }

    /// Whether clients may not be idle [login/idle-1], instead of having to name themselves in time
    /// [common/limit-1].
    pub(super) fn forbids_idleness(self) -> bool {
        self == Dialect::Login
    }
}

/// What members are told. An empty notice is none.
impl Dialect {
    /// The notice of a join.
    pub(super) fn joined(self, room: &str, user: &str) -> Vec<u8> {
        let line = match self {
            Dialect::Rooms => format!("{user} has joined\n"), // [rooms/join-7]
            Dialect::Simple => format!("JOINED {user}\n"),    // [simple/join-6]
            Dialect::Channels => format!("JOIN {room} {user}\r\n"), // [channels/join-6]
            Dialect::Lobby | Dialect::Login => String::new(), // [lobby/hear-4] [login/login-9]
        };
        line.into_bytes()
    }

    /// The notice of a departure.
    pub(super) fn left(self, room: &str, user: &str) -> Vec<u8> {
        let line = match self {
            Dialect::Rooms => format!("{user} has left\n"), // [rooms/leave-1]
            Dialect::Simple => format!("LEFT {user}\n"),    // [simple/leave-3]
            Dialect::Login => format!("INFO {user} disconnected\n"), // [login/leave-1]
            Dialect::Channels => format!("LEAVE {room} {user}\r\n"), // [channels/leave-2]
            Dialect::Lobby => String::new(),                // [lobby/hear-4]
        };
        line.into_bytes()
    }
}

/// What a client is answered. An empty reply is none.
impl Dialect {
    /// To a name that another has.
    pub(super) fn name_taken(self) -> Vec<u8> {
        let line = match self {
            Dialect::Rooms | Dialect::Lobby => "",
            Dialect::Simple => "ERROR username-taken\n", // [simple/join-4]
            Dialect::Login => "ERR username-taken\n",    // [login/login-5]
            Dialect::Channels => "ERROR Username taken\r\n", // [channels/name-4]
        };
        line.as_bytes().to_vec()
    }

    /// To a name taken, in no room yet [channels/name-1].
    pub(super) fn welcome(self, user: &str) -> Vec<u8> {
        match self {
            Dialect::Channels => format!("OK Welcome, {user}!\r\n").into_bytes(),
            _ => Vec::new(),
        }
    }

    /// To who enters a room where others are, of which some lines are kept.
    pub(super) fn entered(self, room: &str, others: &[String], history: &[Vec<u8>]) -> Vec<u8> {
        match self {
            Dialect::Rooms | Dialect::Lobby => Vec::new(), // [lobby/name-1]
            Dialect::Simple | Dialect::Login => b"OK\n".to_vec(), // [simple/join-1] [login/login-1]
            Dialect::Channels => channels::block(room, others, history),
        }
    }

    /// To who leaves a room and stays connected [channels/leave-1].
    pub(super) fn goodbye(self, room: &str) -> Vec<u8> {
        match self {
            Dialect::Channels => format!("OK Left {room}\r\n").into_bytes(),
            _ => Vec::new(),
        }
    }

    /// To who told one client something [channels/tell-2] [login/dm-1].
    pub(super) fn sent(self) -> Vec<u8> {
        match self {
            Dialect::Channels => b"OK Sent\r\n".to_vec(),
            _ => Vec::new(),
        }
    }

    /// To who wants to tell something to nobody.
    pub(super) fn user_not_found(self) -> Vec<u8> {
        let line = match self {
            Dialect::Login => "ERR user-not-found\n", // [login/dm-2]
            Dialect::Channels => "ERROR User not found\r\n", // [channels/tell-3]
            _ => "",
        };
        line.as_bytes().to_vec()
    }

    /// To who wants to tell nothing to somebody [channels/tell-4].
    pub(super) fn nothing_to_tell(self) -> Vec<u8> {
        match self {
            Dialect::Channels => b"ERROR Empty message\r\n".to_vec(),
            _ => Vec::new(),
        }
    }

    /// The members of a room, in order of joining.
    pub(super) fn members(self, names: &[String]) -> Vec<u8> {
        match self {
            Dialect::Login => login::users(names),
            Dialect::Channels => channels::list("USERLIST", names), // [channels/list-1]
            _ => Vec::new(),
        }
    }

    /// The rooms, sorted [channels/list-2].
    pub(super) fn rooms(self, names: &[String]) -> Vec<u8> {
        match self {
            Dialect::Channels => channels::list("ROOMLIST", names),
            _ => Vec::new(),
        }
    }

    /// To a line that is too long: the last line.
    pub(super) fn too_long(self) -> Vec<u8> {
        let line = match self {
            Dialect::Rooms => "ERROR\n",                    // [rooms/error-2]
            Dialect::Lobby => "",                           // [lobby/error-1]
            Dialect::Simple => "ERROR line-too-long\n",     // [simple/error-3]
            Dialect::Login => "ERR line-too-long\n",        // [login/error-2]
            Dialect::Channels => "ERROR Line too long\r\n", // [channels/error-1]
        };
        line.as_bytes().to_vec()
    }

    /// To who was idle for too long: the last line [login/idle-1].
    pub(super) fn idle(self) -> Vec<u8> {
        match self {
            Dialect::Login => b"ERR idle-timeout\n".to_vec(),
            _ => Vec::new(),
        }
    }
}

//! The dialects: the lines that each of them sends.

use super::act::Act;
use super::{OutboxState, channels, lines, lobby, login, rooms, simple};

/// A line protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Many rooms; the first line of a client fixes its room.
    Rooms,
    /// One room; the first line is a name, all other lines are text.
    Lobby,
    /// One room, unique names; a sender does not get its own lines.
    Simple,
    /// One room, unique names, private lines and an idle rule.
    Login,
    /// Many rooms, one per client at a time, unique names, private lines, lists and a history.
    Channels,
}

/// Parsing.
impl Dialect {
    /// The act of a line, given without its terminator, for a client in the given state.
    pub(super) fn act(self, outbox_state: &OutboxState, line: &[u8]) -> Act {
        let act = match self {
            Dialect::Rooms => rooms::act(outbox_state, line),
            Dialect::Lobby => lobby::act(outbox_state, line),
            Dialect::Simple => simple::act(outbox_state, line),
            Dialect::Login => login::act(outbox_state, line),
            Dialect::Channels => channels::act(outbox_state, line),
        };
        let of_a_browser = *outbox_state == OutboxState::Fresh && lines::is_http_request(line);
        match act {
            Act::Answer(_) if of_a_browser => Act::End(self.http()), // [common/http-1]
            act => act,
        }
    }
}

/// The delivery rules.
impl Dialect {
    /// Whether a client is in the default room from its connection on [lobby/hear-1].
    pub(super) fn hears_from_connection(self) -> bool {
        match self {
            Dialect::Lobby => true,
            Dialect::Rooms | Dialect::Simple | Dialect::Login | Dialect::Channels => false,
        }
    }

    /// Whether a line goes to its own sender too [rooms/text-1] [lobby/text-1] [simple/send-2]
    /// [login/msg-2] [channels/msg-1].
    pub(super) fn echoes(self) -> bool {
        match self {
            Dialect::Rooms | Dialect::Lobby | Dialect::Login | Dialect::Channels => true,
            Dialect::Simple => false,
        }
    }

    /// Whether the notice of a join goes to the joiner too [rooms/join-7] [simple/join-6]
    /// [channels/join-6].
    pub(super) fn joiner_hears_notice(self) -> bool {
        match self {
            Dialect::Rooms => true,
            Dialect::Lobby | Dialect::Simple | Dialect::Login | Dialect::Channels => false,
        }
    }

    /// Whether no two clients have the same name [rooms/room-3] [lobby/name-4] [simple/join-4]
    /// [login/login-5] [channels/name-4].
    pub(super) fn has_unique_names(self) -> bool {
        match self {
            Dialect::Simple | Dialect::Login | Dialect::Channels => true,
            Dialect::Rooms | Dialect::Lobby => false,
        }
    }

    /// Whether rooms keep their last lines [channels/history-1] [lobby/hear-3].
    pub(super) fn keeps_history(self) -> bool {
        match self {
            Dialect::Channels => true,
            Dialect::Rooms | Dialect::Lobby | Dialect::Simple | Dialect::Login => false,
        }
    }

    /// Whether there is an idle limit [login/idle-1] instead of a limit for the first valid line
    /// [common/limit-1].
    pub(super) fn forbids_idleness(self) -> bool {
        match self {
            Dialect::Login => true,
            Dialect::Rooms | Dialect::Lobby | Dialect::Simple | Dialect::Channels => false,
        }
    }
}

/// Notices to members. An empty notice is not sent.
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

/// Replies to a client. An empty reply is not sent.
impl Dialect {
    /// The reply to a name that another client has.
    pub(super) fn name_taken(self) -> Vec<u8> {
        let line = match self {
            Dialect::Rooms | Dialect::Lobby => "",
            Dialect::Simple => "ERROR username-taken\n", // [simple/join-4]
            Dialect::Login => "ERR username-taken\n",    // [login/login-5]
            Dialect::Channels => "ERROR Username taken\r\n", // [channels/name-4]
        };
        line.as_bytes().to_vec()
    }

    /// The reply to a name taken, in no room yet [channels/name-1].
    pub(super) fn welcome(self, user: &str) -> Vec<u8> {
        match self {
            Dialect::Channels => format!("OK Welcome, {user}!\r\n").into_bytes(),
            Dialect::Rooms | Dialect::Lobby | Dialect::Simple | Dialect::Login => Vec::new(),
        }
    }

    /// The reply to a join, with the other members and the history.
    pub(super) fn entered(self, room: &str, others: &[String], history: &[Vec<u8>]) -> Vec<u8> {
        match self {
            Dialect::Rooms | Dialect::Lobby => Vec::new(), // [lobby/name-1]
            Dialect::Simple | Dialect::Login => b"OK\n".to_vec(), // [simple/join-1] [login/login-1]
            Dialect::Channels => channels::block(room, others, history),
        }
    }

    /// The reply to a leave; the client stays connected [channels/leave-1].
    pub(super) fn goodbye(self, room: &str) -> Vec<u8> {
        match self {
            Dialect::Channels => format!("OK Left {room}\r\n").into_bytes(),
            Dialect::Rooms | Dialect::Lobby | Dialect::Simple | Dialect::Login => Vec::new(),
        }
    }

    /// The reply to a private message that was delivered [channels/tell-2] [login/dm-1].
    pub(super) fn sent(self) -> Vec<u8> {
        match self {
            Dialect::Channels => b"OK Sent\r\n".to_vec(),
            Dialect::Rooms | Dialect::Lobby | Dialect::Simple | Dialect::Login => Vec::new(),
        }
    }

    /// The reply to a private message to an unknown name.
    pub(super) fn user_not_found(self) -> Vec<u8> {
        let line = match self {
            Dialect::Login => "ERR user-not-found\n", // [login/dm-2]
            Dialect::Channels => "ERROR User not found\r\n", // [channels/tell-3]
            Dialect::Rooms | Dialect::Lobby | Dialect::Simple => "",
        };
        line.as_bytes().to_vec()
    }

    /// The reply to an empty private message [channels/tell-4].
    pub(super) fn nothing_to_tell(self) -> Vec<u8> {
        match self {
            Dialect::Channels => b"ERROR Empty message\r\n".to_vec(),
            Dialect::Rooms | Dialect::Lobby | Dialect::Simple | Dialect::Login => Vec::new(),
        }
    }

    /// The list of the members of a room, in order of joining.
    pub(super) fn members(self, names: &[String]) -> Vec<u8> {
        match self {
            Dialect::Login => login::users(names),
            Dialect::Channels => channels::list("USERLIST", names), // [channels/list-1]
            Dialect::Rooms | Dialect::Lobby | Dialect::Simple => Vec::new(),
        }
    }

    /// The list of rooms, sorted [channels/list-2].
    pub(super) fn rooms(self, names: &[String]) -> Vec<u8> {
        match self {
            Dialect::Channels => channels::list("ROOMLIST", names),
            Dialect::Rooms | Dialect::Lobby | Dialect::Simple | Dialect::Login => Vec::new(),
        }
    }

    /// The last line after a line that is too long.
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

    /// The last line after an HTTP request or a hello of TLS [common/http-1] [common/tls-9].
    pub(super) fn http(self) -> Vec<u8> {
        let line = match self {
            Dialect::Rooms => "ERROR\n",
            Dialect::Lobby => "",
            Dialect::Simple => "ERROR unknown-command\n",
            Dialect::Login => "ERR not-logged-in\n",
            Dialect::Channels => "ERROR Username required\r\n",
        };
        line.as_bytes().to_vec()
    }

    /// The last line of a client that an operator ends without a reason [common/kick-2].
    pub(super) fn kicked(self) -> Vec<u8> {
        match self {
            Dialect::Rooms => b"ERROR\n".to_vec(),
            Dialect::Lobby => Vec::new(),
            Dialect::Simple => b"ERROR kicked\n".to_vec(),
            Dialect::Login => b"ERR kicked\n".to_vec(),
            Dialect::Channels => b"ERROR Kicked\r\n".to_vec(),
        }
    }

    /// The last line after the idle limit [login/idle-1].
    pub(super) fn idle(self) -> Vec<u8> {
        match self {
            Dialect::Login => b"ERR idle-timeout\n".to_vec(),
            Dialect::Rooms | Dialect::Lobby | Dialect::Simple | Dialect::Channels => Vec::new(),
        }
    }
}

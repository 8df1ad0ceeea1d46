//! The login dialect: one room of unique names, private messages, `PING` and an idle limit. See
//! `spec/login.md`.

use super::dialect::{Command, Dialect, Fault, Listing, Policy, Scene, Stage};
use super::name::Name;
use super::words::{default_room, keyword_and_argument, put, put_explained};
use crate::limits::LOGIN_NAME_BYTES_MAX;

/// One room. A sender gets its own lines. Departures are announced, joins are not. A mistake does
/// not end the connection. [login/login-9] [login/error-3]
///
/// ```
/// use parlance_core::protocol::dialect::{Command, Dialect, Fault, Stage};
/// use parlance_core::protocol::login::Login;
///
/// assert_eq!(Login.parse(Stage::Fresh, b"PING"), Err(Fault::NotNamed)); // nothing but LOGIN
/// assert_eq!(Login.parse(Stage::Member, b"ping now"), Ok(Command::Answer(b"PONG\n")));
/// // The missing text is reported before the unknown target.
/// assert_eq!(Login.parse(Stage::Member, b"DM nobody"), Err(Fault::EmptyText));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Login;

impl Dialect for Login {
    fn name(&self) -> &'static str {
        "login"
    }

    fn default_port(&self) -> u16 {
        4000 // [login/daemon-1]
    }

    fn policy(&self) -> Policy {
        Policy {
            sender_hears_itself: true, // [login/msg-2]
            joiner_hears_notice: false,
            names_unique: true, // [login/login-5]
            hears_from_connect: false,
            keeps_history: false,
            limits_idleness: true, // [login/idle-1]
        }
    }

    /// [login/line-1] [login/error-5]
    fn parse<'line>(&self, stage: Stage, line: &'line [u8]) -> Result<Command<'line>, Fault> {
        let (keyword, argument) = keyword_and_argument(line);
        let is = |word: &[u8]| keyword.eq_ignore_ascii_case(word);
        if stage == Stage::Member {
            return parse_as_member(is, argument);
        }
        if !is(b"LOGIN") {
            return Err(Fault::NotNamed); // [login/login-6] [login/login-7]
        }
        // [login/login-1] [login/login-2] [login/login-3] [login/login-4]
        let name = Name::new(argument, LOGIN_NAME_BYTES_MAX).ok_or(Fault::NameInvalid)?;
        Ok(Command::Enter { room: default_room(), name })
    }

    /// [login/error-2] [login/error-4] [login/idle-1]
    fn fault(&self, fault: &Fault, out: &mut Vec<u8>) {
        let reason: &[u8] = match fault {
            Fault::LineTooLong => b"line-too-long",
            Fault::TooManyClients => b"server-full",
            Fault::Idle => b"idle-timeout",
            Fault::NameTaken => b"username-taken",
            Fault::NameInvalid => b"invalid-username",
            Fault::NamedAlready => b"already-logged-in",
            Fault::NotNamed | Fault::HttpRequest | Fault::TlsHello => b"not-logged-in",
            Fault::Kicked(why) => {
                return put_explained(out, b"ERR kicked", b" ", why.as_ref(), b"\n");
            }
            Fault::Banned(why) => {
                return put_explained(out, b"ERR banned", b" ", why.as_ref(), b"\n");
            }
            Fault::UserNotFound => b"user-not-found",
            Fault::EmptyText => b"empty-message",
            Fault::Syntax
            | Fault::RoomInvalid
            | Fault::InRoomAlready(_)
            | Fault::NotInRoom
            | Fault::UnknownCommand
            | Fault::Usage(_)
            | Fault::TopicTooLong
            | Fault::HistoryUnavailable
            | Fault::Account(_) => b"unknown-command",
        };
        put(out, &[b"ERR ", reason, b"\n"]);
    }

    /// [login/msg-1]
    fn said(&self, _room: &Name, name: &Name, text: &[u8], out: &mut Vec<u8>) {
        put(out, &[b"MSG ", name.as_bytes(), b" ", text, b"\n"]);
    }

    /// [login/leave-1]
    fn left(&self, _room: &Name, name: &Name, out: &mut Vec<u8>) {
        put(out, &[b"INFO ", name.as_bytes(), b" disconnected\n"]);
    }

    /// [login/login-1]
    fn entered(&self, _room: &Name, _scene: Scene<'_, '_>, out: &mut Vec<u8>) {
        out.extend_from_slice(b"OK\n");
    }

    /// [login/dm-1]
    fn told(&self, from: &Name, text: &[u8], out: &mut Vec<u8>) {
        put(out, &[b"DM ", from.as_bytes(), b" ", text, b"\n"]);
    }

    /// [login/who-1]
    fn list(&self, _listing: Listing, names: &mut dyn Iterator<Item = &Name>, out: &mut Vec<u8>) {
        for name in names {
            put(out, &[b"USER ", name.as_bytes(), b"\n"]);
        }
    }

    fn port_variable(&self) -> Option<&'static str> {
        Some("CHAT_PORT")
    }
}

/// `is` tells whether a word is the line's keyword.
fn parse_as_member(is: impl Fn(&[u8]) -> bool, argument: &[u8]) -> Result<Command<'_>, Fault> {
    if is(b"MSG") {
        // [login/msg-3]
        if argument.is_empty() { Err(Fault::EmptyText) } else { Ok(Command::Say(argument)) }
    } else if is(b"DM") {
        let (target, text) = keyword_and_argument(argument);
        if text.is_empty() {
            return Err(Fault::EmptyText); // [login/dm-3]
        }
        // [login/dm-2] [common/tell-4]
        let to = Name::new(target, LOGIN_NAME_BYTES_MAX).ok_or(Fault::UserNotFound)?;
        Ok(Command::Tell { to, text })
    } else if is(b"WHO") {
        Ok(Command::List(Listing::Members))
    } else if is(b"PING") {
        Ok(Command::Answer(b"PONG\n")) // [login/ping-1]
    } else if is(b"LOGIN") {
        Err(Fault::NamedAlready) // [login/login-8]
    } else {
        Err(Fault::UnknownCommand) // [login/error-1]
    }
}

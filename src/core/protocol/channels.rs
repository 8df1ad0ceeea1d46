//! The channels dialect: many rooms, one per client at a time, with names, private messages, lists
//! and a short history. See `spec/channels.md`.

use super::dialect::{Command, Dialect, Fault, Listing, Policy, Scene, Stage};
use super::extensions::{self, Extensions, PastLine, Topic};
use super::name::Name;
use super::words::{keyword_and_argument, put, put_explained};
use crate::limits::CHANNELS_NAME_BYTES_MAX;

/// Upper-case keywords and their slash forms. Inside a room every other line is a message. A
/// mistake does not end the connection. Every rendered line ends in CR LF. [channels/line-1]
/// [channels/error-2]
///
/// ```
/// use parlance_core::protocol::channels::Channels;
/// use parlance_core::protocol::dialect::{Command, Dialect, Fault, Stage};
///
/// assert_eq!(Channels.parse(Stage::Member, b"Hello!"), Ok(Command::Say(b"Hello!")));
/// assert_eq!(Channels.parse(Stage::Member, b"LEAVE me"), Ok(Command::Say(b"LEAVE me")));
/// assert_eq!(Channels.parse(Stage::Member, b"/leave me"), Err(Fault::UnknownCommand));
/// assert_eq!(Channels.parse(Stage::Named, b"Hello!"), Err(Fault::NotInRoom));
/// assert_eq!(Channels.parse(Stage::Fresh, b"Hello!"), Err(Fault::NotNamed));
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Channels;

impl Dialect for Channels {
    fn name(&self) -> &'static str {
        "channels"
    }

    fn default_port(&self) -> u16 {
        9999 // [channels/daemon-2]
    }

    fn policy(&self) -> Policy {
        Policy {
            sender_hears_itself: true,  // [channels/msg-1] [channels/msg-5]
            joiner_hears_notice: false, // [channels/join-6]
            names_unique: true,         // [channels/name-4]
            hears_from_connect: false,
            keeps_history: true, // [channels/history-1]
            limits_idleness: false,
        }
    }

    /// [channels/error-4]
    fn parse<'line>(&self, stage: Stage, line: &'line [u8]) -> Result<Command<'line>, Fault> {
        match (Form::of(line)?, stage) {
            // [channels/quit-1]
            (Form::Quit, _) => Ok(Command::Quit(b"OK Goodbye!\r\n")),
            // [channels/name-1] [channels/name-3] [channels/name-5] [channels/name-6]
            // [channels/name-7]
            (Form::Username(name), Stage::Fresh) => name_of(name).map(Command::Name),
            (_, Stage::Fresh) => Err(Fault::NotNamed),
            (Form::Username(_), _) => Err(Fault::NamedAlready),
            // [channels/join-1] [channels/join-2] [channels/join-3] [channels/join-8]
            (Form::Join(room), _) => {
                let room = Name::new(room, CHANNELS_NAME_BYTES_MAX).ok_or(Fault::RoomInvalid)?;
                Ok(Command::Join(room))
            }
            // [channels/tell-1] [channels/tell-3] [channels/tell-5] [common/tell-4]
            (Form::Private(argument), _) => {
                let (target, text) = keyword_and_argument(argument);
                let to = Name::new(target, CHANNELS_NAME_BYTES_MAX).ok_or(Fault::UserNotFound)?;
                Ok(Command::Tell { to, text })
            }
            (Form::Rooms, _) => Ok(Command::List(Listing::Rooms)),
            // [channels/msg-4] [channels/msg-6]
            (_, Stage::Named) => Err(Fault::NotInRoom),
            (Form::Leave, Stage::Member) => Ok(Command::Leave),
            (Form::Users, Stage::Member) => Ok(Command::List(Listing::Members)),
            // [channels/msg-2] [channels/msg-3]
            (Form::Text(b""), Stage::Member) => Err(Fault::EmptyText),
            (Form::Text(text), Stage::Member) => Ok(Command::Say(text)),
        }
    }

    /// The document shows some of the texts; the others are chosen here. [channels/line-5]
    /// [channels/error-1] [channels/error-3]
    fn fault(&self, fault: &Fault, out: &mut Vec<u8>) {
        let reason: &[u8] = match fault {
            Fault::LineTooLong => b"Line too long",
            Fault::TooManyClients => b"Server full",
            Fault::NameTaken => b"Username taken",
            Fault::NameInvalid => b"Invalid username",
            Fault::NamedAlready => b"Already named",
            Fault::NotNamed | Fault::HttpRequest | Fault::TlsHello => b"Username required",
            Fault::RoomInvalid => b"Invalid room",
            Fault::InRoomAlready(room) => {
                return put(out, &[b"ERROR Already in ", room.as_bytes(), b"\r\n"]);
            }
            Fault::Kicked(why) => {
                return put_explained(out, b"ERROR Kicked", b": ", why.as_ref(), b"\r\n");
            }
            Fault::Banned(why) => {
                return put_explained(out, b"ERROR Banned", b": ", why.as_ref(), b"\r\n");
            }
            Fault::NotInRoom => b"Not in a room",
            Fault::UserNotFound => b"User not found",
            Fault::EmptyText => b"Empty message",
            Fault::Usage(form) => {
                return put(out, &[b"ERROR Usage: ", form.as_bytes(), b"\r\n"]);
            }
            Fault::TopicTooLong => b"Topic too long",
            Fault::HistoryUnavailable => b"History not available",
            Fault::Account(fault) => extensions::account_fault(*fault),
            Fault::Syntax | Fault::Idle | Fault::UnknownCommand => b"Unknown command",
        };
        put(out, &[b"ERROR ", reason, b"\r\n"]);
    }

    /// [channels/msg-1]
    fn said(&self, room: &Name, name: &Name, text: &[u8], out: &mut Vec<u8>) {
        put(out, &[b"ROOM ", room.as_bytes(), b" ", name.as_bytes(), b" ", text, b"\r\n"]);
    }

    /// [channels/join-6]
    fn joined(&self, room: &Name, name: &Name, out: &mut Vec<u8>) {
        put(out, &[b"JOIN ", room.as_bytes(), b" ", name.as_bytes(), b"\r\n"]);
    }

    /// [channels/leave-2]
    fn left(&self, room: &Name, name: &Name, out: &mut Vec<u8>) {
        put(out, &[b"LEAVE ", room.as_bytes(), b" ", name.as_bytes(), b"\r\n"]);
    }

    /// [channels/name-1]
    fn welcome(&self, name: &Name, out: &mut Vec<u8>) {
        put(out, &[b"OK Welcome, ", name.as_bytes(), b"!\r\n"]);
    }

    /// [channels/join-1] [channels/join-4] [channels/join-5] [channels/history-1]
    fn entered(&self, room: &Name, scene: Scene<'_, '_>, out: &mut Vec<u8>) {
        let count = scene.count.to_string();
        put(out, &[b"OK Joined ", room.as_bytes(), b" (", count.as_bytes(), b" users)\r\n"]);
        for member in scene.present {
            self.joined(room, member, out);
        }
        put(out, &[scene.history.0, scene.history.1]);
        if scene.topic.is_some() {
            self.topic(room, scene.topic, out); // [extensions/topic-3]
        }
    }

    /// [channels/leave-1]
    fn goodbye(&self, room: &Name, out: &mut Vec<u8>) {
        put(out, &[b"OK Left ", room.as_bytes(), b"\r\n"]);
    }

    /// [channels/tell-1]
    fn told(&self, from: &Name, text: &[u8], out: &mut Vec<u8>) {
        put(out, &[b"PRIVMSG ", from.as_bytes(), b" ", text, b"\r\n"]);
    }

    /// [channels/tell-2]
    fn delivered(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"OK Sent\r\n");
    }

    /// [channels/list-1] [channels/list-2] [channels/list-3]
    fn list(&self, listing: Listing, names: &mut dyn Iterator<Item = &Name>, out: &mut Vec<u8>) {
        out.extend_from_slice(match listing {
            Listing::Members => b"USERLIST",
            Listing::Rooms => b"ROOMLIST",
        });
        for name in names {
            put(out, &[b" ", name.as_bytes()]);
        }
        out.extend_from_slice(b"\r\n");
    }

    fn extension<'line>(
        &self,
        on: Extensions,
        stage: Stage,
        line: &'line [u8],
    ) -> Result<Command<'line>, Fault> {
        extensions::parse(on, stage, line)
    }

    fn help(&self, on: Extensions, out: &mut Vec<u8>) {
        extensions::help(on, out);
    }

    fn history(&self, room: &Name, lines: &[PastLine], kept: bool, out: &mut Vec<u8>) {
        extensions::history(room, lines, kept, out);
    }

    fn topic(&self, room: &Name, topic: Option<&Topic>, out: &mut Vec<u8>) {
        extensions::render_topic(room, topic, out);
    }

    fn has_accounts(&self) -> bool {
        true
    }

    fn registered(&self, name: &Name, out: &mut Vec<u8>) {
        put(out, &[b"OK Registered ", name.as_bytes(), b"\r\n"]);
    }

    fn password_changed(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"OK Password changed\r\n");
    }

    fn logged_out(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"OK Logged out\r\n");
    }
}

/// The form of a line, which does not depend on the sender.
enum Form<'line> {
    Username(&'line [u8]),
    Join(&'line [u8]),
    /// Target and text.
    Private(&'line [u8]),
    Leave,
    Rooms,
    Users,
    Quit,
    Text(&'line [u8]),
}

impl<'line> Form<'line> {
    /// [channels/line-2] [channels/line-3] [channels/line-4]
    fn of(line: &'line [u8]) -> Result<Form<'line>, Fault> {
        let (keyword, argument) = keyword_and_argument(line);
        Ok(match (keyword, argument) {
            (b"USERNAME", name) => Form::Username(name),
            (b"JOIN" | b"/join", room) => Form::Join(room),
            (b"PRIVMSG" | b"/msg", rest) => Form::Private(rest),
            (b"MSG", text) => Form::Text(text),
            (b"LEAVE" | b"/leave", b"") => Form::Leave,
            (b"ROOMS" | b"/rooms", b"") => Form::Rooms,
            (b"USERS" | b"/users", b"") => Form::Users,
            (b"QUIT" | b"/quit", b"") => Form::Quit,
            _ if line.starts_with(b"/") => return Err(Fault::UnknownCommand),
            _ => Form::Text(line),
        })
    }
}

fn name_of(bytes: &[u8]) -> Result<Name, Fault> {
    Name::new(bytes, CHANNELS_NAME_BYTES_MAX).ok_or(Fault::NameInvalid)
}

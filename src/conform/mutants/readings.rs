//! The same protocols with the other readings, wherever the documents allow one.

use std::io;
use std::net::TcpListener;
use std::time::Duration;

use super::fault::Fault::{self, Config as Numbers, Line, Manner, Said};
use super::fault::Manner::LineLimit;
use super::lines::Kind;
use super::naming::{Naming, split_word};
use super::scene::{Cause, Scene, name};
use super::server::{Handle, start};
use super::tools::{by_kind, command, content, is_name, longest_name, renamed, wanted, without};
use parlance_model::{Config, Dialect, LINE_MAX, OutboxState};

/// Maximum length of a line of the other server.
pub(super) const LARGER_LIMIT: usize = 32_768;

/// The part of a long line that the model is told verbatim; the rest has a stand-in.
const HEAD: usize = 10_000;

/// Starts a correct server with the other readings of the `PROFILE` clauses, as far as they can be
/// combined:
///
/// - in all dialects a CR before the LF is content, lines have up to 32,768 bytes, and names may
///   contain control bytes;
/// - rooms: a name in use in the room is refused;
/// - lobby: names have up to 128 bytes, spaces and colons among them, and are unique, a space
///   follows the colon, and a client hears from its name on;
/// - login: names have up to 64 characters, there is no echo, no `WHO`, `DM`, `PING` and no idle
///   rule;
/// - channels: names have up to 63 characters, those of rooms begin with `#`, a client in a room
///   cannot join another, there is no history, slash forms are unknown, and other words follow
///   `ERROR`.
///
/// One reading is ours: the end of a stream is a departure (common/eos-2). With the other one, a
/// closed client is gone only when the server next sends it a line.
///
/// # Errors
///
/// As [`super::serve`].
///
/// # Examples
///
/// ```
/// use parlance_conform::mutants::serve_other_readings;
/// use parlance_model::Dialect;
/// use std::io::{Read, Write};
/// use std::net::{TcpListener, TcpStream};
///
/// let server = serve_other_readings(Dialect::Lobby, TcpListener::bind("127.0.0.1:0")?)?;
/// let mut client = TcpStream::connect(server.address())?;
/// client.write_all(b"joe\nhello\r\n")?;
/// let mut line = [0; 12];
/// client.read_exact(&mut line)?;
/// assert_eq!(&line, b"joe: hello\r\n"); // with a space, and the CR is kept
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn serve_other_readings(dialect: Dialect, listener: TcpListener) -> io::Result<Handle> {
    let faults = [COMMON, readings(dialect)].concat();
    start(dialect, &faults, &Config::default(), listener)
}

/// In this order: a CR is content before names are looked at.
const COMMON: &[Fault] =
    &[Manner(LineLimit(LARGER_LIMIT)), Line(cr_kept), Line(wide_names), Line(long_lines)];

fn readings(dialect: Dialect) -> &'static [Fault] {
    match dialect {
        Dialect::Rooms => &[Line(unique_in_room)],
        Dialect::Simple => &[],
        Dialect::Lobby => &[Line(unique_in_lobby), Said(space_after_colon)],
        Dialect::Login => &[
            Line(|_, line| match &command(&line).0[..] {
                b"WHO" | b"DM" | b"PING" => b"?\n".to_vec(),
                _ => line,
            }),
            Said(|scene, cause, bytes| {
                let own = cause.actor == scene.id;
                if own { without(scene, cause, &bytes, Kind::Text) } else { bytes }
            }),
            Numbers(|config| config.idle = Duration::ZERO),
        ],
        Dialect::Channels => &[
            Line(|_, line| if line.starts_with(b"/") { b"/?\n".to_vec() } else { line }),
            Line(room_begins_with_hash),
            Line(stays_in_its_room),
            Said(no_history),
            Said(other_words),
        ],
    }
}

fn cr_kept(_: &mut Scene<'_>, line: Vec<u8>) -> Vec<u8> {
    match line.strip_suffix(b"\r\n") {
        Some(text) => [text, b"\r\r\n"].concat(), // of which the model drops one
        None => line,
    }
}

/// Names that the model would refuse have stand-ins, wherever they are in a line.
fn wide_names(scene: &mut Scene<'_>, line: Vec<u8>) -> Vec<u8> {
    let line = renamed(scene, line, wider);
    if scene.dialect != Dialect::Channels || command(&line).0 != b"PRIVMSG" {
        return line;
    }
    content(&line, |text| {
        let (word, argument) = split_word(text);
        let (target, rest) = split_word(argument);
        let to = wider(scene, target.to_vec());
        [word, b" ", &to, b" ", rest].concat()
    })
}

fn wider(scene: &mut Scene<'_>, name: Vec<u8>) -> Vec<u8> {
    let longest = match scene.dialect {
        Dialect::Lobby => 128,
        Dialect::Login => 64,
        Dialect::Channels => 63,
        Dialect::Rooms | Dialect::Simple => longest_name(scene.dialect),
    };
    let spaces = scene.dialect == Dialect::Lobby;
    let valid = (1..=longest).contains(&name.len())
        && name.iter().all(|byte| byte.is_ascii() && (spaces || *byte != b' '));
    let refused = valid && !is_name(scene.dialect, &name);
    if refused { scene.memory.aliases.stand_in(&name) } else { name }
}

/// The model's own limit applies to a line that is short for it.
pub(super) fn long_lines(scene: &mut Scene<'_>, line: Vec<u8>) -> Vec<u8> {
    let added = usize::from(line.ends_with(b"\r\r\n")); // by what keeps the CR
    if line.len() - added > LARGER_LIMIT || !line.ends_with(b"\n") {
        return vec![b'x'; LINE_MAX];
    }
    lines_of_any_length(scene, line)
}

/// The model is told a stand-in for all but the beginning of a line.
pub(super) fn lines_of_any_length(scene: &mut Scene<'_>, line: Vec<u8>) -> Vec<u8> {
    if line.len() <= HEAD {
        return line;
    }
    content(&line, |text| {
        let (head, tail) = text.split_at(HEAD.min(text.len()));
        [head, &scene.memory.aliases.stand_in(tail)].concat()
    })
}

/// A name in use in the room is refused like any bad JOIN.
fn unique_in_room(scene: &mut Scene<'_>, line: Vec<u8>) -> Vec<u8> {
    let fresh = scene.is_fresh();
    let naming = Naming::of(scene.dialect, scene.outbox_state(), &line).filter(|_| fresh);
    let Some(Naming { room: Some(room), user: Some(user), .. }) = naming else { return line };
    let rooms = scene.model.rooms();
    let in_use =
        |id: &usize| name(scene.model.outbox_state(*id)).is_some_and(|n| n.as_bytes() == user);
    let there = rooms.iter().find(|(name, _)| name.as_bytes() == room);
    if there.is_some_and(|(_, members)| members.iter().any(in_use)) {
        b"?\n".to_vec()
    } else {
        line
    }
}

/// A name in use is refused like a bad one.
fn unique_in_lobby(scene: &mut Scene<'_>, line: Vec<u8>) -> Vec<u8> {
    let Some(user) = wanted(scene, &line) else { return line };
    let in_use =
        |id: usize| name(scene.model.outbox_state(id)).is_some_and(|n| n.as_bytes() == user);
    if (0..scene.model.clients()).any(in_use) { b":\n".to_vec() } else { line }
}

/// Nothing before the client's own name, and a space after every name. A name has no colon here:
/// one that has a colon is still its stand-in.
fn space_after_colon(scene: &mut Scene<'_>, cause: &Cause, bytes: Vec<u8>) -> Vec<u8> {
    if cause.unnamed.contains(&scene.id) {
        return Vec::new();
    }
    by_kind(scene, cause, &bytes, |_, _, line| {
        let at = line.iter().position(|byte| *byte == b':').map_or(0, |at| at + 1);
        [&line[..at], b" ", &line[at..]].concat()
    })
}

fn room_begins_with_hash(scene: &mut Scene<'_>, line: Vec<u8>) -> Vec<u8> {
    let naming = Naming::of(scene.dialect, scene.outbox_state(), &line);
    let Some(room) = naming.as_ref().and_then(|naming| naming.room.clone()) else { return line };
    let whole = scene.memory.aliases.expand(room);
    if whole.starts_with(b"#") { line } else { b"JOIN \n".to_vec() }
}

/// A client in a room has to leave it before it can join another.
fn stays_in_its_room(scene: &mut Scene<'_>, line: Vec<u8>) -> Vec<u8> {
    let elsewhere = match scene.outbox_state() {
        OutboxState::Member { room, .. } => line != format!("JOIN {room}\n").as_bytes(),
        _ => false,
    };
    let joins = command(&line).0 == b"JOIN" && line.starts_with(b"JOIN");
    if elsewhere && joins { b"JOIN \n".to_vec() } else { line }
}

fn no_history(scene: &mut Scene<'_>, cause: &Cause, bytes: Vec<u8>) -> Vec<u8> {
    by_kind(scene, cause, &bytes, |_, kind, line| {
        let earlier = kind == Kind::Shown && line.starts_with(b"ROOM ");
        if earlier { Vec::new() } else { line.to_vec() }
    })
}

/// Other words where the document fixes none; and lists in order, whatever the stand-ins of their
/// names are.
fn other_words(scene: &mut Scene<'_>, cause: &Cause, bytes: Vec<u8>) -> Vec<u8> {
    by_kind(scene, cause, &bytes, |scene, _, line| match line {
        b"ERROR Invalid username\r\n" => b"ERROR Bad name\r\n".to_vec(),
        b"ERROR Already named\r\n" => b"ERROR You have a name\r\n".to_vec(),
        b"ERROR Username required\r\n" => b"ERROR Who are you?\r\n".to_vec(),
        b"ERROR Invalid room\r\n" => b"ERROR Bad room name\r\n".to_vec(),
        b"ERROR Empty message\r\n" => b"ERROR Nothing to send\r\n".to_vec(),
        b"ERROR Unknown command\r\n" => b"ERROR What?\r\n".to_vec(),
        b"ERROR Line too long\r\n" => b"ERROR Too much\r\n".to_vec(),
        _ if line.starts_with(b"ERROR Already in ") => b"ERROR You are there\r\n".to_vec(),
        _ if line.starts_with(b"ROOMLIST ") => sorted(&scene.memory.aliases.expand(line.to_vec())),
        _ => line.to_vec(),
    })
}

fn sorted(list: &[u8]) -> Vec<u8> {
    content(list, |line| {
        let mut words: Vec<&[u8]> = line.split(|byte| *byte == b' ').collect();
        words[1..].sort_unstable();
        words.join(&b' ')
    })
}

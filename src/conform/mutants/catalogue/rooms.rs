//! Faults in the rooms dialect.

use crate::mutants::fault::Fate;
use crate::mutants::fault::Fault::{Event, Line, Said};
use crate::mutants::lines::Kind;
use crate::mutants::mutation::Mutation;
use crate::mutants::scene::Scene;
use crate::mutants::tools::{
    by_kind, command, content, departure, is_name, replaced, rooms_renamed, wanted, without,
};
use parlance_model::Dialect;

const ROOMS: &[Dialect] = &[Dialect::Rooms];

/// Joining, text, leaving and rooms.
pub(super) static MUTATIONS: &[Mutation] = &[
    Mutation::new(
        "bad-joins-unanswered",
        ROOMS,
        "rooms/error-1",
        "says nothing to a JOIN with a bad name, and waits for another line",
        &[Line(|scene, line| {
            let (word, argument) = command(&line);
            let mut names = argument.split(|byte| *byte == b' ');
            let good = names.clone().count() == 2 && names.all(|name| is_name(scene.dialect, name));
            if scene.is_fresh() && word == b"JOIN" && !good { Vec::new() } else { line }
        })],
    ),
    Mutation::new(
        "names-in-a-room-never-released",
        ROOMS,
        "rooms/room-3",
        "refuses a name that a member of the room has, or has had",
        &[Line(|scene, line| {
            let joins = scene.is_fresh() && wanted(scene, &line).is_some();
            if joins && !scene.memory.names.insert(line.clone()) { b"?\n".to_vec() } else { line }
        })],
    ),
    Mutation::new(
        "words-of-other-chats-obeyed",
        ROOMS,
        "rooms/text-3",
        "takes quit, exit and help for commands",
        &[Line(|scene, line| {
            let word = line.to_ascii_lowercase();
            let known = [&b"quit\n"[..], b"exit\n", b"help\n"].contains(&&word[..]);
            if scene.is_member() && known { Vec::new() } else { line }
        })],
    ),
    Mutation::new(
        "join-in-upper-case-only",
        ROOMS,
        "rooms/join-2",
        "refuses join in lower case",
        &[Line(|scene, line| {
            let refused = scene.is_fresh() && !line.starts_with(b"JOIN");
            if refused { b"?\n".to_vec() } else { line }
        })],
    ),
    Mutation::new(
        "third-word-of-join-ignored",
        ROOMS,
        "rooms/join-5",
        "takes JOIN foo bar blah for JOIN foo bar",
        &[Line(|scene, line| {
            if !scene.is_fresh() {
                return line;
            }
            content(&line, |text| {
                text.splitn(4, |b| *b == b' ').take(3).collect::<Vec<_>>().join(&b' ')
            })
        })],
    ),
    Mutation::new(
        "any-white-space-separates",
        ROOMS,
        "rooms/join-6",
        "takes tabs and several spaces for the one space of JOIN",
        &[Line(|scene, line| {
            if !scene.is_fresh() {
                return line;
            }
            let white = |byte: &u8| byte.is_ascii_whitespace();
            let words: Vec<&[u8]> = line.split(white).filter(|word| !word.is_empty()).collect();
            [&words.join(&b' ')[..], b"\n"].concat()
        })],
    ),
    Mutation::new(
        "join-without-argument-crashes",
        ROOMS,
        "rooms/daemon-5",
        "crashes when JOIN comes without arguments",
        &[Line(|scene, line| {
            let (word, argument) = command(&line);
            scene.memory.crashed |= scene.is_fresh() && word == b"JOIN" && argument.is_empty();
            line
        })],
    ),
    Mutation::new(
        "close-without-error",
        ROOMS,
        "rooms/error-1",
        "closes after a bad JOIN without saying ERROR",
        &[Said(|scene, cause, bytes| without(scene, cause, &bytes, Kind::Reply))],
    ),
    Mutation::new(
        "error-without-close",
        ROOMS,
        "rooms/error-1",
        "says ERROR to a bad JOIN and lets the client try again",
        &[Line(|scene, line| {
            let words = line.split(|byte| *byte == b' ').filter(|word| !word.is_empty()).count();
            if !scene.is_fresh() || (words == 3 && line.to_ascii_uppercase().starts_with(b"JOIN "))
            {
                return line;
            }
            scene.say(scene.id, *b"ERROR\n");
            Vec::new()
        })],
    ),
    Mutation::new(
        "error-with-a-reason",
        ROOMS,
        "rooms/error-1",
        "adds a reason to ERROR",
        &[Said(
            |_, _, bytes| if bytes == b"ERROR\n" { b"ERROR bad JOIN\n".to_vec() } else { bytes },
        )],
    ),
    Mutation::new(
        "joiner-not-told-of-its-join",
        ROOMS,
        "rooms/join-7",
        "does not send the notice of a join to the joiner",
        &[Said(|scene, cause, bytes| {
            let own = cause.actor == scene.id;
            if own { without(scene, cause, &bytes, Kind::Joined) } else { bytes }
        })],
    ),
    Mutation::new(
        "join-notice-in-other-words",
        ROOMS,
        "rooms/join-7",
        "says has entered instead of has joined",
        &[Said(|scene, cause, bytes| {
            by_kind(scene, cause, &bytes, |_, kind, line| match kind {
                Kind::Joined => replaced(line, b" has joined", b" has entered"),
                _ => line.to_vec(),
            })
        })],
    ),
    Mutation::new(
        "leave-notice-in-other-words",
        ROOMS,
        "rooms/leave-1",
        "says left instead of has left",
        &[Said(|scene, cause, bytes| {
            by_kind(scene, cause, &bytes, |_, kind, line| match kind {
                Kind::Left => replaced(line, b" has left", b" left"),
                _ => line.to_vec(),
            })
        })],
    ),
    Mutation::new(
        "no-space-after-the-colon",
        ROOMS,
        "rooms/text-1",
        "puts no space between the colon and the text",
        &[Said(|scene, cause, bytes| {
            by_kind(scene, cause, &bytes, |_, kind, line| {
                let Some(at) = line.iter().position(|byte| *byte == b':') else {
                    return line.to_vec();
                };
                let after = if kind == Kind::Text { at + 2 } else { at + 1 };
                [&line[..=at], &line[after..]].concat()
            })
        })],
    ),
    Mutation::new(
        "rooms-lines-end-in-cr-lf",
        ROOMS,
        "rooms/text-1",
        "ends its lines in CR LF",
        &[Said(|_, _, bytes| replaced(&bytes, b"\n", b"\r\n"))],
    ),
    Mutation::new(
        "empty-lines-ignored",
        ROOMS,
        "rooms/text-3",
        "does not send empty lines",
        &[Line(|_, line| if line == b"\n" { Vec::new() } else { line })],
    ),
    Mutation::new(
        "slash-lines-are-commands",
        ROOMS,
        "rooms/text-3",
        "takes a line that begins with a slash for a command",
        &[Line(
            |scene, line| {
                if scene.is_member() && line.starts_with(b"/") { Vec::new() } else { line }
            },
        )],
    ),
    Mutation::new(
        "one-room-for-all",
        ROOMS,
        "rooms/room-1",
        "has one room, whatever JOIN says",
        &[Line(|scene, line| {
            rooms_renamed(scene, line, |room| if room.is_empty() { room } else { b"r".to_vec() })
        })],
    ),
    Mutation::new(
        "room-names-cut-at-eight",
        ROOMS,
        "rooms/room-1",
        "takes rooms for the same whose names begin with the same eight characters",
        &[Line(|scene, line| {
            rooms_renamed(scene, line, |mut room| {
                if room.len() <= 20 {
                    room.truncate(8);
                }
                room
            })
        })],
    ),
    Mutation::new(
        "departures-leak-into-other-rooms",
        ROOMS,
        "rooms/room-1",
        "announces a departure in every room",
        &[Event(|scene, _| {
            let notice = departure(scene.dialect, scene.outbox_state());
            elsewhere(scene, &notice);
            Fate::Told
        })],
    ),
    Mutation::new(
        "text-leaks-into-other-rooms",
        ROOMS,
        "rooms/room-1",
        "sends what is said in one room to all of them",
        &[Said(|scene, cause, bytes| {
            if cause.actor == scene.id {
                elsewhere(scene, &bytes);
            }
            bytes
        })],
    ),
    Mutation::new(
        "earlier-lines-shown-to-who-joins",
        ROOMS,
        "common/order-1",
        "shows a joiner the earlier messages",
        &[Said(|scene, cause, bytes| {
            let actor = cause.actor == scene.id;
            by_kind(scene, cause, &bytes, |scene, kind, line| match kind {
                Kind::Text if actor => {
                    scene.memory.kept.extend_from_slice(line);
                    line.to_vec()
                }
                Kind::Joined if actor => [line, &scene.memory.kept].concat(),
                _ => line.to_vec(),
            })
        })],
    ),
];

/// Sends bytes to the members of all rooms but that of the client of this scene.
fn elsewhere(scene: &mut Scene<'_>, bytes: &[u8]) {
    for (_, members) in scene.model.rooms() {
        if !members.contains(&scene.id) {
            for member in members {
                scene.say(member, bytes);
            }
        }
    }
}

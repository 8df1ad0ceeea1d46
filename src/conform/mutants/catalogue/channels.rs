//! Faults in the channels dialect.

use crate::mutants::fault::Fault::{Line, Said};
use crate::mutants::lines::Kind;
use crate::mutants::mutation::Mutation;
use crate::mutants::naming::split_word;
use crate::mutants::tools::{by_kind, command, content, is_name, replaced, without};
use parlance_model::{Dialect, OutboxState};

const CHANNELS: &[Dialect] = &[Dialect::Channels];

/// Rooms, lists and private lines.
pub(super) static MUTATIONS: &[Mutation] = &[
    Mutation::new(
        "channels-lines-end-in-lf",
        CHANNELS,
        "channels/line-1",
        "ends its lines in LF alone",
        &[Said(|_, _, bytes| replaced(&bytes, b"\r\n", b"\n"))],
    ),
    Mutation::new(
        "joiner-counted",
        CHANNELS,
        "channels/join-1",
        "counts the joiner among the members already there",
        &[Said(|_, _, bytes| {
            let Some(at) = bytes.iter().position(|byte| *byte == b'(') else { return bytes };
            let digits = bytes[at + 1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
            let number = std::str::from_utf8(&bytes[at + 1..at + 1 + digits]).unwrap_or("");
            match number.parse::<usize>() {
                Ok(number) if bytes.starts_with(b"OK Joined ") => {
                    let more = (number + 1).to_string();
                    [&bytes[..=at], more.as_bytes(), &bytes[at + 1 + digits..]].concat()
                }
                _ => bytes,
            }
        })],
    ),
    Mutation::new(
        "joiner-told-of-itself-in-channels",
        CHANNELS,
        "channels/join-6",
        "sends a joiner the notice of its own join",
        &[Said(|scene, cause, bytes| match &cause.after {
            OutboxState::Member { room, name }
                if cause.actor == scene.id && cause.before != cause.after =>
            {
                [bytes, format!("JOIN {room} {name}\r\n").into_bytes()].concat()
            }
            _ => bytes,
        })],
    ),
    Mutation::new(
        "other-rooms-not-listed",
        CHANNELS,
        "channels/list-2",
        "lists no other room than that of the asking client",
        &[Said(|scene, _, bytes| {
            let own = match scene.outbox_state() {
                OutboxState::Member { room, .. } => room.clone().into_bytes(),
                _ => Vec::new(),
            };
            listed(b"ROOMLIST", bytes, |names| names.retain(|name| *name == own))
        })],
    ),
    Mutation::new(
        "empty-list-ends-in-a-space",
        CHANNELS,
        "channels/list-3",
        "puts a space after ROOMLIST where there is no room",
        &[Said(|_, _, bytes| replaced(&bytes, b"ROOMLIST\r\n", b"ROOMLIST \r\n"))],
    ),
    Mutation::new(
        "rooms-unsorted",
        CHANNELS,
        "channels/list-3",
        "lists rooms in another order than that of their bytes",
        &[Said(|_, _, bytes| listed(b"ROOMLIST", bytes, |names| names.reverse()))],
    ),
    Mutation::new(
        "members-sorted",
        CHANNELS,
        "channels/list-3",
        "lists members by name instead of in order of joining",
        &[Said(|_, _, bytes| {
            listed(b"USERLIST", bytes, |names| {
                names.sort();
            })
        })],
    ),
    Mutation::new(
        "members-without-oneself",
        CHANNELS,
        "channels/list-1",
        "leaves the asking client out of the list of members",
        &[Said(|scene, _, bytes| {
            let own = scene.name().unwrap_or("").as_bytes().to_vec();
            listed(b"USERLIST", bytes, |names| names.retain(|name| *name != own))
        })],
    ),
    Mutation::new(
        "members-of-every-room-listed",
        CHANNELS,
        "channels/list-1",
        "lists the members of all rooms to a client that asks for those of its own",
        &[Said(|scene, _, bytes| {
            let named = |id: &usize| match scene.model.outbox_state(*id) {
                OutboxState::Member { name, .. } => Some(name.clone().into_bytes()),
                _ => None,
            };
            let all = (0..scene.model.clients()).filter_map(|id| named(&id)).collect();
            listed(b"USERLIST", bytes, |names| *names = all)
        })],
    ),
    Mutation::new(
        "lists-cut-at-two",
        CHANNELS,
        "channels/list-3",
        "lists no more than two names",
        &[Said(|_, _, bytes| {
            let cut = listed(b"USERLIST", bytes, |names| names.truncate(2));
            listed(b"ROOMLIST", cut, |names| names.truncate(2))
        })],
    ),
    Mutation::new(
        "empty-rooms-listed",
        CHANNELS,
        "channels/room-2",
        "lists rooms that have no members any more",
        &[Said(|scene, _, bytes| {
            for (room, _) in scene.model.rooms() {
                scene.memory.names.insert(room.into_bytes());
            }
            let known = &scene.memory.names;
            listed(b"ROOMLIST", bytes, |names| *names = known.iter().cloned().collect())
        })],
    ),
    Mutation::new(
        "moves-without-a-departure",
        CHANNELS,
        "channels/move-1",
        "does not tell a room that somebody moved to another",
        &[Said(|scene, cause, bytes| {
            let stays = matches!(cause.after, OutboxState::Member { .. });
            if stays { without(scene, cause, &bytes, Kind::Left) } else { bytes }
        })],
    ),
    Mutation::new(
        "moves-answered-twice",
        CHANNELS,
        "channels/move-2",
        "says OK Left before OK Joined to a client that moves to another room",
        &[Said(|scene, cause, bytes| match (&cause.before, &cause.after) {
            (OutboxState::Member { room, .. }, OutboxState::Member { room: new, .. })
                if room != new && cause.actor == scene.id =>
            {
                [format!("OK Left {room}\r\n").into_bytes(), bytes].concat()
            }
            _ => bytes,
        })],
    ),
    Mutation::new(
        "messages-acknowledged",
        CHANNELS,
        "channels/msg-5",
        "answers OK to a message",
        &[Said(|scene, cause, bytes| {
            let own = cause.actor == scene.id;
            by_kind(scene, cause, &bytes, |_, kind, line| {
                let ok: &[u8] = if own && kind == Kind::Text { b"OK\r\n" } else { b"" };
                [line, ok].concat()
            })
        })],
    ),
    Mutation::new(
        "sent-not-said",
        CHANNELS,
        "channels/tell-2",
        "does not say OK Sent",
        &[Said(|_, _, bytes| replaced(&bytes, b"OK Sent\r\n", b""))],
    ),
    Mutation::new(
        "sent-said-first",
        CHANNELS,
        "channels/tell-5",
        "says OK Sent to a client that writes to itself before the line itself",
        &[Said(|_, _, bytes| match bytes.strip_suffix(b"OK Sent\r\n") {
            Some(line) => [b"OK Sent\r\n", line].concat(),
            None => bytes,
        })],
    ),
    Mutation::new(
        "unknown-slash-commands-said",
        CHANNELS,
        "channels/line-4",
        "says an unknown command with a slash to the room",
        &[Line(|scene, line| {
            let known =
                [&b"/join "[..], b"/leave\n", b"/msg ", b"/rooms\n", b"/users\n", b"/quit\n"];
            let unknown = line.starts_with(b"/") && !known.iter().any(|one| line.starts_with(one));
            if unknown && scene.is_member() { [b"MSG ", &line[..]].concat() } else { line }
        })],
    ),
    Mutation::new(
        "keywords-in-any-case",
        CHANNELS,
        "channels/line-2",
        "takes keywords in lower case too, so that join us is a command",
        &[Line(|_, line| {
            content(&line, |text| {
                let word = text.split(|byte| *byte == b' ').next().unwrap_or(text);
                [&word.to_ascii_uppercase()[..], &text[word.len()..]].concat()
            })
        })],
    ),
    Mutation::new(
        "plain-text-refused",
        CHANNELS,
        "channels/msg-2",
        "knows no messages without MSG",
        &[Line(|scene, line| {
            let (word, _) = command(&line);
            let keywords = [
                &b"USERNAME"[..],
                b"JOIN",
                b"MSG",
                b"PRIVMSG",
                b"LEAVE",
                b"ROOMS",
                b"USERS",
                b"QUIT",
                b"",
            ];
            let plain = !line.starts_with(b"/") && !keywords.contains(&&word[..]);
            if plain && scene.is_member() { b"/?\n".to_vec() } else { line }
        })],
    ),
    Mutation::new(
        "leave-with-argument-leaves",
        CHANNELS,
        "channels/line-2",
        "takes LEAVE me alone for LEAVE",
        &[Line(|_, line| if line.starts_with(b"LEAVE ") { b"LEAVE\n".to_vec() } else { line })],
    ),
    Mutation::new(
        "goodbye-not-said",
        CHANNELS,
        "channels/quit-1",
        "closes after QUIT without a word",
        &[Said(|_, _, bytes| replaced(&bytes, b"OK Goodbye!\r\n", b""))],
    ),
    Mutation::new(
        "refused-join-leaves-the-room",
        CHANNELS,
        "channels/error-2",
        "leaves the old room when the JOIN of another is refused",
        &[Line(|scene, line| {
            let refused = line == b"JOIN\n" && scene.is_member();
            if refused { [b"LEAVE\n", &line[..]].concat() } else { line }
        })],
    ),
    Mutation::new(
        "join-of-the-same-room-accepted",
        CHANNELS,
        "channels/join-7",
        "joins a client to the room it is in already",
        &[Line(|scene, line| match scene.outbox_state() {
            OutboxState::Member { room, .. } if line == format!("JOIN {room}\n").as_bytes() => {
                [b"LEAVE\n", &line[..]].concat()
            }
            _ => line,
        })],
    ),
    Mutation::new(
        "private-targets-checked-like-names",
        CHANNELS,
        "common/tell-4",
        "refuses a private line to what could not be a name as a bad command",
        &[Line(|scene, line| {
            let (word, argument) = command(&line);
            let (target, _) = split_word(&argument);
            let refused = word == b"PRIVMSG" && !is_name(scene.dialect, target);
            if refused { b"?\n".to_vec() } else { line }
        })],
    ),
];

/// A list with other names.
fn listed(keyword: &[u8], bytes: Vec<u8>, change: impl FnOnce(&mut Vec<Vec<u8>>)) -> Vec<u8> {
    let line = bytes.strip_suffix(b"\r\n").unwrap_or(&bytes);
    let mut words: Vec<Vec<u8>> = line.split(|byte| *byte == b' ').map(<[u8]>::to_vec).collect();
    if words[0] != keyword {
        return bytes;
    }
    let mut names = words.split_off(1);
    change(&mut names);
    words.extend(names);
    [&words.join(&b' ')[..], b"\r\n"].concat()
}

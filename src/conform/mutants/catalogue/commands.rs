//! Commands of the channels dialect that are mistaken, refused, forgiven or forgotten.

use crate::mutants::fault::Fault::{Line, Said};
use crate::mutants::mutation::Mutation;
use crate::mutants::naming::{split_end, split_word};
use crate::mutants::scene::Scene;
use crate::mutants::tools::{content, is_name, renamed, replaced, rooms_renamed, wanted};
use parlance_model::{Dialect, OutboxState};

const CHANNELS: &[Dialect] = &[Dialect::Channels];

/// The longest name.
const LONGEST: usize = 31;

/// Keywords, names, and commands that need a name or a room.
pub(super) static MUTATIONS: &[Mutation] = &[
    Mutation::new(
        "arguments-of-lists-ignored",
        CHANNELS,
        "channels/line-2",
        "takes ROOMS to let for ROOMS, and QUIT smoking for QUIT",
        &[Line(|_, line| {
            let (word, argument) = split_word(split_end(&line).0);
            let bare = [&b"ROOMS"[..], b"USERS", b"QUIT"].contains(&word) && !argument.is_empty();
            if bare { [word, b"\n"].concat() } else { line }
        })],
    ),
    Mutation::new(
        "keywords-by-their-first-letters",
        CHANNELS,
        "channels/line-2",
        "takes MSGhi for MSG hi",
        &[Line(|_, line| {
            let glued = line.starts_with(b"MSG") && split_word(split_end(&line).0).0 != b"MSG";
            if glued { [b"MSG ", &line[3..]].concat() } else { line }
        })],
    ),
    Mutation::new(
        "slash-forms-do-nothing",
        CHANNELS,
        "channels/line-3",
        "does not answer /join, /leave, /msg, /rooms, /users and /quit at all",
        &[Line(|_, line| {
            let word = split_word(split_end(&line).0).0;
            let known = [&b"/join"[..], b"/leave", b"/msg", b"/rooms", b"/users", b"/quit"];
            if known.contains(&word) { Vec::new() } else { line }
        })],
    ),
    Mutation::new(
        "errors-with-another-keyword",
        CHANNELS,
        "channels/line-5",
        "begins its errors with ERR instead of ERROR",
        &[Said(|_, _, bytes| match bytes.strip_prefix(b"ERROR ") {
            Some(reason) => [b"ERR ", reason].concat(),
            None => bytes,
        })],
    ),
    Mutation::new(
        "welcome-without-the-name",
        CHANNELS,
        "channels/name-1",
        "answers USERNAME with a bare OK",
        &[Said(
            |_, _, bytes| {
                if bytes.starts_with(b"OK Welcome, ") { b"OK\r\n".to_vec() } else { bytes }
            },
        )],
    ),
    Mutation::new(
        "long-usernames-cut",
        CHANNELS,
        "channels/name-2",
        "cuts a user's name that is too long instead of refusing it",
        &[Line(|scene, line| {
            if wanted(scene, &line).is_none() {
                return line;
            }
            renamed(scene, line, |_, mut name| {
                name.truncate(LONGEST);
                name
            })
        })],
    ),
    Mutation::new(
        "usernames-cut-at-a-space",
        CHANNELS,
        "channels/name-3",
        "takes the first word after USERNAME for the name and forgets the others",
        &[Line(|scene, line| {
            if wanted(scene, &line).is_none() {
                return line;
            }
            renamed(scene, line, |_, name| split_word(&name).0.to_vec())
        })],
    ),
    Mutation::new(
        "bytes-above-127-in-usernames",
        CHANNELS,
        "channels/name-3",
        "accepts users' names that are not ASCII",
        &[Line(|scene, line| {
            if wanted(scene, &line).is_none_or(|name| name.is_ascii()) {
                return line;
            }
            renamed(scene, line, |scene, name| scene.memory.aliases.stand_in(&name))
        })],
    ),
    Mutation::new(
        "guests-admitted",
        CHANNELS,
        "channels/name-6",
        "gives a name to a client that has none and joins a room or says something",
        &[Line(|scene, line| {
            let word = split_word(split_end(&line).0).0;
            let does = [&b"JOIN"[..], b"MSG", b"PRIVMSG"].contains(&word);
            if !(does && scene.is_fresh()) {
                return line;
            }
            [format!("USERNAME guest{}\n", scene.id).as_bytes(), &line[..]].concat()
        })],
    ),
    Mutation::new(
        "lines-of-the-nameless-ignored",
        CHANNELS,
        "channels/name-7",
        "does not answer a line without a command of a client that has no name",
        &[Line(|scene, line| {
            let word = split_word(split_end(&line).0).0;
            let command = word.starts_with(b"/")
                || [&b"USERNAME"[..], b"JOIN", b"MSG", b"PRIVMSG", b"QUIT"].contains(&word);
            if scene.is_fresh() && !command { Vec::new() } else { line }
        })],
    ),
    Mutation::new(
        "quit-needs-a-name",
        CHANNELS,
        "channels/name-7",
        "refuses QUIT of a client that has no name",
        &[Line(|scene, line| {
            let quits = split_end(&line).0 == b"QUIT";
            if quits && scene.is_fresh() { b"ROOMS\n".to_vec() } else { line }
        })],
    ),
    Mutation::new(
        "long-room-names-cut",
        CHANNELS,
        "channels/join-2",
        "cuts the name of a room that is too long instead of refusing it",
        &[Line(|scene, line| {
            rooms_renamed(scene, line, |mut room| {
                room.truncate(LONGEST);
                room
            })
        })],
    ),
    Mutation::new(
        "room-names-cut-at-a-space",
        CHANNELS,
        "channels/join-3",
        "takes the first word after JOIN for the room and forgets the others",
        &[Line(|scene, line| rooms_renamed(scene, line, |room| split_word(&room).0.to_vec()))],
    ),
    Mutation::new(
        "hash-put-before-room-names",
        CHANNELS,
        "channels/join-8",
        "puts a # before the name of a room that has none",
        &[Line(|scene, line| {
            rooms_renamed(scene, line, |room| {
                let hash: &[u8] =
                    if room.starts_with(b"#") || room.is_empty() { b"" } else { b"#" };
                [hash, &room].concat()
            })
        })],
    ),
    Mutation::new(
        "left-without-the-room",
        CHANNELS,
        "channels/leave-1",
        "answers LEAVE with a bare OK",
        &[Said(
            |_, _, bytes| {
                if bytes.starts_with(b"OK Left ") { b"OK\r\n".to_vec() } else { bytes }
            },
        )],
    ),
    Mutation::new(
        "leaves-in-word-only",
        CHANNELS,
        "channels/leave-1",
        "answers LEAVE with OK and keeps the member",
        &[Line(|scene, line| {
            let OutboxState::Member { room, .. } = scene.outbox_state() else { return line };
            if split_end(&line).0 != b"LEAVE" {
                return line;
            }
            let left = format!("OK Left {room}\r\n");
            scene.say(scene.id, left);
            Vec::new()
        })],
    ),
    Mutation::new(
        "empty-messages-sent-in-channels",
        CHANNELS,
        "channels/msg-3",
        "sends empty messages",
        &[Line(|scene, line| {
            let empty = [&b""[..], b"MSG", b"MSG "].contains(&split_end(&line).0);
            if !(empty && scene.is_member()) {
                return line;
            }
            [b"MSG ", &scene.memory.aliases.stand_in(b"")[..], b"\n"].concat()
        })],
    ),
    Mutation::new(
        "messages-without-a-room-ignored",
        CHANNELS,
        "channels/msg-4",
        "does not answer MSG of a client in no room",
        &[Line(|scene, line| {
            let says = line.starts_with(b"MSG ") && is_outside(scene);
            if says { Vec::new() } else { line }
        })],
    ),
    Mutation::new(
        "lines-without-a-room-ignored",
        CHANNELS,
        "channels/msg-6",
        "does not answer LEAVE, USERS and lines without a command of a client in no room",
        &[Line(|scene, line| {
            let word = split_word(split_end(&line).0).0;
            let other = word.starts_with(b"/")
                || [&b"USERNAME"[..], b"JOIN", b"MSG", b"PRIVMSG", b"ROOMS", b"QUIT"]
                    .contains(&word);
            if is_outside(scene) && !other { Vec::new() } else { line }
        })],
    ),
    Mutation::new(
        "private-lines-cut-at-a-space",
        CHANNELS,
        "channels/tell-1",
        "sends the first word of a private message alone",
        &[Line(|_, line| {
            content(&line, |text| match text.strip_prefix(b"PRIVMSG ") {
                Some(rest) => {
                    let (target, text) = split_word(rest);
                    [b"PRIVMSG ", target, b" ", split_word(text).0].concat()
                }
                None => text.to_vec(),
            })
        })],
    ),
    Mutation::new(
        "private-lines-heard-by-others",
        CHANNELS,
        "channels/tell-1",
        "sends a private message to every member of every room",
        &[Line(|scene, line| {
            let (word, argument) = split_word(split_end(&line).0);
            let (text, sender) = (split_word(argument).1.to_vec(), scene.name().map(str::to_owned));
            if let (b"PRIVMSG", Some(sender)) = (word, sender) {
                for other in scene.others() {
                    let head = format!("PRIVMSG {sender} ");
                    scene.say(other, [head.as_bytes(), &text, b"\r\n"].concat());
                }
            }
            line
        })],
    ),
    Mutation::new(
        "lost-private-lines-acknowledged",
        CHANNELS,
        "channels/tell-3",
        "says OK Sent though nobody has the target's name",
        &[Said(|_, _, bytes| replaced(&bytes, b"ERROR User not found\r\n", b"OK Sent\r\n"))],
    ),
    Mutation::new(
        "empty-private-lines-sent",
        CHANNELS,
        "channels/tell-4",
        "sends private messages without a text",
        &[Line(|scene, line| {
            let (word, argument) = split_word(split_end(&line).0);
            let (target, text) = split_word(argument);
            if word != b"PRIVMSG" || target.is_empty() || !text.is_empty() {
                return line;
            }
            let nothing = scene.memory.aliases.stand_in(b"");
            [b"PRIVMSG ", target, b" ", &nothing, b"\n"].concat()
        })],
    ),
    Mutation::new(
        "private-lines-need-a-room",
        CHANNELS,
        "channels/tell-5",
        "refuses a private message of a client in no room",
        &[Line(|scene, line| {
            let outside = line.starts_with(b"PRIVMSG ") && is_outside(scene);
            if outside { b"USERS\n".to_vec() } else { line }
        })],
    ),
    Mutation::new(
        "names-checked-before-standing",
        CHANNELS,
        "channels/error-4",
        "says that a name is invalid to a client that cannot take one any more",
        &[Line(|scene, line| {
            let (word, name) = split_word(split_end(&line).0);
            if word != b"USERNAME" || scene.is_fresh() || is_name(scene.dialect, name) {
                return line;
            }
            scene.say(scene.id, "ERROR Invalid username\r\n");
            Vec::new()
        })],
    ),
];

/// Whether the client has a name and no room.
fn is_outside(scene: &Scene<'_>) -> bool {
    matches!(scene.outbox_state(), OutboxState::Named { .. })
}

//! The extensions of channels for rooms that are kept.

use crate::mutants::fault::Fault::{self, Config as Numbers, Line, Said};
use crate::mutants::lines::{Kind, each};
use crate::mutants::mutation::Mutation;
use crate::mutants::naming::{split_end, split_word};
use crate::mutants::scene::{Cause, Scene};
use crate::mutants::tools::{by_kind, replaced, without};
use parlance_model::Dialect;

const CHANNELS: &[Dialect] = &[Dialect::Channels];

/// What a right server of channels is served with, to have the extensions.
pub(crate) const KEPT: Fault = Numbers(|config| config.kept_lines = Some(50));

/// Faults of servers that have the extensions.
pub(super) static MUTATIONS: &[Mutation] = &[
    Mutation::new(
        "unknown-commands-answered-with-help",
        CHANNELS,
        "extensions/frame-1",
        "answers an unknown command with the list of commands",
        &[
            KEPT,
            Said(|_, _, bytes| replaced(&bytes, b"ERROR Unknown command\r\n", b"OK Help (0)\r\n")),
        ],
    ),
    Mutation::new(
        "extensions-in-any-case",
        CHANNELS,
        "extensions/frame-1",
        "takes /HISTORY for /history",
        &[
            KEPT,
            Line(|_, line| {
                let length = split_word(split_end(&line).0).0.len();
                let word = line[..length].to_ascii_lowercase();
                let known = [&b"/history"[..], b"/topic", b"/help"].contains(&&word[..]);
                if known { [&word, &line[length..]].concat() } else { line }
            }),
        ],
    ),
    Mutation::new(
        "help-counts-one-too-few",
        CHANNELS,
        "extensions/frame-2",
        "has one line more in its /help than it says",
        &[KEPT, Said(|_, _, bytes| replaced(&bytes, b"OK Help (3)", b"OK Help (2)"))],
    ),
    Mutation::new(
        "help-without-topics",
        CHANNELS,
        "extensions/frame-2",
        "does not list /topic in its /help",
        &[
            KEPT,
            Said(|_, _, bytes| {
                let bytes = replaced(&bytes, b"OK Help (3)", b"OK Help (2)");
                each(&bytes, |line| kept_if(!line.starts_with(b"HELP /topic"), line))
            }),
        ],
    ),
    Mutation::new(
        "arguments-before-the-name",
        CHANNELS,
        "extensions/frame-3",
        "looks at the arguments of /history before it looks for a name and a room",
        &[
            KEPT,
            Line(|scene, line| {
                let (word, argument) = split_word(split_end(&line).0);
                let wrong = word == b"/history" && !argument.starts_with(b"before");
                if wrong && !scene.is_member() && !argument.first().copied().is_some_and(is_count) {
                    scene.say(scene.id, &b"ERROR Usage: /history [N]\r\n"[..]);
                    return Vec::new();
                }
                line
            }),
        ],
    ),
    Mutation::new(
        "numbers-taken-leniently",
        CHANNELS,
        "extensions/frame-3",
        "takes /history +5 for /history 5",
        &[KEPT, Line(|_, line| replaced(&line, b"/history +", b"/history "))],
    ),
    Mutation::new(
        "rooms-forgotten-with-their-members",
        CHANNELS,
        "extensions/store-1",
        "forgets a room with its last member",
        &[
            KEPT,
            Said(|scene, cause, bytes| {
                if !is_first(&bytes) {
                    return bytes;
                }
                let bytes = each(&bytes, |line| kept_if(!line.starts_with(b"TOPIC "), line));
                without(scene, cause, &bytes, Kind::Shown)
            }),
        ],
    ),
    Mutation::new(
        "private-lines-stored",
        CHANNELS,
        "extensions/store-1",
        "shows private messages in the history of a room",
        &[KEPT, Line(|scene, line| noted(scene, line, b"PRIVMSG")), Said(noted_told)],
    ),
    Mutation::new(
        "comings-stored",
        CHANNELS,
        "extensions/store-1",
        "shows who came in the history of a room",
        &[KEPT, Line(|scene, line| noted(scene, line, b"JOIN")), Said(noted_told)],
    ),
    Mutation::new(
        "pages-overlap",
        CHANNELS,
        "extensions/history-1",
        "takes \"before 7\" for \"up to 7\"",
        &[
            KEPT,
            Line(|_, line| {
                let text = String::from_utf8_lossy(split_end(&line).0).into_owned();
                let Some((asked, id)) = text.rsplit_once(" before ") else { return line };
                let Ok(id) = id.parse::<u64>() else { return line };
                format!("{asked} before {}\n", id.saturating_add(1)).into_bytes()
            }),
        ],
    ),
    Mutation::new(
        "pages-newest-first",
        CHANNELS,
        "extensions/history-1",
        "shows the newest line of an answer first",
        &[
            KEPT,
            Said(|_, _, bytes| {
                answer(&bytes, |mut lines| {
                    lines.reverse();
                    lines
                })
            }),
        ],
    ),
    Mutation::new(
        "ids-that-begin-anew",
        CHANNELS,
        "extensions/history-2",
        "numbers the lines of each answer from 1",
        &[
            KEPT,
            Said(|_, _, bytes| {
                answer(&bytes, |lines| {
                    let numbered = (1_u64..).zip(lines);
                    numbered.map(|(id, line)| with_word(&line, 1, &id.to_string())).collect()
                })
            }),
        ],
    ),
    Mutation::new(
        "times-in-seconds",
        CHANNELS,
        "extensions/history-2",
        "has times to the second",
        &[
            KEPT,
            Said(|_, _, bytes| {
                answer(&bytes, |lines| {
                    let cut = |line: Vec<u8>| {
                        let time =
                            String::from_utf8_lossy(&line).split(' ').nth(2).map(str::to_owned);
                        let second = time.unwrap_or_default().split('.').next().map(str::to_owned);
                        with_word(&line, 2, &format!("{}Z", second.unwrap_or_default()))
                    };
                    lines.into_iter().map(cut).collect()
                })
            }),
        ],
    ),
    Mutation::new(
        "answers-interrupted",
        CHANNELS,
        "extensions/history-2",
        "sends a line of the room in the middle of an answer",
        &[
            KEPT,
            Said(|_, _, bytes| {
                if !bytes.starts_with(b"OK History") {
                    return bytes;
                }
                let count = bytes.split_inclusive(|byte| *byte == b'\n').count();
                let lines = bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec);
                let mut lines: Vec<Vec<u8>> = lines.collect();
                lines.insert(count / 2 + 1, b"ROOM #elsewhere somebody hello\r\n".to_vec());
                lines.concat()
            }),
        ],
    ),
    Mutation::new(
        "history-bound-too-small",
        CHANNELS,
        "extensions/history-3",
        "answers /history with at most 100,000 bytes",
        &[
            KEPT,
            Said(|_, _, bytes| {
                answer(&bytes, |mut lines| {
                    while lines.iter().map(Vec::len).sum::<usize>() > 100_000 {
                        lines.remove(0);
                    }
                    lines
                })
            }),
        ],
    ),
    Mutation::new(
        "history-beyond-its-bound",
        CHANNELS,
        "extensions/history-3",
        "shows a line more than the bound of an answer allows",
        &[
            KEPT,
            Said(|_, _, bytes| {
                answer(&bytes, |mut lines| {
                    if lines.iter().map(Vec::len).sum::<usize>() > 200_000 {
                        lines.insert(0, with_word(&lines[0], 1, "1"));
                    }
                    lines
                })
            }),
        ],
    ),
    Mutation::new(
        "joiners-shown-no-history",
        CHANNELS,
        "extensions/history-4",
        "does not show a joiner the last lines of the room",
        &[
            KEPT,
            Said(|scene, cause, bytes| {
                by_kind(scene, cause, &bytes, |_, kind, line| {
                    kept_if(kind != Kind::Shown || !line.starts_with(b"ROOM "), line)
                })
            }),
        ],
    ),
    Mutation::new(
        "joiners-shown-the-oldest-last",
        CHANNELS,
        "extensions/history-4",
        "shows a joiner the last lines of the room, the newest first",
        &[
            KEPT,
            Said(|scene, cause, bytes| {
                let mut shown: Vec<Vec<u8>> = Vec::new();
                let rest = by_kind(scene, cause, &bytes, |_, kind, line| {
                    let is_shown = kind == Kind::Shown && line.starts_with(b"ROOM ");
                    if is_shown {
                        shown.push(line.to_vec());
                    }
                    kept_if(!is_shown, line)
                });
                shown.reverse();
                [rest, shown.concat()].concat()
            }),
        ],
    ),
    Mutation::new(
        "topics-without-their-setter",
        CHANNELS,
        "extensions/topic-1",
        "does not say who set a topic",
        &[
            KEPT,
            Said(|_, _, bytes| {
                each(&bytes, |line| {
                    let mut words = line.splitn(4, |byte| *byte == b' ');
                    match [words.next(), words.next(), words.next(), words.next()] {
                        [Some(b"TOPIC"), Some(room), Some(_), Some(text)] => {
                            [b"TOPIC ", room, b" ", text].concat()
                        }
                        _ => line.to_vec(),
                    }
                })
            }),
        ],
    ),
    Mutation::new(
        "topics-told-to-all-when-one-asks",
        CHANNELS,
        "extensions/topic-1",
        "answers /topic to every member of the room",
        &[
            KEPT,
            Line(|scene, line| {
                if split_end(&line).0 == b"/topic" && scene.is_member() {
                    for other in scene.others() {
                        scene.say(other, &b"TOPIC #somewhere\r\n"[..]);
                    }
                }
                line
            }),
        ],
    ),
    Mutation::new(
        "topics-not-told",
        CHANNELS,
        "extensions/topic-2",
        "tells a new topic to its setter alone",
        &[
            KEPT,
            Said(|scene, cause, bytes| {
                let is_news = cause.actor != scene.id && bytes.starts_with(b"TOPIC ");
                if is_news { Vec::new() } else { bytes }
            }),
        ],
    ),
    Mutation::new(
        "topics-that-cannot-be-removed",
        CHANNELS,
        "extensions/topic-2",
        "takes \"/topic -\" for \"/topic\"",
        &[KEPT, Line(|_, line| replaced(&line, b"/topic -\n", b"/topic\n"))],
    ),
    Mutation::new(
        "long-topics-cut",
        CHANNELS,
        "extensions/topic-2",
        "cuts a topic after 255 bytes instead of refusing it",
        &[
            KEPT,
            Line(|_, mut line| {
                if line.starts_with(b"/topic ") && line.len() > 7 + 255 + 1 {
                    line.truncate(7 + 255);
                    line.push(b'\n');
                }
                line
            }),
        ],
    ),
    Mutation::new(
        "topics-not-shown-to-joiners",
        CHANNELS,
        "extensions/topic-3",
        "does not show a joiner the topic",
        &[
            KEPT,
            Said(|_, _, bytes| {
                let is_topic = |line: &[u8]| is_joined(&bytes) && line.starts_with(b"TOPIC ");
                each(&bytes, |line| kept_if(!is_topic(line), line))
            }),
        ],
    ),
    Mutation::new(
        "topics-before-the-members",
        CHANNELS,
        "extensions/topic-3",
        "shows a joiner the topic before the members",
        &[
            KEPT,
            Said(|_, _, bytes| {
                if !is_joined(&bytes) {
                    return bytes;
                }
                let is_topic = |line: &[u8]| line.starts_with(b"TOPIC ");
                let rest = each(&bytes, |line| kept_if(!is_topic(line), line));
                let topic = each(&bytes, |line| kept_if(is_topic(line), line));
                let answer = rest.iter().position(|byte| *byte == b'\n').map_or(0, |at| at + 1);
                [&rest[..answer], &topic, &rest[answer..]].concat()
            }),
        ],
    ),
];

fn kept_if(is_kept: bool, line: &[u8]) -> Vec<u8> {
    if is_kept { line.to_vec() } else { Vec::new() }
}

fn is_count(byte: u8) -> bool {
    (b'1'..=b'9').contains(&byte)
}

/// Whether this is the answer to a join.
fn is_joined(bytes: &[u8]) -> bool {
    bytes.starts_with(b"OK Joined ")
}

/// Whether this is the answer to a join of a room without members.
fn is_first(bytes: &[u8]) -> bool {
    let answer = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    is_joined(bytes) && answer.ends_with(b"(0 users)\r")
}

/// An answer to `/history` with other lines, and their number; any other bytes as they are.
fn answer(bytes: &[u8], change: impl FnOnce(Vec<Vec<u8>>) -> Vec<Vec<u8>>) -> Vec<u8> {
    let mut lines = bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec);
    let Some(head) = lines.next().filter(|head| head.starts_with(b"OK History ")) else {
        return bytes.to_vec();
    };
    let lines = change(lines.collect());
    let head = String::from_utf8_lossy(&head).into_owned();
    let begin = head.rsplit_once('(').map_or(head.as_str(), |(begin, _)| begin);
    [format!("{begin}({})\r\n", lines.len()).into_bytes(), lines.concat()].concat()
}

/// The line with another word at this place.
fn with_word(line: &[u8], place: usize, new: &str) -> Vec<u8> {
    let mut words: Vec<&[u8]> = line.split(|byte| *byte == b' ').collect();
    if let Some(word) = words.get_mut(place) {
        *word = new.as_bytes();
    }
    words.join(&b' ')
}

/// Remembers a line of this keyword, to show it later.
fn noted(scene: &mut Scene<'_>, line: Vec<u8>, keyword: &[u8]) -> Vec<u8> {
    let (word, argument) = split_word(split_end(&line).0);
    if word == keyword {
        scene.memory.kept = argument.to_vec();
    }
    line
}

/// Shows what was noted as the first line of each answer to `/history`.
fn noted_told(scene: &mut Scene<'_>, _: &Cause, bytes: Vec<u8>) -> Vec<u8> {
    answer(&bytes, |mut lines| {
        if let Some(first) = lines.first().cloned() {
            let mut words: Vec<&[u8]> = first.splitn(6, |byte| *byte == b' ').collect();
            let noted = [&scene.memory.kept[..], b"\r\n"].concat();
            if let Some(text) = words.last_mut() {
                *text = &noted;
            }
            lines.insert(0, words.join(&b' '));
        }
        lines
    })
}

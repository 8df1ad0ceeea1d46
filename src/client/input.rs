//! The user's commands.

use super::sanitize::sanitize;
use parlance_speech::{Command, Dialect};

/// An input event.
#[derive(Debug)]
pub(super) enum Typed {
    /// A line.
    Line(Vec<u8>),
    /// A line that is too long.
    TooMuch,
    /// The end of the input.
    End,
}

/// The action of a command. Each dialect has some of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Sends a text to the room.
    Send,
    /// Sends a private message.
    Tell,
    /// Joins a room.
    Join,
    /// Leaves the room and stays connected.
    Part,
    /// Lists users.
    Users,
    /// Lists rooms.
    Rooms,
    /// Lists commands.
    Help,
    /// Leaves the server and ends the program.
    Leave,
}

/// The commands that the client offers in `dialect`, in the order of `help`.
pub fn verbs(dialect: Dialect) -> &'static [Verb] {
    match dialect {
        Dialect::Rooms | Dialect::Lobby | Dialect::Simple => &[Verb::Send, Verb::Help, Verb::Leave],
        Dialect::Login => &[Verb::Send, Verb::Tell, Verb::Users, Verb::Help, Verb::Leave],
        Dialect::Channels => &[
            Verb::Send,
            Verb::Tell,
            Verb::Join,
            Verb::Part,
            Verb::Users,
            Verb::Rooms,
            Verb::Help,
            Verb::Leave,
        ],
    }
}

/// A line of the user with its arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input<'l> {
    /// A command for the server.
    Command(Command<'l>),
    /// Lists commands.
    Help,
    /// Leaves the server and ends the program.
    Leave,
}

/// How a command is typed and explained.
struct Entry {
    verb: Verb,
    words: &'static [&'static str],
    usage: &'static str,
    does: &'static str,
}

/// All commands in the order of `help`. The first match counts: `/leave` leaves the room where
/// there are rooms to leave.
const COMMANDS: [Entry; 8] = [
    Entry {
        verb: Verb::Send,
        words: &["send", "/send"],
        usage: "send TEXT",
        does: "say TEXT to everyone in the room",
    },
    Entry {
        verb: Verb::Tell,
        words: &["msg", "dm", "/msg", "/dm"],
        usage: "msg USER TEXT",
        does: "say TEXT to USER alone (also: dm)",
    },
    Entry {
        verb: Verb::Join,
        words: &["join", "/join"],
        usage: "join ROOM",
        does: "go into ROOM, out of the one you are in",
    },
    Entry {
        verb: Verb::Part,
        words: &["part", "/part", "/leave"],
        usage: "part",
        does: "leave the room, stay connected (also: /leave)",
    },
    Entry {
        verb: Verb::Users,
        words: &["users", "who", "/users", "/who"],
        usage: "users",
        does: "list who is there (also: who)",
    },
    Entry { verb: Verb::Rooms, words: &["rooms", "/rooms"], usage: "rooms", does: "list rooms" },
    Entry { verb: Verb::Help, words: &["help", "/help"], usage: "help", does: "list commands" },
    Entry {
        verb: Verb::Leave,
        words: &["leave", "quit", "/leave", "/quit"],
        usage: "leave",
        does: "disconnect and end the program (also: quit)",
    },
];

/// The command in a line, of the `known` ones; `None` for a blank line.
///
/// Exactly one space ends a word; the rest is the text, untrimmed. Every command may begin with
/// `/`.
///
/// # Errors
/// A message for the user.
///
/// ```
/// use parlance_client::{Input, Verb, parse};
/// use parlance_speech::Command;
///
/// let known = [Verb::Send, Verb::Part, Verb::Leave];
/// assert_eq!(parse(b"send  hi", &known), Ok(Some(Input::Command(Command::Say(b" hi")))));
/// // Without Part in `known` this would be Leave.
/// assert_eq!(parse(b"/leave", &known), Ok(Some(Input::Command(Command::Part))));
/// let error = parse(b"rooms", &known).unwrap_err();
/// assert_eq!(error, "no command is called rooms; there is send, part, leave");
/// ```
pub fn parse<'l>(line: &'l [u8], known: &[Verb]) -> Result<Option<Input<'l>>, String> {
    let line = line.trim_ascii_start();
    if line.is_empty() {
        return Ok(None);
    }
    let (word, rest) = split(line);
    let here = |entry: &&Entry| known.contains(&entry.verb);
    let called =
        |entry: &&Entry| entry.words.iter().any(|name| word.eq_ignore_ascii_case(name.as_bytes()));
    let Some(entry) = COMMANDS.iter().filter(here).find(called) else {
        let names: Vec<_> = COMMANDS.iter().filter(here).map(|entry| entry.words[0]).collect();
        let word = sanitize(word);
        return Err(format!("no command is called {word}; there is {}", names.join(", ")));
    };
    let usage = || format!("write it like this: {}", entry.usage);
    let alone = |input| if rest.trim_ascii().is_empty() { Ok(Some(input)) } else { Err(usage()) };
    let command = |command| Ok(Some(Input::Command(command)));
    match entry.verb {
        Verb::Send if rest.is_empty() => Err(usage()),
        Verb::Send => command(Command::Say(rest)),
        Verb::Tell => match split(rest) {
            ([], _) | (_, []) => Err(usage()),
            (to, text) => command(Command::Tell { to, text }),
        },
        Verb::Join => match rest.trim_ascii() {
            [] => Err(usage()),
            // No room name has a space, and the user may mean two rooms.
            room if room.contains(&b' ') => Err(usage()),
            room => command(Command::Join(room)),
        },
        Verb::Part => alone(Input::Command(Command::Part)),
        Verb::Users => alone(Input::Command(Command::Users)),
        Verb::Rooms => alone(Input::Command(Command::Rooms)),
        Verb::Help => alone(Input::Help),
        Verb::Leave => alone(Input::Leave),
    }
}

/// One line for each command that is `known`.
pub(super) fn help(known: &[Verb]) -> impl Iterator<Item = String> {
    let here = move |entry: &&Entry| known.contains(&entry.verb);
    COMMANDS.iter().filter(here).map(|entry| format!("  {:14} {}", entry.usage, entry.does))
}

/// The part before the first space, and the part after it.
fn split(line: &[u8]) -> (&[u8], &[u8]) {
    match memchr::memchr(b' ', line) {
        Some(at) => (&line[..at], &line[at + 1..]),
        None => (line, &[]),
    }
}

#[cfg(test)]
mod tests {
    use super::{COMMANDS, Input, Verb, help, parse, verbs};
    use parlance_speech::{Command, Dialect};

    const ALL: [Verb; 8] = [
        Verb::Send,
        Verb::Tell,
        Verb::Join,
        Verb::Part,
        Verb::Users,
        Verb::Rooms,
        Verb::Help,
        Verb::Leave,
    ];
    const FEW: [Verb; 3] = [Verb::Send, Verb::Help, Verb::Leave];

    #[test]
    fn every_command_is_understood_with_and_without_a_slash() {
        let same = [
            (
                Input::Command(Command::Say(b"a b")),
                vec!["send a b", "/send a b", "SEND a b", "  send a b"],
            ),
            (
                Input::Command(Command::Tell { to: b"u", text: b"a b" }),
                vec!["msg u a b", "dm u a b", "/msg u a b", "/DM u a b"],
            ),
            (Input::Command(Command::Join(b"#r")), vec!["join #r", "/join #r", "join  #r "]),
            (Input::Command(Command::Part), vec!["part", "/part", "/leave"]),
            (Input::Command(Command::Users), vec!["users", "who", "/users", "/who"]),
            (Input::Command(Command::Rooms), vec!["rooms", "/rooms"]),
            (Input::Help, vec!["help", "/help"]),
            (Input::Leave, vec!["leave", "quit", "/quit", "leave "]),
        ];
        for (input, lines) in same {
            for line in lines {
                assert_eq!(parse(line.as_bytes(), &ALL), Ok(Some(input)), "{line}");
            }
        }
    }

    #[test]
    fn every_command_that_is_offered_has_a_line() {
        for dialect in Dialect::ALL {
            let offered = |verb| verbs(dialect).contains(&verb);
            assert!(offered(Verb::Send) && offered(Verb::Leave) && offered(Verb::Help));
            for (verb, command) in [
                (Verb::Tell, Command::Tell { to: b"u", text: b"t" }),
                (Verb::Join, Command::Join(b"r")),
                (Verb::Part, Command::Part),
                (Verb::Users, Command::Users),
                (Verb::Rooms, Command::Rooms),
            ] {
                assert_eq!(offered(verb), dialect.has(&command), "{dialect} {verb:?}");
            }
        }
    }

    #[test]
    fn slash_leave_leaves_the_server_in_dialects_without_rooms() {
        assert_eq!(parse(b"/leave", &FEW), Ok(Some(Input::Leave)));
    }

    #[test]
    fn a_text_is_not_trimmed() {
        assert_eq!(parse(b"send  a ", &FEW), Ok(Some(Input::Command(Command::Say(b" a ")))));
        assert_eq!(
            parse(b"msg u  a ", &ALL),
            Ok(Some(Input::Command(Command::Tell { to: b"u", text: b" a " })))
        );
        assert_eq!(parse(b"send \xff\0", &FEW), Ok(Some(Input::Command(Command::Say(b"\xff\0")))));
    }

    #[test]
    fn missing_and_surplus_arguments_are_reported() {
        for line in [
            "send",
            "send ",
            "msg",
            "msg u",
            "msg u ",
            "msg  u hi",
            "join",
            "join ",
            "join a b",
            "leave now",
            "who x",
        ] {
            let error = parse(line.as_bytes(), &ALL).expect_err(line);
            assert!(error.starts_with("write it like this: "), "{line}: {error}");
        }
    }

    #[test]
    fn an_unknown_command_lists_the_known_ones() {
        let error = parse(b"\x1b[2J hi", &FEW).expect_err("unknown");
        assert_eq!(error, r"no command is called \x1b[2J; there is send, help, leave");
        assert!(parse(b"rooms", &FEW).is_err(), "not in this dialect");
    }

    #[test]
    fn blank_lines_are_ignored() {
        assert_eq!(parse(b"", &FEW), Ok(None));
        assert_eq!(parse(b" \t ", &FEW), Ok(None));
    }

    #[test]
    fn help_has_a_line_for_each() {
        assert_eq!(help(&ALL).count(), COMMANDS.len());
        assert_eq!(help(&FEW).count(), 3);
    }
}

//! What the user typed.

/// What a command does; which ones there are depends on the dialect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Says something to everyone in the room.
    Send,
    /// Says something to one user.
    Tell,
    /// Goes into a room.
    Join,
    /// Leaves a room, and stays connected.
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

/// A command with its arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input<'l> {
    /// Says `0` to everyone in the room.
    Send(&'l [u8]),
    /// Says something to one user.
    Tell {
        /// Who is to hear it.
        to: &'l [u8],
        /// What is said.
        text: &'l [u8],
    },
    /// Goes into the room `0`.
    Join(&'l [u8]),
    /// Leaves a room, and stays connected.
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

struct Command {
    verb: Verb,
    words: &'static [&'static str],
    usage: &'static str,
    does: &'static str,
}

/// In the order of `help`. The first match counts: `/leave` leaves the room where there are rooms to leave.
const COMMANDS: [Command; 8] = [
    Command {
        verb: Verb::Send,
        words: &["send", "/send"],
        usage: "send TEXT",
        does: "say TEXT to everyone in the room",
    },
    Command {
        verb: Verb::Tell,
        words: &["msg", "dm", "/msg", "/dm"],
        usage: "msg USER TEXT",
        does: "say TEXT to USER alone (also: dm)",
    },
    Command {
        verb: Verb::Join,
        words: &["join", "/join"],
        usage: "join ROOM",
        does: "go into ROOM, out of the one you are in",
    },
    Command {
        verb: Verb::Part,
        words: &["part", "/part", "/leave"],
        usage: "part",
        does: "leave the room, stay connected (also: /leave)",
    },
    Command {
        verb: Verb::Users,
        words: &["users", "who", "/users", "/who"],
        usage: "users",
        does: "list who is there (also: who)",
    },
    Command { verb: Verb::Rooms, words: &["rooms", "/rooms"], usage: "rooms", does: "list rooms" },
    Command { verb: Verb::Help, words: &["help", "/help"], usage: "help", does: "list commands" },
    Command {
        verb: Verb::Leave,
        words: &["leave", "quit", "/leave", "/quit"],
        usage: "leave",
        does: "disconnect and end the program (also: quit)",
    },
];

/// The command in a line, of those that are `known`; nothing in a blank line.
///
/// Exactly one space ends a word; what follows is the text, untrimmed. Every command may begin with `/`.
///
/// # Errors
/// What is wrong, for the user.
///
/// ```
/// use parlance_client::{Input, Verb, parse};
///
/// let known = [Verb::Send, Verb::Part, Verb::Leave];
/// assert_eq!(parse(b"send  hi", &known), Ok(Some(Input::Send(b" hi"))));
/// assert_eq!(parse(b"/leave", &known), Ok(Some(Input::Part))); // and without Part it is Leave
/// assert_eq!(parse(b"rooms", &known).unwrap_err(), "no command is called rooms; there is send, part, leave");
/// ```
pub fn parse<'l>(line: &'l [u8], known: &[Verb]) -> Result<Option<Input<'l>>, String> {
    let line = line.trim_ascii_start();
    if line.is_empty() {
        return Ok(None);
    }
    let (word, rest) = split(line);
    let here = |command: &&Command| known.contains(&command.verb);
    let called = |command: &&Command| {
        command.words.iter().any(|name| word.eq_ignore_ascii_case(name.as_bytes()))
    };
    let Some(command) = COMMANDS.iter().filter(here).find(called) else {
        let names: Vec<_> = COMMANDS.iter().filter(here).map(|command| command.words[0]).collect();
        let word = super::sanitize(word);
        return Err(format!("no command is called {word}; there is {}", names.join(", ")));
    };
    let usage = || format!("write it like this: {}", command.usage);
    let alone = |input| if rest.trim_ascii().is_empty() { Ok(Some(input)) } else { Err(usage()) };
    match command.verb {
        Verb::Send if rest.is_empty() => Err(usage()),
        Verb::Send => Ok(Some(Input::Send(rest))),
        Verb::Tell => match split(rest) {
            ([], _) | (_, []) => Err(usage()),
            (to, text) => Ok(Some(Input::Tell { to, text })),
        },
        Verb::Join => match rest.trim_ascii() {
            [] => Err(usage()),
            // Two words would be a room name to no server, and might be two rooms to the user.
            room if room.contains(&b' ') => Err(usage()),
            room => Ok(Some(Input::Join(room))),
        },
        Verb::Part => alone(Input::Part),
        Verb::Users => alone(Input::Users),
        Verb::Rooms => alone(Input::Rooms),
        Verb::Help => alone(Input::Help),
        Verb::Leave => alone(Input::Leave),
    }
}

/// One line for each command that is `known`.
pub(super) fn help(known: &[Verb]) -> impl Iterator<Item = String> {
    let here = move |command: &&Command| known.contains(&command.verb);
    COMMANDS.iter().filter(here).map(|command| format!("  {:14} {}", command.usage, command.does))
}

/// Up to the first space, and what follows it.
fn split(line: &[u8]) -> (&[u8], &[u8]) {
    match memchr::memchr(b' ', line) {
        Some(at) => (&line[..at], &line[at + 1..]),
        None => (line, &[]),
    }
}

#[cfg(test)]
mod tests {
    use super::{COMMANDS, Input, Verb, help, parse};

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
            (Input::Send(b"a b"), vec!["send a b", "/send a b", "SEND a b", "  send a b"]),
            (
                Input::Tell { to: b"u", text: b"a b" },
                vec!["msg u a b", "dm u a b", "/msg u a b", "/DM u a b"],
            ),
            (Input::Join(b"#r"), vec!["join #r", "/join #r", "join  #r "]),
            (Input::Part, vec!["part", "/part", "/leave"]),
            (Input::Users, vec!["users", "who", "/users", "/who"]),
            (Input::Rooms, vec!["rooms", "/rooms"]),
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
    fn where_there_are_no_rooms_slash_leave_leaves_the_server() {
        assert_eq!(parse(b"/leave", &FEW), Ok(Some(Input::Leave)));
    }

    #[test]
    fn a_text_is_not_trimmed() {
        assert_eq!(parse(b"send  a ", &FEW), Ok(Some(Input::Send(b" a "))));
        assert_eq!(parse(b"msg u  a ", &ALL), Ok(Some(Input::Tell { to: b"u", text: b" a " })));
        assert_eq!(parse(b"send \xff\0", &FEW), Ok(Some(Input::Send(b"\xff\0"))));
    }

    #[test]
    fn what_is_missing_or_too_much_is_told() {
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
    fn an_unknown_command_says_what_there_is() {
        let error = parse(b"\x1b[2J hi", &FEW).expect_err("unknown");
        assert_eq!(error, r"no command is called \x1b[2J; there is send, help, leave");
        assert!(parse(b"rooms", &FEW).is_err(), "not in this dialect");
    }

    #[test]
    fn blank_lines_are_nothing() {
        assert_eq!(parse(b"", &FEW), Ok(None));
        assert_eq!(parse(b" \t ", &FEW), Ok(None));
    }

    #[test]
    fn help_has_a_line_for_each() {
        assert_eq!(help(&ALL).count(), COMMANDS.len());
        assert_eq!(help(&FEW).count(), 3);
    }
}

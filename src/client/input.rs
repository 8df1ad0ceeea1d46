//! The user's lines: texts and commands.

use super::sanitize::sanitize;
use parlance_speech::{Command, Dialect};

/// An input event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Typed {
    /// A line.
    Line(Vec<u8>),
    /// A line of a paste, which is a text whatever it begins with.
    Text(Vec<u8>),
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
    /// Shows lines of the room's past.
    History,
    /// Shows or sets the topic of the room.
    Topic,
    /// Takes the name of an account by its password.
    LogIn,
    /// Takes the name of an account from another connection.
    Ghost,
    /// Makes an account.
    Register,
    /// Changes the password of an account.
    Password,
    /// Gives the name back.
    LogOut,
    /// Lists commands.
    Help,
    /// Leaves the server and ends the program.
    Quit,
}

/// The commands that the client offers in `dialect`, in the order of `/help`.
pub fn verbs(dialect: Dialect) -> &'static [Verb] {
    match dialect {
        Dialect::Rooms | Dialect::Lobby | Dialect::Simple => &[Verb::Send, Verb::Help, Verb::Quit],
        Dialect::Login => &[Verb::Send, Verb::Tell, Verb::Users, Verb::Help, Verb::Quit],
        Dialect::Channels => &[
            Verb::Send,
            Verb::Tell,
            Verb::Join,
            Verb::Part,
            Verb::Users,
            Verb::Rooms,
            Verb::History,
            Verb::Topic,
            Verb::LogIn,
            Verb::Ghost,
            Verb::Register,
            Verb::Password,
            Verb::LogOut,
            Verb::Help,
            Verb::Quit,
        ],
    }
}

/// The meaning of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input<'l> {
    /// A command for the server.
    Command(Command<'l>),
    /// Lists commands.
    Help,
    /// Leaves the server and ends the program.
    Quit,
    /// May mean the room or the program.
    Ambiguous,
}

/// How a command is typed and explained.
struct Entry {
    verb: Verb,
    words: &'static [&'static str],
    usage: &'static str,
    does: &'static str,
}

/// All commands in the order of `/help`. The first match counts: `/leave` leaves the room where a
/// client can leave it and stay connected.
const COMMANDS: [Entry; 15] = [
    Entry {
        verb: Verb::Send,
        words: &["/send", "/say"],
        usage: "send TEXT",
        does: "say TEXT to everyone, as TEXT alone does; // begins a text with /",
    },
    Entry {
        verb: Verb::Tell,
        words: &["/msg", "/dm"],
        usage: "/msg USER TEXT",
        does: "say TEXT to USER alone (also: /dm)",
    },
    Entry {
        verb: Verb::Join,
        words: &["/join"],
        usage: "/join ROOM",
        does: "go into ROOM, out of the one you are in",
    },
    Entry {
        verb: Verb::Part,
        words: &["/leave", "/part"],
        usage: "/leave",
        does: "leave the room, stay connected (also: /part)",
    },
    Entry {
        verb: Verb::Users,
        words: &["/users", "/who"],
        usage: "/users",
        does: "list users (also: /who)",
    },
    Entry { verb: Verb::Rooms, words: &["/rooms"], usage: "/rooms", does: "list rooms" },
    Entry {
        verb: Verb::History,
        words: &["/history"],
        usage: "/history [N] [before ID]",
        does: "show what was said, where the server keeps it",
    },
    Entry {
        verb: Verb::Topic,
        words: &["/topic"],
        usage: "/topic [TEXT]",
        does: "show or set the topic; - removes it",
    },
    Entry {
        verb: Verb::LogIn,
        words: &["/login"],
        usage: "/login NAME PASSWORD",
        does: "take the name of your account, where the server has accounts",
    },
    Entry {
        verb: Verb::Ghost,
        words: &["/ghost"],
        usage: "/ghost NAME",
        does: "after /login, end the connection that has your name",
    },
    Entry {
        verb: Verb::Register,
        words: &["/register"],
        usage: "/register [NAME] PASSWORD",
        does: "make an account of your name, or of NAME if you have none",
    },
    Entry {
        verb: Verb::Password,
        words: &["/password"],
        usage: "/password OLD NEW",
        does: "change the password of your account",
    },
    Entry {
        verb: Verb::LogOut,
        words: &["/logout"],
        usage: "/logout",
        does: "leave the room and give your name back",
    },
    Entry { verb: Verb::Help, words: &["/help"], usage: "/help", does: "list commands" },
    Entry {
        verb: Verb::Quit,
        words: &["/quit", "/exit", "/leave"],
        usage: "/quit",
        does: "disconnect and end the program (also: /exit)",
    },
];

/// The meaning of a line, by the `known` commands; `None` for a blank line.
///
/// A line is a text, unless it begins with `/`. The document of the simple dialect has two commands
/// without one, which every dialect takes: `send TEXT` and `leave`.
///
/// # Errors
/// A message for the user.
///
/// ```
/// use parlance_client::{Input, Verb, parse};
/// use parlance_speech::Command;
///
/// let known = [Verb::Send, Verb::Part, Verb::Quit];
/// for line in [&b"hi"[..], b"send hi", b"/send hi"] {
///     assert_eq!(parse(line, &known), Ok(Some(Input::Command(Command::Say(b"hi")))));
/// }
/// assert_eq!(parse(b"//hi", &known), Ok(Some(Input::Command(Command::Say(b"/hi")))));
/// // Without Part in `known` this would be Quit.
/// assert_eq!(parse(b"/leave", &known), Ok(Some(Input::Command(Command::Part))));
/// let error = parse(b"/rooms", &known).unwrap_err();
/// assert!(error.starts_with("no command is called /rooms; there is /send, /leave, /quit"));
/// ```
pub fn parse<'l>(line: &'l [u8], known: &[Verb]) -> Result<Option<Input<'l>>, String> {
    if line.trim_ascii().is_empty() {
        return Ok(None);
    }
    let say = |text| Ok(Some(Input::Command(Command::Say(text))));
    let (word, rest) = split(line);
    match line {
        [b'/', b'/', ..] => say(&line[1..]),
        [b'/', ..] => command(word, rest, known),
        _ if word.eq_ignore_ascii_case(b"send") => match rest {
            [] => Err("write it like this: send TEXT".to_owned()),
            text => say(text),
        },
        _ if line.trim_ascii().eq_ignore_ascii_case(b"leave") => {
            let ambiguous = known.contains(&Verb::Part);
            Ok(Some(if ambiguous { Input::Ambiguous } else { Input::Quit }))
        }
        text => say(text),
    }
}

/// The command `word` of the `known` ones.
fn command<'l>(word: &[u8], rest: &'l [u8], known: &[Verb]) -> Result<Option<Input<'l>>, String> {
    let here = |entry: &&Entry| known.contains(&entry.verb);
    let called =
        |entry: &&Entry| entry.words.iter().any(|name| word.eq_ignore_ascii_case(name.as_bytes()));
    let Some(entry) = COMMANDS.iter().filter(here).find(called) else {
        let names: Vec<_> = COMMANDS.iter().filter(here).map(|entry| entry.words[0]).collect();
        let (word, names) = (sanitize(word), names.join(", "));
        return Err(format!("no command is called {word}; there is {names}; /{word} says it"));
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
        Verb::History => command(Command::History(rest.trim_ascii())),
        Verb::Topic => command(Command::Topic(rest.trim_ascii())),
        Verb::LogOut => alone(Input::Command(Command::Account { word: b"/logout", rest: b"" })),
        Verb::LogIn | Verb::Ghost | Verb::Register | Verb::Password => {
            // As it is written in the table: the server's commands have one case.
            let (word, rest) = (entry.words[0].as_bytes(), rest.trim_ascii());
            let fits = match (entry.verb, rest.split(|byte| *byte == b' ').count()) {
                _ if rest.is_empty() => false,
                (Verb::LogIn | Verb::Password, count) => count == 2,
                (Verb::Ghost, count) => count == 1,
                (_, count) => count <= 2,
            };
            if fits { command(Command::Account { word, rest }) } else { Err(usage()) }
        }
        Verb::Help => alone(Input::Help),
        Verb::Quit => alone(Input::Quit),
    }
}

/// Where the passwords in a line begin that is typed, if it has any: from there on it is neither
/// shown nor kept.
pub(super) fn secret_from(line: &str) -> Option<usize> {
    let (word, rest) = line.split_once(' ')?;
    let start = word.len() + 1;
    match word.to_ascii_lowercase().as_str() {
        "/register" | "/password" => Some(start),
        "/login" => {
            rest.trim_start().find(' ').map(|at| line.len() - rest.trim_start().len() + at + 1)
        }
        _ => None,
    }
}

/// One line for each command that is `known`.
pub(super) fn help(known: &[Verb]) -> impl Iterator<Item = String> {
    let here = move |entry: &&Entry| known.contains(&entry.verb);
    COMMANDS.iter().filter(here).map(|entry| format!("  {:14} {}", entry.usage, entry.does))
}

/// The words of all commands that are `known`, each with its `/`.
pub(super) fn words(known: &[Verb]) -> Vec<&'static str> {
    let here = COMMANDS.iter().filter(|entry| known.contains(&entry.verb));
    let mut words: Vec<_> = here.flat_map(|entry| entry.words).copied().collect();
    words.sort_unstable();
    words.dedup();
    words
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
    use super::{COMMANDS, Input, Verb, help, parse, secret_from, verbs, words};
    use parlance_speech::{Command, Dialect};

    const ALL: [Verb; 15] = [
        Verb::Send,
        Verb::Tell,
        Verb::Join,
        Verb::Part,
        Verb::Users,
        Verb::Rooms,
        Verb::History,
        Verb::Topic,
        Verb::LogIn,
        Verb::Ghost,
        Verb::Register,
        Verb::Password,
        Verb::LogOut,
        Verb::Help,
        Verb::Quit,
    ];
    const FEW: [Verb; 3] = [Verb::Send, Verb::Help, Verb::Quit];

    fn text(text: &[u8]) -> Input<'_> {
        Input::Command(Command::Say(text))
    }

    fn account(word: &'static [u8], rest: &'static [u8]) -> Input<'static> {
        Input::Command(Command::Account { word, rest })
    }

    #[test]
    fn the_secret_part_of_a_line_is_found() {
        let secret = |line: &'static str| secret_from(line).map(|from| &line[from..]);
        assert_eq!(secret("/login ann word"), Some("word"));
        assert_eq!(secret("/LOGIN  ann word two"), Some("word two"));
        assert_eq!(secret("/register word"), Some("word"));
        assert_eq!(secret("/password old new"), Some("old new"));
        for line in ["/login ann", "/login", "/register", "/logins ann word", "/msg ann word", "hi"]
        {
            assert_eq!(secret(line), None, "{line}");
        }
    }

    #[test]
    fn every_command_is_understood() {
        let same = [
            (
                Input::Command(Command::Say(b"a b")),
                vec!["send a b", "/send a b", "SEND a b", "a b"],
            ),
            (
                Input::Command(Command::Tell { to: b"u", text: b"a b" }),
                vec!["/msg u a b", "/dm u a b", "/DM u a b"],
            ),
            (Input::Command(Command::Join(b"#r")), vec!["/join #r", "/join  #r "]),
            (Input::Command(Command::Part), vec!["/part", "/leave"]),
            (Input::Command(Command::Users), vec!["/users", "/who"]),
            (Input::Command(Command::Rooms), vec!["/rooms"]),
            (Input::Command(Command::History(b"3 before 7")), vec!["/history 3 before 7 "]),
            (Input::Command(Command::Topic(b"")), vec!["/topic", "/TOPIC "]),
            (Input::Command(Command::Topic(b"a b")), vec!["/topic a b"]),
            (
                account(b"/login", b"ann secret-word"),
                vec!["/login ann secret-word", "/LOGIN ann secret-word "],
            ),
            (account(b"/ghost", b"ann"), vec!["/ghost ann"]),
            (account(b"/register", b"secret-word"), vec!["/register secret-word"]),
            (account(b"/password", b"a b"), vec!["/password a b"]),
            (account(b"/logout", b""), vec!["/logout", "/logout "]),
            (Input::Help, vec!["/help"]),
            (Input::Quit, vec!["/quit", "/exit", "/quit "]),
            (Input::Ambiguous, vec!["leave", " Leave "]),
        ];
        for (input, lines) in same {
            for line in lines {
                assert_eq!(parse(line.as_bytes(), &ALL), Ok(Some(input)), "{line}");
            }
        }
    }

    /// To Unicode a long s, a dotless i and the sign of the kelvin are s, i and k in upper or lower
    /// case.
    #[test]
    fn a_word_with_another_byte_or_a_lookalike_in_it_is_no_command() {
        for word in COMMANDS.iter().flat_map(|entry| entry.words).chain(&["send", "leave"]) {
            let known = format!("{word} x");
            for (at, &letter) in word.as_bytes().iter().enumerate().skip(1) {
                let lookalikes = ["s\u{17f}", "i\u{131}", "k\u{212a}"].into_iter();
                let lookalikes = lookalikes.filter(|two| two.as_bytes()[0] == letter);
                let bytes = (0..=255_u8).filter(|byte| !byte.eq_ignore_ascii_case(&letter));
                let bytes = bytes.filter(|&byte| byte != b' ').map(|byte| vec![byte]);
                for other in bytes.chain(lookalikes.map(|two| two.as_bytes()[1..].to_vec())) {
                    let (before, after) = (&known.as_bytes()[..at], &known.as_bytes()[at + 1..]);
                    let line = [before, &other, after].concat();
                    let told = line.escape_ascii();
                    match parse(&line, &ALL) {
                        Ok(Some(input)) if !word.starts_with('/') => {
                            assert_eq!(input, text(&line), "{told}");
                        }
                        // The second slash makes it a text.
                        Ok(Some(input)) => assert_eq!(input, text(&line[1..]), "{told}"),
                        Ok(None) => panic!("{told} is not blank"),
                        Err(why) => {
                            assert!(why.starts_with("no command is called"), "{told}: {why}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn a_line_is_said_unless_it_begins_with_a_slash() {
        for line in ["hello?", "quit", "help", "who", "msg u hi", "leave me", "sender", " /quit"] {
            assert_eq!(parse(line.as_bytes(), &ALL), Ok(Some(text(line.as_bytes()))), "{line}");
        }
        assert_eq!(parse(b"//quit", &ALL), Ok(Some(text(b"/quit"))));
        assert_eq!(parse(b"//", &ALL), Ok(Some(text(b"/"))));
    }

    #[test]
    fn every_command_that_is_offered_has_a_line() {
        for dialect in Dialect::ALL {
            let offered = |verb| verbs(dialect).contains(&verb);
            assert!(offered(Verb::Send) && offered(Verb::Quit) && offered(Verb::Help));
            for (verb, command) in [
                (Verb::Tell, Command::Tell { to: b"u", text: b"t" }),
                (Verb::Join, Command::Join(b"r")),
                (Verb::Part, Command::Part),
                (Verb::Users, Command::Users),
                (Verb::Rooms, Command::Rooms),
                (Verb::History, Command::History(b"")),
                (Verb::Topic, Command::Topic(b"t")),
                (Verb::LogIn, Command::Account { word: b"/login", rest: b"u p" }),
            ] {
                assert_eq!(offered(verb), dialect.has(&command), "{dialect} {verb:?}");
            }
        }
    }

    #[test]
    fn leaving_is_quitting_in_dialects_without_rooms_to_leave() {
        for line in [&b"/leave"[..], b"leave", b"/quit"] {
            assert_eq!(parse(line, &FEW), Ok(Some(Input::Quit)));
        }
    }

    #[test]
    fn a_text_is_not_trimmed() {
        assert_eq!(parse(b"send  a ", &FEW), Ok(Some(text(b" a "))));
        assert_eq!(parse(b" a ", &FEW), Ok(Some(text(b" a "))));
        assert_eq!(
            parse(b"/msg u  a ", &ALL),
            Ok(Some(Input::Command(Command::Tell { to: b"u", text: b" a " })))
        );
        assert_eq!(parse(b"\xff\0", &FEW), Ok(Some(text(b"\xff\0"))));
    }

    #[test]
    fn missing_and_surplus_arguments_are_reported() {
        for line in [
            "send",
            "send ",
            "/msg",
            "/msg u",
            "/msg u ",
            "/msg  u hi",
            "/join",
            "/join ",
            "/join a b",
            "/leave now",
            "/who x",
            "/login ann",
            "/login",
            "/ghost",
            "/ghost a b",
            "/register",
            "/password old",
            "/logout now",
        ] {
            let error = parse(line.as_bytes(), &ALL).expect_err(line);
            assert!(error.starts_with("write it like this: "), "{line}: {error}");
        }
    }

    #[test]
    fn an_unknown_command_lists_the_known_ones() {
        let error = parse(b"/\x1b[2J hi", &FEW).expect_err("unknown");
        let list = "there is /send, /help, /quit";
        assert_eq!(error, format!(r"no command is called /\x1b[2J; {list}; //\x1b[2J says it"));
        assert!(parse(b"/rooms", &FEW).is_err(), "not in this dialect");
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

    #[test]
    fn each_word_can_be_completed_once() {
        assert_eq!(words(&FEW), ["/exit", "/help", "/leave", "/quit", "/say", "/send"]);
    }
}

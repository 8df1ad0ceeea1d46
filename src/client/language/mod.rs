//! The five dialects from the client's side: commands into lines, lines into events.

mod channels;
mod lobby;
mod login;
mod rooms;
mod simple;

use super::input::{Input, Verb};
use std::fmt;

/// A dialect as its clients speak it. Pure: lines in, lines out.
///
/// ```
/// use parlance_client::{Event, Input, language};
///
/// let simple = language("simple").unwrap();
/// assert_eq!(simple.put(&Input::Send(b"hi")), b"SEND hi");
/// assert_eq!(simple.hear(b"MSG bob "), Event::Said { from: b"bob", text: b"" });
/// assert_eq!(simple.hear(b"MSG"), Event::Strange); // what no rule covers is no error
/// ```
pub trait Language: fmt::Debug + Sync {
    /// Its name in options.
    fn name(&self) -> &'static str;

    /// The port its servers listen on by default.
    fn default_port(&self) -> u16;

    /// The commands it has.
    fn verbs(&self) -> &'static [Verb];

    /// The room that is entered if the user names none, where one is needed to log in.
    fn default_room(&self) -> Option<&'static str> {
        None
    }

    /// Whether `name` can be written in this dialect. What a server makes of it is its own affair.
    fn can_write(&self, name: &str) -> bool {
        !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c.is_control())
    }

    /// The line that gives the user a name, in `room` if that takes one line.
    fn name_line(&self, user: &str, room: &str) -> String;

    /// What answers that line.
    fn admission(&self) -> Admission;

    /// Whether what one says comes back from the server.
    fn echoes(&self) -> bool {
        true
    }

    /// A line that is answered by [`Event::Pong`] once everything before it is done; sent after every
    /// command, and now and then so that the server does not think that nobody is there.
    fn fence(&self) -> Option<&'static str> {
        None
    }

    /// The line that says good-bye, if the dialect has one, answered by [`Event::Done`].
    fn farewell(&self) -> Option<&'static str> {
        None
    }

    /// The line for a command, without its end; empty for one that the dialect does not have.
    fn put(&self, input: &Input<'_>) -> Vec<u8>;

    /// What a line from the server says.
    fn hear<'l>(&self, line: &'l [u8]) -> Event<'l>;
}

/// How a user knows that the server has taken the name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// It says so.
    Reply,
    /// The first notice of a joining is the user's own.
    OwnJoin,
    /// Nothing says so; a name that is not taken ends the connection.
    Silence,
}

/// What a line from the server says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event<'l> {
    /// Somebody has said something to everyone in the room.
    Said {
        /// Who.
        from: &'l [u8],
        /// What.
        text: &'l [u8],
    },
    /// Somebody has said something to this user alone.
    Told {
        /// Who.
        from: &'l [u8],
        /// What.
        text: &'l [u8],
    },
    /// The user `0` has come.
    Joined(&'l [u8]),
    /// The user `0` has gone.
    Left(&'l [u8]),
    /// A command succeeded, in the words `0`.
    Done(&'l [u8]),
    /// A command failed, for the reason `0`.
    Failed(&'l [u8]),
    /// `0` is one of the users.
    User(&'l [u8]),
    /// `0` are the users, a space between each two.
    Users(&'l [u8]),
    /// `0` are the rooms, a space between each two.
    Rooms(&'l [u8]),
    /// The answer to the fence.
    Pong,
    /// Nothing that this dialect has.
    Strange,
}

/// All of them; the first is the default.
pub const LANGUAGES: [&dyn Language; 5] = [
    &rooms::RoomsLanguage,
    &lobby::LobbyLanguage,
    &simple::SimpleLanguage,
    &login::LoginLanguage,
    &channels::ChannelsLanguage,
];

/// The dialect of that name.
///
/// ```
/// assert_eq!(parlance_client::language("login").unwrap().default_port(), 4000);
/// assert!(parlance_client::language("Login").is_none());
/// ```
pub fn language(name: &str) -> Option<&'static dyn Language> {
    LANGUAGES.into_iter().find(|language| language.name() == name)
}

/// `line` at its first space; without one the second part is nothing.
fn word(line: &[u8]) -> (&[u8], Option<&[u8]>) {
    match memchr::memchr(b' ', line) {
        Some(at) => (&line[..at], Some(&line[at + 1..])),
        None => (line, None),
    }
}

/// A line of several parts.
fn line(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

#[cfg(test)]
mod tests {
    use super::{Event, Input, LANGUAGES, Verb, language};

    fn heard(name: &str, cases: &[(&str, Event<'_>)]) {
        let language = language(name).expect("a dialect");
        for (line, event) in cases {
            assert_eq!(language.hear(line.as_bytes()), *event, "{name}: {line:?}");
        }
    }

    #[test]
    fn each_dialect_has_its_default_port() {
        let ports = LANGUAGES.map(|language| (language.name(), language.default_port()));
        let wanted = [
            ("rooms", 1234),
            ("lobby", 1235),
            ("simple", 1236),
            ("login", 4000),
            ("channels", 9999),
        ];
        assert_eq!(ports, wanted);
    }

    #[test]
    fn names_are_given_in_each_dialect_s_own_way() {
        let lines = LANGUAGES.map(|language| language.name_line("bob", "r"));
        assert_eq!(lines, ["JOIN r bob", "bob", "JOIN bob", "LOGIN bob", "USERNAME bob"]);
    }

    #[test]
    fn names_that_no_line_could_carry_are_refused() {
        for language in LANGUAGES {
            for name in ["", "a b", "a\nb", "a\x1bb", "a\u{85}b"] {
                assert!(!language.can_write(name), "{}: {name:?}", language.name());
            }
            assert!(language.can_write("jörg"), "some servers may take it");
            assert_eq!(language.can_write("a:b"), language.name() != "lobby");
        }
    }

    #[test]
    fn commands_become_the_lines_of_each_dialect() {
        let said = LANGUAGES.map(|language| language.put(&Input::Send(b"a  b\xff")));
        let wanted: [&[u8]; 5] =
            [b"a  b\xff", b"a  b\xff", b"SEND a  b\xff", b"MSG a  b\xff", b"MSG a  b\xff"];
        assert_eq!(said, wanted);
        let told = Input::Tell { to: b"u", text: b"a b" };
        assert_eq!(language("login").unwrap().put(&told), b"DM u a b");
        assert_eq!(language("login").unwrap().put(&Input::Users), b"WHO");
        let channels = language("channels").unwrap();
        let lines = [told, Input::Join(b"#r"), Input::Part, Input::Users, Input::Rooms];
        let wanted: [&[u8]; 5] = [b"PRIVMSG u a b", b"JOIN #r", b"LEAVE", b"USERS", b"ROOMS"];
        assert_eq!(lines.map(|input| channels.put(&input)), wanted);
    }

    #[test]
    fn every_command_that_is_offered_has_a_line() {
        for language in LANGUAGES {
            let offered = |verb| language.verbs().contains(&verb);
            assert!(offered(Verb::Send) && offered(Verb::Leave) && offered(Verb::Help));
            for (verb, input) in [
                (Verb::Tell, Input::Tell { to: b"u", text: b"t" }),
                (Verb::Join, Input::Join(b"r")),
                (Verb::Part, Input::Part),
                (Verb::Users, Input::Users),
                (Verb::Rooms, Input::Rooms),
            ] {
                assert_eq!(
                    offered(verb),
                    !language.put(&input).is_empty(),
                    "{} {verb:?}",
                    language.name()
                );
            }
        }
    }

    #[test]
    fn rooms_lines() {
        heard(
            "rooms",
            &[
                ("bob has joined", Event::Joined(b"bob")),
                ("bob has left", Event::Left(b"bob")),
                ("bob: hi: you", Event::Said { from: b"bob", text: b"hi: you" }),
                ("bob: ", Event::Said { from: b"bob", text: b"" }),
                ("b:b: x", Event::Said { from: b"b:b", text: b"x" }),
                // A name may end in a colon, and then the document's lines have two meanings.
                ("bob: has joined", Event::Said { from: b"bob", text: b"has joined" }),
                ("ERROR", Event::Failed(b"")),
                ("ERROR: x", Event::Said { from: b"ERROR", text: b"x" }),
                ("ERROR has joined", Event::Joined(b"ERROR")),
                ("", Event::Strange),
                (": x", Event::Strange),
                (" has joined", Event::Strange),
            ],
        );
    }

    #[test]
    fn lobby_lines() {
        heard(
            "lobby",
            &[
                ("bob:hi:you", Event::Said { from: b"bob", text: b"hi:you" }),
                ("bob:", Event::Said { from: b"bob", text: b"" }),
                (":x", Event::Strange),
                ("bob", Event::Strange),
            ],
        );
    }

    #[test]
    fn simple_lines() {
        heard(
            "simple",
            &[
                ("OK", Event::Done(b"")),
                ("ERROR username-taken", Event::Failed(b"username-taken")),
                ("ERROR", Event::Failed(b"")),
                ("MSG bob  hi", Event::Said { from: b"bob", text: b" hi" }),
                ("JOINED bob", Event::Joined(b"bob")),
                ("LEFT bob", Event::Left(b"bob")),
                ("PONG", Event::Strange),
                ("JOINED", Event::Strange),
                ("JOINED ", Event::Strange),
                ("MSG  x", Event::Strange),
            ],
        );
    }

    #[test]
    fn login_lines() {
        heard(
            "login",
            &[
                ("OK", Event::Done(b"")),
                ("ERR user-not-found", Event::Failed(b"user-not-found")),
                ("MSG bob hi", Event::Said { from: b"bob", text: b"hi" }),
                ("DM bob hi", Event::Told { from: b"bob", text: b"hi" }),
                ("USER bob", Event::User(b"bob")),
                ("PONG", Event::Pong),
                ("INFO bob disconnected", Event::Left(b"bob")),
                ("INFO bob", Event::Strange),
                ("INFO  disconnected", Event::Strange),
                ("ERROR x", Event::Strange),
            ],
        );
    }

    #[test]
    fn channels_lines() {
        heard(
            "channels",
            &[
                ("OK Welcome, bob!", Event::Done(b"Welcome, bob!")),
                ("OK", Event::Done(b"")),
                ("ERROR User not found", Event::Failed(b"User not found")),
                ("ROOM #r bob hi  you", Event::Said { from: b"bob", text: b"hi  you" }),
                ("PRIVMSG bob hi", Event::Told { from: b"bob", text: b"hi" }),
                ("JOIN #r bob", Event::Joined(b"bob")),
                ("LEAVE #r bob", Event::Left(b"bob")),
                ("USERLIST a b", Event::Users(b"a b")),
                ("ROOMLIST", Event::Rooms(b"")),
                ("ROOM #r bob", Event::Strange),
                ("JOIN #r", Event::Strange),
                ("room #r bob x", Event::Strange),
            ],
        );
    }
}

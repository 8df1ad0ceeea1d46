//! The client's command line and environment.
#![allow(clippy::doc_markdown, reason = "the comments on options are the text of --help")]

use super::conversation::Topic;
use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{CommandFactory, FromArgMatches, Parser};
use parlance_speech::Dialect;
use std::ffi::OsString;
use std::time::Duration;

/// A chat client for small line protocols.
///
/// On a terminal it has a prompt; type `help` there. With its standard input redirected each line
/// of that is a command, what is said goes to standard output and everything else to standard
/// error, and the exit status says whether all went well.
#[derive(Clone, Debug, Parser)]
#[command(name = "parlance-chat", version, max_term_width = 100)]
pub struct Options {
    /// What the server speaks: rooms, lobby, simple, login or channels
    #[arg(long, env = "CHAT_DIALECT", value_name = "NAME", default_value = "rooms")]
    #[arg(value_parser = parse_dialect)]
    pub dialect: Dialect,

    /// The server's name or address
    #[arg(long, env = "CHAT_HOST", value_name = "HOST", default_value = "localhost")]
    pub host: String,

    /// The server's port, 1 to 65535 [default: the dialect's]
    #[arg(long, env = "CHAT_PORT", value_name = "PORT", value_parser = parse_port)]
    pub port: Option<u16>,

    /// Your name on the server
    #[arg(long, env = "CHAT_USERNAME", value_name = "NAME")]
    pub username: String,

    /// The room to go into at once; rooms and channels have any [default in rooms: main]
    #[arg(long, env = "CHAT_ROOM", value_name = "ROOM")]
    pub room: Option<String>,

    /// Seconds without a word after which a server of the login dialect gets a PING; 0 = never
    #[arg(long, env = "CHAT_PING", value_name = "SECONDS", default_value = "20")]
    #[arg(allow_negative_numbers = true, value_parser = parse_seconds)]
    pub ping: Duration,

    /// How often in a row to try again when the server is lost, waiting 0.25 s first and twice as
    /// long each time, at most 30 s [default without a number: 10]
    #[arg(long, env = "CHAT_RECONNECT", value_name = "TIMES", num_args = 0..=1)]
    #[arg(default_value_t = 0, default_missing_value = "10", hide_default_value = true)]
    pub reconnect: u32,
}

impl Options {
    /// The options of `arguments` (the program name first) and the environment. Arguments take
    /// precedence.
    ///
    /// # Errors
    /// A message that names the value at fault; also the text of `--help` and `--version`.
    ///
    /// ```
    /// use parlance_client::Options;
    ///
    /// let error = Options::from_arguments(["parlance-chat", "--username", "a b"]).unwrap_err();
    /// assert!(error.to_string().contains("'a b'"));
    /// assert_eq!(error.exit_code(), 2);
    /// ```
    pub fn from_arguments<I>(arguments: I) -> Result<Options, clap::Error>
    where
        I: IntoIterator<Item: Into<OsString> + Clone>,
    {
        let typed = arguments.into_iter().map(Into::into);
        parlance_printable::arguments(Options::command(), typed, |command, typed| {
            let matches = command.try_get_matches_from_mut(typed)?;
            let options = Options::from_arg_matches(&matches)?;
            let room_typed = matches.value_source("room") == Some(ValueSource::CommandLine);
            let wrong = |why| command.error(ErrorKind::ValueValidation, why);
            options.check(room_typed).map_err(wrong)?;
            Ok(options)
        })
    }

    /// Checks the values against each other.
    fn check(&self, room_typed: bool) -> Result<(), String> {
        let dialect = self.dialect.name();
        let invalid = |value: &str, option: &str, why: &str| {
            Err(format!("invalid value '{value}' for '{option}': {why}"))
        };
        if !self.dialect.can_write(&self.username) {
            let why = format!("no name of the {dialect} dialect can be written like this");
            return invalid(&self.username, "--username <NAME>", &why);
        }
        if self.host.is_empty() {
            return invalid("", "--host <HOST>", "a host has a name or an address");
        }
        let Some(room) = &self.room else { return Ok(()) };
        // A room in the environment may be meant for another dialect; a room that was typed is not.
        if !self.dialect.has_rooms() && room_typed {
            return invalid(room, "--room <ROOM>", &format!("the {dialect} dialect has no rooms"));
        }
        if self.dialect.has_rooms() && !self.dialect.can_write(room) {
            let why = "a room's name has no spaces or control characters";
            return invalid(room, "--room <ROOM>", why);
        }
        Ok(())
    }

    /// The server's host, without the brackets of an IPv6 address, and its port.
    pub fn server(&self) -> (&str, u16) {
        let bare = self.host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        (bare.unwrap_or(&self.host), self.port.unwrap_or(self.dialect.default_port()))
    }

    /// The settings of a conversation.
    pub fn topic(&self) -> Topic {
        let given = self.room.clone().filter(|_| self.dialect.has_rooms());
        Topic {
            dialect: self.dialect,
            user: self.username.clone(),
            room: given.or_else(|| default_room(self.dialect).map(str::to_owned)),
            ping: (!self.ping.is_zero()).then_some(self.ping),
        }
    }
}

/// The room to join without an option, where a client must join a room to log in.
fn default_room(dialect: Dialect) -> Option<&'static str> {
    match dialect {
        Dialect::Rooms => Some("main"),
        Dialect::Lobby | Dialect::Simple | Dialect::Login | Dialect::Channels => None,
    }
}

fn parse_dialect(text: &str) -> Result<Dialect, String> {
    Dialect::from_name(text).ok_or_else(|| {
        let known = Dialect::ALL.map(Dialect::name);
        format!("there is {}", known.join(", "))
    })
}

/// Digits only, as the daemon reads its port.
fn parse_port(text: &str) -> Result<u16, String> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.parse::<u16>() {
        Ok(port) if digits && port > 0 => Ok(port),
        _ => Err("a port is a decimal number from 1 to 65535".to_owned()),
    }
}

fn parse_seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse::<f64>().ok();
    seconds
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        // A shorter time would keep the client busy with nothing but PING.
        .filter(|span| span.is_zero() || *span >= Duration::from_millis(10))
        .ok_or_else(|| {
            "a time is a number of seconds, like 20 or 0.5; 0 or at least 0.01".to_owned()
        })
}

#[cfg(test)]
mod tests {
    use super::Options;

    /// All options are given, so that the test's environment has no influence.
    fn options(changed: &[(&str, &str)]) -> Result<Options, String> {
        let mut given = vec![
            ("--dialect", "channels"),
            ("--host", "h"),
            ("--port", "1"),
            ("--username", "bob"),
            ("--room", "#r"),
            ("--ping", "20"),
            ("--reconnect", "0"),
        ];
        for (name, value) in &mut given {
            if let Some((_, new)) = changed.iter().find(|(changed, _)| changed == name) {
                *value = new;
            }
        }
        given.retain(|(_, value)| *value != "-");
        let words = given.iter().flat_map(|(name, value)| [*name, *value]);
        let all = ["parlance-chat"].into_iter().chain(words);
        Options::from_arguments(all).map_err(|error| error.to_string())
    }

    #[test]
    fn a_bad_value_is_named() {
        for (option, value) in [
            ("--dialect", "irc"),
            ("--port", "0"),
            ("--port", "65536"),
            ("--port", "+80"),
            ("--username", "a b"),
            ("--username", ""),
            ("--room", "a b"),
            ("--host", ""),
            ("--ping", "-1"),
            ("--ping", "0.001"),
            ("--reconnect", "x"),
        ] {
            let error = options(&[(option, value)]).expect_err(value);
            assert!(error.contains(&format!("'{value}'")) && error.contains(option), "{error}");
        }
    }

    #[test]
    fn a_room_in_a_dialect_without_is_refused() {
        let error = options(&[("--dialect", "simple")]).expect_err("--room is given");
        assert!(error.contains("'#r'"), "{error}");
        assert!(options(&[("--dialect", "simple"), ("--room", "-")]).is_ok());
    }

    #[test]
    fn a_dialect_brings_its_port_and_room() {
        if std::env::vars_os().any(|(name, _)| name.to_string_lossy().starts_with("CHAT_")) {
            return; // they would be taken instead
        }
        let rooms = options(&[("--dialect", "rooms"), ("--port", "-"), ("--room", "-")]).unwrap();
        assert_eq!(rooms.server(), ("h", 1234));
        assert_eq!(rooms.topic().room.as_deref(), Some("main"));
        let channels = options(&[("--port", "-"), ("--room", "-")]).unwrap();
        assert_eq!((channels.server(), channels.topic().room), (("h", 9999), None));
    }

    #[test]
    fn brackets_are_no_part_of_an_address() {
        assert_eq!(options(&[("--host", "[::1]")]).unwrap().server(), ("::1", 1));
    }

    #[test]
    fn a_ping_of_0_is_none() {
        assert_eq!(options(&[("--ping", "0")]).unwrap().topic().ping, None);
    }
}

//! The client's command line and environment.
#![allow(clippy::doc_markdown, reason = "the comments on options are the text of --help")]

use super::conversation::Topic;
use super::target::{Target, parse_dialect, parse_port};
use super::trust::{Asked, Authorities, parse_authorities, parse_fingerprint, tls};
use clap::builder::{BoolishValueParser, Resettable};
use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{Arg, Command, CommandFactory, FromArgMatches, Parser, ValueEnum};
use parlance_layers::{Fingerprint, TlsClient};
use parlance_speech::Dialect;
use std::ffi::OsString;
use std::time::Duration;

/// A chat client for small line protocols.
///
/// On a terminal it has a prompt: what you type is said, and a line that begins with / is a
/// command; type /help there. With its standard input redirected each line of that is said in the
/// same way, what is said goes to standard output and everything else to standard error, and the
/// exit status says whether all went well.
#[derive(Clone, Debug, Parser)]
#[command(name = "parlance-chat", version, max_term_width = 100)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct Options {
    /// The server, as HOST, HOST:PORT, DIALECT://HOST:PORT/ROOM or DIALECT+tls://HOST:PORT/ROOM
    #[arg(value_name = "SERVER")]
    pub target: Option<Target>,

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

    /// Your name on the server [default: that of your account, $USER]
    #[arg(long, env = "CHAT_USERNAME", value_name = "NAME")]
    pub username: Option<String>,

    /// The room to go into at once; rooms and channels have any [default in rooms: main]
    #[arg(long, env = "CHAT_ROOM", value_name = "ROOM")]
    pub room: Option<String>,

    /// Seconds of silence after which a server of the login or channels dialect is asked for a sign
    /// of life; 0 = never
    #[arg(long, env = "CHAT_PING", value_name = "SECONDS", default_value = "20")]
    #[arg(allow_negative_numbers = true, value_parser = parse_seconds)]
    pub ping: Duration,

    /// Seconds without an answer after which the server is taken for lost, 1 to 3600
    #[arg(long, env = "CHAT_TIMEOUT", value_name = "SECONDS", default_value = "30")]
    #[arg(allow_negative_numbers = true, value_parser = parse_timeout)]
    pub timeout: Duration,

    /// How often in a row to try again when the server is lost, waiting up to 0.25 s first and
    /// twice as long each time, at most 30 s [default: 10 at a terminal, once the server has let
    /// you in, and 0 in a script; without a number: 10]
    #[arg(long, env = "CHAT_RECONNECT", value_name = "TIMES", num_args = 0..=1)]
    #[arg(default_missing_value = "10")]
    pub reconnect: Option<u32>,

    /// Whether names have colours; auto = on a terminal, unless NO_COLOR is set
    #[arg(long, env = "CHAT_COLOR", value_name = "WHEN", default_value = "auto", value_enum)]
    pub color: ColorChoice,

    /// Show the time before each line
    #[arg(long, env = "CHAT_TIMESTAMPS", value_parser = BoolishValueParser::new())]
    pub timestamps: bool,

    /// Show each event as one JSON object on standard output, for scripts
    #[arg(long, env = "CHAT_JSON", value_parser = BoolishValueParser::new())]
    pub json: bool,

    /// Keep nothing of what is typed; otherwise parlance-chat/history in $XDG_STATE_HOME or
    /// ~/.local/state has the last lines, except those that begin with a space
    #[arg(long, env = "CHAT_NO_HISTORY", value_parser = BoolishValueParser::new())]
    pub no_history: bool,

    /// Speak TLS; the server's certificate must be for its name, and signed by an authority that
    /// the system trusts
    #[arg(long, env = "CHAT_TLS", value_parser = BoolishValueParser::new())]
    pub tls: bool,

    /// Trust the authorities in FILE (PEM) instead of those of the system
    #[arg(long, env = "CHAT_TLS_CA", value_name = "FILE", value_parser = parse_authorities)]
    pub tls_ca: Option<Authorities>,

    /// Trust the certificate with this SHA-256 fingerprint and no other, whatever is in it
    #[arg(long, env = "CHAT_TLS_FINGERPRINT", value_name = "HEX", value_parser = parse_fingerprint)]
    pub tls_fingerprint: Option<Fingerprint>,

    /// TLS as these three say.
    #[arg(skip)]
    pub(super) secure: Option<TlsClient>,
}

/// When names have colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ColorChoice {
    /// On a terminal that can show them, unless `NO_COLOR` is set.
    Auto,
    /// In files too.
    Always,
    /// Nowhere.
    Never,
}

impl Options {
    /// The options of `arguments` (the program name first) and the environment. Arguments take
    /// precedence; a variable that is set and empty counts as not set.
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
        let typed: Vec<OsString> = arguments.into_iter().map(Into::into).collect();
        let command = without_unset_variables(Options::command(), &typed);
        parlance_printable::arguments(command, typed, |command, typed| {
            let matches = command.try_get_matches_from_mut(typed)?;
            let mut options = Options::from_arg_matches(&matches)?;
            let is_typed = |id: &str| matches.value_source(id) == Some(ValueSource::CommandLine);
            let aimed = options.aim(is_typed);
            aimed.map_err(|why| command.error(ErrorKind::ArgumentConflict, why))?;
            let checked = options.check(is_typed("room"));
            checked.map_err(|why| command.error(ErrorKind::ValueValidation, why))?;
            let secure = options.tls_client(is_typed);
            options.secure =
                secure.map_err(|why| command.error(ErrorKind::ArgumentConflict, why))?;
            Ok(options)
        })
    }

    /// Applies the server that is given without an option. It replaces variables; an option that
    /// says the same thing conflicts with it.
    fn aim(&mut self, is_typed: impl Fn(&str) -> bool) -> Result<(), String> {
        let Some(target) = self.target.clone() else { return Ok(()) };
        let parts = [
            ("host", true),
            ("port", target.port.is_some()),
            ("dialect", target.dialect.is_some_and(|dialect| dialect != self.dialect)),
            ("room", target.room.is_some()),
        ];
        if let Some((id, _)) = parts.into_iter().find(|(id, given)| *given && is_typed(id)) {
            return Err(format!("SERVER and --{id} say the same thing; write one of them"));
        }
        self.host = target.host;
        self.port = target.port.or(self.port);
        self.dialect = target.dialect.unwrap_or(self.dialect);
        self.tls |= target.tls;
        self.room = target.room.or(self.room.take());
        Ok(())
    }

    /// Checks the values against each other, and finds a name where none was given.
    fn check(&mut self, room_typed: bool) -> Result<(), String> {
        let dialect = self.dialect.name();
        let invalid = |value: &str, option: &str, why: &str| {
            Err(format!("invalid value '{value}' for '{option}': {why}"))
        };
        match &self.username {
            Some(name) if !self.dialect.can_write(name) => {
                let why = format!("no name of the {dialect} dialect can be written like this");
                return invalid(name, "--username <NAME>", &why);
            }
            Some(_) => {}
            None => {
                let account = |name| std::env::var(name).unwrap_or_default();
                let fits = |name: &String| self.dialect.can_write(name);
                let name = ["USER", "LOGNAME"].map(account).into_iter().find(fits);
                self.username = Some(name.ok_or("what is your name? give --username <NAME>")?);
            }
        }
        if self.host.is_empty() {
            return invalid("", "--host <HOST>", "a host has a name or an address");
        }
        let Some(room) = &self.room else { return Ok(()) };
        let typed = room_typed || self.target.as_ref().is_some_and(|target| target.room.is_some());
        // A room in the environment may be meant for another dialect; a room that was typed is not.
        if !self.dialect.has_rooms() && typed {
            return invalid(room, "--room <ROOM>", &format!("the {dialect} dialect has no rooms"));
        }
        if self.dialect.has_rooms() && !self.dialect.can_write(room) {
            let why = "a room's name has no spaces or control characters";
            return invalid(room, "--room <ROOM>", why);
        }
        Ok(())
    }

    /// TLS, if it is wanted.
    fn tls_client(&self, is_typed: impl Fn(&str) -> bool) -> Result<Option<TlsClient>, String> {
        tls(&Asked {
            tls: self.tls,
            host: self.server().0,
            ca: (self.tls_ca.as_ref(), is_typed("tls_ca")),
            fingerprint: (self.tls_fingerprint, is_typed("tls_fingerprint")),
        })
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
            user: self.username.clone().unwrap_or_default(),
            room: given.or_else(|| default_room(self.dialect).map(str::to_owned)),
            ping: (!self.ping.is_zero()).then_some(self.ping),
            timeout: self.timeout,
            interactive: false,
        }
    }
}

/// The command without the variables that say nothing: those that are empty, the port that
/// Kubernetes sets for a service called chat, and those that a `typed` server replaces, whose
/// values may be wrong.
fn without_unset_variables(command: Command, typed: &[OsString]) -> Command {
    let bare = command.clone().mut_args(|option| option.env(Resettable::Reset));
    let target = match bare.try_get_matches_from(typed) {
        Ok(typed) => typed.get_one::<Target>("target").cloned(),
        // The help names every variable.
        Err(error) if error.kind() == ErrorKind::DisplayHelp => return command,
        Err(_) => None,
    };
    command.mut_args(|option| {
        if is_set(&option, target.as_ref()) { option } else { option.env(Resettable::Reset) }
    })
}

/// Whether the variable of an option, if it has one, says something beside a server that is typed.
fn is_set(option: &Arg, target: Option<&Target>) -> bool {
    let Some(value) = option.get_env().and_then(std::env::var_os) else { return true };
    let id = option.get_id().as_str();
    let foreign = id == "port" && value.to_string_lossy().contains("://");
    let replaced = target.is_some_and(|target| match id {
        "host" => true,
        "port" => target.port.is_some(),
        "dialect" => target.dialect.is_some(),
        "room" => target.room.is_some(),
        _ => false,
    });
    !value.is_empty() && !foreign && !replaced
}

/// The room to join without an option, where a client must join a room to log in.
fn default_room(dialect: Dialect) -> Option<&'static str> {
    match dialect {
        Dialect::Rooms => Some("main"),
        Dialect::Lobby | Dialect::Simple | Dialect::Login | Dialect::Channels => None,
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

fn parse_timeout(text: &str) -> Result<Duration, String> {
    let seconds = text.parse::<f64>().ok().filter(|seconds| (1.0..=3600.0).contains(seconds));
    let time = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    time.ok_or_else(|| "a time is a number of seconds from 1 to 3600".to_owned())
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
            ("--timeout", "30"),
            ("--reconnect", "0"),
            ("--color", "never"),
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
            ("--timeout", "0"),
            ("--timeout", "3601"),
            ("--reconnect", "x"),
            ("--color", "pink"),
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

    fn aimed(words: &[&str]) -> Result<Options, String> {
        let fixed = ["parlance-chat", "--username", "bob"];
        Options::from_arguments([&fixed, words].concat()).map_err(|error| error.to_string())
    }

    #[test]
    fn a_server_needs_no_options() {
        let options = aimed(&["channels://h:80/#r"]).expect("a server");
        assert_eq!((options.server(), options.dialect.name()), (("h", 80), "channels"));
        assert_eq!(options.topic().room.as_deref(), Some("#r"));
        assert_eq!(aimed(&["h:80"]).expect("a server").server(), ("h", 80));
    }

    #[test]
    fn a_server_conflicts_with_options_that_say_the_same() {
        for words in [
            &["h", "--host", "i"][..],
            &["h:1", "--port", "1"],
            &["login://h", "--dialect", "simple"],
            &["channels://h/r", "--room", "r"],
        ] {
            let error = aimed(words).expect_err("both are given");
            assert!(error.contains(&format!("SERVER and {}", words[1])), "{error}");
        }
        assert!(aimed(&["h", "--port", "1"]).is_ok());
        let error = aimed(&["login://h/r"]).expect_err("a room");
        assert!(error.contains("has no rooms"), "{error}");
    }
}

//! The daemon's command line and environment.
#![allow(clippy::doc_markdown, reason = "the comments on options are the text of --help")]

use super::tcp::SocketOptions;
use crate::limits::Limits;
use crate::protocol::{DIALECTS, Dialect};
use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{CommandFactory, FromArgMatches, Parser, ValueEnum};
use std::ffi::OsString;
use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr, ToSocketAddrs};
use std::str::FromStr;
use std::time::Duration;

/// A chat server for small line protocols.
///
/// Without arguments it serves the rooms dialect on port 1234, on every IPv4 and IPv6 address of this
/// machine. Connect with `nc localhost 1234`, type `JOIN kitchen joe`, and then whatever you like.
#[derive(Clone, Debug, Parser)]
#[command(name = "parlance", version, max_term_width = 100)]
pub struct Options {
    /// TCP port of the rooms dialect, 1 to 65535 [default: 1234]
    #[arg(value_parser = parse_port)]
    pub port: Option<u16>,

    /// Address to listen on, beside PORT [default: every address]
    #[arg(long, env = "PARLANCE_HOST", value_name = "ADDR")]
    pub host: Option<IpAddr>,

    /// Dialect, address and port to listen on, like rooms://127.0.0.1:1234; may be repeated,
    /// port 0 lets the system choose
    #[arg(long, env = "PARLANCE_LISTEN", value_name = "URL", value_delimiter = ',')]
    pub listen: Vec<Endpoint>,

    /// Most clients at once; 0 = no limit
    #[arg(long, env = "PARLANCE_CLIENTS_MAX", value_name = "N", default_value_t = 10_000)]
    pub clients_max: usize,

    /// Most clients from one address, loopback exempt; 0 = no limit
    #[arg(
        long,
        env = "PARLANCE_CLIENTS_PER_ADDRESS_MAX",
        value_name = "N",
        default_value_t = 1_000
    )]
    pub clients_per_address_max: usize,

    /// Most that one client may be owed before it is thrown out; 0 = no limit
    #[arg(
        long,
        env = "PARLANCE_OUTBOX_BYTES_MAX",
        value_name = "BYTES",
        default_value_t = 1_048_576
    )]
    pub outbox_bytes_max: usize,

    /// Most that all clients together may be owed; 0 = no limit
    #[arg(
        long,
        env = "PARLANCE_TOTAL_BYTES_MAX",
        value_name = "BYTES",
        default_value_t = 536_870_912
    )]
    pub total_bytes_max: usize,

    /// How long a connection may take to its first valid line; 0 = no limit
    #[arg(long, env = "PARLANCE_FIRST_LINE_TIMEOUT", value_name = "SECONDS", default_value = "30", value_parser = parse_seconds)]
    pub first_line_timeout: Duration,

    /// How long a client may accept nothing of what it is owed; 0 = no limit
    #[arg(long, env = "PARLANCE_STALL_TIMEOUT", value_name = "SECONDS", default_value = "30", value_parser = parse_seconds)]
    pub stall_timeout: Duration,

    /// How long what is owed is still flushed when a client leaves or the server stops; 0 = no limit
    #[arg(long, env = "PARLANCE_DRAIN_TIMEOUT", value_name = "SECONDS", default_value = "5", value_parser = parse_seconds)]
    pub drain_timeout: Duration,

    /// Idle time after which TCP asks whether the peer still lives; 0 = never
    #[arg(long, env = "PARLANCE_KEEPALIVE", value_name = "SECONDS", default_value = "60", value_parser = parse_seconds)]
    pub keepalive: Duration,

    /// How long TCP waits for acknowledgements before it gives a connection up; 0 = the system's default
    #[arg(long, env = "PARLANCE_USER_TIMEOUT", value_name = "SECONDS", default_value = "60", value_parser = parse_seconds)]
    pub user_timeout: Duration,

    /// Let TCP collect small segments (Nagle's algorithm); 0 = send at once
    #[arg(long, env = "PARLANCE_NAGLE", value_name = "0|1", default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=1))]
    pub nagle: u8,

    /// Executor threads, 1 to 1024 [default: one for each processor]
    #[arg(long, env = "PARLANCE_THREADS", value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,

    /// What to log to standard error: a level (error, warn, info, debug, trace) or a filter in the
    /// form of RUST_LOG, which it overrides [default: nothing]
    #[arg(long, env = "PARLANCE_LOG", value_name = "FILTER")]
    pub log: Option<String>,

    /// The form of log lines
    #[arg(long, env = "PARLANCE_LOG_FORMAT", value_name = "FORMAT", value_enum, default_value_t = LogFormat::Text)]
    pub log_format: LogFormat,
}

/// The form of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// A dialect and where it is served, written `DIALECT://ADDRESS:PORT`.
///
/// ```
/// use parlance::shell::options::Endpoint;
///
/// let endpoint: Endpoint = "rooms://[::1]:0".parse().unwrap();
/// assert_eq!(endpoint.to_string(), "rooms://[::1]:0");
/// assert!("rooms://:1234".parse::<Endpoint>().unwrap_err().contains("\":1234\""));
/// assert!("irc://127.0.0.1:1".parse::<Endpoint>().unwrap_err().contains("\"irc\""));
/// ```
#[derive(Clone)]
pub struct Endpoint {
    /// The dialect served.
    pub dialect: &'static dyn Dialect,
    /// Where; port 0 lets the system choose.
    pub address: SocketAddr,
}

impl Options {
    /// The options that `arguments` (the program's name first) and the environment give. What is
    /// typed beats what the environment says: PORT and `--host` replace `PARLANCE_LISTEN`.
    ///
    /// # Errors
    /// A message for the user, which names the value at fault; also the text of `--help` and
    /// `--version`. [rooms/daemon-4]
    ///
    /// ```
    /// use parlance::shell::options::Options;
    ///
    /// let error = Options::from_arguments(["parlance", "1234", "--listen", "rooms://[::1]:1"]);
    /// assert!(error.unwrap_err().to_string().contains("--listen rooms://"));
    /// ```
    pub fn from_arguments<I>(arguments: I) -> Result<Options, clap::Error>
    where
        I: IntoIterator<Item: Into<OsString> + Clone>,
    {
        let mut command = Options::command();
        let matches = command.try_get_matches_from_mut(arguments)?;
        let typed = |id| matches.value_source(id) == Some(ValueSource::CommandLine);
        let mut options = Options::from_arg_matches(&matches)?;
        if typed("listen") && (typed("port") || typed("host")) {
            let message = "PORT and --host say where the rooms dialect is served, --listen says all of it: \
                           write --listen rooms://ADDR:PORT for each";
            return Err(command.error(ErrorKind::ArgumentConflict, message));
        }
        if typed("port") || (typed("host") && !typed("listen")) {
            options.listen.clear();
        }
        Ok(options)
    }

    /// Where to listen, by `--listen` or by PORT and `--host`. [rooms/daemon-1]
    pub fn endpoints(&self) -> Vec<Endpoint> {
        if !self.listen.is_empty() {
            return self.listen.clone();
        }
        let dialect = DIALECTS[0];
        let host = self.host.unwrap_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED));
        let port = self.port.unwrap_or(dialect.default_port());
        vec![Endpoint { dialect, address: SocketAddr::new(host, port) }]
    }

    /// The bounds, with 0 turned into "none".
    pub fn limits(&self) -> Limits {
        let count = |n: usize| if n == 0 { usize::MAX } else { n };
        let span = |d: Duration| if d.is_zero() { Duration::MAX } else { d };
        Limits {
            idle: Limits::default().idle,
            outbox_bytes_max: count(self.outbox_bytes_max),
            total_bytes_max: count(self.total_bytes_max),
            first_line: span(self.first_line_timeout),
            stall: span(self.stall_timeout),
            drain: span(self.drain_timeout),
            clients_max: count(self.clients_max),
            clients_per_address_max: count(self.clients_per_address_max),
        }
    }

    /// The options of accepted sockets.
    pub fn socket_options(&self) -> SocketOptions {
        SocketOptions {
            nodelay: self.nagle == 0,
            keepalive: self.keepalive,
            user_timeout: self.user_timeout,
        }
    }
}

/// Digits only, so that `+80`, ` 80` and `0x50` are noticed and not guessed at. [rooms/daemon-3]
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
        // Less would be rounded to nothing somewhere, and nothing means no limit.
        .filter(|span| seconds == Some(0.0) || *span >= Duration::from_millis(1))
        .ok_or_else(|| {
            "a time is a number of seconds, like 30 or 0.5; 0 or at least 0.001".to_owned()
        })
}

impl FromStr for Endpoint {
    type Err = String;

    fn from_str(text: &str) -> Result<Endpoint, String> {
        let (name, address) = text.split_once("://").ok_or_else(|| {
            format!("{text:?} has no \"://\"; write it like rooms://127.0.0.1:1234")
        })?;
        let dialect = DIALECTS.iter().find(|dialect| dialect.name() == name).ok_or_else(|| {
            let known: Vec<_> = DIALECTS.iter().map(|dialect| dialect.name()).collect();
            format!("{name:?} is no dialect; there is {}", known.join(", "))
        })?;
        let (_, port) = address.rsplit_once(':').unwrap_or_default();
        let plain = port.bytes().all(|byte| byte.is_ascii_digit());
        let address = match address.to_socket_addrs() {
            Ok(mut found) if plain && !address.starts_with(':') => found.next(),
            _ => None,
        }
        .ok_or_else(|| format!("{address:?} is not an address and a port"))?;
        Ok(Endpoint { dialect: *dialect, address })
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.dialect.name(), self.address)
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

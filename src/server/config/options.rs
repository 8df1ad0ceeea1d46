//! The daemon's command line and environment.
#![allow(clippy::doc_markdown, reason = "the comments on options are the text of --help")]
#![allow(rustdoc::bare_urls, reason = "and a terminal shows no hyperlinks")]

use super::certificates::{Asked, certificates};
use super::endpoint::{
    Endpoint, Endpoints, Served, Transport, default_port, dialect_named, each_in_its_own_place,
    parse_port,
};
use super::host::Host;
use super::rates::{Preset, WrittenRate};
use super::sections::{ACCOUNTS, ADMIN, LIMITS, LOG, NETWORK, PROCESS, STORE, TLS, WEB};
use super::units::{parse_bytes, parse_count, parse_seconds};
use crate::bans::WrittenBan;
use crate::http::Origin;
use crate::network::Network;
use crate::service::AccountRules;
use crate::tls::certificates::Certificates;
use crate::transport::tcp::SocketOptions;
use crate::version;
use clap::builder::{BoolishValueParser, PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Parser, ValueEnum};
use parlance_core::limits::{CrowdLimits, Limits};
use parlance_core::protocol::{DIALECTS, Dialect};
use parlance_core::rate::Rates;
use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// A chat server for small line protocols.
///
/// Without arguments it serves the rooms dialect on port 1234, on every IPv4 and IPv6 address of
/// this machine. Connect with `nc localhost 1234`, type `JOIN kitchen joe`, and then whatever you
/// like. `parlance --all` serves every dialect.
///
/// A time is a number of seconds or has a unit, like 500ms, 2m or 1h; a size is a number of bytes
/// or has one, like 64KiB, 1MiB or 2GiB.
#[derive(Clone, Debug, Parser)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
#[command(name = "parlance", version, long_version = version::long(), max_term_width = 100)]
pub struct Options {
    /// TCP port, 1 to 65535; without it that of the dialect served [default: 1234]
    #[arg(value_name = "PORT", value_parser = parse_port)]
    pub port_argument: Option<u16>,

    /// File of TOML with more options, which what is typed and variables replace; SIGHUP reads it
    /// anew; `parlance check` tries one out
    #[arg(long, env = "PARLANCE_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// The same as PORT
    #[arg(
        short, long, env = "PARLANCE_PORT", value_name = "PORT", value_parser = parse_port,
        help_heading = NETWORK,
    )]
    pub port: Option<u16>,

    /// The dialect served [default: rooms]
    #[arg(
        long, env = "PARLANCE_DIALECT", value_name = "DIALECT", value_parser = dialects(),
        help_heading = NETWORK,
    )]
    pub dialect: Option<&'static dyn Dialect>,

    /// Serve every dialect, each on its default port
    #[arg(
        long, env = "PARLANCE_ALL", value_parser = BoolishValueParser::new(),
        help_heading = NETWORK,
    )]
    pub all: bool,

    /// Address or name to listen on; --listen has its own [default: every address]
    #[arg(
        long, env = "PARLANCE_HOST", value_name = "ADDR",
        help_heading = NETWORK,
    )]
    pub host: Option<Host>,

    /// Dialect, address and port to listen on, like rooms://127.0.0.1:1234, or rooms+telnet://...
    /// for clients that are telnet, or http://... for browsers; may be repeated, port 0 lets the
    /// system choose; a name stands for all of its addresses
    #[arg(
        long, env = "PARLANCE_LISTEN", value_name = "URL", value_delimiter = ',',
        help_heading = NETWORK,
    )]
    pub listen: Vec<Endpoints>,

    /// Certificate and its chain for +tls and https listeners, in PEM; may be repeated, each with a
    /// --tls-key, and then clients choose by name, the first is for all others; SIGHUP reads the
    /// files anew
    #[arg(
        long, env = "PARLANCE_TLS_CERT", value_name = "FILE", value_delimiter = ',',
        help_heading = TLS,
    )]
    pub tls_cert: Vec<PathBuf>,

    /// Private key of the --tls-cert in the same place, in PEM
    #[arg(
        long, env = "PARLANCE_TLS_KEY", value_name = "FILE", value_delimiter = ',',
        help_heading = TLS,
    )]
    pub tls_key: Vec<PathBuf>,

    /// Make a certificate for this run and print its SHA-256 fingerprint, for +tls listeners that
    /// are tried out
    #[arg(
        long, env = "PARLANCE_TLS_SELF_SIGNED", value_parser = BoolishValueParser::new(),
        help_heading = TLS,
    )]
    pub tls_self_signed: bool,

    /// Origin of a web page that may connect over WebSocket, like https://chat.example; may be
    /// repeated [default: pages of the host that they connect to]
    #[arg(
        long, env = "PARLANCE_WS_ORIGIN", value_name = "ORIGIN", value_delimiter = ',',
        help_heading = WEB,
    )]
    pub ws_origin: Vec<Origin>,

    /// Network of a proxy, like 10.0.0.0/8 or 127.0.0.1, whose connections begin with a header of
    /// the PROXY protocol that says who the client is, on every listener; may be repeated, and a
    /// header from elsewhere is refused
    #[arg(
        long, env = "PARLANCE_PROXY_PROTOCOL", value_name = "NET", value_delimiter = ',',
        help_heading = NETWORK,
    )]
    pub proxy_protocol: Vec<Network>,

    /// Most clients at once in each dialect; 0 = no limit
    #[arg(
        long, env = "PARLANCE_CLIENTS_MAX", value_name = "N", default_value_t = 10_000,
        value_parser = parse_count,
        help_heading = LIMITS,
    )]
    pub clients_max: usize,

    /// Most clients from one address in each dialect, loopback exempt; 0 = no limit
    #[arg(
        long,
        env = "PARLANCE_CLIENTS_PER_ADDRESS_MAX",
        value_name = "N",
        default_value_t = 1_000,
        value_parser = parse_count,
        help_heading = LIMITS,
    )]
    pub clients_per_address_max: usize,

    /// How fast clients may be, loopback exempt; public is for servers that everybody can reach
    #[arg(
        long,
        env = "PARLANCE_RATE_LIMITS",
        value_name = "PRESET",
        value_enum,
        default_value_t = Preset::Off,
        help_heading = LIMITS,
    )]
    pub rate_limits: Preset,

    /// Lines of one client, like 10/s:60: ten a second, sixty at once; off = no rule; a faster
    /// client waits [default: as --rate-limits says, and so for the other rates]
    #[arg(long, env = "PARLANCE_RATE_LINES", value_name = "RATE", help_heading = LIMITS)]
    pub rate_lines: Option<WrittenRate>,

    /// Bytes of one client, like 16384/s:131072
    #[arg(long, env = "PARLANCE_RATE_BYTES", value_name = "RATE", help_heading = LIMITS)]
    pub rate_bytes: Option<WrittenRate>,

    /// Rooms that one client asks to enter, like 30/m:10
    #[arg(long, env = "PARLANCE_RATE_JOINS", value_name = "RATE", help_heading = LIMITS)]
    pub rate_joins: Option<WrittenRate>,

    /// Names that one client asks for, like 20/m:10
    #[arg(long, env = "PARLANCE_RATE_NAMES", value_name = "RATE", help_heading = LIMITS)]
    pub rate_names: Option<WrittenRate>,

    /// Rooms that one client creates, like 6/m:5
    #[arg(long, env = "PARLANCE_RATE_ROOMS", value_name = "RATE", help_heading = LIMITS)]
    pub rate_rooms: Option<WrittenRate>,

    /// Connections of one address, like 60/m:30; one too many is turned away
    #[arg(long, env = "PARLANCE_RATE_CONNECTS", value_name = "RATE", help_heading = LIMITS)]
    pub rate_connects: Option<WrittenRate>,

    /// Maximum pending for one client before it is evicted; 0 = no limit
    #[arg(
        long,
        env = "PARLANCE_OUTBOX_BYTES_MAX",
        value_name = "BYTES",
        default_value_t = 1_048_576,
        value_parser = parse_bytes,
        help_heading = LIMITS,
    )]
    pub outbox_bytes_max: usize,

    /// Maximum pending for all clients of a dialect together; 0 = no limit
    #[arg(
        long,
        env = "PARLANCE_TOTAL_BYTES_MAX",
        value_name = "BYTES",
        default_value_t = 536_870_912,
        value_parser = parse_bytes,
        help_heading = LIMITS,
    )]
    pub total_bytes_max: usize,

    /// How long a connection may take to its first valid line; 0 = no limit
    #[arg(
        long,
        env = "PARLANCE_FIRST_LINE_TIMEOUT",
        value_name = "SECONDS",
        default_value = "30",
        value_parser = parse_seconds,
        help_heading = LIMITS,
    )]
    pub first_line_timeout: Duration,

    /// How long a client may send no complete line, in dialects that have such a rule; 0 = no limit
    #[arg(
        long,
        env = "PARLANCE_IDLE_TIMEOUT",
        value_name = "SECONDS",
        default_value = "60",
        value_parser = parse_seconds,
        help_heading = LIMITS,
    )]
    pub idle_timeout: Duration,

    /// How long a client may accept no byte of its pending lines; 0 = no limit
    #[arg(
        long,
        env = "PARLANCE_STALL_TIMEOUT",
        value_name = "SECONDS",
        default_value = "30",
        value_parser = parse_seconds,
        help_heading = LIMITS,
    )]
    pub stall_timeout: Duration,

    /// How long pending lines are flushed when a client leaves or the server stops;
    /// 0 = no limit
    #[arg(
        long,
        env = "PARLANCE_DRAIN_TIMEOUT",
        value_name = "SECONDS",
        default_value = "5",
        value_parser = parse_seconds,
        help_heading = LIMITS,
    )]
    pub drain_timeout: Duration,

    /// How long clients may go on after SIGUSR2, which lets no more of them in; 0 = no limit
    #[arg(
        long,
        env = "PARLANCE_DRAIN_TIME",
        value_name = "SECONDS",
        default_value = "30",
        value_parser = parse_seconds,
        help_heading = LIMITS,
    )]
    pub drain_time: Duration,

    /// Idle time after which TCP asks whether the peer still lives; 0 = never
    #[arg(
        long,
        env = "PARLANCE_KEEPALIVE",
        value_name = "SECONDS",
        default_value = "60",
        value_parser = parse_seconds,
        help_heading = NETWORK,
    )]
    pub keepalive: Duration,

    /// How long TCP waits for acknowledgements before it gives a connection up; 0 = the system's
    /// default
    #[arg(
        long,
        env = "PARLANCE_USER_TIMEOUT",
        value_name = "SECONDS",
        default_value = "60",
        value_parser = parse_seconds,
        help_heading = NETWORK,
    )]
    pub user_timeout: Duration,

    /// Let TCP collect small segments (Nagle's algorithm); 0 = send at once
    #[arg(
        long,
        env = "PARLANCE_NAGLE",
        value_name = "0|1",
        default_value_t = 0,
        value_parser = clap::value_parser!(u8).range(0..=1),
        help_heading = NETWORK,
    )]
    pub nagle: u8,

    /// Threads, 1 to 1024: one serves, the others help when it falls behind [default: one for each
    /// processor]
    #[arg(
        long,
        env = "PARLANCE_THREADS",
        value_name = "N",
        value_parser = clap::value_parser!(u16).range(1..=1024),
        help_heading = PROCESS,
    )]
    pub threads: Option<u16>,

    /// Address and port for metrics: /metrics for Prometheus, /healthz, /readyz [default: none]
    #[arg(
        long, env = "PARLANCE_METRICS", value_name = "ADDR:PORT", value_parser = parse_metrics,
        help_heading = NETWORK,
    )]
    pub metrics: Option<SocketAddr>,

    /// Path of a Unix socket for `parlance ctl`, which only the user that runs the server can open
    /// [default: none]
    #[arg(long, env = "PARLANCE_ADMIN", value_name = "PATH", help_heading = ADMIN)]
    pub admin: Option<PathBuf>,

    /// Address, network or name that is not let in, and behind a space what they are told, like
    /// "192.0.2.0/24 no spam please" or name:joe; may be repeated
    #[arg(long, env = "PARLANCE_BAN", value_name = "BAN", help_heading = ADMIN)]
    pub ban: Vec<WrittenBan>,

    /// Directory in which rooms of the channels dialect are kept: their lines and topics; made with
    /// mode 0700 if it is not there; `parlance data` looks into it [default: nothing is kept]
    #[arg(long, env = "PARLANCE_DATA", value_name = "DIR", help_heading = STORE)]
    pub data: Option<PathBuf>,

    /// Whether a line is sent before it is stored, and a server that is killed may lose the last
    /// tenth of a second; or only once the disk has it
    #[arg(
        long, env = "PARLANCE_DURABILITY", value_name = "LEVEL", value_enum,
        default_value_t = Durability::Normal,
        help_heading = STORE,
    )]
    pub durability: Durability,

    /// How many of the last lines of a room a client that joins it is sent, 64 KiB of them at most
    #[arg(
        long, env = "PARLANCE_HISTORY_LINES", value_name = "N", default_value_t = 50,
        value_parser = parse_count,
        help_heading = STORE,
    )]
    pub history_lines: usize,

    /// How many days lines are kept; 0 = for ever
    #[arg(
        long, env = "PARLANCE_HISTORY_DAYS", value_name = "DAYS", default_value_t = 0,
        value_parser = parse_count,
        help_heading = STORE,
    )]
    pub history_days: usize,

    /// How large the database may be before its oldest lines are forgotten, at least 1MiB;
    /// 0 = no limit
    #[arg(
        long, env = "PARLANCE_HISTORY_BYTES", value_name = "BYTES", default_value_t = 0,
        value_parser = parse_history_bytes,
        help_heading = STORE,
    )]
    pub history_bytes: usize,

    /// Whether names of the channels dialect can have accounts, which `parlance user` or --register
    /// make: a name with an account is for whoever logs in
    #[arg(
        long, env = "PARLANCE_ACCOUNTS", value_name = "WHO", value_enum,
        default_value_t = Accounts::Off,
        help_heading = ACCOUNTS,
    )]
    pub accounts: Accounts,

    /// Let clients make accounts of their names by /register
    #[arg(
        long, env = "PARLANCE_REGISTER", value_parser = BoolishValueParser::new(),
        help_heading = ACCOUNTS,
    )]
    pub register: bool,

    /// Take passwords on listeners without TLS that are not on a loopback address, too: everybody
    /// on the way can read them
    #[arg(
        long, env = "PARLANCE_INSECURE_PASSWORDS", value_parser = BoolishValueParser::new(),
        help_heading = ACCOUNTS,
    )]
    pub insecure_passwords: bool,

    /// What to log to standard error: a level (error, warn, info, debug, trace) or a filter in the
    /// form of RUST_LOG, which it overrides [default: nothing]
    #[arg(
        long, env = "PARLANCE_LOG", value_name = "FILTER",
        help_heading = LOG,
    )]
    pub log: Option<String>,

    /// The form of log lines
    #[arg(
        long,
        env = "PARLANCE_LOG_FORMAT",
        value_name = "FORMAT", value_enum,
        default_value_t = LogFormat::Text,
        help_heading = LOG,
    )]
    pub log_format: LogFormat,
}

/// When a line is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Durability {
    /// Soon after it was sent.
    Normal,
    /// Before it is sent.
    Full,
}

/// Which names have accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Accounts {
    /// None.
    Off,
    /// Those of which somebody has made one; others are free as ever.
    Optional,
    /// All: nobody has a name without one.
    Required,
}

impl Accounts {
    /// Whether there are any.
    pub fn are_on(self) -> bool {
        self != Accounts::Off
    }
}

/// The form of log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

impl Options {
    /// Where to listen: by `--listen`, by `--all`, or one dialect on one port. `variable` looks up
    /// the variables that dialects have of their own, each only if that dialect's port was not
    /// given. [rooms/daemon-1] [login/daemon-3] [channels/daemon-1]
    ///
    /// # Errors
    /// A message for the user, which names the value or the listeners at fault.
    ///
    /// ```
    /// use parlance_server::config::options::Options;
    ///
    /// let options = Options::from_arguments(["parlance", "--host", "::1", "-p", "80"]).unwrap();
    /// let endpoints = options.endpoints(|_| None).unwrap();
    /// assert_eq!(endpoints[0].to_string(), "rooms://[::1]:80");
    /// ```
    pub fn endpoints(
        &self,
        variable: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Vec<Endpoint>, String> {
        let host = self.host.clone().unwrap_or_else(Host::every);
        let on = |dialect, port| Endpoints::of(dialect, Transport::Plain, &host, port).0;
        let on_its_own = |dialect: &'static dyn Dialect| {
            default_port(dialect, &variable).map(|port| on(dialect, port))
        };
        let one = self.dialect.unwrap_or(DIALECTS[0]);
        let endpoints = match self.port_argument.or(self.port) {
            _ if !self.listen.is_empty() => {
                self.listen.iter().flat_map(|endpoints| endpoints.0.clone()).collect()
            }
            _ if self.all => {
                DIALECTS.iter().copied().map(on_its_own).collect::<Result<Vec<_>, _>>()?.concat()
            }
            Some(port) => on(one, port),
            None => on_its_own(one)?,
        };
        each_in_its_own_place(&endpoints)?;
        let is_http = |endpoint: &Endpoint| matches!(endpoint.served, Served::Http);
        if let (Some(origin), false) = (self.ws_origin.first(), endpoints.iter().any(is_http)) {
            return Err(format!(
                "'--ws-origin {origin}' is for a listener of http, and there is none: \
                 write --listen http://ADDR:PORT too"
            ));
        }
        Ok(endpoints)
    }

    /// The certificates of TLS, if there is a listener that needs them.
    /// [common/tls-6] [common/tls-8]
    ///
    /// # Errors
    /// A message for the user, which names the option or the file at fault.
    ///
    /// ```
    /// use parlance_server::config::options::Options;
    ///
    /// let listen = ["parlance", "--listen", "rooms+tls://[::1]:0"];
    /// let options = Options::from_arguments(listen).unwrap();
    /// let endpoints = options.endpoints(|_| None).unwrap();
    /// assert!(options.certificates(&endpoints).unwrap_err().contains("--tls-cert"));
    /// ```
    pub fn certificates(&self, endpoints: &[Endpoint]) -> Result<Option<Certificates>, String> {
        let asked = Asked {
            certificates: &self.tls_cert,
            keys: &self.tls_key,
            self_signed: self.tls_self_signed,
        };
        certificates(&asked, endpoints)
    }

    /// The bounds, with 0 turned into "none".
    pub fn limits(&self) -> Limits {
        let count = |n: usize| if n == 0 { usize::MAX } else { n };
        Limits {
            outbox_bytes_max: count(self.outbox_bytes_max),
            total_bytes_max: count(self.total_bytes_max),
            first_line: bound(self.first_line_timeout),
            idle: bound(self.idle_timeout),
            stall: bound(self.stall_timeout),
            drain: bound(self.drain_timeout),
            crowd: CrowdLimits::default(),
            clients_max: count(self.clients_max),
            clients_per_address_max: count(self.clients_per_address_max),
            rates: self.rates(),
        }
    }

    /// How fast clients may be: the preset, and what was given for itself. [common/rate-1]
    fn rates(&self) -> Rates {
        let or = |given: Option<WrittenRate>, preset| given.map_or(preset, |given| given.0);
        let preset = self.rate_limits.rates();
        Rates {
            lines: or(self.rate_lines, preset.lines),
            bytes: or(self.rate_bytes, preset.bytes),
            joins: or(self.rate_joins, preset.joins),
            names: or(self.rate_names, preset.names),
            rooms: or(self.rate_rooms, preset.rooms),
            connects: or(self.rate_connects, preset.connects),
        }
    }

    /// For how long clients may go on in a drain, with 0 turned into "for ever".
    pub fn drain_time(&self) -> Duration {
        bound(self.drain_time)
    }

    /// Judges the options of the store together.
    ///
    /// # Errors
    /// A message for the user, which names the option at fault.
    ///
    /// ```
    /// use parlance_server::config::options::Options;
    ///
    /// let options = Options::from_arguments(["parlance", "--history-lines", "9"]).unwrap();
    /// assert!(options.check_store().unwrap_err().contains("--data DIR"));
    /// ```
    pub fn check_store(&self) -> Result<(), String> {
        if self.data.is_some() {
            let is_there = cfg!(feature = "store");
            let message = "'--data' needs a build with the feature `store`, and this one has not";
            return if is_there { Ok(()) } else { Err(message.to_owned()) };
        }
        let durability = self.durability == Durability::Full;
        let given = [
            (durability, "--durability full".to_owned()),
            (self.history_lines != 50, format!("--history-lines {}", self.history_lines)),
            (self.history_days != 0, format!("--history-days {}", self.history_days)),
            (self.history_bytes != 0, format!("--history-bytes {}", self.history_bytes)),
        ];
        match given.into_iter().find(|(is_given, _)| *is_given) {
            Some((_, option)) => Err(format!(
                "'{option}' is for a server that keeps something: write --data DIR too"
            )),
            None => Ok(()),
        }
    }

    /// Judges the options of accounts together.
    ///
    /// # Errors
    /// A message for the user, which names the option at fault.
    ///
    /// ```
    /// use parlance_server::config::options::Options;
    ///
    /// let options = Options::from_arguments(["parlance", "--accounts", "optional"]).unwrap();
    /// assert!(options.check_accounts().unwrap_err().contains("--data DIR"));
    /// ```
    pub fn check_accounts(&self) -> Result<(), String> {
        let which = match self.accounts {
            Accounts::Off => "off",
            Accounts::Optional => "optional",
            Accounts::Required => "required",
        };
        let given =
            [(self.register, "--register"), (self.insecure_passwords, "--insecure-passwords")];
        match given.into_iter().find(|(is_given, _)| *is_given && !self.accounts.are_on()) {
            Some((_, option)) => Err(format!(
                "'{option}' is for a server with accounts: write --accounts optional too"
            )),
            None if self.accounts.are_on() && self.data.is_none() => Err(format!(
                "'--accounts {which}' is for a server that keeps something: write --data DIR too"
            )),
            None => Ok(()),
        }
    }

    /// How accounts are treated, if there are any.
    pub fn account_rules(&self) -> Option<AccountRules> {
        self.accounts.are_on().then_some(AccountRules {
            required: self.accounts == Accounts::Required,
            registration: self.register,
            takes_insecure_passwords: self.insecure_passwords,
        })
    }

    /// The options of accepted sockets.
    pub fn socket_options(&self) -> SocketOptions {
        SocketOptions {
            nodelay: self.nagle == 0,
            keepalive: self.keepalive,
            user_timeout: self.user_timeout,
            urgent_inline: false,
        }
    }
}

/// A span as a bound: none at all if it is zero.
fn bound(span: Duration) -> Duration {
    if span.is_zero() { Duration::MAX } else { span }
}

/// The names of the dialects; `--help` has their ports beside them.
fn dialects() -> impl TypedValueParser<Value = &'static dyn Dialect> {
    let shown = DIALECTS.iter().map(|dialect| {
        let variable = dialect.port_variable().map_or(String::new(), |name| format!(", or {name}"));
        let help = format!("on port {}{variable}", dialect.default_port());
        PossibleValue::new(dialect.name()).help(help)
    });
    PossibleValuesParser::new(shown).try_map(|name| dialect_named(&name))
}

/// Less would be used up by the tables alone.
fn parse_history_bytes(text: &str) -> Result<usize, String> {
    let bytes = parse_bytes(text)?;
    if bytes > 0 && bytes < 1 << 20 {
        return Err("the size is too small; write 0 for no limit or at least 1MiB".to_owned());
    }
    Ok(bytes)
}

/// No name: whoever may read the metrics is decided by the address.
fn parse_metrics(text: &str) -> Result<SocketAddr, String> {
    text.parse()
        .map_err(|_| "it is an address and a port, like 127.0.0.1:9464 or [::1]:9464".to_owned())
}

//! What to measure: the options of one load.

use std::net::SocketAddr;
use std::time::Duration;

use clap::Args;
use clap::value_parser as within;

use super::error::LoadError;
use super::join::Plan;
use super::layered::Route;
use super::report::Report;
use super::target::loopback_address;
use super::wire::Protocol;

/// Minimum length of a line in which senders that the server does not name are distinct.
const SHORTEST_SHARED: u32 = 9;

/// One load for one server.
#[derive(Args, Clone, Debug)]
#[group(skip)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct Options {
    /// The server, as HOST:PORT; only loopback addresses are accepted
    #[arg(value_name = "HOST:PORT", value_parser = loopback_address)]
    #[arg(required_unless_present = "command", conflicts_with = "command")]
    pub target: Option<SocketAddr>,

    /// Or a command that starts it, with {port} where its port goes
    #[arg(last = true, value_name = "COMMAND", conflicts_with = "pid")]
    pub command: Vec<String>,

    /// What it speaks: rooms, lobby, simple, login, channels, redis or nats
    #[arg(long, default_value = "rooms", value_name = "NAME", value_parser = Protocol::by_name)]
    pub dialect: Protocol,

    /// Speak TLS to it; every certificate will do
    #[arg(long)]
    pub tls: bool,

    /// Speak WebSocket to it, or WebSocket in TLS, at /ws/ and the dialect (nats: at /)
    #[arg(long)]
    pub ws: bool,

    /// Rooms
    #[arg(long, default_value_t = 1, value_parser = within!(u32).range(1..=10_000))]
    pub rooms: u32,

    /// Members of each room, the senders included
    #[arg(long, default_value_t = 100, value_parser = within!(u32).range(1..=10_000))]
    pub members: u32,

    /// Members of each room that send
    #[arg(long, default_value_t = 1, value_parser = within!(u32).range(1..=1_000))]
    pub senders: u32,

    /// Further members of each room that never read
    #[arg(long, default_value_t = 0, value_parser = within!(u32).range(0..=10_000))]
    pub stalled: u32,

    /// Closed loop: lines that each sender keeps in flight
    #[arg(long, default_value_t = 1, value_parser = within!(u32).range(1..=65_536))]
    pub window: u32,

    /// Open loop: lines per second of all senders together, sent whatever the server does;
    /// latencies count from the time when a line should have been sent
    #[arg(long, conflicts_with = "window", value_parser = within!(u64).range(1..=100_000_000))]
    pub rate: Option<u64>,

    /// Bytes of each text, with one for a line feed
    #[arg(long, default_value_t = 64, value_parser = within!(u32).range(2..=65_536))]
    pub size: u32,

    /// Seconds to measure
    #[arg(long, default_value = "5", value_name = "SECONDS", value_parser = measured)]
    pub seconds: Duration,

    /// Seconds under load before the measurement starts
    #[arg(long, default_value = "1", value_name = "SECONDS", value_parser = warm)]
    pub warmup: Duration,

    /// Process of the server, to report its CPU time and memory (known if it is started here)
    #[arg(long, value_name = "N", value_parser = within!(u32).range(1..))]
    pub pid: Option<u32>,

    /// Instead of sending, join N idle clients and report the server's resident bytes for each
    #[arg(long, value_name = "N", value_parser = within!(u32).range(1..=60_000))]
    #[arg(conflicts_with_all = ["rooms", "members", "senders", "stalled", "window", "rate"])]
    #[arg(conflicts_with_all = ["size", "seconds", "warmup", "storm"])]
    pub idle: Option<u32>,

    /// Instead of sending, let N clients join one room and leave it, at once
    #[arg(long, value_name = "N", value_parser = within!(u32).range(1..=20_000))]
    #[arg(conflicts_with_all = ["rooms", "senders", "stalled", "window", "rate", "size"])]
    #[arg(conflicts_with_all = ["seconds", "warmup"])]
    pub storm: Option<u32>,

    /// How often they do
    #[arg(long, default_value_t = 3, value_name = "N", requires = "storm")]
    #[arg(value_parser = within!(u32).range(1..=1_000))]
    pub storm_rounds: u32,

    /// Print one JSON object instead of text
    #[arg(long)]
    pub json: bool,

    /// Do not say on standard error what is being done
    #[arg(long)]
    pub quiet: bool,
}

/// A time in seconds, from `least` to `most`.
fn seconds(text: &str, least: f64, most: f64) -> Result<Duration, String> {
    let number = text.parse::<f64>().ok().filter(|number| (least..=most).contains(number));
    let time = number.and_then(|number| Duration::try_from_secs_f64(number).ok());
    time.ok_or_else(|| format!("`{text}` is not a number of seconds from {least} to {most}"))
}

pub(super) fn measured(text: &str) -> Result<Duration, String> {
    seconds(text, 0.05, 3600.0)
}

pub(super) fn warm(text: &str) -> Result<Duration, String> {
    seconds(text, 0.0, 60.0)
}

impl Options {
    /// The number of connections that the run has open at once.
    pub fn connections(&self) -> u64 {
        let sending = if self.dialect.0.receipt().is_some() { self.senders } else { 0 };
        let each = u64::from(self.members) + u64::from(self.stalled) + u64::from(sending);
        match (self.idle, self.storm) {
            (Some(idle), _) => idle.into(),
            (None, Some(storm)) => each + u64::from(storm),
            (None, None) => u64::from(self.rooms) * each,
        }
    }

    /// Checks the options against each other.
    pub(super) fn check(&self) -> Result<(), LoadError> {
        let wire = self.dialect.0;
        let Options { rooms, members, senders, size, .. } = *self;
        let name = wire.name();
        let why = if self.ws && wire.websocket_path().is_none() {
            format!("--ws: {name} does not speak WebSocket")
        } else if self.tls && !self.ws && !wire.has_tls() {
            format!("--tls: {name} begins without it, but for --ws --tls")
        } else if wire.has_one_room() && rooms > 1 {
            format!("--rooms {rooms}: {name} has one room")
        } else if senders > members {
            format!("--senders {senders}: there are {members} members")
        } else if !wire.echoes() && self.sends() && senders == members {
            format!("--members {members}: in {name} nobody would hear all of {senders} senders")
        } else if !wire.orders_senders() && senders > 1 {
            format!(
                "--senders {senders}: {name} has no common order for several to be checked against"
            )
        } else if !wire.names_senders() && senders > 1 && size < SHORTEST_SHARED {
            format!("--size {size}: several senders need {SHORTEST_SHARED} in {name}")
        } else if self.storm.is_some() && !wire.tells_arrivals_alone() {
            format!("--storm: {name} does not tell who comes, or tells more than that")
        } else if self.idle.is_some() && self.pid.is_none() && self.command.is_empty() {
            "--idle: needs --pid, or a command that starts the server".to_owned()
        } else {
            return Ok(());
        };
        Err(LoadError::Request(why))
    }

    fn sends(&self) -> bool {
        self.idle.is_none() && self.storm.is_none()
    }

    /// The rooms to open.
    pub(super) fn plan(&self, target: SocketAddr) -> Plan {
        let path = self.ws.then(|| self.dialect.0.websocket_path()).flatten();
        let (rooms, members) = self.idle.map_or((self.rooms, self.members), |idle| (idle, idle));
        Plan {
            target: Route::new(target, self.tls, path),
            wire: self.dialect.0,
            rooms,
            members,
            stalled: self.stalled,
            senders: if self.sends() { self.senders } else { 0 },
            text: self.size as usize - 1,
        }
    }

    /// The rooms and their members in words.
    pub(super) fn rooms_in_words(&self) -> String {
        let stalled = match self.stalled {
            0 => String::new(),
            stalled => format!(", {stalled} of them without reading"),
        };
        let (rooms, members) = (self.rooms, u64::from(self.members) + u64::from(self.stalled));
        let name = self.dialect.0.name();
        match rooms {
            1 => format!("{members} members join a room of {name}{stalled}"),
            _ => format!("{members} members join each of {rooms} rooms of {name}{stalled}"),
        }
    }

    /// The load in words.
    pub(super) fn load_in_words(&self) -> String {
        match (self.rate, self.window) {
            (Some(rate), _) => format!("{rate} lines per second, whatever the server does"),
            (None, 1) => "a line of each sender in flight".to_owned(),
            (None, window) => format!("{window} lines of each sender in flight"),
        }
    }

    /// Adds the layers, if there are any, to a report.
    pub(super) fn describe_layers(&self, report: &mut Report) {
        match (self.tls, self.ws) {
            (false, false) => {}
            (true, false) => report.text("transport", "over", "tls"),
            (false, true) => report.text("transport", "over", "websocket"),
            (true, true) => report.text("transport", "over", "websocket+tls"),
        }
    }

    /// Adds the options to a report.
    pub(super) fn describe(&self, report: &mut Report) {
        report.text("dialect", "dialect", self.dialect.0.name());
        self.describe_layers(report);
        report.count("rooms", "rooms", self.rooms.into());
        report.count("members", "members of each", self.members.into());
        report.count("senders", "senders of each", self.senders.into());
        if self.stalled > 0 {
            report.count("stalled", "further members that do not read", self.stalled.into());
        }
        match self.rate {
            Some(rate) => report.count("rate", "lines per second asked for", rate),
            None => report.count("window", "window, lines", self.window.into()),
        }
        report.count("size", "line size, bytes", self.size.into());
    }
}

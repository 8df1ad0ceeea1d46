//! What to measure: the arguments of the program.

use std::net::SocketAddr;

use clap::Parser;
use clap::value_parser as within;

use super::target::loopback_address;

/// How many idle clients share a room.
pub(super) const IDLE_ROOM_SIZE: u32 = 100;

/// Closed-loop load for a rooms server on this machine; every delivery is checked.
#[derive(Clone, Debug, Parser)]
#[command(name = "parlance-load", version)]
pub struct Options {
    /// The server, as HOST:PORT; only loopback addresses are accepted
    #[arg(value_name = "HOST:PORT", value_parser = loopback_address)]
    pub target: SocketAddr,

    /// Rooms, each with one sender
    #[arg(long, default_value_t = 1, value_parser = within!(u32).range(1..=10_000))]
    pub rooms: u32,

    /// Members of each room, the sender included
    #[arg(long, default_value_t = 100, value_parser = within!(u32).range(1..=10_000))]
    pub members: u32,

    /// Lines that each sender keeps in flight
    #[arg(long, default_value_t = 1, value_parser = within!(u32).range(1..=65_536))]
    pub window: u32,

    /// Bytes of each line sent, its line feed included
    #[arg(long, default_value_t = 64, value_parser = within!(u32).range(2..=65_536))]
    pub size: u32,

    /// Seconds to measure
    #[arg(long, default_value_t = 5, value_parser = within!(u32).range(1..=60))]
    pub seconds: u32,

    /// Seconds under load before the measurement starts
    #[arg(long, default_value_t = 1, value_parser = within!(u32).range(0..=60))]
    pub warmup: u32,

    /// Process of the server, to report its CPU time and resident memory
    #[arg(long, value_name = "N", value_parser = within!(u32).range(1..))]
    pub pid: Option<u32>,

    /// Instead of sending, join N idle clients and report the server's resident bytes for each
    #[arg(long, value_name = "N", requires = "pid", value_parser = within!(u32).range(1..=60_000))]
    #[arg(conflicts_with_all = ["rooms", "members", "window", "size", "seconds", "warmup"])]
    pub idle: Option<u32>,

    /// Print one JSON object instead of text
    #[arg(long)]
    pub json: bool,
}

impl Options {
    /// How many connections the run opens at once.
    pub fn connections(&self) -> u64 {
        self.idle.map_or_else(|| u64::from(self.rooms) * u64::from(self.members), u64::from)
    }
}

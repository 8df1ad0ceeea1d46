//! What a connection counts of itself, for whoever looks on. Nothing is decided by it.

use crate::observe::events::next_much;
use parlance_core::time::Time;
use std::time::Duration;

/// The counts of one connection.
#[derive(Debug)]
pub(super) struct Tally {
    pub(super) bytes_in: u64,
    /// At so many bytes the log names the client as one that sends much.
    pub(super) much_at: u64,
    /// Since when its input is held; `NEVER` if it is not.
    pub(super) held_since: Time,
    /// For how long its input was held before.
    pub(super) held: Duration,
    /// When the lines were read whose recipients are being written to; `NEVER` if there are none.
    pub(super) published_at: Time,
}

impl Default for Tally {
    fn default() -> Tally {
        Tally {
            bytes_in: 0,
            much_at: next_much(0),
            held_since: Time::NEVER,
            held: Duration::ZERO,
            published_at: Time::NEVER,
        }
    }
}

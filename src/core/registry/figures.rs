//! What a registry says of itself: figures for the log and for metrics. They decide nothing.

use crate::sync::{Counter, Ordering};
use std::ops::AddAssign;
use std::time::Duration;

/// What a connection has accepted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// Bytes of lines, before any layer.
    pub bytes: u64,
    /// Whole lines.
    pub lines: u64,
}

impl AddAssign for Sent {
    fn add_assign(&mut self, other: Sent) {
        self.bytes += other.bytes;
        self.lines += other.lines;
    }
}

/// How a client stood when the registry ended it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastFigures {
    /// The charge of its outbox, in bytes. [common/outbox-3]
    pub charge: usize,
    /// The part of it that counts towards the client's bound: without replies. [common/outbox-7]
    pub counted: usize,
    /// Bytes of input that its connection held. [common/outbox-9]
    pub held_input: usize,
    /// For how long its connection had accepted no byte of those offered.
    pub refused_for: Duration,
    /// For how long something had been pending without a break.
    pub pending_for: Duration,
    /// The charge of all outboxes and all held input, in bytes.
    pub total: usize,
}

/// What a registry has at a moment, and what it has done so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// Connected clients, joined or not.
    pub clients: usize,
    /// Rooms that have members.
    pub rooms: usize,
    /// The charge of all outboxes and all held input, in bytes. [common/outbox-9]
    pub total: usize,
    /// Lines queued for a recipient, counted for each recipient; replies are none.
    pub deliveries: u64,
    /// Names that were refused because another client had them.
    pub names_refused: u64,
    /// What all connections have accepted, those of the past included.
    pub sent: Sent,
}

/// What is counted where it happens. Nothing waits for a counter, and nothing is decided by one.
#[derive(Debug, Default)]
pub(super) struct Counters {
    deliveries: Counter,
    names_refused: Counter,
}

impl Counters {
    /// So many lines were queued, each for so many recipients.
    pub(super) fn delivered(&self, lines: u32, recipients: usize) {
        self.deliveries.fetch_add(u64::from(lines) * recipients as u64, Ordering::Relaxed);
    }

    /// A name was refused because another client has it.
    pub(super) fn name_refused(&self) {
        self.names_refused.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn deliveries(&self) -> u64 {
        self.deliveries.load(Ordering::Relaxed)
    }

    pub(super) fn names_refused(&self) -> u64 {
        self.names_refused.load(Ordering::Relaxed)
    }
}

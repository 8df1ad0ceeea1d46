//! What the shell counts for one dialect. Counters decide nothing.

use super::histogram::Histogram;
use parlance_core::protocol::CloseReason;
use parlance_core::rate::Rule;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

/// Counters of one service.
#[derive(Debug, Default)]
pub(crate) struct ServiceFigures {
    closings: [AtomicU64; CloseReason::ALL.len()],
    bytes_in: AtomicU64,
    lines_in: AtomicU64,
    held_nanos: AtomicU64,
    held: AtomicUsize,
    rate_waits: [AtomicU64; Rule::ALL.len()],
    stored: AtomicU64,
    lost: AtomicU64,
    /// From the poll that read a line until all its idle recipients were written to.
    pub(crate) fan_out: Histogram,
}

impl ServiceFigures {
    /// A connection has ended.
    pub(crate) fn closed(&self, reason: CloseReason) {
        self.closings[reason as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// How many connections have ended for `reason`.
    pub(crate) fn closings(&self, reason: CloseReason) -> u64 {
        self.closings[reason as usize].load(Ordering::Relaxed)
    }

    /// So much has been read.
    pub(crate) fn received(&self, bytes: u64, lines: u64) {
        self.bytes_in.fetch_add(bytes, Ordering::Relaxed);
        self.lines_in.fetch_add(lines, Ordering::Relaxed);
    }

    /// Bytes and lines that were read.
    pub(super) fn input(&self) -> (u64, u64) {
        (self.bytes_in.load(Ordering::Relaxed), self.lines_in.load(Ordering::Relaxed))
    }

    /// So many lines are `stored`, or lost.
    pub(crate) fn stored(&self, lines: u64, stored: bool) {
        let counter = if stored { &self.stored } else { &self.lost };
        counter.fetch_add(lines, Ordering::Relaxed);
    }

    /// How many lines were stored, and how many were lost.
    pub(crate) fn kept_lines(&self) -> (u64, u64) {
        (self.stored.load(Ordering::Relaxed), self.lost.load(Ordering::Relaxed))
    }

    /// The input of one more client is held.
    pub(crate) fn hold_begins(&self) {
        self.held.fetch_add(1, Ordering::Relaxed);
    }

    /// A client begins to wait for its rate. [common/rate-2]
    pub(crate) fn rate_wait_begins(&self, rule: Rule) {
        self.rate_waits[rule as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// How often a client has waited for this rule.
    pub(crate) fn rate_waits(&self, rule: Rule) -> u64 {
        self.rate_waits[rule as usize].load(Ordering::Relaxed)
    }

    /// The input of a client is held no longer.
    pub(crate) fn hold_ends(&self, span: Duration) {
        self.held.fetch_sub(1, Ordering::Relaxed);
        let nanos = u64::try_from(span.as_nanos()).unwrap_or(u64::MAX);
        self.held_nanos.fetch_add(nanos, Ordering::Relaxed);
    }

    /// How many clients are held at the moment, and for how many seconds clients were held in all,
    /// each hold counted at its end.
    pub(super) fn holds(&self) -> (usize, f64) {
        let nanos = self.held_nanos.load(Ordering::Relaxed);
        (self.held.load(Ordering::Relaxed), Duration::from_nanos(nanos).as_secs_f64())
    }
}

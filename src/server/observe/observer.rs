//! What the services of all dialects have in common for whoever looks on.

use super::quota::Quotas;
use std::sync::atomic::{AtomicU64, Ordering};

/// The target of the events of connections, for filters: `--log parlance::client=info`.
pub(super) const TARGET: &str = "parlance::client";

/// The numbers of connections, and how much may be logged.
#[derive(Debug, Default)]
pub struct Observer {
    connections: AtomicU64,
    pub(super) quotas: Quotas,
}

impl Observer {
    /// The number of the next connection, from 1 on.
    pub(super) fn next_connection(&self) -> u64 {
        self.connections.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Says in the log how many events were left out and not reported yet, if any.
    pub fn report(&self) {
        let events = self.quotas.take_left_out();
        if events > 0 {
            tracing::info!(target: TARGET, events, of = "all", "left out: too many at once");
        }
    }

    /// How many events were left out of the log so far, because there were too many.
    pub fn events_left_out(&self) -> u64 {
        self.quotas.left_out()
    }
}

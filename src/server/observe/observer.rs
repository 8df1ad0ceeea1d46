//! What the services of all dialects have in common for whoever looks on.

use super::quota::Quotas;
use super::roster::Roster;
use std::sync::atomic::{AtomicU64, Ordering};

/// The target of the events of connections, for filters: `--log parlance::client=info`.
pub(super) const TARGET: &str = "parlance::client";

/// The target of the events of an operator, for filters: `--log parlance::operator=info`.
pub(crate) const OPERATOR_TARGET: &str = "parlance::operator";

/// The numbers of connections, and how much may be logged.
#[derive(Debug, Default)]
pub struct Observer {
    connections: AtomicU64,
    pub(super) quotas: Quotas,
    /// Absent where nobody asks for it.
    roster: Option<Roster>,
}

impl Observer {
    /// One that knows every client, for an operator who asks.
    pub fn with_roster() -> Observer {
        Observer { roster: Some(Roster::default()), ..Observer::default() }
    }

    /// The clients, if they are kept.
    pub(crate) fn roster(&self) -> Option<&Roster> {
        self.roster.as_ref()
    }

    /// The number of the next connection, from 1 on.
    pub(crate) fn next_connection(&self) -> u64 {
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

//! The bound that a client has met, with the figures.

use parlance_core::limits::{ARRIVAL, Limits};
use parlance_core::protocol::CloseReason;
use parlance_core::registry::LastFigures;
use std::time::Duration;

/// A bound, and the figure that met it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bound {
    /// The option that sets the bound, or the name of one that is a constant.
    pub(crate) limit: &'static str,
    /// The figure at the end.
    pub(crate) value: Option<u64>,
    /// The bound.
    pub(crate) max: Option<u64>,
    /// What both are counted in.
    pub(crate) unit: &'static str,
}

impl Bound {
    /// A bound of a number of clients.
    pub(crate) fn of_clients(limit: &'static str, count: usize, max: usize) -> Bound {
        Bound { limit, value: Some(count as u64), max: Some(max as u64), unit: "clients" }
    }

    /// There is no memory for another client. [common/limit-4]
    pub(crate) const MEMORY: Bound =
        Bound { limit: "memory", value: None, max: None, unit: "bytes" };

    /// Connections of the address come too fast. [common/rate-5]
    pub(crate) const CONNECTS: Bound =
        Bound { limit: "rate-connects", value: None, max: None, unit: "connections" };

    /// The bound that a client has met which was served for `age` and ended for `reason`.
    pub(crate) fn met(
        reason: CloseReason,
        limits: &Limits,
        age: Duration,
        last: Option<&LastFigures>,
    ) -> Option<Bound> {
        let bytes = |limit, value: Option<usize>, max: usize| Bound {
            limit,
            value: value.map(|value| value as u64),
            max: Some(max as u64),
            unit: "bytes",
        };
        let span = |limit, value: Option<Duration>, max| Bound {
            limit,
            value: value.map(millis),
            max: Some(millis(max)),
            unit: "ms",
        };
        Some(match reason {
            CloseReason::OutboxOverflow => {
                let value = last.map(|last| last.counted);
                bytes("outbox-bytes-max", value, limits.outbox_bytes_max)
            }
            CloseReason::TotalBound => {
                bytes("total-bytes-max", last.map(|last| last.total), limits.total_bytes_max)
            }
            CloseReason::Stalled => {
                span("stall-timeout", last.map(|last| last.refused_for), limits.stall)
            }
            CloseReason::Idle => span("idle-timeout", None, limits.idle),
            CloseReason::FirstLineLate => span("first-line-timeout", Some(age), limits.first_line),
            CloseReason::ArrivalLate => span("arrival", Some(age), ARRIVAL),
            _ => return None,
        })
    }
}

/// In milliseconds.
pub(crate) fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

//! Counters as floating-point numbers, for rates.

use std::time::Duration;

/// `count` as a float. Counters of one run stay far below 2^53, where this stops being exact.
#[expect(clippy::cast_precision_loss, reason = "see above")]
pub(super) fn float(count: u64) -> f64 {
    count as f64
}

/// `count` per second of `span`; zero for an empty span.
pub(super) fn per_second(count: u64, span: Duration) -> f64 {
    if span.is_zero() { 0.0 } else { float(count) / span.as_secs_f64() }
}

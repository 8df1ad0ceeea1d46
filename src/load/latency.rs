//! Latencies of lines, from the intended send time to the receipt.

use hdrhistogram::Histogram;

use super::report::Report;

/// The longest latency that is distinguished.
const LONGEST: u64 = 600_000_000_000;

/// A distribution of latencies, in nanoseconds.
pub(super) struct Latency {
    histogram: Histogram<u64>,
}

impl Latency {
    pub(super) fn new() -> Latency {
        let histogram = Histogram::new_with_bounds(100, LONGEST, 3);
        Latency { histogram: histogram.expect("the bounds are in order") }
    }

    /// Adds a line with the intended send time `sent`, received at `now`.
    pub(super) fn record(&mut self, sent: u64, now: u64) {
        self.histogram.saturating_record(now.saturating_sub(sent));
    }

    /// Removes all latencies.
    pub(super) fn clear(&mut self) {
        self.histogram.reset();
    }

    /// The figures, in microseconds; none if nothing was recorded.
    pub(super) fn report(&self, report: &mut Report) {
        if self.histogram.is_empty() {
            return;
        }
        let mut row = |key, label, quantile| {
            let nanoseconds = self.histogram.value_at_quantile(quantile);
            report.amount(key, label, super::number::float(nanoseconds) / 1000.0);
        };
        row("latency_p50_us", "latency p50, us", 0.5);
        row("latency_p99_us", "latency p99, us", 0.99);
        row("latency_p999_us", "latency p99.9, us", 0.999);
        row("latency_max_us", "latency max, us", 1.0);
        report.count("latencies", "latencies recorded", self.histogram.len());
    }
}

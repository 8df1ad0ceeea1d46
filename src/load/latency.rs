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

#[cfg(test)]
mod tests {
    use super::{Latency, Report};
    use crate::report::Value;

    /// What happened before the measurement is not in the figures.
    #[test]
    fn each_figure_is_the_quantile_that_it_is_called_after() {
        let mut latency = Latency::new();
        latency.record(0, 500_000_000_000);
        latency.clear();
        for line in 1..=10_000 {
            let sent = 7_000_000;
            latency.record(sent, sent + line * 1_000);
        }
        let mut report = Report::default();
        latency.report(&mut report);
        let rows = [("p50", 5_000.0), ("p99", 9_900.0), ("p999", 9_990.0), ("max", 10_000.0)];
        for (name, expected) in rows {
            let found = report.get(&format!("latency_{name}_us"));
            let Some(Value::Amount(found)) = found else { panic!("{name}: {found:?}") };
            // The histogram has three digits.
            assert!((found / expected - 1.0).abs() < 0.001, "{name}: {found}, not {expected}");
        }
        assert_eq!(report.get("latencies"), Some(Value::Count(10_000)));
    }
}

//! How often a span was how long.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The upper bounds of the buckets, in microseconds; one more has the rest.
pub(super) const BOUNDS_MICROS: [u64; 14] = [
    50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 1_000_000,
    10_000_000,
];

/// Spans, counted by their length.
#[derive(Debug, Default)]
pub(crate) struct Histogram {
    buckets: [AtomicU64; BOUNDS_MICROS.len() + 1],
    sum_nanos: AtomicU64,
}

impl Histogram {
    pub(crate) fn note(&self, span: Duration) {
        let micros = u64::try_from(span.as_micros()).unwrap_or(u64::MAX);
        // A bound belongs to its bucket, to the nanosecond.
        let micros = micros.saturating_add(u64::from(!span.subsec_nanos().is_multiple_of(1_000)));
        let bucket = BOUNDS_MICROS.partition_point(|bound| *bound < micros);
        let nanos = u64::try_from(span.as_nanos()).unwrap_or(u64::MAX);
        self.buckets[bucket].fetch_add(1, Ordering::Relaxed);
        self.sum_nanos.fetch_add(nanos, Ordering::Relaxed);
    }

    /// How many spans were at most as long as each bound, how many there were, and their sum in
    /// nanoseconds.
    pub(super) fn read(&self) -> ([u64; BOUNDS_MICROS.len()], u64, u64) {
        let mut count = 0;
        let cumulative = std::array::from_fn(|place: usize| {
            count += self.buckets[place].load(Ordering::Relaxed);
            count
        });
        count += self.buckets[BOUNDS_MICROS.len()].load(Ordering::Relaxed);
        (cumulative, count, self.sum_nanos.load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::Histogram;
    use std::time::Duration;

    #[test]
    fn a_bound_belongs_to_its_bucket_and_what_is_longer_than_all_to_none() {
        let histogram = Histogram::default();
        histogram.note(Duration::from_micros(50));
        histogram.note(Duration::from_nanos(50_001));
        histogram.note(Duration::from_secs(11));
        let (cumulative, count, sum) = histogram.read();
        assert_eq!((cumulative[0], cumulative[1], cumulative[13], count), (1, 2, 2, 3));
        assert_eq!(sum, 11_000_100_001);
    }
}

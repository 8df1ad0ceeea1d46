//! What all rooms of a run share: the poller, one buffer, the clock, the latencies.

use std::time::{Duration, Instant};

use super::error::LoadError;
use super::latency::Latency;
use super::poller::Poller;

/// Bytes that are read at once: so many that a batch takes one call, and still in the processor's cache.
const BUFFER: usize = 256 * 1024;

/// What all rooms of a run share. There is one buffer because only one connection reads at a time.
pub(super) struct RunContext {
    pub(super) poller: Poller,
    pub(super) buffer: Vec<u8>,
    pub(super) latency: Latency,
    start: Instant,
}

impl RunContext {
    pub(super) fn new() -> Result<RunContext, LoadError> {
        let (poller, latency) = (Poller::new()?, Latency::new());
        Ok(RunContext { poller, buffer: vec![0; BUFFER], latency, start: Instant::now() })
    }

    /// Nanoseconds since the beginning.
    pub(super) fn now(&self) -> u64 {
        nanoseconds(self.start.elapsed())
    }
}

/// A span in nanoseconds; the runs of this program are far shorter than the five hundred years that fit.
pub(super) fn nanoseconds(span: Duration) -> u64 {
    u64::try_from(span.as_nanos()).unwrap_or(u64::MAX)
}

//! The context of a run, shared by all rooms: poller, buffer, clock and latencies.

use std::time::{Duration, Instant};

use super::error::LoadError;
use super::latency::Latency;
use super::poller::Poller;

/// Maximum bytes per read: a batch fits into one call, and the buffer into the processor cache.
const BUFFER: usize = 256 * 1024;

/// The context of a run. There is one buffer because only one connection reads at a time.
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

    /// Nanoseconds since the start of the run.
    pub(super) fn now(&self) -> u64 {
        nanoseconds(self.start.elapsed())
    }
}

/// A span in nanoseconds; the type holds five hundred years.
pub(super) fn nanoseconds(span: Duration) -> u64 {
    u64::try_from(span.as_nanos()).unwrap_or(u64::MAX)
}

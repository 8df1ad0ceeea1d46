//! The context of a run, shared by all rooms: poller, buffer, instruments and latencies.

use super::error::LoadError;
use super::instruments::Instruments;
use super::latency::Latency;
use super::poller::Poller;

/// Maximum bytes per read: a batch fits into one call, and the buffer into the processor cache.
const BUFFER: usize = 256 * 1024;

/// The context of a run. There is one buffer because only one connection reads at a time.
pub(super) struct RunContext {
    pub(super) poller: Poller,
    pub(super) buffer: Vec<u8>,
    pub(super) latency: Latency,
    pub(super) instruments: Instruments,
}

impl RunContext {
    pub(super) fn new(instruments: Instruments) -> Result<RunContext, LoadError> {
        let (poller, latency) = (Poller::new()?, Latency::new());
        Ok(RunContext { poller, buffer: vec![0; BUFFER], latency, instruments })
    }

    /// Nanoseconds since the start of the run.
    pub(super) fn now(&self) -> u64 {
        self.instruments.now()
    }
}

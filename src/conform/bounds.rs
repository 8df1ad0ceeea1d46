//! The bounds of all waits.

use std::time::{Duration, Instant};

/// How long the suite waits for a server.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub(super) patience: f64,
    /// The end of the whole run.
    pub(super) end: Instant,
}

impl Bounds {
    pub(super) fn scaled(&self, time: Duration) -> Duration {
        time.mul_f64(self.patience)
    }

    /// The end of a wait of `time` that begins now.
    pub(super) fn until(&self, time: Duration) -> Instant {
        (Instant::now() + self.scaled(time)).min(self.end)
    }

    pub(super) fn is_over(&self) -> bool {
        Instant::now() >= self.end
    }
}

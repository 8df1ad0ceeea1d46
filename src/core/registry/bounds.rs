//! The bounds that every delivery needs, which may change meanwhile.

use crate::limits::{CrowdLimits, Limits};
use crate::sync::Setting;
use std::time::Duration;

/// The registry's own part of the limits.
#[derive(Debug)]
pub(super) struct Bounds {
    outbox_bytes_max: Setting,
    total_bytes_max: Setting,
    /// In nanoseconds.
    stall: Setting,
    /// Rooms keep theirs, so these do not change.
    pub(super) crowd: CrowdLimits,
}

impl Bounds {
    pub(super) fn new(limits: &Limits) -> Bounds {
        let bounds = Bounds {
            outbox_bytes_max: Setting::new(0),
            total_bytes_max: Setting::new(0),
            stall: Setting::new(0),
            crowd: limits.crowd,
        };
        bounds.set(limits);
        bounds
    }

    /// Changes all but those of crowded rooms.
    pub(super) fn set(&self, limits: &Limits) {
        self.outbox_bytes_max.set(limits.outbox_bytes_max as u64);
        self.total_bytes_max.set(limits.total_bytes_max as u64);
        // More lasts longer than any process.
        self.stall.set(u64::try_from(limits.stall.as_nanos()).unwrap_or(u64::MAX));
    }

    pub(super) fn outbox_bytes_max(&self) -> usize {
        usize::try_from(self.outbox_bytes_max.get()).unwrap_or(usize::MAX)
    }

    pub(super) fn total_bytes_max(&self) -> usize {
        usize::try_from(self.total_bytes_max.get()).unwrap_or(usize::MAX)
    }

    pub(super) fn stall(&self) -> Duration {
        Duration::from_nanos(self.stall.get())
    }
}

//! The progress of a run on a terminal.

use std::io::{IsTerminal as _, Write as _};
use std::time::Duration;

use super::snapshot::Snapshot;

/// One line on standard error, rewritten each second, if that is a terminal.
pub(super) struct Progress {
    shown: bool,
    whole: Duration,
    passed: u32,
    highest: Option<u64>,
}

impl Progress {
    /// A run of this duration.
    pub(super) fn new(whole: Duration) -> Progress {
        Progress { shown: std::io::stderr().is_terminal(), whole, passed: 0, highest: None }
    }

    /// Shows a further second, between these two snapshots.
    pub(super) fn show(&mut self, before: &Snapshot, after: &Snapshot) {
        self.passed += 1;
        self.highest = self.highest.max(after.resident());
        if self.shown {
            let rate = after.rate_since(before);
            let (passed, whole) = (self.passed, self.whole.as_secs_f64());
            let line = format!("{passed} of {whole} s: {rate:.0} deliveries per second");
            write_over(&line);
        }
    }

    /// Clears the line.
    pub(super) fn end(&self) {
        if self.shown {
            write_over("");
        }
    }

    /// The maximum memory of the server so far.
    pub(super) fn highest_resident(&self) -> Option<u64> {
        self.highest
    }
}

fn write_over(line: &str) {
    // A closed terminal is no reason to end a run.
    let _ = write!(std::io::stderr(), "\r\x1b[K{line}");
}

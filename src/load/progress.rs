//! What is shown on a terminal while a run goes on.

use std::io::{IsTerminal as _, Write as _};
use std::time::Duration;

use super::snapshot::Snapshot;

/// One line on standard error that is written over each second, if that is a terminal.
pub(super) struct Progress {
    shown: bool,
    whole: Duration,
    passed: u32,
    highest: Option<u64>,
}

impl Progress {
    /// A run that takes so long.
    pub(super) fn new(whole: Duration) -> Progress {
        Progress { shown: std::io::stderr().is_terminal(), whole, passed: 0, highest: None }
    }

    /// Another second has passed, between these two moments.
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

    /// Leaves the line empty.
    pub(super) fn end(&self) {
        if self.shown {
            write_over("");
        }
    }

    /// The most memory that the server was seen to have.
    pub(super) fn highest_resident(&self) -> Option<u64> {
        self.highest
    }
}

fn write_over(line: &str) {
    // A terminal that has gone is no reason to end a run.
    let _ = write!(std::io::stderr(), "\r\x1b[K{line}");
}

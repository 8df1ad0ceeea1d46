//! What a run does, said while it does it.

use std::fmt::Display;
use std::io::{IsTerminal as _, Write as _};
use std::time::Duration;

/// Seconds between two lines of one phase, where no terminal rewrites them.
const SELDOM: u32 = 10;

/// Lines on standard error: one for each phase, and the rate as it goes. On a terminal one line is
/// rewritten each second.
#[derive(Clone, Copy, Debug)]
pub(super) struct Progress {
    quiet: bool,
    rewrites: bool,
}

impl Progress {
    /// Says nothing if `quiet`.
    pub(super) fn new(quiet: bool) -> Progress {
        Progress { quiet, rewrites: std::io::stderr().is_terminal() }
    }

    /// A further phase begins.
    pub(super) fn phase(self, what: impl Display) {
        let clear = if self.rewrites { "\r\x1b[K" } else { "" };
        self.write(&format!("{clear}parlance-load: {what}\n"));
    }

    /// `passed` seconds of `whole` are over, the last with this rate.
    pub(super) fn second(self, passed: u32, whole: Duration, rate: f64) {
        let whole = whole.as_secs_f64();
        let text = format!("{passed} of {whole} s: {rate:.0} deliveries per second");
        if self.rewrites {
            self.write(&format!("\r\x1b[Kparlance-load: {text}"));
        } else if passed.is_multiple_of(SELDOM) {
            self.phase(text);
        }
    }

    /// Clears the line that is rewritten.
    pub(super) fn end(self) {
        if self.rewrites {
            self.write("\r\x1b[K");
        }
    }

    fn write(self, text: &str) {
        if !self.quiet {
            // A closed terminal is no reason to end a run.
            let _ = std::io::stderr().write_all(text.as_bytes());
        }
    }
}

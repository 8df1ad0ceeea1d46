//! The progress of a run: a line on a terminal, and a line for each failure.

use super::result::CaseResult;
use super::{report, text};
use std::io::IsTerminal as _;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A line on standard error that each result rewrites.
pub(super) struct Progress {
    total: usize,
    done: AtomicUsize,
    wrong: AtomicUsize,
    shown: bool,
}

/// Maximum width: a line that the terminal wraps cannot be erased.
const WIDTH: usize = 79;

impl Progress {
    pub(super) fn new(total: usize) -> Progress {
        let shown = std::io::stderr().is_terminal();
        let progress =
            Progress { total, done: AtomicUsize::new(0), wrong: AtomicUsize::new(0), shown };
        // The first case can take a while.
        progress.show("");
        progress
    }

    /// Counts a result, and leaves a line of its own about one that is wrong, if `lines`. Any
    /// thread may call it.
    pub(super) fn tell(&self, result: &CaseResult, lines: bool) {
        let wrong = result.verdict.is_wrong();
        self.done.fetch_add(1, Ordering::Relaxed);
        self.wrong.fetch_add(usize::from(wrong), Ordering::Relaxed);
        if wrong && lines {
            self.clear();
            let name = result.verdict.name();
            let line = format!("{name} {}: {}", result.id, report::told(result));
            eprintln!("{}", text::cut(&line));
        }
        self.show(&result.id);
    }

    fn show(&self, last: &str) {
        if self.shown {
            eprint!("\r\x1b[K{}", self.line(last));
        }
    }

    fn line(&self, last: &str) -> String {
        let (done, wrong) = (&self.done, &self.wrong);
        let (done, wrong) = (done.load(Ordering::Relaxed), wrong.load(Ordering::Relaxed));
        let line = format!("{done} of {} cases, {wrong} wrong  {last}", self.total);
        line.chars().take(WIDTH).collect()
    }

    /// Erases the line before the report follows.
    pub(super) fn clear(&self) {
        if self.shown {
            eprint!("\r\x1b[K");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Progress;

    #[test]
    fn a_line_of_progress_is_never_wrapped() {
        let progress = Progress::new(100);
        let line = progress.line(&"x".repeat(200));
        assert!(line.starts_with("0 of 100 cases, 0 wrong  x") && line.len() == 79, "{line}");
    }
}

//! The search for an earlier line, from the last one backwards.

use super::history::History;
use super::keys::Key;

/// A pattern and the line that it found.
#[derive(Debug, Default)]
pub(super) struct Search {
    pattern: String,
    found: Option<usize>,
    failed: bool,
}

/// What a key does to a search.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The search goes on.
    Stay,
    /// The draft is back.
    Cancel,
    /// The found line is edited, by this key first.
    Take,
}

impl Search {
    pub(super) fn prompt(&self) -> String {
        let state = if self.failed { "nothing before has" } else { "search" };
        format!("({state} '{}') ", self.pattern)
    }

    /// The line found, and the place of the pattern in it.
    pub(super) fn line<'h>(&self, history: &'h History) -> (&'h str, usize) {
        let text = self.found.and_then(|found| history.get(found)).unwrap_or("");
        (text, text.find(&self.pattern).unwrap_or(0))
    }

    pub(super) fn press(&mut self, key: &Key, history: &History) -> Step {
        match key {
            Key::Char(character) => {
                self.pattern.push(*character);
                // The line that is shown may have the longer pattern too.
                self.look(history, self.found.map(|found| found + 1));
            }
            Key::Backspace => {
                self.pattern.pop();
                self.look(history, None);
            }
            Key::Ctrl('r') => self.look(history, self.found),
            Key::Ctrl('g' | 'c') => return Step::Cancel,
            _ => return Step::Take,
        }
        Step::Stay
    }

    fn look(&mut self, history: &History, end: Option<usize>) {
        let found = (!self.pattern.is_empty()).then(|| history.find(&self.pattern, end)).flatten();
        self.failed = found.is_none() && !self.pattern.is_empty();
        if !self.failed {
            self.found = found;
        }
    }
}

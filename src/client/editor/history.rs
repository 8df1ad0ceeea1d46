//! The lines that were typed before.

use super::line::Line;
use crate::input::secret_from;
use std::collections::VecDeque;

/// Maximum number of lines that are kept.
pub(in super::super) const LINES_MAX: usize = 1000;

/// Earlier lines, the place of the shown one, and the draft that is not among them.
#[derive(Debug, Default)]
pub(super) struct History {
    lines: VecDeque<String>,
    /// The index of the shown line; `None` while the draft is shown.
    shown: Option<usize>,
    draft: Line,
}

impl History {
    /// Adds a line, unless it repeats the last one, has a password in it, or begins with a blank,
    /// which asks for privacy.
    /// Returns whether the line is new.
    pub(super) fn add(&mut self, line: &str) -> bool {
        self.shown = None;
        let repeats = self.lines.back().is_some_and(|last| last == line);
        if line.is_empty() || line.starts_with(' ') || secret_from(line).is_some() || repeats {
            return false;
        }
        self.lines.push_back(line.to_owned());
        if self.lines.len() > LINES_MAX {
            self.lines.pop_front();
        }
        true
    }

    /// The line before the shown one.
    pub(super) fn earlier(&mut self, current: &Line) -> Option<Line> {
        let shown = self.shown.unwrap_or(self.lines.len()).checked_sub(1)?;
        if self.shown.is_none() {
            self.draft = current.clone();
        }
        self.shown = Some(shown);
        self.lines.get(shown).map(Line::new)
    }

    /// The line after the shown one; the draft after the last.
    pub(super) fn later(&mut self) -> Option<Line> {
        let next = self.shown? + 1;
        self.shown = (next < self.lines.len()).then_some(next);
        match self.shown {
            Some(next) => self.lines.get(next).map(Line::new),
            None => Some(std::mem::take(&mut self.draft)),
        }
    }

    /// The index of the last line before `end` that contains `pattern`.
    pub(super) fn find(&self, pattern: &str, end: Option<usize>) -> Option<usize> {
        let end = end.unwrap_or(self.lines.len()).min(self.lines.len());
        (0..end).rev().find(|index| self.lines[*index].contains(pattern))
    }

    pub(super) fn get(&self, index: usize) -> Option<&str> {
        self.lines.get(index).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::{History, LINES_MAX, Line};

    fn history(lines: &[&str]) -> History {
        let mut history = History::default();
        for line in lines {
            history.add(line);
        }
        history
    }

    #[test]
    fn the_draft_comes_back_with_its_cursor() {
        let mut history = history(&["a", "b"]);
        let mut draft = Line::new("draft");
        draft.move_to(2);
        assert_eq!(history.earlier(&draft), Some(Line::new("b")));
        assert_eq!(history.earlier(&Line::new("b")), Some(Line::new("a")));
        assert_eq!(history.earlier(&Line::new("a")), None);
        assert_eq!(history.later(), Some(Line::new("b")));
        assert_eq!(history.later(), Some(draft));
        assert_eq!(history.later(), None);
    }

    #[test]
    fn repeated_and_private_lines_are_not_kept() {
        let mut history = history(&["a", "a", " secret", "/login ann word", "/register word", ""]);
        assert_eq!(history.earlier(&Line::default()), Some(Line::new("a")));
        assert_eq!(history.earlier(&Line::default()), None);
    }

    #[test]
    fn the_number_of_lines_is_bounded() {
        let mut history = History::default();
        for number in 0..LINES_MAX + 10 {
            history.add(&number.to_string());
        }
        assert_eq!(history.get(0), Some("10"));
        assert_eq!(history.get(LINES_MAX), None);
    }

    #[test]
    fn the_last_line_with_a_pattern_is_found_first() {
        let history = history(&["one", "two", "one more"]);
        assert_eq!(history.find("one", None), Some(2));
        assert_eq!(history.find("one", Some(2)), Some(0));
        assert_eq!(history.find("one", Some(0)), None);
    }
}

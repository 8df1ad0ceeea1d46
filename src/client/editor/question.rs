//! A paste of many lines, and whether it is meant.

use super::keys::Key;

/// Maximum number of pasted lines that are shown.
const SHOWN_MAX: usize = 10;

/// Pasted lines that wait for the user's word: in a room, a paste by mistake cannot be taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Question(Vec<String>);

impl Question {
    pub(super) fn new(lines: Vec<String>) -> Question {
        Question(lines)
    }

    pub(super) fn into_lines(self) -> Vec<String> {
        self.0
    }

    pub(super) fn prompt(&self) -> String {
        format!("say these {} lines? y/n ", self.0.len())
    }

    /// The lines as they are shown above the question.
    pub(super) fn preview(&self) -> Vec<String> {
        let mut shown: Vec<_> =
            self.0.iter().take(SHOWN_MAX).map(|line| format!("  | {line}")).collect();
        let more = self.0.len() - shown.len();
        if more > 0 {
            shown.push(format!("  | and {more} more"));
        }
        shown
    }

    /// The answer of a key. Enter is none: it may be left over from typing.
    pub(super) fn answer(key: &Key) -> Option<bool> {
        match key {
            Key::Char('y' | 'Y') => Some(true),
            Key::Char('n' | 'N') | Key::Ctrl('c' | 'd' | 'g') => Some(false),
            _ => None,
        }
    }
}

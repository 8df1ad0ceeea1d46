//! What a room still has to hear of one sender.

use std::collections::VecDeque;

use super::line::Line;

/// One sender's lines as its room hears them.
#[derive(Debug)]
pub(super) struct ExpectedLines {
    line: Line,
    /// The number of the next line to be heard, and how far it is to the one after.
    next: u64,
    step: u64,
    /// When those in flight were sent, or should have been.
    sent: VecDeque<u64>,
}

impl ExpectedLines {
    /// A sender whose lines have the numbers `first`, `first + step`, and so on.
    pub(super) fn new(line: Line, first: u64, step: u64) -> ExpectedLines {
        ExpectedLines { line, next: first, step, sent: VecDeque::new() }
    }

    /// How long each line is.
    pub(super) fn line_len(&self) -> u64 {
        self.line.len() as u64
    }

    /// Says that a further line was sent, or should have been, at this time.
    pub(super) fn send(&mut self, at: u64) {
        self.sent.push_back(at);
    }

    /// Whether all that was sent has been heard.
    pub(super) fn is_idle(&self) -> bool {
        self.sent.is_empty()
    }

    /// The line that is heard next, if one is in flight.
    pub(super) fn next_line(&mut self) -> Option<&[u8]> {
        if self.sent.is_empty() { None } else { Some(self.line.numbered(self.next)) }
    }

    /// Goes on to the line after, and says when the one that was heard was sent.
    ///
    /// # Panics
    ///
    /// If none is in flight.
    pub(super) fn advance(&mut self) -> u64 {
        self.next += self.step;
        self.sent.pop_front().expect("a line that is heard was in flight")
    }
}

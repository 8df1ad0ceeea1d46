//! The pending lines of one sender.

use std::collections::VecDeque;

use super::line::Line;

/// The lines of one sender, as its room receives them.
#[derive(Debug)]
pub(super) struct ExpectedLines {
    line: Line,
    /// The number of the next line, and the step to the one after.
    next: u64,
    step: u64,
    /// The intended send times of the lines in flight.
    sent: VecDeque<u64>,
}

impl ExpectedLines {
    /// A sender whose lines have the numbers `first`, `first + step`, and so on.
    pub(super) fn new(line: Line, first: u64, step: u64) -> ExpectedLines {
        ExpectedLines { line, next: first, step, sent: VecDeque::new() }
    }

    /// The length of each line in bytes.
    pub(super) fn line_len(&self) -> u64 {
        self.line.len() as u64
    }

    /// Records a further line with its intended send time.
    pub(super) fn send(&mut self, at: u64) {
        self.sent.push_back(at);
    }

    /// Whether no line is in flight.
    pub(super) fn is_idle(&self) -> bool {
        self.sent.is_empty()
    }

    /// The next line to be received, if one is in flight.
    pub(super) fn next_line(&mut self) -> Option<&[u8]> {
        if self.sent.is_empty() { None } else { Some(self.line.numbered(self.next)) }
    }

    /// Moves on to the next line; returns the intended send time of the received one.
    ///
    /// # Panics
    ///
    /// If no line is in flight.
    pub(super) fn advance(&mut self) -> u64 {
        self.next += self.step;
        self.sent.pop_front().expect("a line that is heard was in flight")
    }
}

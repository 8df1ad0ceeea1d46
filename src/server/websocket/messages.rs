//! Entries that are messages as they are.

use crate::transport::Accepted;
use parlance_core::protocol::websocket::{Encoder, Frame};
use parlance_core::registry::Entry;
use std::io::{self, IoSlice};

/// Up to `MAX` consecutive messages, each in one frame, in the memory of their entries.
pub(super) struct Messages<'a, const MAX: usize> {
    entries: &'a [Entry],
    pieces: [IoSlice<'a>; MAX],
}

impl<'a, const MAX: usize> Messages<'a, MAX> {
    /// The messages that `entries` begins with, in up to `bytes_max` bytes of lines; none if there
    /// is none.
    pub(super) fn of(entries: &'a [Entry], bytes_max: usize) -> Option<Messages<'a, MAX>> {
        let mut pieces = [IoSlice::new(&[]); MAX];
        let (mut count, mut left) = (0, bytes_max);
        for (piece, entry) in pieces.iter_mut().zip(entries) {
            let Some(message) = entry.message() else { break };
            let Some(rest) = left.checked_sub(entry.bytes().len()) else { break };
            (*piece, left) = (IoSlice::new(message), rest);
            count += 1;
        }
        (count > 0).then(|| Messages { entries: &entries[..count], pieces })
    }

    /// The first frame comes next whatever happens.
    pub(super) fn begin(&self, encoder: &mut Encoder) {
        encoder.begin(self.frame(0));
    }

    fn frame(&self, index: usize) -> Frame {
        Frame::of_text(self.entries[index].bytes().len()).expect("a message is one frame")
    }

    /// Hands the messages to `write`.
    ///
    /// # Errors
    /// Those of `write`.
    pub(super) fn write(
        &self,
        encoder: &mut Encoder,
        write: impl FnOnce(&[IoSlice<'_>]) -> io::Result<usize>,
    ) -> io::Result<Accepted> {
        let pieces = &self.pieces[..self.entries.len()];
        let (mut bytes, mut left) = (0, write(pieces)?);
        for (index, piece) in pieces.iter().enumerate() {
            let count = left.min(piece.len());
            bytes += encoder.accept(self.frame(index), count);
            if count < piece.len() {
                return Ok(Accepted { bytes, all: false });
            }
            left -= count;
        }
        Ok(Accepted { bytes, all: true })
    }
}

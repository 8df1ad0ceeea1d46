//! One delivery in an outbox.

use super::chunk::Chunk;
use crate::limits::ENTRY_BYTES;

/// One delivery: a chunk, or the rest of a chunk that was written in part. [common/outbox-2]
#[derive(Debug)]
pub struct Entry {
    chunk: Chunk,
    /// Bytes of the chunk that the connection has accepted already.
    written: u32,
    pub(super) class: Class,
}

/// What an entry counts as. Each class is charged apart, and holds senders of its own class only:
/// a client may be fed with private lines without end, and its room must not wait for that.
/// [common/flow-1] [common/tell-2]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// A run or a notice of the client's room.
    Room,
    /// A private line.
    Private,
    /// A reply to the client's own input, which never counts towards the bound. [common/outbox-7]
    Reply,
}

impl Entry {
    pub(super) fn new(chunk: Chunk, class: Class) -> Entry {
        Entry { chunk, written: 0, class }
    }

    /// The bytes still to be written; never empty.
    pub fn bytes(&self) -> &[u8] {
        self.chunk.behind(self.written as usize)
    }

    /// The same as a message of WebSocket, frame included, if nothing of the chunk is written, its
    /// lines are UTF-8, and one frame holds them. All clients share its memory. [common/ws-10]
    pub fn message(&self) -> Option<&[u8]> {
        if self.written > 0 { None } else { self.chunk.message() }
    }

    /// How many lines the whole chunk is.
    pub(super) fn lines(&self) -> u32 {
        self.chunk.lines()
    }

    pub(super) fn advance(&mut self, bytes: usize) {
        let bytes = u32::try_from(bytes).expect("the longest chunk is a list of all clients");
        self.written += bytes;
    }

    /// How many bytes are still to be written.
    pub(super) fn unwritten(&self) -> usize {
        self.chunk.len() - self.written as usize
    }

    /// The unwritten bytes and the fixed cost of an entry. [common/outbox-3]
    pub(super) fn charge(&self) -> usize {
        self.unwritten() + ENTRY_BYTES
    }
}

/// Takes all entries of `batch` off the ledger, and drops them.
pub(super) fn remove(batch: &mut Vec<Entry>) {
    if let Some(entry) = batch.first() {
        entry.chunk.ledger().entries_removed(batch.len());
        batch.clear();
    }
}

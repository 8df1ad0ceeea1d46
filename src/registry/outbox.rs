//! What one client is owed: a bounded queue of shared chunks, and the wake-ups that keep it moving.

use super::chunk::{Chunk, Ledger};
use super::congestion::Congestion;
use super::turn::Turn;
use crate::limits::{ENTRY_BYTES, MARK_BYTES};
use crate::time::Time;
use std::collections::VecDeque;
use std::task::Waker;
use std::time::Duration;

/// One delivery: a chunk, or what is left of it. [common/outbox-2]
#[derive(Debug)]
pub struct Entry {
    chunk: Chunk,
    /// Bytes of the chunk that the connection has accepted already.
    written: usize,
    /// A reply to the client's own input, which never counts towards the bound. [common/outbox-7]
    reply: bool,
}

impl Entry {
    /// The bytes still to be written; never empty.
    pub fn bytes(&self) -> &[u8] {
        &self.chunk.bytes()[self.written..]
    }

    fn charge(&self) -> usize {
        self.bytes().len() + ENTRY_BYTES
    }
}

/// Whether a client is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It may be sent to.
    Open,
    /// It departed, or the server shuts down: what it is owed is flushed, nothing is added.
    Closed,
    /// It owed too much, or stood still for too long: its queue is gone. [common/close-3]
    Evicted,
}

/// What an append came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Appended {
    /// The chunk is in the queue.
    Queued,
    /// The client takes nothing any more; nothing was added.
    Refused,
    /// The bound would be exceeded; the caller must evict the client. Nothing was added.
    Overflow,
}

/// What became of an attempt to take a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// The batch holds what is owed next, and must be settled.
    Batch,
    /// Nothing is owed; the caller's waker will be called when that changes.
    Nothing(Standing),
    /// Somebody else writes a batch at the moment, and takes again when that is settled.
    Elsewhere(Standing),
}

#[derive(Debug)]
pub(super) struct Outbox {
    standing: Standing,
    queue: VecDeque<Entry>,
    /// The charge of the queue and of what a writer holds at the moment. [common/outbox-3]
    charge: usize,
    /// The part of `charge` that replies make up.
    reply_charge: usize,
    /// A batch is being written, by the connection's own task or by somebody who had something for it.
    lent: bool,
    /// Called when something is owed again; present while nobody writes and nobody was told to.
    owner: Option<Waker>,
    /// Since when the connection has accepted nothing although something was offered.
    refusing_since: Option<Time>,
    congestion: Congestion,
    /// Senders that wait for this client to fall to the mark. [common/flow-5]
    waiters: Vec<Waker>,
}

impl Outbox {
    pub(super) fn new() -> Outbox {
        Outbox {
            standing: Standing::Open,
            queue: VecDeque::new(),
            charge: 0,
            reply_charge: 0,
            lent: false,
            owner: None,
            refusing_since: None,
            congestion: Congestion::new(),
            waiters: Vec::new(),
        }
    }

    pub(super) fn standing(&self) -> Standing {
        self.standing
    }

    pub(super) fn charge(&self) -> usize {
        self.charge
    }

    pub(super) fn is_over_mark(&self) -> bool {
        self.counted() > MARK_BYTES
    }

    /// The charge that is held against the bound and the mark: without replies. [common/outbox-7]
    fn counted(&self) -> usize {
        self.charge - self.reply_charge
    }

    /// Appends `chunk` unless that would exceed `bytes_max`. [common/outbox-4]
    ///
    /// The owner is woken only if the queue was empty: otherwise it is at work already, or waits
    /// for its socket. `wake_owner` is false for the task that makes the call.
    pub(super) fn append(
        &mut self,
        chunk: &Chunk,
        bytes_max: usize,
        wake_owner: bool,
        turn: &mut Turn<'_>,
    ) -> Appended {
        if self.standing != Standing::Open {
            return Appended::Refused;
        }
        let entry = Entry { chunk: chunk.clone(), written: 0, reply: false };
        let charge = entry.charge();
        if self.counted() + charge > bytes_max {
            return Appended::Overflow;
        }
        if wake_owner && self.charge == 0 {
            turn.wakes.extend(self.owner.take());
        }
        self.queue.push_back(entry);
        self.charge += charge;
        self.congestion.update(self.is_over_mark(), self.refusing_since.is_some(), turn.now);
        Appended::Queued
    }

    /// Appends a reply to the client's own input, whatever is owed already. [common/outbox-7]
    pub(super) fn append_reply(&mut self, chunk: Chunk) {
        let entry = Entry { chunk, written: 0, reply: true };
        self.charge += entry.charge();
        self.reply_charge += entry.charge();
        self.queue.push_back(entry);
    }

    /// Whether the client must take earlier answers before it gets another; the caller is then
    /// registered to be woken. [common/reply-2] [common/reply-3]
    pub(super) fn wait_for_replies(&mut self, turn: &mut Turn<'_>) -> bool {
        let owes =
            self.standing == Standing::Open && self.reply_charge > 0 && self.charge > MARK_BYTES;
        if owes {
            self.add_waiter(turn);
        }
        owes
    }

    /// Takes nothing more; what is owed stays. Whoever waited for this client waits no longer.
    pub(super) fn close(&mut self, turn: &mut Turn<'_>) {
        if self.standing == Standing::Open {
            self.standing = Standing::Closed;
            // It stays registered: while its socket refuses, only an eviction is news to it.
            turn.wakes.extend(self.owner.clone());
            turn.wakes.append(&mut self.waiters);
        }
    }

    /// Drops the queue at once and wakes the owner, who finds out by its next call.
    pub(super) fn evict(&mut self, ledger: &Ledger, turn: &mut Turn<'_>) {
        self.standing = Standing::Evicted;
        ledger.entries_removed(self.queue.len());
        self.queue = VecDeque::new();
        self.charge = 0;
        self.reply_charge = 0;
        turn.wakes.extend(self.owner.take());
        turn.wakes.append(&mut self.waiters);
    }

    /// Registers the caller to be woken if this client still holds senders up, and says until when.
    pub(super) fn wait(&mut self, turn: &mut Turn<'_>) -> Option<Time> {
        if self.standing != Standing::Open {
            return None;
        }
        let until = self.congestion.holds_until(turn.now)?;
        self.add_waiter(turn);
        Some(until)
    }

    fn add_waiter(&mut self, turn: &Turn<'_>) {
        if !self.waiters.iter().any(|waiter| waiter.will_wake(turn.caller)) {
            self.waiters.push(turn.caller.clone());
        }
    }

    /// Moves up to `entries_max` entries into `batch` for writing; they stay charged until they are settled.
    /// Only one batch is out at a time, or what is written would be in no order.
    pub(super) fn take(
        &mut self,
        batch: &mut Vec<Entry>,
        entries_max: usize,
        caller: &Waker,
    ) -> Taken {
        if self.lent {
            return Taken::Elsewhere(self.standing);
        }
        if self.queue.is_empty() {
            self.park(caller);
            return Taken::Nothing(self.standing);
        }
        let count = self.queue.len().min(entries_max);
        // Not `drain`, whose preparations cost more than the one entry that there usually is.
        batch.extend(std::iter::from_fn(|| self.queue.pop_front()).take(count));
        self.lent = true;
        Taken::Batch
    }

    /// The connection accepted the first `accepted` bytes of `batch`; the rest goes back to the
    /// front of the queue. `refused` says that it would take no more at the moment. Says whether the caller
    /// must take again: if not, it is woken as after an empty batch.
    pub(super) fn settle(
        &mut self,
        batch: &mut Vec<Entry>,
        mut accepted: usize,
        refused: bool,
        ledger: &Ledger,
        turn: &mut Turn<'_>,
    ) -> bool {
        self.lent = false;
        if self.standing == Standing::Evicted {
            ledger.entries_removed(batch.len());
            batch.clear();
            return true;
        }
        let progress = accepted > 0;
        let owed_replies = self.reply_charge > 0;
        let mut done = 0;
        for entry in batch.iter_mut() {
            let before = entry.charge();
            let part = accepted.min(entry.bytes().len());
            accepted -= part;
            entry.written += part;
            let whole = entry.bytes().is_empty();
            let freed = if whole { before } else { part };
            self.charge -= freed;
            if entry.reply {
                self.reply_charge -= freed;
            }
            if !whole {
                break;
            }
            done += 1;
        }
        ledger.entries_removed(done);
        if done == batch.len() {
            batch.clear();
        } else {
            batch.drain(..done);
            batch.drain(..).rev().for_each(|entry| self.queue.push_front(entry));
        }
        self.note_progress(progress, refused, turn.now);
        // Who waits for its own answers may go on now, over the mark or not. [common/reply-3]
        let goes_on = !self.is_over_mark() || (owed_replies && self.reply_charge == 0);
        if goes_on && !self.waiters.is_empty() {
            turn.wakes.append(&mut self.waiters);
        }
        let done = refused || (self.queue.is_empty() && self.standing == Standing::Open);
        if done {
            self.park(turn.caller);
        }
        !done
    }

    /// Has `caller` woken once something is appended, or the client is closed or evicted.
    fn park(&mut self, caller: &Waker) {
        if self.standing == Standing::Evicted {
            return; // nothing more will happen
        }
        match &mut self.owner {
            Some(owner) => owner.clone_from(caller),
            None => self.owner = Some(caller.clone()),
        }
        if self.queue.is_empty() && self.queue.capacity() > IDLE_ENTRIES_MAX {
            // A burst must not cost an idle client its memory for ever.
            self.queue = VecDeque::new();
        }
    }

    /// Whether the client has accepted nothing for `stall`. [common/outbox-8]
    pub(super) fn stalled(&self, stall: Duration, now: Time) -> bool {
        self.refusing_since.is_some_and(|since| now.since(since) >= stall)
    }

    /// Since when the connection refuses bytes, if it does.
    pub(super) fn refusing_since(&self) -> Option<Time> {
        self.refusing_since
    }

    fn note_progress(&mut self, progress: bool, refused: bool, now: Time) {
        if progress || !refused {
            self.refusing_since = None;
        }
        if refused && self.refusing_since.is_none() {
            self.refusing_since = Some(now);
        }
        self.congestion.update(self.is_over_mark(), self.refusing_since.is_some(), now);
    }
}

/// Queue memory that a client with nothing queued keeps, in entries.
const IDLE_ENTRIES_MAX: usize = 4;

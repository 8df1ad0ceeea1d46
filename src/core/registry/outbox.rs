//! The outbox of one client: a bounded queue of shared chunks, and the wakers that keep it moving.

use super::call_context::CallContext;
use super::chunk::{Chunk, Ledger};
use super::entry::{Class, Entry, remove};
use super::figures::{LastFigures, Sent};
use super::hold_budget::HoldLimit;
use super::queue::Queue;
use super::stall_budget::StallBudget;
use super::ticket::Tickets;
use super::wait_queue::{Position, WaitQueue};
use crate::limits::{ENTRY_BYTES, HIGH_WATER_BYTES, PROVEN_BYTES};
use crate::protocol::CloseReason;
use crate::time::Time;
use std::task::Waker;
use std::time::Duration;

/// The state of an outbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutboxState {
    /// It takes lines.
    Open,
    /// The client departed, or the server shuts down: pending lines are flushed, none is added.
    Closed,
    /// The client was too slow: its queue is dropped, and
    /// [`Client::close_reason`](super::Client::close_reason) says why. [common/close-3]
    Evicted,
}

/// The result of an append.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Appended {
    /// The chunk is in the queue.
    Queued,
    /// The outbox is closed or evicted; nothing was added.
    Refused,
    /// The bound would be exceeded; the caller must evict the client. Nothing was added.
    Overflow,
}

/// The result of an attempt to take a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// The batch holds the next pending entries, and must be settled.
    Batch,
    /// Nothing is pending. The caller's waker will be called when that changes, unless the client
    /// was evicted: then nothing changes any more.
    Nothing(OutboxState),
    /// Another task writes a batch at the moment. It takes again after it has settled that batch,
    /// or has another task do so.
    Elsewhere(OutboxState),
}

#[derive(Debug)]
pub(super) struct Outbox {
    state: OutboxState,
    /// Why the registry ended the client; `None` if it has not.
    close_reason: Option<CloseReason>,
    queue: Queue,
    /// The charge of the queue and of what a writer holds at the moment. [common/outbox-3]
    charge: usize,
    /// The part of `charge` that replies make up.
    reply_charge: usize,
    /// The part of `charge` that private lines make up.
    private_charge: usize,
    /// A batch is being written, by the connection's own task or by the task of a sender.
    lent: bool,
    /// Bytes that the connection has accepted so far. [common/flow-9]
    accepted: usize,
    /// Lines that it has accepted whole.
    lines: u64,
    /// How the client stood when the registry ended it.
    last_figures: Option<Box<LastFigures>>,
    /// Called when an entry is appended; present while no task writes and none was woken to write.
    /// While the socket refuses bytes it is called only when the client is closed or evicted.
    owner: Option<Waker>,
    /// Since when the connection has accepted no byte of those offered; `NEVER` if it accepts.
    refusing_since: Time,
    /// Since when something is pending without a break; of no meaning while nothing is.
    pending_since: Time,
    /// Bytes of input that the client's connection holds. [common/outbox-9]
    held_input: usize,
    /// Present while senders wait for this client or may have to.
    backpressure: Option<Box<Backpressure>>,
    /// A reply that was read from the store, until the client's task makes its request again. It is
    /// here so that an eviction frees it. [extensions/history-2]
    recalled: Option<Chunk>,
}

/// The state of a client that falls behind; other clients keep no memory for it.
#[derive(Debug, Default)]
struct Backpressure {
    /// For the lines of the room. [common/flow-3]
    budget: StallBudget,
    /// For private lines: two floods that the client takes in turn must not add up.
    private_budget: StallBudget,
    /// Lines of the room that wait until the charge of the room's lines is at or under the
    /// high-water mark. [common/flow-5]
    tickets: Tickets,
    /// The client's own request that waits until it has read its replies. [common/reply-3]
    own: Tickets,
    /// Private lines that wait until the charge of private lines is at or under the high-water
    /// mark. [common/tell-2]
    private: WaitQueue,
}

impl Outbox {
    pub(super) fn new() -> Outbox {
        Outbox {
            state: OutboxState::Open,
            close_reason: None,
            queue: Queue::default(),
            charge: 0,
            reply_charge: 0,
            private_charge: 0,
            lent: false,
            accepted: 0,
            lines: 0,
            last_figures: None,
            owner: None,
            refusing_since: Time::NEVER,
            pending_since: Time::ZERO,
            held_input: 0,
            backpressure: None,
            recalled: None,
        }
    }

    /// Keeps a reply that was read from the store, unless the client is gone.
    pub(super) fn keep_recalled(&mut self, reply: Chunk) {
        self.recalled = Some(reply).filter(|_| self.state == OutboxState::Open);
    }

    /// The reply that was read from the store, if there is one.
    pub(super) fn take_recalled(&mut self) -> Option<Chunk> {
        self.recalled.take()
    }

    pub(super) fn state(&self) -> OutboxState {
        self.state
    }

    pub(super) fn close_reason(&self) -> Option<CloseReason> {
        self.close_reason
    }

    pub(super) fn charge(&self) -> usize {
        self.charge
    }

    pub(super) fn sent(&self) -> Sent {
        Sent { bytes: self.accepted as u64, lines: self.lines }
    }

    pub(super) fn last_figures(&self) -> Option<LastFigures> {
        self.last_figures.as_deref().copied()
    }

    fn figures(&self, ledger: &Ledger, now: Time) -> LastFigures {
        LastFigures {
            charge: self.charge,
            counted: self.counted(),
            held_input: self.held_input,
            refused_for: now.since(self.refusing_since),
            pending_for: self.pending_for(now),
            total: ledger.total(),
        }
    }

    /// For how long something has been pending without a break.
    fn pending_for(&self, now: Time) -> Duration {
        if self.charge > 0 { now.since(self.pending_since) } else { Duration::ZERO }
    }

    /// Whether the client is congested by lines of its room, and whether by private lines.
    /// [common/flow-1] [common/tell-2]
    fn over_high_water(&self) -> (bool, bool) {
        (self.room_charge() > HIGH_WATER_BYTES, self.private_charge > HIGH_WATER_BYTES)
    }

    fn room_charge(&self) -> usize {
        self.charge - self.reply_charge - self.private_charge
    }

    /// The charge that counts towards the bound: without replies. [common/outbox-7]
    fn counted(&self) -> usize {
        self.charge - self.reply_charge
    }

    /// Appends `chunk` unless that would exceed `bytes_max`. [common/outbox-4]
    ///
    /// The owner is woken only if the queue was empty: otherwise it is writing already, or waits
    /// for its socket. `wake_owner` is false for the task that makes the call.
    pub(super) fn append(
        &mut self,
        chunk: &Chunk,
        class: Class,
        bytes_max: usize,
        wake_owner: bool,
        call: &mut CallContext<'_>,
    ) -> Appended {
        if self.state != OutboxState::Open {
            return Appended::Refused;
        }
        let entry = Entry::new(chunk.clone(), class);
        let charge = entry.charge();
        if self.counted() + charge > bytes_max {
            return Appended::Overflow;
        }
        if self.charge == 0 {
            self.pending_since = call.now;
            if wake_owner {
                call.outboxes.extend(self.owner.take());
            }
        }
        self.queue.push_back(entry);
        self.charge += charge;
        if class == Class::Private {
            self.private_charge += charge;
        }
        let ((by_room, by_private), refuses) = (self.over_high_water(), self.refuses());
        if let Some(backpressure) = self.backpressure_if(by_room || by_private) {
            backpressure.budget.appended(by_room, refuses, call.now);
            backpressure.private_budget.appended(by_private, refuses, call.now);
        }
        Appended::Queued
    }

    /// Appends a reply to the client's own input, whatever is pending already. [common/outbox-7]
    pub(super) fn append_reply(&mut self, chunk: Chunk, now: Time) {
        let entry = Entry::new(chunk, Class::Reply);
        if self.charge == 0 {
            self.pending_since = now;
        }
        self.charge += entry.charge();
        self.reply_charge += entry.charge();
        self.queue.push_back(entry);
    }

    /// Whether the client must read earlier replies before it gets another; the caller then has a
    /// ticket. [common/reply-2] [common/reply-3]
    pub(super) fn wait_for_replies(&mut self, call: &mut CallContext<'_>) -> bool {
        let waits = self.state == OutboxState::Open && self.has_too_many_replies();
        if waits {
            self.backpressure.get_or_insert_default().own.register(call);
        }
        waits
    }

    fn has_too_many_replies(&self) -> bool {
        self.reply_charge > 0 && self.charge > HIGH_WATER_BYTES
    }

    /// Takes nothing more; pending entries stay. Requests that wait for this client resume.
    /// `reason` is `None` if the client leaves by itself.
    pub(super) fn close(&mut self, reason: Option<CloseReason>, call: &mut CallContext<'_>) {
        if self.state == OutboxState::Open {
            self.state = OutboxState::Closed;
            self.recalled = None;
            self.close_reason = reason;
            // The owner stays registered, for an eviction while its socket refuses bytes.
            call.outboxes.extend(self.owner.clone());
            self.end_waits(call);
        }
    }

    /// Drops the queue at once and wakes the owner, whose next call returns the new state.
    /// The first reason given stays. `reason` is `None` for a client that nobody serves any more.
    pub(super) fn evict(
        &mut self,
        reason: Option<CloseReason>,
        ledger: &Ledger,
        call: &mut CallContext<'_>,
    ) {
        if reason.is_some() && self.close_reason.is_none() {
            self.last_figures = Some(Box::new(self.figures(ledger, call.now)));
        }
        self.state = OutboxState::Evicted;
        self.close_reason = self.close_reason.or(reason);
        ledger.entries_removed(self.queue.len());
        self.hold_input(0, ledger);
        self.queue = Queue::default();
        self.recalled = None;
        self.charge = 0;
        (self.reply_charge, self.private_charge) = (0, 0);
        call.outboxes.extend(self.owner.take());
        self.end_waits(call);
    }

    /// Until when the senders of the room must wait for this client, at most; `None` if they need
    /// not. The caller then has a ticket. It is a look at the budget, congested or not.
    /// [common/flow-3] [common/flow-9]
    pub(super) fn wait(&mut self, limit: HoldLimit, call: &mut CallContext<'_>) -> Option<Time> {
        let congested = self.state == OutboxState::Open && self.room_charge() > HIGH_WATER_BYTES;
        let hold_max = limit.hold_max(self.accepted >= PROVEN_BYTES);
        let given_up_at = hold_max.map_or(Time::NEVER, |hold| self.refusing_since + hold);
        let backpressure = self.backpressure.as_mut()?;
        let until = backpressure.budget.holds_until(call.now)?.min(given_up_at);
        if !congested || until <= call.now {
            return None;
        }
        backpressure.tickets.register(call);
        Some(until)
    }

    /// Until when a private line of this `cost` must wait, at most, and the caller's position in
    /// the queue; `None` if it need not. It waits for the private lines that come before it, and
    /// then for the client to read. [common/tell-2]
    pub(super) fn wait_for_private(
        &mut self,
        own: Option<Position>,
        cost: u64,
        call: &CallContext<'_>,
    ) -> Option<(Time, Position)> {
        let congested = self.private_charge > HIGH_WATER_BYTES;
        if self.state != OutboxState::Open {
            return None;
        }
        let backpressure = self.backpressure.as_mut()?;
        if backpressure.private.is_behind(own, cost, 1) {
            let position = backpressure.private.wait(own, cost, call);
            return Some((backpressure.private.look_after(call.now), position));
        }
        if !congested {
            return None;
        }
        let until = backpressure.private_budget.holds_until(call.now)?;
        Some((until, backpressure.private.wait(own, cost, call)))
    }

    /// Whether senders may have to wait for this client, or its connection refuses bytes.
    pub(super) fn may_lag(&self) -> bool {
        self.backpressure.is_some() || self.refuses()
    }

    /// The private line at `position` waits no longer: it was `performed`, or its sender gave it
    /// up. The next one resumes.
    pub(super) fn private_wait_ends(
        &mut self,
        position: Position,
        performed: bool,
        call: &mut CallContext<'_>,
    ) {
        if let Some(backpressure) = &mut self.backpressure {
            if performed {
                backpressure.private.performed(position);
            } else {
                backpressure.private.remove(position);
            }
            backpressure.private.resume(1, call);
        }
    }

    /// A line was tried in the client's room; `waits` says that it has to wait for a member.
    /// [common/flow-3]
    pub(super) fn line_tried(&mut self, waits: bool, now: Time) {
        let refuses = self.refuses();
        if let Some(backpressure) = self.backpressure_if(waits) {
            backpressure.budget.line_tried(waits, refuses, now);
        }
    }

    /// Resumes all requests that wait for this client, which takes nothing more.
    fn end_waits(&mut self, call: &mut CallContext<'_>) {
        if let Some(backpressure) = &mut self.backpressure {
            backpressure.tickets.resume(call);
            backpressure.own.resume(call);
            std::mem::take(&mut backpressure.private).resume(usize::MAX, call);
        }
    }

    /// Resumes the requests whose wait for this client has ended after a write. [common/flow-5]
    /// [common/reply-3] [common/tell-2]
    fn resume_waits(&mut self, call: &mut CallContext<'_>) {
        let Some(mut backpressure) = self.backpressure.take() else { return };
        if self.room_charge() <= HIGH_WATER_BYTES {
            backpressure.tickets.resume(call);
        }
        if self.private_charge <= HIGH_WATER_BYTES {
            backpressure.private.resume(1, call);
        }
        if !self.has_too_many_replies() {
            backpressure.own.resume(call);
        }
        self.backpressure = Some(backpressure);
    }

    /// Moves up to `entries_max` entries into `batch` for writing; they stay charged until they are
    /// settled. Only one batch is lent at a time, which keeps the order of what is written.
    pub(super) fn take(
        &mut self,
        batch: &mut Vec<Entry>,
        entries_max: usize,
        caller: &Waker,
    ) -> Taken {
        if self.lent {
            return Taken::Elsewhere(self.state);
        }
        if self.queue.is_empty() {
            self.park(caller);
            return Taken::Nothing(self.state);
        }
        self.queue.move_to(batch, entries_max);
        self.lent = true;
        Taken::Batch
    }

    /// The connection accepted the first `accepted` bytes of `batch`; the rest goes back to the
    /// front of the queue. `refused` says that it takes no more at the moment. Returns whether the
    /// caller must take again. If not, the caller is woken when an entry is appended or, after a
    /// refusal, when the client is closed or evicted.
    pub(super) fn settle(
        &mut self,
        batch: &mut Vec<Entry>,
        mut accepted: usize,
        refused: bool,
        call: &mut CallContext<'_>,
    ) -> bool {
        self.lent = false;
        if self.state == OutboxState::Evicted {
            remove(batch);
            return true;
        }
        if refused && accepted == 0 {
            // Nothing has changed for the waiters, so none is woken: this client may be one.
            for entry in batch.drain(..).rev() {
                self.queue.push_front(entry);
            }
            self.note_write(false, true, (0, 0), call.now);
            self.park(call.caller);
            return false;
        }
        let progress = accepted > 0;
        self.accepted = self.accepted.wrapping_add(accepted);
        let (mut done, mut by_class, mut lines) = (0, (0, 0), 0);
        for entry in batch.iter_mut() {
            let unwritten = entry.unwritten();
            let part = accepted.min(unwritten);
            accepted -= part;
            let whole = part == unwritten;
            let freed = if whole { unwritten + ENTRY_BYTES } else { part };
            self.charge -= freed;
            match entry.class {
                Class::Room => by_class.0 += part,
                Class::Private => {
                    by_class.1 += part;
                    self.private_charge -= freed;
                }
                Class::Reply => self.reply_charge -= freed,
            }
            if !whole {
                entry.advance(part);
                break;
            }
            lines += u64::from(entry.lines());
            done += 1;
        }
        self.lines += lines;
        for entry in batch.drain(done..).rev() {
            self.queue.push_front(entry);
        }
        remove(batch);
        self.note_write(progress, refused, by_class, call.now);
        if self.backpressure.is_some() {
            self.resume_waits(call);
        }
        let done = refused || (self.queue.is_empty() && self.state == OutboxState::Open);
        if done {
            self.park(call.caller);
        }
        !done
    }

    /// Registers `caller` to be woken once an entry is appended, or the client is closed or
    /// evicted.
    fn park(&mut self, caller: &Waker) {
        if self.state == OutboxState::Evicted {
            return; // no event will follow
        }
        match &mut self.owner {
            Some(owner) => owner.clone_from(caller),
            None => self.owner = Some(caller.clone()),
        }
        self.queue.shrink();
        self.relax();
    }

    /// Whether the client has accepted nothing for `stall`. [common/outbox-8]
    pub(super) fn stalled(&self, stall: Duration, now: Time) -> bool {
        self.refuses() && now.since(self.refusing_since) >= stall
    }

    /// The connection holds `bytes` bytes of input, unless the client was evicted: then they are as
    /// good as gone.
    pub(super) fn hold_input(&mut self, bytes: usize, ledger: &Ledger) {
        let bytes = if self.state == OutboxState::Evicted { 0 } else { bytes };
        ledger.held_input_changed(std::mem::replace(&mut self.held_input, bytes), bytes);
    }

    /// How much memory the client holds for how long: its charge and held input, times the
    /// nanoseconds in which something was always pending; then those bytes. [common/outbox-9]
    pub(super) fn weight(&self, now: Time) -> (u128, usize) {
        let bytes = self.charge + self.held_input;
        (bytes as u128 * self.pending_for(now).as_nanos(), bytes)
    }

    /// Since when the connection refuses bytes; `NEVER` if it does not.
    pub(super) fn refusing_since(&self) -> Time {
        self.refusing_since
    }

    pub(super) fn refuses(&self) -> bool {
        self.refusing_since != Time::NEVER
    }

    /// A write has ended. `taken` are the bytes of lines of the room and of private lines that the
    /// connection accepted.
    fn note_write(&mut self, progress: bool, refused: bool, taken: (usize, usize), now: Time) {
        if progress || !refused {
            self.refusing_since = Time::NEVER;
        }
        if refused && !self.refuses() {
            self.refusing_since = now;
        }
        let ((by_room, by_private), still_refuses) = (self.over_high_water(), self.refuses());
        if let Some(backpressure) = self.backpressure_if(by_room || by_private) {
            let (budget, private) = (&mut backpressure.budget, &mut backpressure.private_budget);
            budget.written(by_room, still_refuses, progress, taken.0, now);
            private.written(by_private, still_refuses, progress, taken.1, now);
        }
    }

    /// The state of a client that falls behind, from the moment that it `lags`.
    fn backpressure_if(&mut self, lags: bool) -> Option<&mut Backpressure> {
        if lags && self.backpressure.is_none() {
            self.backpressure = Some(Box::default());
        }
        self.backpressure.as_deref_mut()
    }

    /// Frees the state of a client that has caught up completely.
    fn relax(&mut self) {
        let over = |backpressure: &mut Box<Backpressure>| {
            backpressure.tickets.is_empty()
                && backpressure.own.is_empty()
                && backpressure.private.is_empty()
                && backpressure.budget.is_over()
                && backpressure.private_budget.is_over()
        };
        drop(self.backpressure.take_if(over));
    }
}

#[cfg(all(test, not(parlance_loom)))]
mod tests;

//! One connection as one future: input, outbox, deadlines and the way it closes.

mod closing;
mod deadline;
mod flush;
mod input;
mod observed;
mod readiness;
pub(crate) mod scratch;
mod state;
mod tally;
mod writer;

use self::readiness::Readiness;
use self::scratch::{Scratch, wake_all, with_scratch};
use self::state::{ENTRIES_MAX, Flushed, Phase, Round, YIELD_FROM};
use self::tally::Tally;
use self::writer::Writer;
use crate::permit::ConnectionPermit;
use crate::permits::counted_as;
use crate::run_queue::{Cause, Key, Place};
use crate::transport::{Clock, Stream};
use parlance_core::protocol::{Ending, Session};
use parlance_core::registry::{CallContext, OutboxState};
use parlance_core::time::Time;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

pub(super) use self::state::Connection;

/// Maximum rounds per poll, so that one connection does not delay the other tasks.
const ROUNDS_MAX: usize = 16;

/// Maximum recipients written to per poll, so that one line to a huge room cannot delay other
/// rooms: so many, or one of so many parts of those that are left, or a line to thousands would
/// wait for the others a hundred times. [common/prompt-2]
const WRITES_MAX: usize = 64;
const WRITE_PARTS: usize = 16;

impl<S: Stream, C: Clock> Connection<S, C> {
    pub(super) fn new(stream: S, mut permit: ConnectionPermit<C>) -> Connection<S, C> {
        let service = &permit.service;
        let mut client = service.registry.connect();
        let now = service.clock.now();
        let limits = service.limits();
        let mut session = Session::new(service.dialect, &limits, now);
        if !service.extensions.is_off() {
            session.offer(service.offered(permit.facts.listener.is_private()));
        }
        if service.extensions.accounts {
            client.comes_from(counted_as(permit.address()));
        }
        if !permit.is_exempt() {
            session.limit_rates(&limits.rates);
            client.limit_rates(&limits.rates);
        }
        drop(limits);
        let writer = Writer::new(stream, client.outlet(), Arc::clone(service));
        permit.becomes(&client);
        Connection {
            session,
            writer,
            client,
            phase: Phase::Serving,
            kept: None,
            input: Readiness::Ready,
            place: Place::Idle,
            read_in_vain: false,
            output: Readiness::Ready,
            timer: None,
            timer_at: Time::NEVER,
            tally: Tally::default(),
            permit,
        }
    }

    /// Writes to some of the recipients of the last lines. Returns whether none is left.
    fn write_due(&mut self, scratch: &mut Scratch) -> bool {
        let Some(kept) = &mut self.kept else { return true };
        let count = WRITES_MAX.max(kept.due.len() / WRITE_PARTS);
        let next = std::iter::from_fn(|| kept.due.pop());
        wake_all(next.take(count), &self.permit.service.clock);
        if !kept.due.is_empty() {
            return false;
        }
        if scratch.wakers.capacity() == 0 {
            scratch.wakers = std::mem::take(&mut kept.due);
        }
        self.kept.take_if(|kept| kept.leftover.is_empty());
        true
    }

    /// Passes the turn in a crowded room on. The recipients of the last request have been written
    /// to, and the tasks that were next have been polled since. [common/flow-8]
    fn pass_turn(&mut self, cx: &mut Context<'_>) {
        if self.client.has_turn() {
            let clock = &self.permit.service.clock;
            let mut call = CallContext::new(clock.now(), cx.waker());
            self.client.pass_turn(&mut call);
            wake_all(call.take_wakes(), clock);
        }
    }

    fn rounds(
        &mut self,
        scratch: &mut Scratch,
        call: &mut CallContext<'_>,
        cx: &mut Context<'_>,
    ) -> Poll<()> {
        self.client.time_is(call.now);
        for _ in 0..ROUNDS_MAX {
            let round = self.round(scratch, call, cx);
            let others = call.wakes();
            if others >= YIELD_FROM {
                if round == Round::Done {
                    self.phase = Phase::Over;
                }
                call.postpone_wakes(&mut self.kept.get_or_insert_default().due);
                break;
            }
            wake_all(call.take_wakes(), &self.permit.service.clock);
            self.note_written(others > 0);
            match round {
                Round::Done => return Poll::Ready(()),
                Round::Enough => break,
                Round::Again if self.has_had_its_share(call) => break,
                Round::Again => {}
                Round::Sleep if self.client.has_turn() => break,
                Round::Sleep => {
                    // Whether or not its input is held. An error shows in the next read or write.
                    let _ = self.writer.stream.poll_flush(cx);
                    if !self.arm_timer(call.now, cx) {
                        return Poll::Pending;
                    }
                }
            }
        }
        let cause = if self.owes() { Cause::Owing } else { Cause::Busy };
        self.wait_for_others(cause, cx)
    }

    /// Whether others depend on the next poll: recipients of its last lines, or the senders in a
    /// room that is crowded.
    fn owes(&self) -> bool {
        self.client.has_turn() || self.kept.as_ref().is_some_and(|kept| !kept.due.is_empty())
    }

    /// Lets the other tasks run first. [common/prompt-2]
    fn wait_for_others(&mut self, cause: Cause, cx: &mut Context<'_>) -> Poll<()> {
        let (key, address) = (self.key(), self.permit.address());
        self.place = self.permit.service.run_queue.enter(key, address, cause, cx.waker());
        Poll::Pending
    }

    /// Ready when the others have run, if they have to run first.
    fn poll_turn(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.place == Place::Idle && self.permit.service.run_queue.is_full() {
            return self.wait_for_others(Cause::Woken, cx);
        }
        let key = self.key();
        self.permit.service.run_queue.poll_left(key, &mut self.place)
    }

    /// No two connections have the same while both live.
    fn key(&self) -> Key {
        Arc::as_ptr(&self.writer).addr()
    }

    /// A full read or many entries are the share of one poll: then other tasks run.
    /// [common/prompt-2]
    fn has_had_its_share(&self, call: &CallContext<'_>) -> bool {
        self.input == Readiness::Ready || call.appended() >= self.share_of(ENTRIES_MAX)
    }

    /// The share of one poll of `whole`, which is a share when few are busy.
    fn share_of(&self, whole: usize) -> usize {
        self.permit.service.run_queue.share_of(whole)
    }

    fn round(
        &mut self,
        scratch: &mut Scratch,
        call: &mut CallContext<'_>,
        cx: &mut Context<'_>,
    ) -> Round {
        match self.phase {
            Phase::Serving => self.serve(scratch, call, cx),
            Phase::Flushing { until, then } => match self.flush(call, cx) {
                Flushed::Broken | Flushed::Evicted => Round::Done,
                Flushed::Blocked(_) if call.now >= until => Round::Done,
                Flushed::Blocked(_) => Round::Sleep,
                Flushed::Empty(_) => self.flushed(until, then, scratch, call.now),
                Flushed::More => Round::Enough,
            },
            Phase::Lingering { until, bytes_left } => {
                self.linger(until, bytes_left, scratch, call, cx)
            }
            Phase::Over => Round::Done,
        }
    }

    fn serve(
        &mut self,
        scratch: &mut Scratch,
        call: &mut CallContext<'_>,
        cx: &mut Context<'_>,
    ) -> Round {
        let before = (self.tally.bytes_in, self.session.lines());
        let moved = self.take_input(scratch, call, cx);
        // A line that has arrived is not late. [common/idle-2]
        if self.input_is_exhausted() {
            self.session.time(call.now);
        }
        self.exchange(call);
        self.count_held_input(call);
        self.note_input(before, call);
        self.note_hold(call);
        if let Some(ending) = self.session.ending() {
            return self.end(ending, call);
        }
        if call.wakes() >= YIELD_FROM {
            return Round::Again; // this client's own outbox waits as well
        }
        match self.flush(call, cx) {
            Flushed::Evicted => Round::Done,
            // A held sender's reset shows here if its outbox is not empty. [common/flow-6]
            Flushed::Broken => {
                self.session.reset();
                self.exchange(call);
                Round::Done
            }
            // The server shuts down. A slow reader has the same time as all. [common/shutdown-2]
            Flushed::Empty(OutboxState::Closed) | Flushed::Blocked(OutboxState::Closed) => {
                self.session.gone();
                self.client.gone(call);
                self.end(Ending::Abort, call)
            }
            Flushed::More => Round::Enough,
            Flushed::Empty(_) | Flushed::Blocked(_) if moved => Round::Again,
            Flushed::Empty(_) | Flushed::Blocked(_) => Round::Sleep,
        }
    }
}

impl<S: Stream, C: Clock> Future for Connection<S, C> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.get_mut();
        this.writer.belongs_to(cx.waker());
        ready!(this.poll_turn(cx));
        let owed = this.owes();
        with_scratch(|scratch| {
            if !this.write_due(scratch) {
                return this.wait_for_others(Cause::Owing, cx);
            }
            this.pass_turn(cx);
            let now = this.permit.service.clock.now();
            this.note_fan_out(now);
            // That was the rest of a share. The next one comes in its turn.
            if owed && this.permit.service.run_queue.is_full() {
                return this.wait_for_others(Cause::Busy, cx);
            }
            let is_due = now >= this.deadline();
            this.input.poll_begins(is_due);
            this.output.poll_begins(is_due);
            let waker = cx.waker().clone();
            let memory = std::mem::take(&mut scratch.wakers);
            let mut call = CallContext::reusing(now, &waker, memory);
            let poll = this.rounds(scratch, &mut call, cx);
            scratch.wakers = call.finish();
            let known = poll.is_pending() || this.close_reason().is_some();
            debug_assert!(known, "the session or the registry knows every ending");
            poll
        })
    }
}

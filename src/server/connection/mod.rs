//! One connection as one future: input, outbox, deadlines and the way it closes.

pub(crate) mod scratch;
mod writer;

use self::scratch::{Scratch, wake_all, with_scratch};
use self::writer::{Writer, Written};
use crate::service::ConnectionPermit;
use crate::transport::{Clock, Stream, Timer};
use parlance_core::limits::{LINGER, LINGER_BYTES_MAX};
use parlance_core::protocol::table::State;
use parlance_core::protocol::{Ending, Session};
use parlance_core::registry::{CallContext, Client, OutboxState};
use parlance_core::time::Time;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

/// How often a connection goes round before others get their turn.
const ROUNDS_MAX: usize = 16;

/// When so many are owed something by what a client did, those who are at work already get their
/// turn before it is written: what they say meanwhile goes out in the same write. To fewer it is written
/// at once, for it saves less than coming back costs.
const YIELD_FROM: usize = 8;

/// To how many at a time those are written to who are owed something by one line: one in a room of thousands must
/// not keep the other rooms waiting. [common/prompt-2]
const WRITES_MAX: usize = 64;

/// After so many entries for others a connection lets them have their turn, whether they can be written to or
/// not: one read may be hundreds of runs, each for a crowd. [common/prompt-2]
const ENTRIES_MAX: usize = 1024;

/// A timer that nobody needs any more is dropped if it would stay for as long as this; a shorter one
/// is left to fire, which is cheaper where deadlines come and go with every hold.
const IDLE_TIMER: Duration = Duration::from_secs(1);

/// Serves one client from its first byte to the close of its socket; says nothing before the
/// client does. [common/framing-7]
///
/// Each poll goes round until nothing moves: take input, write what is owed, close if that is what
/// is left to do. The session decides, the registry performs, and this carries values between them.
/// Between polls it owns no memory but a timer while one is due, an unfinished line (in the session),
/// the list of those who are still to be written to, the rest of one read while others have their turn or its
/// sender is held, and then the run that waits (in the session too).
pub(super) struct Connection<S: Stream, C: Clock> {
    session: Session,
    /// Dropped before the stream: who sees the end of a connection finds the departure announced...
    client: Client,
    /// ... and the place free.
    permit: ConnectionPermit<C>,
    writer: Arc<Writer<S, C>>,
    phase: Phase,
    /// Present while there is something to keep from one poll to the next.
    kept: Option<Box<Kept>>,
    /// A read may bring something: the last one did not exhaust the socket.
    readable: bool,
    /// The last write left bytes over: nothing is written until the socket is writable.
    blocked: bool,
    timer: Option<Box<C::Timer>>,
    timer_at: Time,
}

/// What a connection at work keeps between polls; the others have no memory for it.
#[derive(Default)]
struct Kept {
    /// Input that waits until the session takes some again, or until others have had their turn; at most one read.
    leftover: Vec<u8>,
    /// How much of it the session has taken.
    taken: usize,
    /// Writers of those who are owed something by what this client did last, the last one first. Nothing else
    /// is done before all of them have been called, [`WRITES_MAX`] in a poll.
    due: Vec<Waker>,
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.due.drain(..).for_each(Waker::wake); // nobody may be forgotten
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Serving,
    /// Writes what is owed, until the deadline.
    Flushing {
        until: Time,
        then: After,
    },
    /// Throws input away, so that closing sends no reset. [common/close-2]
    Lingering {
        until: Time,
        bytes_left: u32,
    },
    /// Closes once those who are owed something have been written to.
    Over,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum After {
    Close,
    Linger,
    /// As `Close`, but what has arrived is read first, so that closing sends no reset.
    ReadAndClose,
}

/// What one round came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Round {
    /// Something moved: go round again.
    Again,
    /// Nothing can move before a wake.
    Sleep,
    /// Close the connection.
    Done,
}

impl<S: Stream, C: Clock> Connection<S, C> {
    pub(super) fn new(stream: S, permit: ConnectionPermit<C>) -> Connection<S, C> {
        let service = &permit.service;
        let client = service.registry.connect();
        Connection {
            session: Session::new(service.dialect, &service.limits, service.clock.now()),
            writer: Writer::new(stream, client.outlet(), Arc::clone(service)),
            client,
            phase: Phase::Serving,
            kept: None,
            readable: true,
            blocked: false,
            timer: None,
            timer_at: Time::NEVER,
            permit,
        }
    }

    /// Has some of those written to who are owed something; says whether that was everyone.
    fn write_due(&mut self, scratch: &mut Scratch) -> bool {
        let Some(kept) = &mut self.kept else { return true };
        let next = std::iter::from_fn(|| kept.due.pop());
        wake_all(next.take(WRITES_MAX), &self.permit.service.clock);
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
    /// to, and all other tasks that were ready have been polled since. [common/flow-8]
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
            match round {
                Round::Done => return Poll::Ready(()),
                // There is more input, and that was a good deal of work: whoever floods has had a turn. [common/prompt-2]
                Round::Again if self.readable || call.appended() >= ENTRIES_MAX => break,
                Round::Again => {}
                Round::Sleep if self.client.has_turn() => break,
                Round::Sleep => {
                    if !self.arm_timer(call.now, cx) {
                        return Poll::Pending;
                    }
                }
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    fn round(
        &mut self,
        scratch: &mut Scratch,
        call: &mut CallContext<'_>,
        cx: &mut Context<'_>,
    ) -> Round {
        if self.blocked {
            self.client.expire(call);
        }
        match self.phase {
            Phase::Serving => self.serve(scratch, call, cx),
            Phase::Flushing { until, then } => match self.flush(call, cx) {
                Flushed::Broken | Flushed::Evicted => Round::Done,
                Flushed::Blocked(_) if call.now >= until => Round::Done,
                Flushed::Blocked(_) => Round::Sleep,
                Flushed::Empty(_) => self.flushed(then, scratch, call.now),
                Flushed::More => Round::Again,
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
        let moved = self.take_input(scratch, call, cx);
        // After the input: a line that has arrived is not late. [common/idle-2]
        self.session.time(call.now);
        self.exchange(call);
        if let Some(ending) = self.session.ending() {
            return self.end(ending, call);
        }
        if call.wakes() >= YIELD_FROM {
            return Round::Again; // what this client is owed itself waits as well
        }
        match self.flush(call, cx) {
            Flushed::Evicted => Round::Done,
            // A held sender's reset shows here, if it is owed anything. [common/flow-6]
            Flushed::Broken => {
                self.session.reset();
                self.exchange(call);
                Round::Done
            }
            // The server shuts down; who does not read has as long as everyone. [common/shutdown-2]
            Flushed::Empty(OutboxState::Closed) | Flushed::Blocked(OutboxState::Closed) => {
                self.session.gone();
                self.end(Ending::Abort, call)
            }
            Flushed::More => Round::Again,
            Flushed::Empty(_) | Flushed::Blocked(_) if moved => Round::Again,
            Flushed::Empty(_) | Flushed::Blocked(_) => Round::Sleep,
        }
    }

    /// Feeds the session until it has nothing to take or takes no more; says whether it took any.
    fn take_input(
        &mut self,
        scratch: &mut Scratch,
        call: &mut CallContext<'_>,
        cx: &mut Context<'_>,
    ) -> bool {
        if self.session.state().is_held() {
            // Whatever woke us may have ended the wait.
            self.session.retry();
            self.exchange(call);
        }
        match self.session.state() {
            State::Held(_) | State::Over => return false,
            _ => {}
        }
        if let Some(mut kept) = self.kept.take() {
            kept.taken += self.feed(&kept.leftover[kept.taken..], call);
            self.kept = (kept.taken < kept.leftover.len()).then_some(kept);
            return true;
        }
        if !self.readable {
            match self.writer.stream.poll_readable(cx) {
                Poll::Pending => return false,
                Poll::Ready(_) => self.readable = true, // an error shows in the read
            }
        }
        match self.writer.stream.try_read(&mut scratch.input) {
            Ok(0) => self.session.end_of_stream(),
            Ok(read) => {
                // Fewer than asked for: the socket is empty, and asking again would only say so.
                self.readable = read == scratch.input.len();
                let taken = self.feed(&scratch.input[..read], call);
                if taken < read {
                    self.kept.get_or_insert_default().leftover =
                        scratch.input[taken..read].to_vec();
                }
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => self.readable = false,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => self.session.reset(),
        }
        self.exchange(call);
        true
    }

    /// Feeds the session until it takes no more or others should get their turn; returns how much it took.
    fn feed(&mut self, input: &[u8], call: &mut CallContext<'_>) -> usize {
        let mut taken = 0;
        while taken < input.len() {
            taken += self.session.feed(&input[taken..], call.now);
            self.exchange(call);
            let much = call.wakes() >= YIELD_FROM || call.appended() >= ENTRIES_MAX;
            if much || self.session.state().is_held() {
                break;
            }
        }
        taken
    }

    /// Carries requests to the registry and its answers back.
    fn exchange(&mut self, call: &mut CallContext<'_>) {
        while let Some(request) = self.session.take_request() {
            let answer = self.client.submit(request, call);
            self.session.answer(answer);
        }
    }

    /// The session is over: chooses how to close.
    fn end(&mut self, ending: Ending, call: &CallContext<'_>) -> Round {
        self.kept = None;
        let then = match ending {
            Ending::Silent => return Round::Done,
            Ending::Abort if self.client.outbox_state() == OutboxState::Evicted => {
                return Round::Done;
            }
            // The server shuts down [common/shutdown-2], or the connection was reset: then the first
            // write or read fails and is the end of it.
            Ending::Abort => After::ReadAndClose,
            Ending::Flush => After::Close,
            Ending::Linger => After::Linger,
        };
        let until = call.now + self.permit.service.limits.drain;
        self.phase = Phase::Flushing { until, then };
        Round::Again
    }

    /// Everything owed is written.
    fn flushed(&mut self, then: After, scratch: &mut Scratch, now: Time) -> Round {
        match then {
            After::Close => Round::Done,
            After::ReadAndClose => {
                let _ = self.writer.stream.shutdown_write();
                let mut bytes_left = LINGER_BYTES_MAX as usize;
                while bytes_left > 0 {
                    match self.writer.stream.try_read(&mut scratch.input) {
                        Ok(read @ 1..) => bytes_left = bytes_left.saturating_sub(read),
                        Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                        _ => break,
                    }
                }
                Round::Done
            }
            After::Linger => {
                if self.writer.stream.shutdown_write().is_err() {
                    return Round::Done;
                }
                let until = now + LINGER;
                self.phase = Phase::Lingering { until, bytes_left: LINGER_BYTES_MAX };
                self.readable = true;
                Round::Again
            }
        }
    }

    fn linger(
        &mut self,
        until: Time,
        bytes_left: u32,
        scratch: &mut Scratch,
        call: &CallContext<'_>,
        cx: &mut Context<'_>,
    ) -> Round {
        if call.now >= until {
            return Round::Done;
        }
        let limit = scratch.input.len().min(bytes_left as usize);
        match self.writer.stream.try_read(&mut scratch.input[..limit]) {
            Ok(0) => Round::Done, // the end of the stream, or nothing left that we would read
            Ok(read) => {
                let read = u32::try_from(read).expect("it is at most what was left");
                self.phase = Phase::Lingering { until, bytes_left: bytes_left - read };
                Round::Again
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                match self.writer.stream.poll_readable(cx) {
                    Poll::Pending => Round::Sleep,
                    Poll::Ready(_) => Round::Again,
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Round::Again,
            Err(_) => Round::Done,
        }
    }

    /// Writes what is owed until there is nothing more, the socket takes no more, or it was a good deal.
    fn flush(&mut self, call: &CallContext<'_>, cx: &mut Context<'_>) -> Flushed {
        let own = Waker::from(Arc::clone(&self.writer));
        loop {
            if self.blocked {
                let outbox_state = self.client.outbox_state();
                if outbox_state == OutboxState::Evicted {
                    return Flushed::Evicted;
                }
                match self.writer.stream.poll_writable(cx) {
                    Poll::Pending => return Flushed::Blocked(outbox_state),
                    Poll::Ready(_) => self.blocked = false, // an error shows in the write
                }
            }
            match self.writer.write(call.now, &own) {
                Written::All(OutboxState::Evicted) => return Flushed::Evicted,
                Written::All(outbox_state) => return Flushed::Empty(outbox_state),
                Written::Elsewhere(outbox_state) => return Flushed::Blocked(outbox_state),
                Written::Broken => return Flushed::Broken,
                Written::Refused => self.blocked = true,
                Written::Enough => return Flushed::More,
            }
        }
    }

    /// Sees to it that the next deadline wakes the task; true if it has come already. A timer that
    /// is set for earlier stays: it is looked at when it fires, never moved for every line.
    fn arm_timer(&mut self, now: Time, cx: &mut Context<'_>) -> bool {
        if self.timer_at <= now {
            self.timer = None;
            self.timer_at = Time::NEVER;
        }
        let mut at = match self.phase {
            Phase::Serving => self.session.deadline(),
            Phase::Flushing { until, .. } | Phase::Lingering { until, .. } => until,
            Phase::Over => Time::NEVER,
        };
        if self.blocked {
            at = at.min(self.client.deadline());
        }
        if at == Time::NEVER && self.timer_at.since(now) >= IDLE_TIMER {
            // The first line is there: an idle client keeps no timer for the rest of its time.
            self.timer = None;
            self.timer_at = Time::NEVER;
        }
        if at >= self.timer_at {
            return false;
        }
        // A task keeps its waker for life on our executors, so the timer is polled once.
        let mut timer = Box::new(self.permit.service.clock.timer(at));
        let fired = timer.poll_fired(cx).is_ready();
        if !fired {
            self.timer = Some(timer);
            self.timer_at = at;
        }
        fired
    }
}

/// What a flush came to.
enum Flushed {
    /// Nothing is owed; the client stands like this.
    Empty(OutboxState),
    /// The socket takes no more at the moment; the client stands like this.
    Blocked(OutboxState),
    /// There is more to write.
    More,
    Broken,
    Evicted,
}

impl<S: Stream, C: Clock> Future for Connection<S, C> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.get_mut();
        this.writer.belongs_to(cx.waker());
        with_scratch(|scratch| {
            if !this.write_due(scratch) {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            this.pass_turn(cx);
            let now = this.permit.service.clock.now();
            let waker = cx.waker().clone();
            let memory = std::mem::take(&mut scratch.wakers);
            let mut call = CallContext::reusing(now, &waker, memory);
            let poll = this.rounds(scratch, &mut call, cx);
            scratch.wakers = call.finish();
            poll
        })
    }
}

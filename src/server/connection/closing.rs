//! The end of a connection: flush, linger, close.

use super::readiness::Readiness;
use super::scratch::Scratch;
use super::state::{After, Connection, Phase, Round};
use crate::transport::{Clock, Stream};
use parlance_core::limits::{LINGER, LINGER_BYTES_MAX};
use parlance_core::protocol::{CloseReason, Ending};
use parlance_core::registry::{CallContext, OutboxState};
use parlance_core::time::Time;
use std::io;
use std::task::{Context, Poll};

impl<S: Stream, C: Clock> Connection<S, C> {
    /// The session is over: chooses how to close.
    pub(super) fn end(&mut self, ending: Ending, call: &CallContext<'_>) -> Round {
        let kept = self.kept.take();
        self.read_in_vain |= kept.is_some_and(|kept| !kept.leftover.is_empty());
        let by_registry = self.client.close_reason().map(CloseReason::ending);
        let then = match ending {
            Ending::Silent => return Round::Done,
            Ending::Abort if self.client.outbox_state() == OutboxState::Evicted => {
                return Round::Done;
            }
            // The reason is the last line of one that was kicked. [common/kick-2]
            Ending::Abort if by_registry == Some(Ending::Linger) => After::Linger,
            // The server shuts down [common/shutdown-2], or the connection was reset: then the
            // first write or read fails, and the connection closes. And behind the end of a layer's
            // stream there may be that of the layer below.
            Ending::Abort | Ending::Flush => After::LingerIfUnread,
            Ending::Linger => After::Linger,
        };
        let until = call.now + self.permit.service.limits().drain;
        self.phase = Phase::Flushing { until, then };
        Round::Again
    }

    /// The outbox is empty after the end of the session: ends our direction, then chooses what
    /// follows.
    pub(super) fn flushed(
        &mut self,
        until: Time,
        then: After,
        scratch: &mut Scratch,
        now: Time,
    ) -> Round {
        if let Some(reason) = self.close_reason() {
            self.writer.stream.ends_for(reason);
        }
        let ended = self.writer.stream.shutdown_write();
        match (then, ended) {
            // The last bytes of a layer wait as lines do, until the same deadline.
            (_, Err(error)) if error.kind() == io::ErrorKind::WouldBlock => {
                self.output.refused();
                if now >= until { Round::Done } else { Round::Again }
            }
            (After::Linger, Err(_)) => Round::Done,
            (After::LingerIfUnread, Ok(())) if self.read_in_vain => self.linger_from(now),
            (After::LingerIfUnread, _) => match self.writer.stream.try_read(&mut scratch.input) {
                // More may be behind it, in the client's system too, up to the limits of both.
                Ok(1..) => self.linger_from(now),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => Round::Again,
                _ => Round::Done,
            },
            (After::Linger, Ok(())) => self.linger_from(now),
        }
    }

    fn linger_from(&mut self, now: Time) -> Round {
        self.phase = Phase::Lingering { until: now + LINGER, bytes_left: LINGER_BYTES_MAX };
        self.input = Readiness::Ready;
        Round::Again
    }

    pub(super) fn linger(
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
            Ok(0) => Round::Done, // the end of the stream, or the limit of bytes
            Ok(read) => {
                let read = u32::try_from(read).expect("a read is at most the bytes left");
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

    /// Why the connection ends. The session comes first: a client that stalls while its last lines
    /// are flushed has left already.
    pub(super) fn close_reason(&self) -> Option<CloseReason> {
        self.session.close_reason().or_else(|| self.client.close_reason())
    }
}

/// A connection may also be dropped before its end, by a panic of its task above all.
impl<S: Stream, C: Clock> Drop for Connection<S, C> {
    fn drop(&mut self) {
        self.permit.service.run_queue.dropped(self.key(), self.place);
        let reason = self.close_reason();
        if let Some(reason) = reason {
            self.permit.ends_for(reason);
        }
        self.account_for_itself();
        self.writer.stream.ends_for(reason.unwrap_or(CloseReason::Dropped));
    }
}

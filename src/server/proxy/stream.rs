//! The stream behind a header of the PROXY protocol, or of a connection that must not have one.

use super::discard;
use super::header::{BEGINNING_BYTES_MAX, begins_with_header};
use crate::transport::Stream;
use crate::transport::read_ahead::ReadAhead;
use parlance_core::protocol::CloseReason;
use std::io::{self, ErrorKind, IoSlice};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

/// A stream that hands on what was read of it with the header, or watches for a header where none
/// is allowed. Otherwise it is the stream `below`.
pub struct Behind<S> {
    below: S,
    state: Mutex<State>,
}

/// What the log says of a header that is not allowed. [common/proxy-4]
const REFUSAL: &str = "a PROXY header comes from outside of --proxy-protocol";

/// What a read has to do first.
enum State {
    /// To hand on what was read with the header.
    Ahead(ReadAhead),
    /// To look at the first bytes, of which these have come.
    Watched { seen: Vec<u8> },
    /// Nothing.
    Plain,
    /// The client has sent a header. Nothing more is read.
    Refused,
}

impl<S: Stream> Behind<S> {
    /// The stream behind a header, with which `ahead` was read.
    pub(super) fn header(below: S, ahead: &[u8]) -> Behind<S> {
        let mut read = ReadAhead::default();
        read.extend(ahead);
        let state = if ahead.is_empty() { State::Plain } else { State::Ahead(read) };
        Behind { below, state: Mutex::new(state) }
    }

    /// A stream that must not begin with a header.
    pub(super) fn none(below: S) -> Behind<S> {
        let state = State::Watched { seen: Vec::new() };
        Behind { below, state: Mutex::new(state) }
    }

    /// A panic has left nothing half done that a later call would not find.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hands on what there is, then what is below: a short read means that there is no more.
    fn read_ahead(&self, ahead: &mut ReadAhead, buffer: &mut [u8]) -> io::Result<usize> {
        let filled = ahead.take(buffer);
        if let Some(error) = ahead.take_failure() {
            return ahead.stopped(filled, error);
        }
        if filled == buffer.len() {
            return Ok(filled);
        }
        match self.below.try_read(&mut buffer[filled..]) {
            Ok(count) => Ok(filled + count), // the end comes again
            Err(error) => ahead.stopped(filled, error),
        }
    }

    /// Looks at what was read until it is no header for certain. [common/proxy-4]
    fn look(state: &mut State, read: &[u8], below: &S) -> io::Result<()> {
        let State::Watched { seen } = state else { return Ok(()) };
        let most = BEGINNING_BYTES_MAX - seen.len();
        seen.extend_from_slice(&read[..read.len().min(most)]);
        match begins_with_header(seen) {
            None => {}
            Some(false) => *state = State::Plain,
            Some(true) => {
                let _ = below.shutdown_write();
                discard(below);
                *state = State::Refused;
                return Err(ErrorKind::ConnectionAborted.into());
            }
        }
        Ok(())
    }
}

impl<S: Stream> Stream for Behind<S> {
    const SEALS: bool = S::SEALS;

    fn try_read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        let state = &mut *self.state();
        match state {
            State::Plain => self.below.try_read(buffer),
            State::Refused => Err(ErrorKind::ConnectionAborted.into()),
            State::Watched { .. } => {
                let count = self.below.try_read(buffer)?;
                Behind::look(state, &buffer[..count], &self.below).map(|()| count)
            }
            State::Ahead(ahead) => {
                let read = self.read_ahead(ahead, buffer);
                if !ahead.has_bytes() && !ahead.has_failure() {
                    *state = State::Plain;
                }
                read
            }
        }
    }

    fn try_write_vectored(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        self.below.try_write_vectored(slices)
    }

    fn poll_readable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if matches!(*self.state(), State::Ahead(_) | State::Refused) {
            return Poll::Ready(Ok(()));
        }
        self.below.poll_readable(cx)
    }

    fn poll_writable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.below.poll_writable(cx)
    }

    fn poll_flush(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.below.poll_flush(cx)
    }

    fn holds_more(&self) -> bool {
        matches!(*self.state(), State::Ahead(_)) || self.below.holds_more()
    }

    fn is_broken(&self) -> bool {
        self.below.is_broken()
    }

    fn refusal(&self) -> Option<&'static str> {
        matches!(*self.state(), State::Refused).then_some(REFUSAL)
    }

    fn ends_for(&self, reason: CloseReason) {
        self.below.ends_for(reason);
    }

    fn shutdown_write(&self) -> io::Result<()> {
        self.below.shutdown_write()
    }
}

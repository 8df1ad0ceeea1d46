//! A stream of telnet over another stream.

use super::piece::with_piece;
use crate::transport::Stream;
use crate::transport::read_ahead::{ReadAhead, some_or};
use parlance_core::protocol::telnet::{Decoder, Encoder, input_bytes_max};
use std::io::{self, ErrorKind, IoSlice};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

/// How many bytes one read takes from below at least before other tasks have their turn, and
/// otherwise as many as are asked for: commands are not data, so that a read may have nothing to
/// return for any number of them. [common/prompt-2]
const RAW_BYTES_MIN: usize = 4 * 1024;

/// Telnet's codec between a session and the stream `below`.
///
/// A read is decoded in the caller's memory. A write is encoded in the thread's, and what is not
/// accepted is encoded again when it is offered again. So a connection owns memory only while
/// answers wait, or within a flood of commands.
pub struct Telnet<S> {
    below: S,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    decoder: Decoder,
    /// Decoded, when other tasks had to have their turn.
    ahead: ReadAhead,
    encoder: Encoder,
    /// What is written before anything else: the rest of an encoding, then answers.
    out: Vec<u8>,
    /// The first of the bytes that are offered next was encoded when it was offered first. It
    /// counts as written when `out` is empty.
    begun: bool,
    /// Our direction has ended.
    ended: bool,
}

impl<S: Stream> Telnet<S> {
    /// Telnet over `below`, from the first byte on.
    pub fn new(below: S) -> Telnet<S> {
        Telnet { below, state: Mutex::default() }
    }

    /// A panic has left nothing half done that a later call would not find.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes `out` until it is empty.
    fn push(&self, state: &mut State) -> io::Result<()> {
        while !state.out.is_empty() {
            let count = self.write_below(&state.out)?;
            state.out.drain(..count);
        }
        state.out = Vec::new();
        Ok(())
    }

    fn write_below(&self, bytes: &[u8]) -> io::Result<usize> {
        loop {
            match self.below.try_write_vectored(&[IoSlice::new(bytes)]) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                written => return written,
            }
        }
    }

    /// Writes `out` until it is empty; pending while the stream below refuses it.
    fn poll_push(&self, state: &mut State, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            match self.push(state) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    // An error shows in the write.
                    let _ = ready!(self.below.poll_writable(cx));
                }
                pushed => return Poll::Ready(pushed),
            }
        }
    }

    /// Encodes and writes data of `slices` after the first `counted` bytes. Returns how many bytes
    /// of it were accepted, and whether more may be.
    fn write_piece(
        &self,
        state: &mut State,
        slices: &[IoSlice<'_>],
        counted: usize,
    ) -> io::Result<(usize, bool)> {
        with_piece(slices, counted, |piece| {
            let mut ahead = state.encoder.clone();
            ahead.encode(&piece.data, &mut piece.wire);
            let count = self.write_below(&piece.wire)?;
            if count == piece.wire.len() {
                state.encoder = ahead;
                return Ok((piece.data.len(), true));
            }
            let accepted = state.encoder.accept(&piece.data, count);
            state.out.extend_from_slice(accepted.rest.bytes());
            state.begun = accepted.begun;
            Ok((accepted.whole, false))
        })
    }
}

impl<S: Stream> Stream for Telnet<S> {
    /// After the end of our direction nothing is decoded: what comes is only discarded, and every
    /// byte of it counts. [common/close-2]
    fn try_read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        let state = &mut *self.state();
        if state.ended {
            return self.below.try_read(buffer);
        }
        let mut filled = state.ahead.take(buffer);
        if let Some(error) = state.ahead.take_failure() {
            return state.ahead.stopped(filled, error);
        }
        let mut raw = 0;
        while filled < buffer.len() {
            if raw >= buffer.len().max(RAW_BYTES_MIN) {
                return state.ahead.again(&buffer[..filled]);
            }
            let most = (buffer.len() - filled).min(input_bytes_max(state.out.len()));
            if most == 0 {
                match self.push(state) {
                    Ok(()) => continue,
                    Err(error) => return state.ahead.stopped(filled, error),
                }
            }
            let count = match self.below.try_read(&mut buffer[filled..filled + most]) {
                Ok(0) => return Ok(filled), // the end comes again
                Ok(count) => count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {
                    return state.ahead.again(&buffer[..filled]);
                }
                Err(error) => return state.ahead.stopped(filled, error),
            };
            raw += count;
            let read = &mut buffer[filled..filled + count];
            filled += state.decoder.decode(read, &mut state.out);
            if count < most {
                return some_or(filled, ErrorKind::WouldBlock.into()); // there is no more below
            }
        }
        Ok(filled)
    }

    fn try_write_vectored(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        let state = &mut *self.state();
        self.push(state)?;
        let offered: usize = slices.iter().map(|slice| slice.len()).sum();
        let mut counted = usize::from(std::mem::take(&mut state.begun));
        let mut more = true;
        while more && counted < offered {
            match self.write_piece(state, slices, counted) {
                Ok((count, all)) => (counted, more) = (counted + count, all),
                Err(error) => return some_or(counted, error),
            }
        }
        some_or(counted, ErrorKind::WouldBlock.into())
    }

    /// Not while too many answers wait: nothing is read then. [common/telnet-6]
    fn poll_readable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let state = &mut *self.state();
        if state.ahead.has_bytes() || state.ahead.has_failure() {
            return Poll::Ready(Ok(()));
        }
        if input_bytes_max(state.out.len()) == 0 {
            // An error shows in the read.
            let _ = ready!(self.poll_push(state, cx));
        }
        self.below.poll_readable(cx)
    }

    fn poll_writable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.below.poll_writable(cx)
    }

    /// Answers go out whether or not there are lines, and whether or not the client is held.
    /// [common/telnet-6]
    fn poll_flush(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_push(&mut self.state(), cx)
    }

    /// Such as a failure behind the last line.
    fn holds_more(&self) -> bool {
        let state = self.state();
        state.ahead.has_bytes() || state.ahead.has_failure() || self.below.holds_more()
    }

    fn is_broken(&self) -> bool {
        self.below.is_broken()
    }

    fn refusal(&self) -> Option<&'static str> {
        self.below.refusal()
    }

    fn shutdown_write(&self) -> io::Result<()> {
        let state = &mut *self.state();
        self.push(state)?;
        *state = State { ended: true, ..State::default() };
        self.below.shutdown_write()
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;

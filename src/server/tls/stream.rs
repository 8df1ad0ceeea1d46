//! A stream of TLS over another stream.

use super::records::Records;
use crate::transport::Stream;
use crate::transport::read_ahead::{ReadAhead, some_or};
use rustls::ServerConnection;
use std::cell::Cell;
use std::io::{self, BufRead, ErrorKind, IoSlice, Read, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

/// The least that one read may cost before other tasks have their turn, in bytes. Otherwise it is
/// twice as much as is asked for. A record may hold one byte or none, so that a read may have next
/// to nothing to return. [common/prompt-2]
const COST_MIN: usize = 8 * 1024;

/// How many bytes are read from below in one call: the longest record, and some more.
const CHUNK_BYTES: usize = 20 * 1024;

/// How many bytes more are read from below than are asked for, because records are longer than what
/// is in them: otherwise a read would hardly ever be full.
const OVERHEAD_BYTES: usize = 4 * 1024;

/// The maximum of bytes that are sealed before what they became has been accepted below: one
/// record. [common/tls-4]
pub(super) const BATCH_BYTES_MAX: usize = 16 * 1024;

thread_local! {
    /// Memory that the reads of a thread use in turn, so that no connection keeps any of its own.
    static RAW: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// TLS between a session and the stream `below`, after the handshake.
///
/// What is sealed cannot be sealed again. So a write seals one record at most before the stream
/// below has accepted what was sealed earlier, and reports the bytes of a record as written when
/// all of it has been accepted. Until then the same bytes are offered first, by the contract of
/// [`Stream`], and the record is only written on. [common/tls-4]
pub struct Tls<S> {
    below: S,
    state: Mutex<State>,
}

struct State {
    tls: Box<ServerConnection>,
    /// Opened, when other tasks had to have their turn.
    ahead: ReadAhead,
    /// Read below and not opened yet, because what was opened has filled a read or cost enough.
    unopened: Vec<u8>,
    /// Where the next byte to open stands.
    records: Records,
    /// How many of the bytes that are offered next have been sealed. They count as written when
    /// nothing waits to be written below.
    sealed: usize,
    /// The closing alert has been sealed.
    closing: bool,
    /// Our direction has ended.
    ended: bool,
}

impl State {
    /// Moves opened bytes to `buffer`; returns how many. An end behind them is not looked for.
    fn take_opened(&mut self, buffer: &mut [u8]) -> usize {
        let count = self.ahead.take(buffer);
        count + self.tls.reader().read(&mut buffer[count..]).unwrap_or(0)
    }

    /// Opens `raw` until `buffer` is full or `budget` is spent, and keeps the rest. Returns how
    /// many bytes of `buffer` are filled; the error stands behind those.
    fn open(
        &mut self,
        mut raw: &[u8],
        buffer: &mut [u8],
        budget: &mut usize,
    ) -> (usize, io::Result<()>) {
        let mut filled = 0;
        while !raw.is_empty() {
            if filled == buffer.len() || *budget == 0 {
                self.unopened = raw.to_vec();
                break;
            }
            let mut piece = &raw[..self.records.within(raw, *budget)];
            match self.tls.read_tls(&mut piece) {
                Ok(0) => break, // behind the peer's closing alert
                Ok(count) => {
                    let (opened, rest) = raw.split_at(count);
                    *budget = budget.saturating_sub(self.records.pass(opened));
                    raw = rest;
                }
                Err(error) => return (filled, Err(error)),
            }
            let processed = self.tls.process_new_packets();
            filled += self.tls.reader().read(&mut buffer[filled..]).unwrap_or(0);
            if let Err(error) = processed {
                return (filled, Err(io::Error::new(ErrorKind::InvalidData, error)));
            }
        }
        (filled, Ok(()))
    }

    /// How the peer has ended its direction, if it has and all that came before has been read.
    fn end(&mut self) -> Option<io::Result<()>> {
        match self.tls.reader().fill_buf() {
            Ok([]) => Some(Ok(())),
            Ok(_) => None,
            Err(error) if error.kind() == ErrorKind::WouldBlock => None,
            Err(error) => Some(Err(error)),
        }
    }

    /// Whether a read returns something without a look below.
    fn is_readable(&mut self) -> bool {
        let holds = self.ahead.has_bytes() || !self.unopened.is_empty();
        let opened = match self.tls.reader().fill_buf() {
            Ok([]) => !self.ended, // the end comes again
            Ok(_) => true,
            Err(error) => !self.ended && error.kind() != ErrorKind::WouldBlock,
        };
        holds || opened || (self.ahead.has_failure() && !self.ended)
    }

    /// Discards what has come and was not read; returns how many bytes, at most as many as `buffer`
    /// has.
    fn discard(&mut self, buffer: &mut [u8]) -> usize {
        let count = self.take_opened(buffer);
        if count > 0 {
            return count;
        }
        let count = self.unopened.len().min(buffer.len());
        self.unopened.drain(..count);
        count
    }

    /// Seals bytes of `slices` after the first `counted`, as many as one record holds; returns how
    /// many.
    fn seal(&mut self, slices: &[IoSlice<'_>], counted: usize) -> io::Result<usize> {
        let sealed = if counted == 0 {
            self.tls.writer().write_vectored(slices)?
        } else {
            self.tls.writer().write_vectored(&behind(slices, counted))?
        };
        // The keys of TLS 1.2 seal so many records and then no more.
        let lost = sealed == 0 || !self.tls.wants_write();
        if lost { Err(ErrorKind::BrokenPipe.into()) } else { Ok(sealed) }
    }
}

/// One step of a read.
struct Step {
    /// There is no more below.
    all: bool,
    /// How many bytes of the buffer are filled.
    filled: usize,
    /// What stands behind those bytes, if that is an error.
    end: io::Result<()>,
}

/// `slices` without the first `skipped` bytes.
fn behind<'a>(slices: &'a [IoSlice<'_>], skipped: usize) -> Vec<IoSlice<'a>> {
    let mut skipped = skipped;
    let rest = slices.iter().map(|slice| {
        let from = skipped.min(slice.len());
        skipped -= from;
        IoSlice::new(&slice[from..])
    });
    rest.filter(|slice| !slice.is_empty()).collect()
}

/// A stream as the TLS library writes to it.
pub(super) struct Below<'a, S>(pub(super) &'a S);

impl<S: Stream> Write for Below<'_, S> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.try_write_vectored(&[IoSlice::new(bytes)])
    }

    fn write_vectored(&mut self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        self.0.try_write_vectored(slices)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes what is sealed until nothing of it is left.
pub(super) fn push<S: Stream>(below: &S, tls: &mut ServerConnection) -> io::Result<()> {
    while tls.wants_write() {
        match tls.write_tls(&mut Below(below)) {
            Ok(0) => return Err(ErrorKind::WriteZero.into()),
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

impl<S: Stream> Tls<S> {
    /// TLS over `below`, after its handshake, behind which `records` stands.
    pub(super) fn new(below: S, mut tls: Box<ServerConnection>, records: Records) -> Tls<S> {
        tls.set_buffer_limit(Some(BATCH_BYTES_MAX));
        let state = State {
            tls,
            ahead: ReadAhead::default(),
            unopened: Vec::new(),
            records,
            sealed: 0,
            closing: false,
            ended: false,
        };
        Tls { below, state: Mutex::new(state) }
    }

    /// A panic has left nothing half done that a later call would not find.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens what is not opened yet, or else reads below once, and opens what came.
    fn read_below(&self, state: &mut State, buffer: &mut [u8], budget: &mut usize) -> Step {
        if !state.unopened.is_empty() {
            let raw = std::mem::take(&mut state.unopened);
            let (filled, end) = state.open(&raw, buffer, budget);
            return self.told(state, Step { all: false, filled, end });
        }
        let mut raw = RAW.take();
        raw.resize(CHUNK_BYTES, 0);
        let most = (buffer.len() + OVERHEAD_BYTES).min(CHUNK_BYTES);
        let step = match self.below.try_read(&mut raw[..most]) {
            Ok(0) => {
                let end = state.tls.read_tls(&mut io::empty()).map(|_| ());
                Step { all: false, filled: 0, end }
            }
            Ok(count) => {
                let (filled, end) = state.open(&raw[..count], buffer, budget);
                Step { all: count < most && state.unopened.is_empty(), filled, end }
            }
            Err(error) => Step { all: false, filled: 0, end: Err(error) },
        };
        RAW.set(raw);
        self.told(state, step)
    }

    /// The step, after the alert that says what was wrong with it, if something was.
    fn told(&self, state: &mut State, step: Step) -> Step {
        if step.end.as_ref().is_err_and(|error| error.kind() == ErrorKind::InvalidData) {
            let _ = push(&self.below, &mut state.tls);
        }
        step
    }

    /// Writes what was sealed before, or else seals and writes the next of the `offered` bytes of
    /// `slices` after the first `counted`. Returns for how many of them that is done.
    fn write_record(
        &self,
        state: &mut State,
        slices: &[IoSlice<'_>],
        counted: usize,
        offered: usize,
    ) -> io::Result<usize> {
        if state.sealed == 0 {
            push(&self.below, &mut state.tls)?;
            state.sealed = state.seal(slices, counted)?;
        }
        push(&self.below, &mut state.tls)?;
        let count = state.sealed.min(offered - counted);
        state.sealed -= count;
        Ok(count)
    }
}

impl<S: Stream> Stream for Tls<S> {
    const SEALS: bool = true;

    /// After the end of our direction nothing is opened: what comes is only discarded, and every
    /// byte of it counts. [common/close-2]
    fn try_read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        let state = &mut *self.state();
        if state.ended {
            let count = state.discard(buffer);
            return if count > 0 { Ok(count) } else { self.below.try_read(buffer) };
        }
        let mut filled = state.take_opened(buffer);
        if let Some(error) = state.ahead.take_failure() {
            return state.ahead.stopped(filled, error);
        }
        let mut budget = (2 * buffer.len()).max(COST_MIN);
        while filled < buffer.len() {
            match state.end() {
                None => {}
                Some(Ok(())) => return Ok(filled), // the end comes again
                Some(Err(error)) => return state.ahead.stopped(filled, error),
            }
            if budget == 0 {
                return state.ahead.again(&buffer[..filled]);
            }
            let step = self.read_below(state, &mut buffer[filled..], &mut budget);
            filled += step.filled;
            match step.end {
                Ok(()) if step.all && filled < buffer.len() && state.end().is_none() => {
                    return some_or(filled, ErrorKind::WouldBlock.into());
                }
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => {
                    return state.ahead.again(&buffer[..filled]);
                }
                Err(error) => return state.ahead.stopped(filled, error),
            }
        }
        Ok(filled)
    }

    fn try_write_vectored(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        let state = &mut *self.state();
        if state.closing {
            return Err(ErrorKind::BrokenPipe.into());
        }
        let offered: usize = slices.iter().map(|slice| slice.len()).sum();
        let mut counted = 0;
        while counted < offered {
            match self.write_record(state, slices, counted, offered) {
                Ok(count) => counted += count,
                Err(error) => return some_or(counted, error),
            }
        }
        Ok(counted)
    }

    fn poll_readable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.holds_more() {
            return Poll::Ready(Ok(()));
        }
        self.below.poll_readable(cx)
    }

    fn poll_writable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.below.poll_writable(cx)
    }

    /// The answer to a renegotiation, say. Behind a record that is not written whole it waits for
    /// the next write, which is offered the bytes of that record again.
    fn poll_flush(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let state = &mut *self.state();
        while state.sealed == 0 && !state.ended {
            match push(&self.below, &mut state.tls) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    let _ = ready!(self.below.poll_writable(cx)); // an error shows in the write
                }
                pushed => return Poll::Ready(pushed),
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Such as a closing alert behind the last line, behind which TCP may stay open.
    fn holds_more(&self) -> bool {
        self.state().is_readable() || self.below.holds_more()
    }

    fn is_broken(&self) -> bool {
        self.below.is_broken()
    }

    fn refusal(&self) -> Option<&'static str> {
        self.below.refusal()
    }

    /// The closing alert, then the end of the direction below. [common/tls-5]
    fn shutdown_write(&self) -> io::Result<()> {
        let state = &mut *self.state();
        if !state.closing {
            state.closing = true;
            state.tls.send_close_notify();
        }
        push(&self.below, &mut state.tls)?;
        state.ended = true;
        self.below.shutdown_write()
    }
}

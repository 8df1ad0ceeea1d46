//! The server's end of a layer: a stream over a stream, as TLS or WebSocket will be.

use super::super::lock;
use super::super::random::Random;
use super::records::{CONTENT_BYTES_MAX, Kind, Sequence, number};
use parlance_server::transport::Stream;
use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::sync::Mutex;
use std::task::{Context, Poll, ready};

/// The maximum of bytes that are sealed before what they became has been accepted below.
const BATCH_BYTES_MAX: usize = 4000;

/// How many bytes are read from below in one call.
const CHUNK_BYTES: usize = 700;

/// What a layer does wrong, one for each clause of the contract of [`Stream`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wrong {
    Nothing,
    /// A read returns a few bytes, although more are held or wait below.
    ShortReads,
    /// So, and bytes that are held inside are not readable.
    HeldBytesAreNotReadable,
    /// What the layer says by itself waits for the next write.
    OwnOutputStays,
    /// Bytes that were refused are sealed again when they are offered again.
    SealsTwice,
    /// Bytes count as written once they are sealed.
    CountsSealedBytes,
    /// The direction below ends and the layer's does not.
    NoClosingRecord,
}

pub(crate) struct Layered<S> {
    below: S,
    wrong: Wrong,
    state: Mutex<State>,
}

struct State {
    random: Random,
    receives: Sequence,
    /// Read below, and not a whole record yet.
    sealed: Vec<u8>,
    /// Opened, and not read yet.
    held: VecDeque<u8>,
    /// The peer has ended its direction.
    ended: bool,
    sends: Sequence,
    /// Records that have not been accepted below.
    out: Vec<u8>,
    /// The bytes that were sealed into the end of `out`. They count as written when it is empty.
    batch: Vec<u8>,
    /// What the layer has to say by itself.
    own: Vec<(Kind, Vec<u8>)>,
    /// Our direction has its closing record.
    closing: bool,
}

impl State {
    /// Opens the records that are whole.
    fn open(&mut self) -> io::Result<()> {
        while !self.ended
            && let Some(record) = self.receives.open(&mut self.sealed)
        {
            match record {
                Ok((Kind::Data, content)) => self.held.extend(content),
                Ok((Kind::Ping, content)) if number(&content).is_some() => {
                    // The latest ping is answered, so that a flood of them costs nothing.
                    self.own.retain(|(kind, _)| *kind != Kind::Pong);
                    self.own.push((Kind::Pong, content));
                }
                Ok((Kind::Close, _)) => self.ended = true,
                _ => return Err(io::ErrorKind::InvalidData.into()),
            }
        }
        Ok(())
    }

    /// Not behind the closing record: nothing follows it, not even an answer to a ping.
    fn seal_own(&mut self) {
        if self.closing {
            return;
        }
        for (kind, content) in self.own.drain(..) {
            self.sends.seal(kind, &content, &mut self.out);
        }
    }

    fn seal_batch(&mut self, bytes: Vec<u8>) {
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            let most = rest.len().min(CONTENT_BYTES_MAX);
            let (content, after) = rest.split_at(self.random.between(1, most));
            self.sends.seal(Kind::Data, content, &mut self.out);
            rest = after;
        }
        self.batch = bytes;
    }

    /// Moves held bytes to `buffer`; returns how many.
    fn take_held(&mut self, buffer: &mut [u8]) -> usize {
        let count = self.held.len().min(buffer.len());
        for (to, from) in buffer.iter_mut().zip(self.held.drain(..count)) {
            *to = from;
        }
        count
    }
}

/// At most `max` bytes of `slices` after the first `from`.
fn part(slices: &[IoSlice<'_>], from: usize, max: usize) -> Vec<u8> {
    let (mut skip, mut found) = (from, Vec::new());
    for slice in slices {
        let skipped = skip.min(slice.len());
        skip -= skipped;
        let room = max - found.len();
        found.extend(slice[skipped..].iter().take(room));
    }
    found
}

/// `count` if that is something, or else the error.
fn some_or(count: usize, error: io::Error) -> io::Result<usize> {
    if count > 0 { Ok(count) } else { Err(error) }
}

impl<S: Stream> Layered<S> {
    /// `sealed` came behind the handshake.
    pub(crate) fn new(below: S, keys: [u64; 2], sealed: Vec<u8>, wrong: Wrong) -> Layered<S> {
        let [clients, servers] = keys;
        let state = State {
            random: Random::new(clients),
            receives: Sequence::new(clients),
            sealed,
            held: VecDeque::new(),
            ended: false,
            sends: Sequence::new(servers),
            out: Vec::new(),
            batch: Vec::new(),
            own: vec![(Kind::Ticket, Vec::new())],
            closing: false,
        };
        Layered { below, wrong, state: Mutex::new(state) }
    }

    /// Writes `out` until it is empty.
    fn push(&self, state: &mut State) -> io::Result<()> {
        while !state.out.is_empty() {
            match self.below.try_write_vectored(&[IoSlice::new(&state.out)]) {
                Ok(count) => _ = state.out.drain(..count),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Writes what was sealed before, then seals and writes the next bytes of `slices` after the
    /// first `counted`. Returns for how many of them that was done.
    fn write_batch(
        &self,
        state: &mut State,
        slices: &[IoSlice<'_>],
        counted: usize,
    ) -> io::Result<usize> {
        if self.wrong == Wrong::SealsTwice && !state.batch.is_empty() {
            state.batch.clear();
            state.out.clear();
        }
        if state.batch.is_empty() {
            state.seal_own();
            self.push(state)?;
            let most = state.random.between(1, BATCH_BYTES_MAX);
            state.seal_batch(part(slices, counted, most));
        } else {
            let again = part(slices, counted, state.batch.len());
            assert!(again == state.batch, "other bytes are offered after a refusal");
        }
        let pushed = self.push(state);
        if self.wrong != Wrong::CountsSealedBytes {
            pushed?;
        }
        Ok(std::mem::take(&mut state.batch).len())
    }
}

impl<S: Stream> Stream for Layered<S> {
    fn try_read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        let state = &mut *lock(&self.state);
        let mut filled = 0;
        loop {
            state.open()?;
            let one = [Wrong::ShortReads, Wrong::HeldBytesAreNotReadable].contains(&self.wrong);
            let most = if one { buffer.len().min(5) } else { buffer.len() };
            filled += state.take_held(&mut buffer[filled..most]);
            if filled == most || state.ended {
                return Ok(filled);
            }
            let mut chunk = [0; CHUNK_BYTES];
            match self.below.try_read(&mut chunk) {
                // A direction ends with its closing record.
                Ok(0) => return some_or(filled, io::ErrorKind::UnexpectedEof.into()),
                Ok(count) => state.sealed.extend(&chunk[..count]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return some_or(filled, error),
            }
        }
    }

    fn try_write_vectored(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        let state = &mut *lock(&self.state);
        assert!(!state.closing, "the server writes after it ended its direction");
        let offered: usize = slices.iter().map(|slice| slice.len()).sum();
        let mut counted = 0;
        while counted < offered {
            match self.write_batch(state, slices, counted) {
                Ok(count) => counted += count,
                Err(error) => return some_or(counted, error),
            }
        }
        Ok(counted)
    }

    fn poll_readable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let state = lock(&self.state);
        let holds = !state.held.is_empty() || state.ended;
        if holds && self.wrong != Wrong::HeldBytesAreNotReadable {
            return Poll::Ready(Ok(()));
        }
        self.below.poll_readable(cx)
    }

    /// The end: its reads leave nothing else, unless the layer is wrong.
    fn holds_more(&self) -> bool {
        lock(&self.state).ended
    }

    fn poll_writable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.below.poll_writable(cx)
    }

    fn poll_flush(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let state = &mut *lock(&self.state);
        // A batch is offered again, and what the layer has to say follows it.
        while state.batch.is_empty() && self.wrong != Wrong::OwnOutputStays {
            state.seal_own();
            match self.push(state) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    _ = ready!(self.below.poll_writable(cx));
                }
                pushed => return Poll::Ready(pushed),
            }
        }
        Poll::Ready(Ok(()))
    }

    fn is_broken(&self) -> bool {
        self.below.is_broken()
    }

    fn shutdown_write(&self) -> io::Result<()> {
        let state = &mut *lock(&self.state);
        if !state.closing && self.wrong != Wrong::NoClosingRecord {
            state.seal_own();
            state.sends.seal(Kind::Close, &[], &mut state.out);
        }
        state.closing = true;
        self.push(state)?;
        self.below.shutdown_write()
    }
}

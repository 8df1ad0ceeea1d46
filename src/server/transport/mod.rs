//! What the shell needs of a network, a clock and an executor: traits of our own, so that the same
//! accept loop and connection run on real sockets and on a scripted network under virtual time.

pub(crate) mod read_ahead;
pub mod tcp;

use parlance_core::protocol::CloseReason;
use parlance_core::registry::{BATCH_ENTRIES_MAX, Entry};
use parlance_core::time::Time;
use std::future::Future;
use std::io::{self, IoSlice};
use std::net::SocketAddr;
use std::task::{Context, Poll};

/// One established connection, or a layer (TLS, say) over another stream.
///
/// # Contract
///
/// * A short read means that no layer has more, unless [`holds_more`](Stream::holds_more) says so:
///   the caller need not read again.
/// * [`poll_readable`](Stream::poll_readable) is ready for bytes held inside a layer too. What a
///   layer has to say by itself is written by [`poll_flush`](Stream::poll_flush), which the
///   connection's own task calls before it sleeps; a layer bounds it, whatever the peer sends.
/// * After a short write and after `WouldBlock` the bytes that were not accepted are offered first.
/// * Whole lines are offered, or at least 64 KiB: a layer of messages may refuse a part of a line
///   until the rest is offered with it.
/// * Bytes count as written once their encoding has been accepted below.
/// * [`shutdown_write`](Stream::shutdown_write) ends the direction of the layer, then that below.
///   Nothing is written afterwards.
/// * Readiness is a hint: a caller tries the call before it takes a peer for silent or stalled.
///
/// The connection's own task waits for it; any task with lines for its client may
/// write to it, one at a time. The `try_` calls never block; they answer
/// [`WouldBlock`](io::ErrorKind::WouldBlock) instead.
pub trait Stream: Send + Sync + 'static {
    /// Whether the stream seals bytes when they are offered first, accepted or not: then all that
    /// was offered and refused is to be offered again as it was. Otherwise a layer above may put
    /// other bytes of its own before those that were refused.
    const SEALS: bool = false;

    /// Reads what has arrived; 0 is the end of the stream.
    ///
    /// # Errors
    /// `WouldBlock`, or whatever ended the connection.
    fn try_read(&self, buffer: &mut [u8]) -> io::Result<usize>;

    /// Writes as much of `slices` as is accepted at once.
    ///
    /// # Errors
    /// `WouldBlock`, or whatever ended the connection.
    fn try_write_vectored(&self, slices: &[IoSlice<'_>]) -> io::Result<usize>;

    /// Writes as much of the first `bytes_max` bytes of a batch of `entries` as is accepted at
    /// once: a layer may find in an entry what it makes of its lines.
    ///
    /// # Errors
    /// `WouldBlock`, or whatever ended the connection.
    fn try_write_entries(&self, entries: &[Entry], bytes_max: usize) -> io::Result<Accepted> {
        write_lines(self, entries, bytes_max)
    }

    /// Ready once a read would not block; otherwise the task is woken when that changes.
    fn poll_readable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>>;

    /// Ready once a write would not block; otherwise the task is woken when that changes.
    fn poll_writable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>>;

    /// Writes what the layer has to say by itself: tickets, pongs.
    ///
    /// Ready once nothing of it is left, or if the connection is gone; otherwise the task is woken
    /// when there may be more to do. A stream without a layer has nothing to say.
    fn poll_flush(&self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    /// Whether a layer has something for the next read without a look below, were it only the end.
    /// A short read has taken what woke the task, so that no other wake may come for it.
    fn holds_more(&self) -> bool {
        false
    }

    /// Whether the connection is known to be broken, without a read or a write. A held client is
    /// asked, because nothing is read from it. [common/flow-6]
    fn is_broken(&self) -> bool {
        false
    }

    /// Why a layer has refused the connection, in words for the log, if one has.
    fn refusal(&self) -> Option<&'static str> {
        None
    }

    /// Tells a layer why the connection ends, before its direction is ended or it is dropped. A
    /// layer that has a word for it tries to write it.
    fn ends_for(&self, _: CloseReason) {}

    /// Ends our direction of the stream.
    ///
    /// # Errors
    /// `WouldBlock` if the last bytes of a layer are not accepted yet: the call is to be repeated
    /// once the stream is writable. Any other if the connection is gone already.
    fn shutdown_write(&self) -> io::Result<()>;
}

/// What came of a write of entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// How many bytes of lines were accepted.
    pub bytes: usize,
    /// Whether all that was offered was accepted.
    pub all: bool,
}

/// One vectored write of the first `bytes_max` bytes of the lines of `entries`.
///
/// # Errors
/// Those of the write.
pub(crate) fn write_lines<S: Stream + ?Sized>(
    stream: &S,
    entries: &[Entry],
    bytes_max: usize,
) -> io::Result<Accepted> {
    if let [entry] = entries {
        // By far the most common case; the slices of a whole batch are a kilobyte.
        let lines = first(entry.bytes(), bytes_max);
        let bytes = stream.try_write_vectored(&[IoSlice::new(lines)])?;
        return Ok(Accepted { bytes, all: bytes == lines.len() });
    }
    let mut slices = [IoSlice::new(&[]); BATCH_ENTRIES_MAX];
    let mut offered = 0;
    for (slice, entry) in slices.iter_mut().zip(entries) {
        let lines = first(entry.bytes(), bytes_max - offered);
        *slice = IoSlice::new(lines);
        offered += lines.len();
    }
    let bytes = stream.try_write_vectored(&slices[..entries.len()])?;
    Ok(Accepted { bytes, all: bytes == offered })
}

fn first(bytes: &[u8], bytes_max: usize) -> &[u8] {
    &bytes[..bytes.len().min(bytes_max)]
}

/// Where connections come from.
pub trait Listener: Send + Unpin + 'static {
    /// The connections it accepts.
    type Stream: Stream;

    /// The next connection, and the address and port it comes from. An error concerns this attempt
    /// only.
    fn poll_accept(&mut self, cx: &mut Context<'_>)
    -> Poll<io::Result<(Self::Stream, SocketAddr)>>;
}

/// What time it is, and how to be woken later.
pub trait Clock: Clone + Send + Sync + Unpin + 'static {
    /// A timer of this clock.
    type Timer: Timer;

    /// The present moment; never earlier than one returned before.
    fn now(&self) -> Time;

    /// A timer that fires at `at`.
    fn timer(&self, at: Time) -> Self::Timer;
}

/// Fires once.
pub trait Timer: Send + Unpin + 'static {
    /// Ready once its moment has come; otherwise the task is woken then.
    fn poll_fired(&mut self, cx: &mut Context<'_>) -> Poll<()>;
}

/// Runs tasks.
pub trait Spawn: Clone + Send + Sync + 'static {
    /// Runs `task` to its end, somewhere.
    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static);
}

//! The server's end of a wire.

use super::{End, Fin, Wire, move_bytes};
use std::io::{self, IoSlice};
use std::task::{Context, Poll};

/// The server's side, as [`stream`](super::super::stream) offers it.
impl Wire {
    pub(crate) fn server_reads(&self, buffer: &mut [u8]) -> io::Result<usize> {
        self.change(|state| {
            assert!(!state.explodes, "this read panics on purpose");
            if buffer.is_empty() {
                return Ok(0);
            }
            if state.is_interrupted() {
                return Err(io::ErrorKind::Interrupted.into());
            }
            if state.up.is_empty() {
                return match (state.reset, state.fin) {
                    (true, _) => Err(io::ErrorKind::ConnectionReset.into()),
                    (false, Fin::Arrived) => Ok(0),
                    (false, _) => state.would_block(),
                };
            }
            let most = state.up.len().min(buffer.len());
            let count = state.portion(most);
            let mut filled = 0;
            move_bytes(&mut state.up, count, |part| {
                buffer[filled..filled + part.len()].copy_from_slice(part);
                filled += part.len();
            });
            if state.end == End::HalfClosed {
                state.read_after_half_close += count;
            }
            state.blocked_in_a_row = 0;
            Ok(count)
        })
    }

    pub(crate) fn server_writes(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        self.change(|state| {
            assert_eq!(state.end, End::Open, "the server writes after it shut down its half");
            if state.reset {
                return Err(io::ErrorKind::BrokenPipe.into());
            }
            if state.is_interrupted() {
                return Err(io::ErrorKind::Interrupted.into());
            }
            if !state.writable() {
                return state.would_block();
            }
            let queued: usize = slices.iter().map(|slice| slice.len()).sum();
            let room = state.quirks.down_max - state.down.len();
            let count = state.portion(queued.min(room));
            let mut left = count;
            for slice in slices {
                let part = left.min(slice.len());
                state.down.extend(&slice[..part]);
                left -= part;
            }
            state.blocked_in_a_row = 0;
            state.writes += 1;
            Ok(count)
        })
    }

    pub(crate) fn server_polls_readable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.change(|state| {
            state.blocked_in_a_row = 0;
            if !state.quirks.lies && (state.readable() || state.quirk()) {
                return Poll::Ready(Ok(()));
            }
            state.server_read = Some(cx.waker().clone());
            Poll::Pending
        })
    }

    pub(crate) fn server_polls_writable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.change(|state| {
            state.blocked_in_a_row = 0;
            if !state.quirks.lies && (state.writable() || state.quirk()) {
                return Poll::Ready(Ok(()));
            }
            state.server_write = Some(cx.waker().clone());
            Poll::Pending
        })
    }

    /// Whether the connection was reset, as the server may ask without a read or a write.
    pub(crate) fn is_reset(&self) -> bool {
        self.change(|state| state.reset)
    }

    pub(crate) fn server_half_closes(&self) -> io::Result<()> {
        self.change(|state| {
            if state.reset {
                return Err(io::ErrorKind::NotConnected.into());
            }
            state.end = End::HalfClosed;
            state.ended_first = true;
            Ok(())
        })
    }

    pub(crate) fn server_closes(&self) {
        self.change(|state| {
            let unread = !state.up.is_empty();
            state.end = if unread { End::ClosedUnread } else { End::Closed };
            if unread {
                state.down.clear();
            }
            state.server_read = None;
            state.server_write = None;
        });
    }
}

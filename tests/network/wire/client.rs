//! The client's end of a wire.

use super::super::lock;
use super::super::random::Random;
use super::{Client, End, Fin, Quirks, State, Wire};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

/// The client's side, in the hands of the test.
impl Wire {
    pub(crate) fn new(random: Random, quirks: Quirks) -> Client {
        Arc::new(Wire(Mutex::new(State {
            random,
            quirks,
            in_flight: VecDeque::new(),
            up: VecDeque::new(),
            fin: Fin::None,
            reset: false,
            down: VecDeque::new(),
            received: Vec::new(),
            stalled: false,
            end: End::Open,
            read_after_half_close: 0,
            blocked_in_a_row: 0,
            writes: 0,
            server_read: None,
            server_write: None,
            client_read: None,
            client_write: None,
        })))
    }

    /// Changes the state and wakes whoever waited for what became of it.
    pub(super) fn change<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        let mut state = lock(&self.0);
        let result = act(&mut state);
        let due = state.due();
        drop(state);
        due.into_iter().flatten().for_each(Waker::wake);
        result
    }

    /// Sends `bytes`: they are in flight.
    pub(crate) fn post(&self, bytes: &[u8]) {
        self.change(|state| state.in_flight.extend(bytes));
    }

    /// Lets up to `max` bytes of what is in flight arrive; returns how much did.
    pub(crate) fn deliver(&self, max: usize) -> usize {
        self.change(|state| state.deliver(max))
    }

    /// Sends nothing more after what is in flight.
    pub(crate) fn half_close(&self) {
        self.change(|state| {
            if state.fin == Fin::None {
                state.fin = Fin::Sent;
            }
        });
    }

    /// Breaks the connection. What had arrived stays readable, as on Linux, unless `harsh`.
    pub(crate) fn reset(&self, harsh: bool) {
        self.change(|state| {
            state.reset = true;
            state.in_flight.clear();
            state.down.clear();
            if harsh {
                state.up.clear();
            }
        });
    }

    /// Stops reading until it [resumes](Wire::resume).
    pub(crate) fn stall(&self) {
        self.change(|state| state.stalled = true);
    }

    pub(crate) fn resume(&self) {
        self.change(|state| state.stalled = false);
    }

    /// Reads up to `max` bytes unless it is stalled; returns how many.
    pub(crate) fn read(&self, max: usize) -> usize {
        self.change(|state| if state.stalled { 0 } else { state.take_down(max) })
    }

    /// Reads up to `max` bytes, stalled or not; returns how many.
    pub(crate) fn sip(&self, max: usize) -> usize {
        self.change(|state| state.take_down(max))
    }

    /// Everything received so far.
    pub(crate) fn received(&self) -> Vec<u8> {
        lock(&self.0).received.clone()
    }

    pub(crate) fn received_len(&self) -> usize {
        lock(&self.0).received.len()
    }

    /// What was received since the last call, as text.
    pub(crate) fn heard(&self) -> String {
        let received = std::mem::take(&mut lock(&self.0).received);
        String::from_utf8(received).expect("the scenarios send text")
    }

    /// Bytes written by the server that the client has not read.
    pub(crate) fn waiting(&self) -> usize {
        lock(&self.0).down.len()
    }

    /// How many writes of the server's were accepted.
    pub(crate) fn writes(&self) -> usize {
        lock(&self.0).writes
    }

    pub(crate) fn end(&self) -> End {
        lock(&self.0).end
    }

    pub(crate) fn is_closed(&self) -> bool {
        matches!(self.end(), End::Closed | End::ClosedUnread)
    }

    /// Bytes sent that the server has not read.
    pub(crate) fn unread(&self) -> usize {
        let state = lock(&self.0);
        state.in_flight.len() + state.up.len()
    }

    /// Bytes that the server has read after it shut down its sending half.
    pub(crate) fn read_after_half_close(&self) -> usize {
        lock(&self.0).read_after_half_close
    }

    /// Reads all that comes; ready at the end of the stream.
    pub(crate) fn poll_read_all(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.change(|state| {
            if !state.stalled {
                state.take_down(usize::MAX);
                if state.end != End::Open {
                    return Poll::Ready(());
                }
            }
            state.client_read = Some(cx.waker().clone());
            Poll::Pending
        })
    }

    /// Delivers what is in flight; ready when all of it has arrived.
    pub(crate) fn poll_deliver_all(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.change(|state| {
            state.deliver(usize::MAX);
            if state.in_flight.is_empty() {
                return Poll::Ready(());
            }
            state.client_write = Some(cx.waker().clone());
            Poll::Pending
        })
    }
}

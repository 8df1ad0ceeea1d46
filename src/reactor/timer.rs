//! One timer.

use super::reactor::reactor;
use std::task::{Context, Poll};
use std::time::Instant;

/// Fires once at a moment, to the millisecond, and never early.
///
/// ```
/// use parlance_reactor::{Timer, block_on};
/// use std::time::{Duration, Instant};
///
/// let begun = Instant::now();
/// let mut timer = Timer::at(begun + Duration::from_millis(3));
/// block_on(std::future::poll_fn(|cx| timer.poll_fired(cx)));
/// assert!(begun.elapsed() >= Duration::from_millis(3));
/// ```
#[derive(Debug)]
pub struct Timer {
    at: Option<Instant>,
    /// Its number, while it waits.
    number: Option<u64>,
}

impl Timer {
    /// A timer for that moment.
    pub fn at(at: Instant) -> Timer {
        Timer { at: Some(at), number: None }
    }

    /// A timer that never fires.
    pub fn never() -> Timer {
        Timer { at: None, number: None }
    }

    /// Ready from its moment on; otherwise the task is woken then.
    ///
    /// # Panics
    /// Panics if the system has no descriptor for the reactor. A server has made it with its first
    /// socket.
    pub fn poll_fired(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Some(at) = self.at else { return Poll::Pending };
        if at <= Instant::now() {
            self.forget();
            return Poll::Ready(());
        }
        let reactor = reactor().expect("a process that needs timers has descriptors");
        if reactor.timers.await_at(at, &mut self.number, cx.waker()) {
            // The thread that waits may wait for longer.
            reactor.look_again();
        }
        Poll::Pending
    }

    fn forget(&mut self) {
        if let (Some(at), Some(number), Ok(reactor)) = (self.at, self.number.take(), reactor()) {
            reactor.timers.forget(at, number);
        }
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.forget();
    }
}

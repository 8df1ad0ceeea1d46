//! A descriptor and what its tasks wait for.

use super::interest::Direction;
use super::reactor::{Reactor, reactor};
use super::watched::{Watch, Watched};
use std::io;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

/// How often a task looks for itself whether a descriptor that cannot be watched is ready.
const LOOK_INTERVAL: Duration = Duration::from_millis(50);

/// A socket, or another descriptor, that does not block, and that tasks wait for. One task at a
/// time waits for each direction: the last one that asked.
///
/// It is read and written through [`get_ref`](Source::get_ref); a call that would block is followed
/// by a poll. A poll that answers *ready* may be mistaken, so the call may be refused again.
#[derive(Debug)]
pub struct Source<T: AsFd + Send + Sync + 'static> {
    watched: Arc<Watched<T>>,
    number: usize,
    reactor: &'static Reactor,
}

impl<T: AsFd + Send + Sync + 'static> Source<T> {
    /// Has the reactor watch `io`, which must not block, once a task asks.
    ///
    /// # Errors
    /// The system's, if the reactor cannot be made.
    pub fn new(io: T) -> io::Result<Source<T>> {
        let reactor = reactor()?;
        let watched = Arc::new(Watched::new(io));
        let number = reactor.admit(Arc::clone(&watched) as Arc<dyn Watch>);
        Ok(Source { watched, number, reactor })
    }

    /// The descriptor's owner.
    pub fn get_ref(&self) -> &T {
        &self.watched.io
    }

    /// Ready if input, or the end of it, may have come since the last answer *ready*; otherwise the
    /// task is woken when it does. If the system cannot watch the descriptor, for want of memory,
    /// it is woken now and then, to try its call.
    pub fn poll_readable(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.poll(Direction::Input, cx)
    }

    /// As [`poll_readable`](Source::poll_readable), for output.
    pub fn poll_writable(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.poll(Direction::Output, cx)
    }

    fn poll(&self, direction: Direction, cx: &mut Context<'_>) -> Poll<()> {
        let mut interest = self.watched.interest();
        let (is_ready, change) = interest.asks(direction, cx.waker());
        if is_ready {
            return Poll::Ready(());
        }
        if let Some(change) = change
            && self.reactor.kernel.tell(self.number, self.watched.io.as_fd(), change).is_err()
        {
            let at = Instant::now() + LOOK_INTERVAL;
            let waiting = interest.forget();
            drop(interest);
            for waker in waiting.into_iter().flatten() {
                self.reactor.timers.await_at(at, &mut None, &waker);
            }
            self.reactor.look_again();
        }
        Poll::Pending
    }
}

impl<T: AsFd + Send + Sync + 'static> Drop for Source<T> {
    fn drop(&mut self) {
        if let Some(change) = self.watched.interest().ends() {
            // The kernel forgets a descriptor that is closed; this is for one that others share.
            let _ = self.reactor.kernel.tell(self.number, self.watched.io.as_fd(), change);
        }
        self.reactor.dismiss(self.number);
    }
}

//! A descriptor and what its tasks wait for.

use super::interest::Direction;
use super::reactor::{Reactor, reactor};
use super::watched::{Watch, Watched};
use std::io;
use std::os::fd::AsFd;
use std::sync::Arc;
use std::task::{Context, Poll};

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
    /// task is woken when it does.
    ///
    /// # Errors
    /// The system's, if it cannot watch the descriptor.
    pub fn poll_readable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll(Direction::Input, cx)
    }

    /// As [`poll_readable`](Source::poll_readable), for output.
    ///
    /// # Errors
    /// The system's, if it cannot watch the descriptor.
    pub fn poll_writable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll(Direction::Output, cx)
    }

    fn poll(&self, direction: Direction, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut interest = self.watched.interest();
        let (is_ready, change) = interest.asks(direction, cx.waker());
        if is_ready {
            return Poll::Ready(Ok(()));
        }
        if let Some(change) = change
            && let Err(error) =
                self.reactor.kernel.tell(self.number, self.watched.io.as_fd(), change)
        {
            for waker in interest.forget().into_iter().flatten() {
                waker.wake();
            }
            return Poll::Ready(Err(error));
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

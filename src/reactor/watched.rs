//! What the reactor and a source have in common.

use super::interest::{Directions, Interest};
use super::kernel::Kernel;
use std::os::fd::AsFd;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Waker;

/// A descriptor, and the interest in it.
#[derive(Debug)]
pub(crate) struct Watched<T> {
    pub(crate) io: T,
    interest: Mutex<Interest>,
}

/// A source, for the reactor.
pub(crate) trait Watch: Send + Sync {
    /// The kernel tells that the descriptor is ready in these directions, to a thread that has
    /// slept or is busy.
    fn is_ready(
        &self,
        kernel: &Kernel,
        number: usize,
        ready: (Directions, bool),
        woken: &mut Vec<Waker>,
    );
}

impl<T> Watched<T> {
    pub(crate) fn new(io: T) -> Watched<T> {
        Watched { io, interest: Mutex::default() }
    }

    pub(crate) fn interest(&self) -> MutexGuard<'_, Interest> {
        self.interest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: AsFd + Send + Sync> Watch for Watched<T> {
    fn is_ready(
        &self,
        kernel: &Kernel,
        number: usize,
        (ready, is_busy): (Directions, bool),
        woken: &mut Vec<Waker>,
    ) {
        let mut interest = self.interest();
        let (wakers, change) = interest.is_ready(ready, is_busy);
        woken.extend(wakers.into_iter().flatten());
        if let Some(change) = change
            && kernel.tell(number, self.io.as_fd(), change).is_err()
        {
            // Less interest takes no memory; if it fails all the same, a task finds out by a call.
            woken.extend(interest.forget().into_iter().flatten());
        }
    }
}

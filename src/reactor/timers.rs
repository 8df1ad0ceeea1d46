//! All timers that somebody waits for.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use std::time::{Duration, Instant};

/// The wakers of all timers, by time.
#[derive(Debug, Default)]
pub(crate) struct Timers(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// By time, then by number.
    waiting: BTreeMap<(Instant, u64), Waker>,
    numbered: u64,
}

impl Timers {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How long it is until the first one; `None` if there is none.
    pub(crate) fn until_first(&self, now: Instant) -> Option<Duration> {
        let state = self.state();
        let ((at, _), _) = state.waiting.first_key_value()?;
        Some(at.saturating_duration_since(now))
    }

    /// Takes the wakers of all that are due.
    pub(crate) fn fire(&self, now: Instant, woken: &mut Vec<Waker>) {
        let mut state = self.state();
        while let Some(first) = state.waiting.first_entry()
            && first.key().0 <= now
        {
            woken.push(first.remove());
        }
    }

    /// Has `waker` woken at `at`; whether that is new and earlier than all others. A timer that
    /// waits already has a number.
    pub(crate) fn await_at(&self, at: Instant, number: &mut Option<u64>, waker: &Waker) -> bool {
        let mut state = self.state();
        let number = *number.get_or_insert_with(|| {
            state.numbered += 1;
            state.numbered
        });
        if let Some(known) = state.waiting.get_mut(&(at, number)) {
            known.clone_from(waker);
            return false;
        }
        state.waiting.insert((at, number), waker.clone());
        state.waiting.first_key_value().is_some_and(|(first, _)| *first == (at, number))
    }

    /// Nobody waits for it any more.
    pub(crate) fn forget(&self, at: Instant, number: u64) {
        let gone = self.state().waiting.remove(&(at, number));
        drop(gone); // with no lock held
    }
}

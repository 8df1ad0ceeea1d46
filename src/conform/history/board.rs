//! What the observers of a history have seen so far, shared with the clients that wait for it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Instant;

/// The observations so far.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) said: BTreeSet<String>,
    /// Number of joins, by observer and user.
    pub(super) joined: BTreeMap<(usize, String), usize>,
    pub(super) left: BTreeMap<(usize, String), usize>,
    /// A client has waited in vain, so that others need not wait as long.
    pub(super) hopeless: bool,
    /// The last lines are sent.
    pub(super) rung: bool,
}

#[derive(Debug, Default)]
pub(super) struct Board {
    state: Mutex<State>,
    changed: Condvar,
}

impl Board {
    pub(super) fn tell(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner));
        self.changed.notify_all();
    }

    pub(super) fn ask<T>(&self, look: impl FnOnce(&State) -> T) -> T {
        look(&self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Waits until the condition holds or the deadline passes; returns whether it holds.
    pub(super) fn wait(&self, until: Instant, so: impl Fn(&State) -> bool) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if so(&state) {
                return true;
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            let waited = self.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

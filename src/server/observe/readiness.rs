//! Whether the server is to be sent clients.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Where the daemon is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// It does not listen yet.
    Starting,
    /// It takes clients.
    Serving,
    /// It has been told to stop.
    Draining,
}

/// The phase, and what else keeps the server from being ready: a store or a cluster that it is cut
/// off from.
///
/// ```
/// use parlance_server::observe::{Phase, Readiness};
///
/// let readiness = Readiness::default();
/// assert_eq!(readiness.obstacles(), ["starting"]);
/// readiness.enter(Phase::Serving);
/// assert!(readiness.obstacles().is_empty());
/// readiness.set_obstacle("store", true);
/// readiness.enter(Phase::Draining);
/// assert_eq!(readiness.obstacles(), ["draining", "store"]);
/// ```
#[derive(Debug)]
pub struct Readiness(Mutex<State>);

#[derive(Debug)]
struct State {
    phase: Phase,
    obstacles: BTreeSet<&'static str>,
}

impl Default for Readiness {
    fn default() -> Readiness {
        Readiness(Mutex::new(State { phase: Phase::Starting, obstacles: BTreeSet::new() }))
    }
}

impl Readiness {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The daemon goes on to `phase`.
    pub fn enter(&self, phase: Phase) {
        self.state().phase = phase;
    }

    /// Something that the server needs is away, or is back.
    pub fn set_obstacle(&self, what: &'static str, is_away: bool) {
        let mut state = self.state();
        if is_away {
            state.obstacles.insert(what);
        } else {
            state.obstacles.remove(what);
        }
    }

    /// What keeps the server from being ready; nothing if it is.
    pub fn obstacles(&self) -> Vec<&'static str> {
        let state = self.state();
        let phase = match state.phase {
            Phase::Starting => Some("starting"),
            Phase::Serving => None,
            Phase::Draining => Some("draining"),
        };
        phase.into_iter().chain(state.obstacles.iter().copied()).collect()
    }
}

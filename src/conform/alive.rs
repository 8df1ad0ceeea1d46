//! Whether the server still serves, asked after each attempt; and the cases after which it did not.

use super::attempt::Played;
use super::failure::{Outcome, Trouble};
use super::runner::{DYING, Runner};
use super::script::Case;
use std::time::Duration;

/// Factor on the waits of the control that decides whether a server is lost.
const SECOND_LOOK: f64 = 2.0;
/// After this many losses the run ends: each costs seconds, and the next one tells nothing new.
const LOSSES_MAX: usize = 6;

/// What the control after an attempt has shown.
pub(super) struct Proof {
    /// Whether the server has shown that it works.
    pub(super) works: Played,
    /// How it was lost, if it was.
    pub(super) lost: Option<Outcome>,
}

impl Runner<'_> {
    /// Looks whether the server has ended, and whether it serves others, after an attempt at a
    /// case. One that has ended, or serves nobody, is started anew if it can be.
    pub(super) fn proved(
        &self,
        case: &Case,
        number: u32,
        failed: bool,
        generation: usize,
    ) -> Proof {
        let name = format!("{} {number}", case.id);
        let crashed = |grace| self.server.crashed(grace).map(Outcome::Crash);
        if let Some(crash) = crashed(if failed { DYING } else { Duration::ZERO }) {
            return Proof { works: Ok(()), lost: Some(crash) };
        }
        let works = self.control(&name);
        let Err(first) = &works else { return Proof { works, lost: None } };
        // Another attempt may have found the same, and started another process.
        if let Some(crash) = crashed(DYING) {
            return Proof { works, lost: Some(crash) };
        }
        let other = self.server.generation() != generation;
        if !self.gated || matches!(first, Trouble::Unknown(_)) || other || self.bounds.is_over() {
            return Proof { works, lost: None };
        }
        match self.serves(&name, SECOND_LOOK) {
            Ok(()) => Proof { works: Ok(()), lost: None },
            Err(Trouble::Failure(failure)) if is_silent(&failure.outcome) => {
                let how = failure.outcome.told(&failure.who);
                let lost = (!self.bounds.is_over()).then_some(Outcome::Silence(how));
                self.server.restart(generation);
                Proof { works, lost }
            }
            Err(_) => Proof { works, lost: None },
        }
    }

    /// Why nothing can be judged any more, if that is so: the server is gone, or was lost so often
    /// that the run ends.
    pub(super) fn is_lost(&self) -> Option<&'static str> {
        let losses = self.losses.count();
        if self.server.is_gone() {
            Some("the server ended in a case before and did not start again")
        } else if losses > 0 && self.server.command().is_none() {
            Some("the server answers nobody any more, and was not started here")
        } else {
            (losses >= LOSSES_MAX).then_some("the server had to be started anew too often")
        }
    }
}

/// Whether a server that serves nobody any more would do so.
fn is_silent(outcome: &Outcome) -> bool {
    matches!(
        outcome,
        Outcome::Timeout { after: 0, .. }
            | Outcome::NotConnected(_)
            | Outcome::End { after: 0 }
            | Outcome::Reset { after: 0 }
    )
}

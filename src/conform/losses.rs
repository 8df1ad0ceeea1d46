//! The cases after which a server was lost.

use super::result::CaseResult;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The cases after which the server had ended, or answered nobody any more.
#[derive(Debug, Default)]
pub(super) struct Losses(Mutex<(usize, Option<CaseResult>)>);

impl Losses {
    /// Counts a loss; the first one is kept.
    pub(super) fn note(&self, loss: CaseResult) {
        let mut losses = self.losses();
        losses.0 += 1;
        losses.1.get_or_insert(loss);
    }

    /// The result that tells of the first loss.
    pub(super) fn first(&self) -> Option<CaseResult> {
        self.losses().1.clone()
    }

    pub(super) fn count(&self) -> usize {
        self.losses().0
    }

    fn losses(&self) -> MutexGuard<'_, (usize, Option<CaseResult>)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

//! What falls to the first process of a container: the ends of processes that are nobody's.

use async_signal::{Signal, Signals};
use futures_lite::StreamExt;
use rustix::process::{WaitOptions, wait};
use std::process;

/// As the first process takes note of children that end, which would stay zombies otherwise: they
/// are orphans, the daemon starts none of its own. Any other process is none's heir.
pub(crate) async fn lay_to_rest() {
    if process::id() != 1 {
        return;
    }
    match Signals::new([Signal::Child]) {
        Err(error) => tracing::warn!(%error, "orphans that end stay zombies"),
        Ok(mut ends) => loop {
            // Several may have ended at one signal, and some before there was a way to hear of it.
            while let Ok(Some(_)) = wait(WaitOptions::NOHANG) {}
            if ends.next().await.is_none() {
                return;
            }
        },
    }
}

//! What the services of all dialects have in common.

use super::bans::Bans;
use super::observe::Observer;
use super::run_queue::RunQueue;
use std::sync::Arc;

/// What the services of all dialects have in common. Clones share it.
#[derive(Clone, Default)]
pub struct Common {
    /// That of the executor.
    pub run_queue: Arc<RunQueue>,
    /// The numbers of connections, and the log of what happens to them.
    pub observer: Arc<Observer>,
    /// The bans.
    pub bans: Arc<Bans>,
}

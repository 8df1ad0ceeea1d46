//! What every delivery needs: the dialect, the bounds, the account and the names.

use super::bounds::Bounds;
use super::chunk::{Chunk, Ledger};
use super::figures::Counters;
use super::names::Names;
use crate::limits::Limits;
use crate::protocol::Dialect;
use crate::sync::Arc;

/// The part of a registry that its rooms use to render lines and to append them to outboxes.
#[derive(Debug)]
pub(super) struct Delivery {
    pub(super) dialect: &'static dyn Dialect,
    pub(super) bounds: Bounds,
    pub(super) ledger: Arc<Ledger>,
    pub(super) names: Names,
    pub(super) counters: Counters,
}

impl Delivery {
    pub(super) fn new(dialect: &'static dyn Dialect, limits: &Limits) -> Delivery {
        let names = Names::new(dialect.policy().names_unique);
        let (bounds, counters) = (Bounds::new(limits), Counters::default());
        Delivery { dialect, bounds, ledger: Ledger::new(), names, counters }
    }

    /// `bytes`, charged to the ledger.
    pub(super) fn chunk(&self, bytes: Vec<u8>) -> Chunk {
        Chunk::new(bytes, &self.ledger)
    }
}

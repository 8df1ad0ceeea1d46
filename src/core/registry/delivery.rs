//! What every delivery needs: the dialect, the bounds, the account and the names.

use super::archive::{Archive, ArchiveOptions};
use super::bounds::Bounds;
use super::chunk::{Chunk, Ledger};
use super::figures::Counters;
use super::names::Names;
use crate::limits::{HISTORY_LINES_MAX, Limits};
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
    /// Where rooms are kept in a store. [extensions/store-1]
    pub(super) archive: Option<Box<Archive>>,
}

impl Delivery {
    pub(super) fn new(
        dialect: &'static dyn Dialect,
        limits: &Limits,
        archive: Option<ArchiveOptions>,
    ) -> Delivery {
        let names = Names::new(dialect.policy().names_unique);
        let (bounds, counters) = (Bounds::new(limits), Counters::default());
        let archive = archive.map(|options| Box::new(Archive::new(options)));
        Delivery { dialect, bounds, ledger: Ledger::new(), names, counters, archive }
    }

    /// How many lines a room keeps for those that join it. [channels/history-2]
    /// [extensions/history-4]
    pub(super) fn history_lines(&self) -> usize {
        self.archive.as_ref().map_or(HISTORY_LINES_MAX, |archive| archive.options.lines)
    }

    /// `bytes`, charged to the ledger.
    pub(super) fn chunk(&self, bytes: Vec<u8>) -> Chunk {
        Chunk::new(bytes, &self.ledger)
    }
}

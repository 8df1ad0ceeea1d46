//! A daemon that was built without a store: its options name none, so there is nothing to open.

use crate::bans::{BanKeeper, Bans};
use crate::config::options::Options;
use crate::observe::Sources;
use crate::service::Service;
use crate::transport::tcp::SystemClock;
use parlance_core::registry::ArchiveOptions;
use std::convert::Infallible;
use std::sync::Arc;

/// None: bans end with the server.
#[expect(clippy::unnecessary_wraps, reason = "a store can fail, where there is one")]
pub(crate) fn keep_bans(
    _: &Options,
    _: &Bans,
    _: SystemClock,
) -> Result<Option<Arc<dyn BanKeeper>>, String> {
    Ok(None)
}

/// A store that cannot be there.
pub(crate) struct OpenedStore(Infallible);

impl OpenedStore {
    /// None.
    #[expect(clippy::unnecessary_wraps, reason = "a store can fail, where there is one")]
    pub(crate) fn of(_: &Options) -> Result<Option<OpenedStore>, String> {
        Ok(None)
    }

    pub(crate) fn archive(&self) -> ArchiveOptions {
        match self.0 {}
    }

    pub(crate) fn start(
        self,
        _: &[Arc<Service<SystemClock>>],
        _: &Arc<Sources<SystemClock>>,
    ) -> Result<Option<StoreThread>, String> {
        match self.0 {}
    }
}

/// The thread of such a store.
pub(crate) struct StoreThread(Infallible);

impl StoreThread {
    pub(crate) fn finish(self) {
        match self.0 {}
    }
}

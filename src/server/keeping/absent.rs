//! A build without the feature `store` has nothing to keep rooms in.

use crate::config::options::Options;
use crate::observe::Sources;
use crate::service::Service;
use crate::transport::tcp::SystemClock;
use parlance_core::registry::ArchiveOptions;
use std::convert::Infallible;
use std::sync::Arc;

/// There is none: `Options::check_store` refuses to ask for one.
pub(crate) struct OpenedStore(Infallible);

/// See [`OpenedStore`].
pub(crate) struct StoreThread(Infallible);

impl OpenedStore {
    #[expect(clippy::unnecessary_wraps, reason = "a build with a store may fail")]
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

impl StoreThread {
    pub(crate) fn finish(self) {
        match self.0 {}
    }
}

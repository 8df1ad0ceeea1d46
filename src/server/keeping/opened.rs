//! The store of the daemon, from the options to the thread.

use super::keeper::Keeper;
use super::thread::StoreThread;
use crate::config::options::{Durability, Options};
use crate::observe::Sources;
use crate::service::Service;
use crate::transport::tcp::SystemClock;
use parlance_core::registry::ArchiveOptions;
use parlance_store::sqlite::{self, DataDirectory, Database};
use parlance_store::{Millis, Retention, Store};
use std::sync::Arc;

/// What keeps a server from being ready while its store has failed. [extensions/store-4]
const OBSTACLE: &str = "store";

const MILLIS_PER_DAY: Millis = 24 * 60 * 60 * 1000;

/// A store that nobody uses yet.
pub(crate) struct OpenedStore {
    /// No other server may have it.
    directory: DataDirectory,
    database: Database,
    retention: Retention,
    archive: ArchiveOptions,
}

impl OpenedStore {
    /// Opens what the options name, if they do.
    ///
    /// # Errors
    /// A message for the user, which names the directory or the file at fault.
    pub(crate) fn of(options: &Options) -> Result<Option<OpenedStore>, String> {
        let Some(path) = &options.data else { return Ok(None) };
        let stores_first = options.durability == Durability::Full;
        let durability =
            if stores_first { sqlite::Durability::Full } else { sqlite::Durability::Normal };
        let open = || {
            let directory = DataDirectory::claim(path)?;
            let mut database = Database::open(&directory, durability)?;
            let next_id = database.next_id()?;
            Ok((directory, database, next_id))
        };
        let (directory, database, next_id) =
            open().map_err(|failure: parlance_store::Failure| failure.message)?;
        let days = Millis::try_from(options.history_days).unwrap_or(Millis::MAX);
        let retention = Retention {
            age_max: (days > 0).then(|| days.saturating_mul(MILLIS_PER_DAY)),
            bytes_max: (options.history_bytes > 0).then_some(options.history_bytes as u64),
        };
        let archive = ArchiveOptions { lines: options.history_lines, next_id, stores_first };
        Ok(Some(OpenedStore { directory, database, retention, archive }))
    }

    /// What the registry has to know of it.
    pub(crate) fn archive(&self) -> ArchiveOptions {
        self.archive
    }

    /// Keeps the rooms of the one of `services` that has any to keep.
    ///
    /// # Errors
    /// A message for the user.
    pub(crate) fn start(
        self,
        services: &[Arc<Service<SystemClock>>],
        sources: &Arc<Sources<SystemClock>>,
    ) -> Result<Option<StoreThread>, String> {
        let Some(service) = services.iter().find(|service| service.extensions.kept_rooms) else {
            tracing::warn!("nothing is kept: no listener is for a dialect with a history");
            return Ok(None);
        };
        let (sources, directory) = (Arc::clone(sources), self.directory);
        let on_change = move |has_failed| {
            sources.readiness.set_obstacle(OBSTACLE, has_failed);
            let _locked = &directory; // as long as the store is open
        };
        let keeper = Keeper::new(Box::new(self.database), self.retention, on_change);
        let started = StoreThread::start(service, keeper);
        started.map(Some).map_err(|error| format!("cannot start the thread of the store: {error}"))
    }
}

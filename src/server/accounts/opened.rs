//! The accounts of the daemon, from the options to the tasks.

use super::judge::{Hasher, Judge};
use super::password::{hash, verify};
use super::workers::{WORKERS, work};
use crate::config::options::Options;
use crate::service::Service;
use crate::threads::EXECUTOR;
use crate::transport::tcp::SystemClock;
use parlance_store::sqlite::Database;
use std::sync::Arc;

/// argon2id.
struct Argon2id;

impl Hasher for Argon2id {
    fn hash(&self, password: &[u8]) -> Result<String, String> {
        hash(password)
    }

    fn verify(&self, password: &[u8], stored: Option<&str>) -> bool {
        verify(password, stored)
    }
}

/// Judges what is asked about accounts by the one of `services` that has any. The database is the
/// one that the store has opened.
///
/// # Errors
/// A message for the user, which names the file.
pub(crate) fn start(
    options: &Options,
    services: &[Arc<Service<SystemClock>>],
) -> Result<(), String> {
    let (Some(directory), true) = (&options.data, options.accounts.are_on()) else { return Ok(()) };
    let Some(service) = services.iter().find(|service| service.extensions.accounts) else {
        tracing::warn!("there are no accounts: no listener is for a dialect that has them");
        return Ok(());
    };
    let database = Database::beside(directory).map_err(|failure| failure.message)?;
    let judge = Arc::new(Judge::new(Box::new(database), Box::new(Argon2id)));
    for effort in WORKERS {
        EXECUTOR.spawn(work(Arc::clone(service), Arc::clone(&judge), effort)).detach();
    }
    Ok(())
}

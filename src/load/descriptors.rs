//! The limit on open descriptors.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::error::LoadError;

/// Descriptors that are not connections: standard streams, the reactor's, files of `/proc`.
const SPARE: u64 = 32;

/// Raises the soft limit to the hard one and checks that `connections` fit under it.
pub(super) fn raise_limit(connections: u64) -> Result<(), LoadError> {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: maximum, maximum };
    let allowed = match setrlimit(Resource::Nofile, raised) {
        Ok(()) => maximum,
        Err(_) => current, // not fatal: the current limit may be enough
    };
    match allowed {
        Some(allowed) if connections + SPARE > allowed => Err(LoadError::Request(format!(
            "{connections} connections do not fit under the limit of {allowed} open descriptors"
        ))),
        _ => Ok(()), // `None` means no limit
    }
}

//! Accounts: names that belong to whoever knows their password.
//!
//! The registry asks whether a claim is true, and the client that made it waits. Tasks take what
//! is asked ([`work`]) and have a [`Judge`] answer it on threads that may block: it looks into a
//! store, and hashes passwords.

#[cfg(not(feature = "store"))]
mod absent;
mod attempts;
mod judge;
#[cfg(feature = "store")]
mod opened;
#[cfg(feature = "store")]
mod password;
#[cfg(feature = "store")]
pub mod user;
mod workers;

#[cfg(not(feature = "store"))]
pub(crate) use self::absent::start;
pub use self::judge::{Hasher, Judge};
#[cfg(feature = "store")]
pub(crate) use self::opened::start;
pub use self::workers::{WORKERS, work};

//! Rooms that are kept: the effects that the registry asks for, performed on a store.
//!
//! The registry has a queue of what is to be stored and read. A [`Keeper`] performs it on a
//! [`Store`](parlance_store::Store) and gives the outcomes back. The daemon has a thread for that,
//! because a disk may take its time; tests perform effects when a scenario says so.

#[cfg(not(feature = "store"))]
mod absent;
#[cfg(feature = "store")]
mod bans;
#[cfg(feature = "store")]
pub mod data;
mod keeper;
#[cfg(feature = "store")]
mod opened;
#[cfg(feature = "store")]
mod thread;

#[cfg(not(feature = "store"))]
pub(crate) use self::absent::{OpenedStore, StoreThread, keep_bans};
#[cfg(feature = "store")]
pub(crate) use self::bans::keep_bans;
pub use self::keeper::{Keeper, READS_MAX, Wall};
#[cfg(feature = "store")]
pub(crate) use self::opened::OpenedStore;
#[cfg(feature = "store")]
pub(crate) use self::thread::StoreThread;

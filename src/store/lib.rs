//! What the server keeps from one run to the next: lines of rooms, topics, bans
//! and accounts.
//!
//! [`Store`] is the seam: the server's store thread performs what the core asks for on some store,
//! one call at a time. [`sqlite::Database`] is the store on disk; tests have a scripted one. Names
//! and texts are the bytes that clients sent, times are milliseconds since 1970 in UTC.
//!
//! ```
//! use parlance_store::{Record, Recall, Store, sqlite::Database};
//!
//! let mut store = Database::in_memory()?;
//! let line = Record::Line { id: 1, room: b"#den", sender: b"ann", at: 0, text: b"hi" };
//! store.append(&mut [line].into_iter())?;
//! let asked = Recall { before: u64::MAX, lines_max: 50, bytes_max: 1024 };
//! assert_eq!(store.recall(b"#den", &asked)?[0].text, b"hi");
//! # Ok::<(), parlance_store::Failure>(())
//! ```

mod account;
mod ban;
mod failure;
mod record;
#[cfg(feature = "sqlite")]
pub mod sqlite;

pub use account::{Account, Accounts};
pub use ban::{Ban, BanKind, Bans};
pub use failure::{Failure, Kind};
pub use record::{Kept, Line, Millis, Recall, Record, Retention, Topic};

/// A place where lines and topics stay.
pub trait Store: Bans + Send {
    /// The number of the next line: larger than that of any line that was ever stored.
    ///
    /// # Errors
    /// The store cannot be read.
    fn next_id(&mut self) -> Result<u64, Failure>;

    /// Stores all `records` in their order, or none of them.
    ///
    /// # Errors
    /// None of them is stored, and they may be tried again.
    fn append(&mut self, records: &mut dyn Iterator<Item = Record<'_>>) -> Result<(), Failure>;

    /// The last lines of `room`, oldest first: as many as `asked` allows, the newest of them.
    ///
    /// # Errors
    /// The store cannot be read.
    fn recall(&mut self, room: &[u8], asked: &Recall) -> Result<Vec<Line>, Failure>;

    /// What a client that joins `room` is shown.
    ///
    /// # Errors
    /// The store cannot be read.
    fn kept(&mut self, room: &[u8], asked: &Recall) -> Result<Kept, Failure>;

    /// Forgets some of the oldest lines that are not to be kept at `now`; true if there are more.
    ///
    /// # Errors
    /// Nothing is forgotten.
    fn prune(&mut self, retention: &Retention, now: Millis) -> Result<bool, Failure>;
}

//! The store on disk: one SQLite database in a data directory.

mod accounts;
mod bans;
mod bytes;
mod connection;
mod directory;
mod examine;
mod history;
mod report;
mod schema;
#[cfg(test)]
mod tests;

pub use connection::Database;
pub use directory::{DATABASE, DataDirectory};
pub use report::Report;

use crate::failure::{Failure, Kind};
use connection::failed;
use examine::examine;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use std::path::{Path, PathBuf};

/// When a stored record counts as stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// The system has it: a killed server loses nothing of it, a failure of power may.
    #[default]
    Normal,
    /// The disk has it.
    Full,
}

impl Database {
    /// Opens the database of `directory`, which is created if there is none, and brought to the
    /// newest version.
    ///
    /// # Errors
    /// The database is damaged, newer than this program or of another one, and then nothing is
    /// touched; or it cannot be opened.
    pub fn open(directory: &DataDirectory, durability: Durability) -> Result<Database, Failure> {
        let path = directory.database();
        let fresh = examine(&path)?;
        if fresh {
            directory.create_database()?;
        }
        let mut database = Database::connect(&path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        let prepared = database.prepare(durability, fresh);
        if prepared.is_err() {
            // Otherwise the close writes what is in the log into a file that may be damaged.
            let flag = DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE;
            let _ = database.connection.set_db_config(flag, true);
        }
        prepared.map(|()| database)
    }

    /// A second connection to the database in `directory`, whether or not a server has it: for
    /// bans and accounts, and to look at it.
    ///
    /// # Errors
    /// There is none, or as for [`open`](Database::open).
    pub fn beside(directory: &Path) -> Result<Database, Failure> {
        let path = directory.join(DATABASE);
        if examine(&path)? {
            return Err(Failure::new(
                Kind::Other,
                format!("{} has no database: it is made by `parlance --data`", directory.display()),
            ));
        }
        let database = Database::connect(&path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        database.check_version()?;
        Ok(database)
    }

    /// A database that ends with this value, for tests and examples.
    ///
    /// # Errors
    /// There is not enough memory.
    pub fn in_memory() -> Result<Database, Failure> {
        let path = PathBuf::from(":memory:");
        let connection = Connection::open_in_memory().map_err(|error| failed(&path, &error))?;
        let mut database = Database { connection, path };
        database.migrate()?;
        Ok(database)
    }

    /// Judges what could not be judged before the log was read, and gets ready to write.
    fn prepare(&mut self, durability: Durability, fresh: bool) -> Result<(), Failure> {
        self.check_version()?;
        if !fresh {
            self.check_pages()?;
        }
        let synchronous = match durability {
            Durability::Normal => "NORMAL",
            Durability::Full => "FULL",
        };
        self.run(|connection| {
            connection.pragma_update(None, "journal_mode", "WAL")?;
            connection.pragma_update(None, "synchronous", synchronous)?;
            // So that a file that was large once does not stay large.
            connection.pragma_update(None, "journal_size_limit", 16 * 1024 * 1024)
        })?;
        self.migrate()
    }
}

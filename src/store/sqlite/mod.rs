//! The store on disk: one SQLite database in a data directory.

mod bans;
mod bytes;
mod directory;
mod examine;
mod history;
mod report;
mod schema;
#[cfg(test)]
mod tests;

pub use directory::{DATABASE, DataDirectory};
pub use report::Report;

use crate::failure::{Failure, Kind};
use examine::examine;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a call waits for another process that writes: an operator's `sqlite3`, or a ban.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// When a stored record counts as stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// The system has it: a killed server loses nothing of it, a failure of power may.
    #[default]
    Normal,
    /// The disk has it.
    Full,
}

/// A connection to a database.
#[derive(Debug)]
pub struct Database {
    connection: Connection,
    path: PathBuf,
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
    /// bans, and to look at it.
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

    fn connect(path: &Path, flags: OpenFlags) -> Result<Database, Failure> {
        let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags);
        let database = Database {
            connection: connection.map_err(|error| failed(path, &error))?,
            path: path.to_owned(),
        };
        let connection = &database.connection;
        let settings = connection
            .busy_timeout(BUSY_TIMEOUT)
            .and_then(|()| connection.pragma_update(None, "foreign_keys", true))
            .and_then(|()| connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true));
        settings.map_err(|error| failed(path, &error))?;
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

    fn run<T>(&self, act: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, Failure> {
        act(&self.connection).map_err(|error| failed(&self.path, &error))
    }

    fn run_mut<T>(
        &mut self,
        act: impl FnOnce(&mut Connection) -> rusqlite::Result<T>,
    ) -> Result<T, Failure> {
        act(&mut self.connection).map_err(|error| failed(&self.path, &error))
    }
}

/// What SQLite says, in the words of [`Failure`].
fn failed(path: &Path, error: &rusqlite::Error) -> Failure {
    let path = path.display();
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => {
            Failure::new(Kind::Full, format!("no space is left for {path}: {error}"))
        }
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => damaged(&path, error),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            Failure::new(Kind::InUse, format!("another process writes to {path}: {error}"))
        }
        _ => Failure::new(Kind::Other, format!("{path}: {error}")),
    }
}

fn damaged(path: &impl std::fmt::Display, what: &dyn std::fmt::Display) -> Failure {
    let advice = "move it away, and put a backup in its place if there is one";
    Failure::new(Kind::Damaged, format!("{path} is damaged: {what}; {advice}"))
}

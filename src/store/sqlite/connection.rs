//! A connection, and the words for what fails on it.

use crate::failure::{Failure, Kind};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a call waits for another process that writes: an operator's `sqlite3`, or a ban.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// A connection to a database.
#[derive(Debug)]
pub struct Database {
    pub(super) connection: Connection,
    pub(super) path: PathBuf,
}

impl Database {
    pub(super) fn connect(path: &Path, flags: OpenFlags) -> Result<Database, Failure> {
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

    pub(super) fn run<T>(
        &self,
        act: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, Failure> {
        act(&self.connection).map_err(|error| failed(&self.path, &error))
    }

    pub(super) fn run_mut<T>(
        &mut self,
        act: impl FnOnce(&mut Connection) -> rusqlite::Result<T>,
    ) -> Result<T, Failure> {
        act(&mut self.connection).map_err(|error| failed(&self.path, &error))
    }
}

/// What SQLite says, in the words of [`Failure`].
pub(super) fn failed(path: &Path, error: &rusqlite::Error) -> Failure {
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

pub(super) fn damaged(path: &impl std::fmt::Display, what: &dyn std::fmt::Display) -> Failure {
    let advice = "move it away, and put a backup in its place if there is one";
    Failure::new(Kind::Damaged, format!("{path} is damaged: {what}; {advice}"))
}

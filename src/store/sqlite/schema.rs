//! The tables, as the migrations that make them.

use super::connection::{Database, damaged};
use crate::failure::{Failure, Kind};

/// "Parl", so that `file` and this program tell the database from those of others.
pub(super) const APPLICATION_ID: i32 = 0x5061_726c;

/// Each brings a database to the version that is its place in this list, from 1. Only new ones are
/// added; what was released stays as it is.
///
/// Names and texts are TEXT, or BLOB where they are no UTF-8. Times are milliseconds since 1970.
pub(super) const MIGRATIONS: [&str; 3] = [
    "CREATE TABLE state (
        key TEXT PRIMARY KEY, -- next_id: the number of the next line, at least
        value NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE room (
        id INTEGER PRIMARY KEY,
        name NOT NULL UNIQUE,
        topic,                -- NULL: none
        topic_sender,
        topic_at INTEGER
    );
    CREATE TABLE line (
        id INTEGER PRIMARY KEY, -- in the one order of each room
        room INTEGER NOT NULL REFERENCES room,
        at INTEGER NOT NULL,
        sender NOT NULL,
        text NOT NULL
    );
    CREATE INDEX line_of_room ON line (room);",
    "CREATE TABLE ban (
        kind TEXT NOT NULL CHECK (kind IN ('address', 'network', 'name')),
        value TEXT NOT NULL,
        reason TEXT NOT NULL,
        until INTEGER,        -- NULL: for ever
        PRIMARY KEY (kind, value)
    ) WITHOUT ROWID;",
    "CREATE TABLE account (
        name TEXT PRIMARY KEY,
        password TEXT NOT NULL, -- its hash, as $argon2id$...
        made_at INTEGER NOT NULL,
        changed_at INTEGER NOT NULL
    ) WITHOUT ROWID;",
];

/// The version that this program writes.
pub(super) const VERSION: usize = MIGRATIONS.len();

/// The failure that a database of `version` is, if it is newer.
pub(super) fn refuse_newer(
    path: &std::path::Path,
    version: impl TryInto<usize> + Copy + std::fmt::Display,
) -> Result<(), Failure> {
    if version.try_into().is_ok_and(|version| version <= VERSION) {
        return Ok(());
    }
    let path = path.display();
    Err(Failure::new(
        Kind::Newer,
        format!(
            "{path} has version {version}, and this program knows versions up to {VERSION}: \
             run the newer program that wrote it"
        ),
    ))
}

impl Database {
    /// The version of the database.
    pub(super) fn version(&self) -> Result<i64, Failure> {
        self.run(|connection| connection.pragma_query_value(None, "user_version", |row| row.get(0)))
    }

    /// Refuses a database that is newer than this program.
    pub(super) fn check_version(&self) -> Result<(), Failure> {
        refuse_newer(&self.path, self.version()?)
    }

    /// Looks at every page.
    pub(super) fn check_pages(&self) -> Result<(), Failure> {
        let found: String = self.run(|connection| {
            connection.pragma_query_value(None, "quick_check", |row| row.get(0))
        })?;
        if found == "ok" { Ok(()) } else { Err(damaged(&self.path.display(), &found)) }
    }

    /// Brings the database to the newest version, in one transaction.
    pub(super) fn migrate(&mut self) -> Result<(), Failure> {
        let version = usize::try_from(self.version()?).unwrap_or(0);
        if version >= VERSION {
            return Ok(());
        }
        self.run_mut(|connection| {
            let transaction = connection.transaction()?;
            for migration in &MIGRATIONS[version..] {
                transaction.execute_batch(migration)?;
            }
            transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
            transaction.pragma_update(None, "user_version", VERSION)?;
            transaction.commit()?;
            // Into the file itself, where an older program finds the version without the log.
            connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        })
    }
}

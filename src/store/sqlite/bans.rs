//! Bans in the database.

use super::connection::Database;
use crate::ban::{Ban, BanKind, Bans};
use crate::failure::Failure;
use rusqlite::Row;
use rusqlite::types::Type;

fn ban(row: &Row<'_>) -> rusqlite::Result<Ban> {
    let kind: String = row.get(0)?;
    let kind = kind
        .parse::<BanKind>()
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(0, Type::Text, error.into()))?;
    Ok(Ban { kind, value: row.get(1)?, reason: row.get(2)?, until: row.get(3)? })
}

impl Bans for Database {
    fn bans(&mut self) -> Result<Vec<Ban>, Failure> {
        let query = "SELECT kind, value, reason, until FROM ban ORDER BY kind, value";
        self.run(|connection| connection.prepare_cached(query)?.query_map([], ban)?.collect())
    }

    fn add_ban(&mut self, added: &Ban) -> Result<(), Failure> {
        let Ban { kind, value, reason, until } = added;
        let query = "INSERT OR REPLACE INTO ban (kind, value, reason, until) VALUES (?, ?, ?, ?)";
        self.run(|connection| {
            connection.prepare_cached(query)?.execute((kind.word(), value, reason, until)).map(drop)
        })
    }

    fn remove_ban(&mut self, kind: BanKind, value: &str) -> Result<bool, Failure> {
        let query = "DELETE FROM ban WHERE kind = ? AND value = ?";
        let removed =
            self.run(|connection| connection.prepare_cached(query)?.execute((kind.word(), value)))?;
        Ok(removed > 0)
    }
}

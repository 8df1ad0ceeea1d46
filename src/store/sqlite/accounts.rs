//! Accounts in the database.

use super::connection::Database;
use crate::account::{Account, Accounts};
use crate::failure::Failure;
use crate::record::Millis;
use rusqlite::{OptionalExtension, Row};

fn account(row: &Row<'_>) -> rusqlite::Result<Account> {
    let (name, password) = (row.get(0)?, row.get(1)?);
    Ok(Account { name, password, made_at: row.get(2)?, changed_at: row.get(3)? })
}

impl Accounts for Database {
    fn accounts(&mut self) -> Result<Vec<Account>, Failure> {
        let query = "SELECT name, password, made_at, changed_at FROM account ORDER BY name";
        self.run(|connection| connection.prepare_cached(query)?.query_map([], account)?.collect())
    }

    fn account(&mut self, name: &str) -> Result<Option<Account>, Failure> {
        let query = "SELECT name, password, made_at, changed_at FROM account WHERE name = ?";
        self.run(|connection| {
            connection.prepare_cached(query)?.query_row([name], account).optional()
        })
    }

    fn add_account(&mut self, added: &Account) -> Result<bool, Failure> {
        let Account { name, password, made_at, changed_at } = added;
        let query = "INSERT OR IGNORE INTO account (name, password, made_at, changed_at) \
                     VALUES (?, ?, ?, ?)";
        let added = self.run(|connection| {
            connection.prepare_cached(query)?.execute((name, password, made_at, changed_at))
        })?;
        Ok(added > 0)
    }

    fn set_password(
        &mut self,
        name: &str,
        old: Option<&str>,
        password: &str,
        now: Millis,
    ) -> Result<bool, Failure> {
        let query = "UPDATE account SET password = ?1, changed_at = ?2 \
                     WHERE name = ?3 AND password = coalesce(?4, password)";
        let changed = self.run(|connection| {
            connection.prepare_cached(query)?.execute((password, now, name, old))
        })?;
        Ok(changed > 0)
    }

    fn remove_account(&mut self, name: &str) -> Result<bool, Failure> {
        let query = "DELETE FROM account WHERE name = ?";
        let removed = self.run(|connection| connection.prepare_cached(query)?.execute([name]))?;
        Ok(removed > 0)
    }
}

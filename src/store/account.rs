//! Accounts: names that belong to whoever knows their password.

use super::failure::Failure;
use super::record::Millis;

/// One account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The name, graphic ASCII.
    pub name: String,
    /// The hash of the password, in PHC form: `$argon2id$...`.
    pub password: String,
    /// When the account was made.
    pub made_at: Millis,
    /// When the password was set last.
    pub changed_at: Millis,
}

/// A place where accounts stay.
pub trait Accounts {
    /// All accounts, by name.
    ///
    /// # Errors
    /// The store cannot be read.
    fn accounts(&mut self) -> Result<Vec<Account>, Failure>;

    /// The account of this name, if there is one.
    ///
    /// # Errors
    /// The store cannot be read.
    fn account(&mut self, name: &str) -> Result<Option<Account>, Failure>;

    /// Adds an account; false, with no effect, if there is one of its name.
    ///
    /// # Errors
    /// It is not stored.
    fn add_account(&mut self, account: &Account) -> Result<bool, Failure>;

    /// Replaces the hash of an account's password; false if there is no such account, or its hash
    /// is another than `old`, where one is given.
    ///
    /// # Errors
    /// It is not replaced.
    fn set_password(
        &mut self,
        name: &str,
        old: Option<&str>,
        password: &str,
        now: Millis,
    ) -> Result<bool, Failure>;

    /// Removes an account; false if there is none of this name.
    ///
    /// # Errors
    /// It is not removed.
    fn remove_account(&mut self, name: &str) -> Result<bool, Failure>;
}

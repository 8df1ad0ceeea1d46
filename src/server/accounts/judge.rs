//! What is true of accounts: inquiries of the registry, judged by a store and by hashes.

use super::attempts::Attempts;
use crate::keeping::Wall;
use parlance_core::protocol::{Name, Secret};
use parlance_core::registry::{Asked, Inquiry, Verdict};
use parlance_core::time::Time;
use parlance_store::{Account, Accounts, Failure};
use std::net::Ipv6Addr;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Hashes of passwords. Its calls take their time.
pub trait Hasher: Send + Sync {
    /// The hash of `password`.
    ///
    /// # Errors
    /// Why there is none.
    fn hash(&self, password: &[u8]) -> Result<String, String>;

    /// Whether `hash` is that of `password`. Without a hash it takes as long, and it is not.
    /// [extensions/account-2]
    fn verify(&self, password: &[u8], hash: Option<&str>) -> bool;
}

/// Judges inquiries. Several threads may do so at once.
pub struct Judge {
    accounts: Mutex<Box<dyn Accounts + Send>>,
    hasher: Box<dyn Hasher>,
    attempts: Mutex<Attempts>,
}

/// Why an inquiry has no answer.
enum Obstacle {
    TooMany,
    Unavailable(String),
}

impl From<Failure> for Obstacle {
    fn from(failure: Failure) -> Obstacle {
        Obstacle::Unavailable(failure.message)
    }
}

impl Judge {
    /// A judge of the accounts in a store.
    pub fn new(accounts: Box<dyn Accounts + Send>, hasher: Box<dyn Hasher>) -> Judge {
        let (accounts, attempts) = (Mutex::new(accounts), Mutex::default());
        Judge { accounts, hasher, attempts }
    }

    /// The verdict on an inquiry. What it says of a password is overwritten before this returns.
    /// [extensions/account-7]
    pub fn judge(&self, asked: Asked, wall: Wall) -> Verdict {
        let Asked { origin, inquiry, .. } = asked;
        let found = match inquiry {
            Inquiry::Exists { name } => self.hash_of(&name).map(|hash| hash.is_some()),
            Inquiry::Verify { name, password } => {
                self.verify((origin, &name), &password, wall.now).map(|hash| hash.is_some())
            }
            Inquiry::Register { name, password } => self.register((origin, &name), &password, wall),
            Inquiry::Change { name, old, new } => self.change((origin, &name), (&old, &new), wall),
        };
        match found {
            Ok(true) => Verdict::Yes,
            Ok(false) => Verdict::No,
            Err(Obstacle::TooMany) => Verdict::TooMany,
            Err(Obstacle::Unavailable(why)) => {
                let why = parlance_printable::escape(&why);
                tracing::error!(%why, "accounts cannot be read or written");
                Verdict::Unavailable
            }
        }
    }

    fn accounts(&self) -> MutexGuard<'_, Box<dyn Accounts + Send>> {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn attempts(&self) -> MutexGuard<'_, Attempts> {
        self.attempts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The hash of the password of the account called `name`, if there is one.
    fn hash_of(&self, name: &Name) -> Result<Option<String>, Obstacle> {
        let account = self.accounts().account(name.as_str())?;
        Ok(account.map(|account| account.password))
    }

    /// Counts an attempt on an account, unless it is one too many. [extensions/account-8]
    fn admit(&self, origin: Option<Ipv6Addr>, name: &Name, now: Time) -> Result<(), Obstacle> {
        let admits = origin.is_none_or(|origin| self.attempts().admit(origin, name, now));
        if admits { Ok(()) } else { Err(Obstacle::TooMany) }
    }

    /// The hash of the account's password, if `password` is that.
    fn verify(
        &self,
        (origin, name): (Option<Ipv6Addr>, &Name),
        password: &Secret,
        now: Time,
    ) -> Result<Option<String>, Obstacle> {
        self.admit(origin, name, now)?;
        let hash = self.hash_of(name)?;
        let is_right = self.hasher.verify(password.as_bytes(), hash.as_deref());
        if let (true, Some(origin)) = (is_right, origin) {
            self.attempts().forgive(origin, name);
        }
        Ok(hash.filter(|_| is_right))
    }

    /// Makes an account, unless there is one. [extensions/account-4]
    fn register(
        &self,
        (origin, name): (Option<Ipv6Addr>, &Name),
        password: &Secret,
        wall: Wall,
    ) -> Result<bool, Obstacle> {
        self.admit(origin, name, wall.now)?;
        if self.hash_of(name)?.is_some() {
            return Ok(false);
        }
        let password = self.hasher.hash(password.as_bytes()).map_err(Obstacle::Unavailable)?;
        let (made_at, changed_at) = (wall.millis, wall.millis);
        let account = Account { name: name.as_str().to_owned(), password, made_at, changed_at };
        Ok(self.accounts().add_account(&account)?)
    }

    /// Changes a password, unless it is another, or has been changed meanwhile.
    /// [extensions/account-5]
    fn change(
        &self,
        (origin, name): (Option<Ipv6Addr>, &Name),
        (old, new): (&Secret, &Secret),
        wall: Wall,
    ) -> Result<bool, Obstacle> {
        let Some(hash) = self.verify((origin, name), old, wall.now)? else { return Ok(false) };
        let new = self.hasher.hash(new.as_bytes()).map_err(Obstacle::Unavailable)?;
        Ok(self.accounts().set_password(name.as_str(), Some(&hash), &new, wall.millis)?)
    }
}

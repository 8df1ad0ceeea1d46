//! Bans: addresses, networks and names that are not let in.

use super::failure::Failure;
use super::record::Millis;
use std::fmt;
use std::str::FromStr;

/// What a ban is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BanKind {
    /// One address.
    Address,
    /// A network, as an address and the length of its prefix.
    Network,
    /// The name of a user.
    Name,
}

impl BanKind {
    /// Every kind.
    pub const ALL: [BanKind; 3] = [BanKind::Address, BanKind::Network, BanKind::Name];

    /// The word for it, in the database as well.
    pub fn word(self) -> &'static str {
        match self {
            BanKind::Address => "address",
            BanKind::Network => "network",
            BanKind::Name => "name",
        }
    }
}

impl fmt::Display for BanKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for BanKind {
    type Err = String;

    fn from_str(word: &str) -> Result<BanKind, String> {
        let found = BanKind::ALL.into_iter().find(|kind| kind.word() == word);
        found.ok_or_else(|| format!("{word:?} is no kind of ban: address, network or name"))
    }
}

/// One ban.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ban {
    /// What `value` is.
    pub kind: BanKind,
    /// The address, network or name, in the form in which it is compared.
    pub value: String,
    /// What the operator wrote about it; may be empty.
    pub reason: String,
    /// When it ends; `None` if it does not.
    pub until: Option<Millis>,
}

/// A place where bans stay. Bans that have ended stay until they are removed: whether one counts is
/// the reader's to judge, who has the time.
pub trait Bans {
    /// All bans, by kind and value.
    ///
    /// # Errors
    /// The store cannot be read.
    fn bans(&mut self) -> Result<Vec<Ban>, Failure>;

    /// Adds a ban, in place of one of the same kind and value.
    ///
    /// # Errors
    /// It is not stored.
    fn add_ban(&mut self, ban: &Ban) -> Result<(), Failure>;

    /// Removes a ban; false if there is none.
    ///
    /// # Errors
    /// It is not removed.
    fn remove_ban(&mut self, kind: BanKind, value: &str) -> Result<bool, Failure>;
}

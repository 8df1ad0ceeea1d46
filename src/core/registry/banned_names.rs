//! The names that nobody can take because an operator has banned them.

use crate::protocol::{Explanation, Name};
use crate::time::Time;
use std::collections::BTreeMap;
use std::sync::{PoisonError, RwLock};

/// What is known of a banned name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BannedName {
    /// When the ban ends; [`Time::NEVER`] if it does not.
    pub until: Time,
    /// Why, if the operator has said so.
    pub why: Option<Explanation>,
}

/// The banned names of a registry. [common/ban-2]
///
/// They decide about names that are asked for, never about the order of what the registry does: so
/// the lock is a leaf and none of those that loom explores.
#[derive(Debug, Default)]
pub(super) struct BannedNames(RwLock<BTreeMap<Name, BannedName>>);

impl BannedNames {
    pub(super) fn set(&self, names: BTreeMap<Name, BannedName>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = names;
    }

    /// The ban of `name` that counts at `now`.
    pub(super) fn find(&self, name: &Name, now: Time) -> Option<BannedName> {
        let names = self.0.read().unwrap_or_else(PoisonError::into_inner);
        names.get(name).filter(|ban| now < ban.until).cloned()
    }
}

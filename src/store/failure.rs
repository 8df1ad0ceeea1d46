//! Why a store cannot do what it is asked for.

use std::fmt;

/// What kind of failure it is, for those that act on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// There is no place left.
    Full,
    /// What is stored is damaged, or is no store.
    Damaged,
    /// A later version of the program has written it.
    Newer,
    /// Another process has it.
    InUse,
    /// Anything else.
    Other,
}

/// A failure, in words for the operator that name the file at fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What kind it is.
    pub kind: Kind,
    /// What has failed and what to do.
    pub message: String,
}

impl Failure {
    /// A failure of this kind.
    pub fn new(kind: Kind, message: impl Into<String>) -> Failure {
        Failure { kind, message: message.into() }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

//! Attributes a line to an attempt, where all clients hear each other.
//!
//! Each attempt has a nonce in all of its names, and so in every line about its clients. In a
//! dialect with one room for all clients, the clients of one attempt also hear the lines of
//! attempts that run at the same time, and the departures of earlier attempts.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

/// Length of a nonce in characters.
pub(super) const NONCE: usize = 7;

/// The nonces of all attempts of a run.
#[derive(Debug, Default)]
pub(super) struct Attempts {
    nonces: Mutex<BTreeSet<Vec<u8>>>,
}

/// Which attempt a line is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whose {
    Ours,
    Others,
    Nobodys,
}

impl Attempts {
    /// Registers an attempt with this nonce, from now to the end of the run.
    pub(super) fn begin(&self, nonce: &str) {
        let mut nonces = self.nonces.lock().unwrap_or_else(PoisonError::into_inner);
        nonces.insert(nonce.as_bytes().to_vec());
    }

    /// Which attempt `line` is about, seen from the attempt with the nonce `own`; `own` wins if the
    /// line is about several.
    pub(super) fn names(&self, line: &[u8], own: &str) -> Whose {
        if line.windows(own.len()).any(|part| part == own.as_bytes()) {
            return Whose::Ours;
        }
        let nonces = self.nonces.lock().unwrap_or_else(PoisonError::into_inner);
        let others = line.windows(NONCE).any(|part| nonces.contains(part));
        if others { Whose::Others } else { Whose::Nobodys }
    }
}

#[cfg(test)]
mod tests {
    use super::{Attempts, Whose};

    #[test]
    fn a_line_is_whose_nonce_is_in_it() {
        let attempts = Attempts::default();
        attempts.begin("abcdefg");
        attempts.begin("7654321");
        assert_eq!(attempts.names(b"ann7654321 has left\n", "abcdefg"), Whose::Others);
        assert_eq!(attempts.names(b"annabcdefg: 7654321\n", "abcdefg"), Whose::Ours);
        assert_eq!(attempts.names(b"ann765432\n", "abcdefg"), Whose::Nobodys);
    }
}

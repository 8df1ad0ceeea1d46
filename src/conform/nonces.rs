//! Attributes a line to an attempt, where all clients hear each other.
//!
//! Each attempt has a nonce in all of its names, and so in every line about its clients. In a
//! dialect with one room for all clients, the clients of one attempt also hear the lines of
//! attempts that run at the same time, and the departures of earlier attempts.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

/// The length of a nonce in characters.
pub(super) const NONCE_LENGTH: usize = 7;

/// The nonces of all attempts of a run.
#[derive(Debug, Default)]
pub(super) struct Nonces {
    nonces: Mutex<BTreeSet<Vec<u8>>>,
}

/// The attempt that a line is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// The attempt that received it.
    Own,
    /// Another attempt of the run.
    Other,
    /// No attempt of the run: no nonce is in the line.
    Unknown,
}

impl Nonces {
    /// Registers an attempt with this nonce, from now to the end of the run.
    pub(super) fn register(&self, nonce: &str) {
        let mut nonces = self.nonces.lock().unwrap_or_else(PoisonError::into_inner);
        nonces.insert(nonce.as_bytes().to_vec());
    }

    /// The attempt that `line` is about, seen from the attempt with the nonce `own`; `own` wins if
    /// the line is about several.
    pub(super) fn origin(&self, line: &[u8], own: &str) -> Origin {
        if line.windows(own.len()).any(|part| part == own.as_bytes()) {
            return Origin::Own;
        }
        let nonces = self.nonces.lock().unwrap_or_else(PoisonError::into_inner);
        let others = line.windows(NONCE_LENGTH).any(|part| nonces.contains(part));
        if others { Origin::Other } else { Origin::Unknown }
    }
}

#[cfg(test)]
mod tests {
    use super::{Nonces, Origin};

    #[test]
    fn a_line_belongs_to_the_attempt_whose_nonce_is_in_it() {
        let nonces = Nonces::default();
        nonces.register("abcdefg");
        nonces.register("7654321");
        assert_eq!(nonces.origin(b"ann7654321 has left\n", "abcdefg"), Origin::Other);
        assert_eq!(nonces.origin(b"annabcdefg: 7654321\n", "abcdefg"), Origin::Own);
        assert_eq!(nonces.origin(b"ann765432\n", "abcdefg"), Origin::Unknown);
    }
}

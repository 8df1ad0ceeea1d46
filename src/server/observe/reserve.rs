//! Descriptors that are kept for whoever looks on, so that a server full of clients can be seen.

use std::fs::File;

/// How many are kept: one for a connection, one for a file of the system's, and as many again.
const DESCRIPTORS: usize = 4;

/// Descriptors that can be given up when there are no others.
#[derive(Debug)]
pub(super) struct Reserve(Vec<File>);

impl Reserve {
    pub(super) fn new() -> Reserve {
        let mut reserve = Reserve(Vec::new());
        reserve.fill();
        reserve
    }

    /// Gives all of them up. Returns whether there were any.
    pub(super) fn release(&mut self) -> bool {
        let were_any = !self.0.is_empty();
        self.0.clear();
        were_any
    }

    /// Takes as many again as there are, so far as they can be had.
    pub(super) fn fill(&mut self) {
        while self.0.len() < DESCRIPTORS {
            match File::open("/dev/null") {
                Ok(file) => self.0.push(file),
                Err(_) => return,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{DESCRIPTORS, Reserve};

    #[test]
    fn a_reserve_that_was_given_up_is_taken_again() {
        let mut reserve = Reserve::new();
        assert_eq!(reserve.0.len(), DESCRIPTORS);
        assert!(reserve.release() && !reserve.release());
        reserve.fill();
        assert!(reserve.release());
    }
}

//! Accounts of a scripted server: judged when a scenario says so, with hashes that are counted.

use super::house::House;
use super::shelf::wall_of;
use parlance_core::registry::{CallContext, Effort};
use parlance_server::accounts::{Hasher, Judge};
use parlance_store::sqlite::Database;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Waker;

/// Counts what it is asked for. A password is its own hash.
struct Counting(Arc<AtomicUsize>);

impl Hasher for Counting {
    fn hash(&self, password: &[u8]) -> Result<String, String> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(String::from_utf8_lossy(password).into_owned())
    }

    fn verify(&self, password: &[u8], hash: Option<&str>) -> bool {
        self.0.fetch_add(1, Ordering::Relaxed);
        hash.is_some_and(|hash| hash.as_bytes() == password)
    }
}

/// Accounts in memory.
pub(crate) struct Bureau {
    judge: Judge,
    hashes: Arc<AtomicUsize>,
}

impl Bureau {
    pub(crate) fn new() -> Bureau {
        let hashes = Arc::default();
        let database = Database::in_memory().expect("there is memory");
        let judge = Judge::new(Box::new(database), Box::new(Counting(Arc::clone(&hashes))));
        Bureau { judge, hashes }
    }

    /// Judges everything that is asked by now, and lets everything happen that follows.
    pub(crate) fn judge(&self, house: &House) {
        let registry = house.service.registry();
        for effort in [Effort::Lookup, Effort::Hash] {
            while let Some(asked) = registry.next_inquiry(effort, Waker::noop()) {
                let (ticket, wall) = (asked.ticket, wall_of(house));
                let verdict = self.judge.judge(asked, wall);
                registry.judged(ticket, verdict, &mut CallContext::new(wall.now, Waker::noop()));
            }
        }
        house.settle();
    }

    /// Judges until nothing is asked any more.
    pub(crate) fn judge_all(&self, house: &House) {
        for _ in 0..8 {
            self.judge(house);
        }
    }

    /// How many hashes were made so far.
    pub(crate) fn hashes(&self) -> usize {
        self.hashes.load(Ordering::Relaxed)
    }
}

//! Runs of the suite that mostly wait: the first test that asks for one begins all of them, and
//! each test waits for its own. A test by itself would keep one of few threads for its whole wait.

use std::fmt::Debug;
use std::sync::{Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;

/// How many runs there are at a time. They wait, but not all the time: with more of them, two
/// processors that do other things too make right servers look slow.
const AT_ONCE: usize = 4;

static RUNNING: Mutex<usize> = Mutex::new(0);
static ENDED: Condvar = Condvar::new();

/// The place of one run, which is free again when this is dropped.
struct Place;

impl Place {
    fn wait() -> Place {
        let running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
        let is_full = |running: &mut usize| *running >= AT_ONCE;
        let mut running =
            ENDED.wait_while(running, is_full).unwrap_or_else(PoisonError::into_inner);
        *running += 1;
        Place
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        *RUNNING.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        ENDED.notify_one();
    }
}

/// Does `run` once there is a place for it.
pub(super) fn in_turn<T>(run: impl FnOnce() -> T) -> T {
    let _place = Place::wait();
    run()
}

/// Runs that have begun and that no test has asked for yet, each with what it is about.
pub(super) type Runs<K, T> = Mutex<Vec<(K, JoinHandle<T>)>>;

/// Begins a run for each of `keys`.
pub(super) fn begun<K: Copy + Send + 'static, T: Send + 'static>(
    keys: &[K],
    run: fn(K) -> T,
) -> Runs<K, T> {
    let begun = |key: &K| {
        let key = *key;
        (key, std::thread::spawn(move || in_turn(|| run(key))))
    };
    Mutex::new(keys.iter().map(begun).collect())
}

/// The result of a run, which only one test may ask for; its panic is the test's.
pub(super) fn result<K: Copy + PartialEq + Debug, T>(runs: &Runs<K, T>, key: K) -> T {
    let run = {
        let mut runs = runs.lock().unwrap_or_else(PoisonError::into_inner);
        let place = runs.iter().position(|(one, _)| *one == key);
        runs.swap_remove(place.unwrap_or_else(|| panic!("{key:?} is not in the list"))).1
    };
    run.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

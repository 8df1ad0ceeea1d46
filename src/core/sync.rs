//! The one file that names `std::sync` or `loom::sync`.
//!
//! Locks and atomics of the registry come from here, so that the same code runs in production and
//! under loom's exhaustive scheduler (`--cfg parlance_loom`). Reference counts stay the standard
//! library's in both: loom explores the order of locks and atomics, not `Arc` itself.

pub(crate) use std::sync::Arc;

#[cfg(not(parlance_loom))]
pub(crate) use std::sync::{
    Mutex, MutexGuard,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

/// Counts for those who look on. Nothing is decided by it, so that loom need not explore it.
pub(crate) use std::sync::atomic::AtomicU64 as Counter;

#[cfg(parlance_loom)]
pub(crate) use loom::sync::{
    Mutex, MutexGuard,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

/// A number that the operator may change while others read it.
///
/// It orders nothing: a reader sees the old number or the new one. So it is the standard library's
/// under loom too, which would explore the order of each read for nothing.
#[derive(Debug)]
pub(crate) struct Setting(std::sync::atomic::AtomicU64);

impl Setting {
    pub(crate) fn new(number: u64) -> Setting {
        Setting(std::sync::atomic::AtomicU64::new(number))
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(std::sync::atomic::Ordering::Relaxed)
    }

    pub(crate) fn set(&self, number: u64) {
        self.0.store(number, std::sync::atomic::Ordering::Relaxed);
    }
}

/// The answer to a question that always has the same, worked out when it is asked first.
///
/// Two threads may work it out at once, to the same end. So it is the standard library's under loom
/// too. It is a byte, where a cell that may be set once is eight.
#[derive(Debug, Default)]
pub(crate) struct Remembered(std::sync::atomic::AtomicU8);

impl Remembered {
    const NO: u8 = 1;
    const YES: u8 = 2;

    pub(crate) fn get_or(&self, work_out: impl FnOnce() -> bool) -> bool {
        let known = self.0.load(std::sync::atomic::Ordering::Relaxed);
        if known != 0 {
            return known == Remembered::YES;
        }
        let answer = work_out();
        let known = if answer { Remembered::YES } else { Remembered::NO };
        self.0.store(known, std::sync::atomic::Ordering::Relaxed);
        answer
    }
}

/// Locks `mutex`, whether or not a thread panicked while it held it.
///
/// A panic is a bug that must end its own connection and no other.
/// Every critical section in the registry leaves its data usable at each step, so the poison flag
/// would only turn one failure into an outage.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

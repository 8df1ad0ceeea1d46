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

/// A value that is worked out when it is asked for first.
///
/// Two threads may ask at once, and both get the same: nothing depends on which of them works it
/// out. So it is the standard library's under loom too.
pub(crate) type Once<T> = std::sync::OnceLock<T>;

/// Locks `mutex`, whether or not a thread panicked while it held it.
///
/// A panic is a bug that must end its own connection and no other.
/// Every critical section in the registry leaves its data usable at each step, so the poison flag
/// would only turn one failure into an outage.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

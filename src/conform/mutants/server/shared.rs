//! What all threads of a server share.

use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::JoinHandle;

use super::service::Service;

/// The state of a server, reachable by each of its threads.
pub(super) struct Shared {
    pub(super) service: Mutex<Service>,
    /// Rings for the ticker.
    pub(super) tick: Condvar,
    pub(super) stop: AtomicBool,
    pub(super) address: SocketAddr,
    /// Every connection, reachable without the lock, which a wrong server may hold forever.
    pub(super) streams: Mutex<Vec<Weak<TcpStream>>>,
    pub(super) threads: Mutex<Vec<JoinHandle<()>>>,
}

/// The value behind a lock. A thread that panicked left the data consistent: each change is small
/// and complete.
pub(super) fn locked<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    pub(super) fn stopped(&self) -> bool {
        self.stop.load(Ordering::Acquire)
    }

    /// Makes the accepting thread look at the changed state.
    pub(super) fn wake_listener(&self) {
        // The thread may have ended already.
        drop(TcpStream::connect(self.address));
    }
}

//! The one reactor of the process.

use super::doorbell::Doorbell;
use super::kernel::{Events, Kernel};
use super::timers::Timers;
use super::watched::Watch;
use slab::Slab;
use std::fmt;
use std::io;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError, TryLockError};
use std::task::Waker;
use std::thread::Thread;
use std::time::{Duration, Instant};

pub(crate) struct Reactor {
    pub(crate) kernel: Kernel,
    doorbell: Doorbell,
    sources: Mutex<Slab<Arc<dyn Watch>>>,
    pub(crate) timers: Timers,
    turn: Mutex<()>,
    /// The threads that wait for the turn.
    others: Mutex<Vec<Thread>>,
}

/// The turn to wait, and what a wait needs. The thread that has it is the one that waits.
pub(crate) struct Turn {
    _held: MutexGuard<'static, ()>,
    events: Events,
    woken: Vec<Waker>,
}

static REACTOR: LazyLock<io::Result<Reactor>> = LazyLock::new(Reactor::new);

/// The reactor.
///
/// # Errors
/// The system's, if it has no descriptor for it.
pub(crate) fn reactor() -> io::Result<&'static Reactor> {
    REACTOR.as_ref().map_err(|error| io::Error::new(error.kind(), error.to_string()))
}

fn locked<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Reactor {
    fn new() -> io::Result<Reactor> {
        Ok(Reactor {
            kernel: Kernel::new()?,
            doorbell: Doorbell::new(),
            sources: Mutex::default(),
            timers: Timers::default(),
            turn: Mutex::default(),
            others: Mutex::default(),
        })
    }

    /// Gives a source a number.
    pub(crate) fn admit(&self, source: Arc<dyn Watch>) -> usize {
        locked(&self.sources).insert(source)
    }

    /// A source is gone, and the kernel knows its descriptor no more.
    pub(crate) fn dismiss(&self, number: usize) {
        let gone = locked(&self.sources).remove(number);
        drop(gone); // with no lock held
    }

    /// There is news for the thread that waits here, which ends its wait.
    pub(crate) fn ring(&self) {
        if self.doorbell.ring() {
            self.kernel.end_the_wait();
        }
    }

    /// There may be less to wait for: a thread that waits looks again. One that is about to wait
    /// looks anyway.
    pub(crate) fn look_again(&self) {
        if self.doorbell.is_asleep() {
            self.kernel.end_the_wait();
        }
    }

    /// The thread that waits here looks at the news now.
    pub(crate) fn take_news(&self) {
        self.doorbell.take_news();
    }

    /// The turn to wait, unless another thread has it.
    pub(crate) fn try_turn(&'static self) -> Option<Turn> {
        let held = match self.turn.try_lock() {
            Ok(held) => held,
            Err(TryLockError::Poisoned(error)) => error.into_inner(),
            Err(TryLockError::WouldBlock) => return None,
        };
        Some(Turn { _held: held, events: Events::new(), woken: Vec::new() })
    }

    /// Whether nobody has the turn.
    pub(crate) fn is_free(&self) -> bool {
        !matches!(self.turn.try_lock(), Err(TryLockError::WouldBlock))
    }

    /// `thread` is unparked when a turn is over.
    pub(crate) fn awaits_a_turn(&self, thread: Thread) {
        let mut others = locked(&self.others);
        if !others.iter().any(|other| other.id() == thread.id()) {
            others.push(thread);
        }
    }

    /// Wakes the threads that wait for the turn: the last one is over.
    pub(crate) fn hand_over(&self) {
        let waiting = std::mem::take(&mut *locked(&self.others));
        waiting.iter().for_each(Thread::unpark);
    }

    /// Waits for an event, a timer or the bell, or only looks for events and timers if it has rung,
    /// and wakes those who waited for them.
    pub(crate) fn wait(&self, turn: &mut Turn) {
        let is_busy = !self.doorbell.fall_asleep();
        let timeout =
            if is_busy { Some(Duration::ZERO) } else { self.timers.until_first(Instant::now()) };
        self.kernel.wait(&mut turn.events, timeout);
        self.doorbell.wake_up();
        let sources = locked(&self.sources);
        for (number, ready) in turn.events.iter() {
            // An event of a descriptor that is gone may be told to the next of its number, which
            // then looks in vain.
            if let Some(source) = sources.get(number) {
                source.is_ready(&self.kernel, number, (ready, is_busy), &mut turn.woken);
            }
        }
        drop(sources);
        self.timers.fire(Instant::now(), &mut turn.woken);
        turn.woken.drain(..).for_each(Waker::wake);
    }
}

impl fmt::Debug for Reactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reactor").field("kernel", &self.kernel).finish_non_exhaustive()
    }
}

#[cfg(all(test, not(parlance_loom)))]
mod tests {
    use super::Reactor;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::{Wake, Waker};
    use std::thread;
    use std::time::{Duration, Instant};

    #[derive(Default)]
    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Many times, because the thread may look at the timers a moment after it says that it sleeps.
    #[test]
    fn an_earlier_timer_ends_the_wait_for_a_late_one() {
        const ROUNDS: usize = 50;
        let late = Instant::now() + Duration::from_secs(20);
        let reactor: &Reactor = Box::leak(Box::new(Reactor::new().expect("it has descriptors")));
        let fired = Arc::new(Count::default());
        let waker = Waker::from(Arc::clone(&fired));
        let count = || fired.0.load(Ordering::Relaxed);
        reactor.timers.await_at(late, &mut None, &waker);
        thread::scope(|scope| {
            scope.spawn(|| {
                let mut turn = reactor.try_turn().expect("nobody else waits");
                while count() < ROUNDS {
                    reactor.wait(&mut turn);
                }
            });
            for round in 0..ROUNDS {
                while !reactor.doorbell.is_asleep() {
                    thread::yield_now();
                }
                if reactor.timers.await_at(Instant::now(), &mut None, &waker) {
                    reactor.look_again();
                }
                while count() <= round && Instant::now() < late {
                    thread::yield_now();
                }
            }
            fired.0.fetch_add(ROUNDS, Ordering::Relaxed);
            reactor.ring();
        });
        assert!(Instant::now() < late, "it waited for the late timer");
    }
}

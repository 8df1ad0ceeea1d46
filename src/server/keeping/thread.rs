//! The thread that has the store.

use super::keeper::{Keeper, READS_MAX, Wall};
use crate::service::Service;
use crate::transport::Clock;
use crate::transport::tcp::SystemClock;
use parlance_core::registry::Sleep;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Wake, Waker};
use std::thread::{self, JoinHandle, Thread};
use std::time::{Duration, Instant, SystemTime};

/// How long lines wait for others that are stored with them. A server that is killed loses no more
/// than was said in this time and while the batch before was written. [extensions/store-2]
const GATHER: Duration = Duration::from_millis(10);

/// How often old lines are forgotten.
const PRUNE_EVERY: Duration = Duration::from_secs(1);

/// A thread that stores what is said until it is told to finish.
pub(crate) struct StoreThread {
    stops: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

struct Unparker(Thread);

impl Wake for Unparker {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

impl StoreThread {
    /// Starts to keep the rooms of `service`.
    ///
    /// # Errors
    /// The system's, if there can be no thread.
    pub(crate) fn start(
        service: &Arc<Service<SystemClock>>,
        keeper: Keeper,
    ) -> io::Result<StoreThread> {
        let (service, stops) = (Arc::clone(service), Arc::new(AtomicBool::new(false)));
        let told = Arc::clone(&stops);
        let builder = thread::Builder::new().name("parlance-store".to_owned());
        let thread = builder.spawn(move || keep(&service, keeper, &told))?;
        Ok(StoreThread { stops, thread })
    }

    /// Stores what is left and closes the store.
    pub(crate) fn finish(self) {
        self.stops.store(true, Ordering::Release);
        self.thread.thread().unpark();
        let _ = self.thread.join(); // a panic was printed
    }
}

fn keep(service: &Service<SystemClock>, mut keeper: Keeper, stops: &AtomicBool) {
    let waker = Waker::from(Arc::new(Unparker(thread::current())));
    let mut prune_at = Instant::now();
    loop {
        let stopping = stops.load(Ordering::Acquire);
        let now = Instant::now();
        if now >= prune_at {
            let more = keeper.prune(millis());
            prune_at = if more { now } else { now + PRUNE_EVERY };
        }
        if !service.registry().sleep(Sleep::UntilAny, &waker) && !stopping {
            thread::park_timeout(prune_at.saturating_duration_since(Instant::now()));
            if !service.registry().sleep(Sleep::UntilAny, &waker) {
                continue;
            }
        }
        gather(service, &waker, stops);
        let effects = service.registry().take_effects(READS_MAX);
        if stopping && effects.writes.is_empty() && effects.reads.is_empty() {
            return;
        }
        keeper.perform(service, effects, Wall { now: service.clock.now(), millis: millis() });
    }
}

/// Waits for more lines, unless somebody waits for these.
fn gather(service: &Service<SystemClock>, waker: &Waker, stops: &AtomicBool) {
    let until = Instant::now() + GATHER;
    while !service.registry().sleep(Sleep::UntilUrgent, waker) {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() || stops.load(Ordering::Acquire) {
            return;
        }
        thread::park_timeout(left);
    }
}

/// The time of the calendar.
fn millis() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

//! The threads that serve: one that does everything, and others that help it when it falls behind.

use async_executor::StaticExecutor;
use futures_lite::future::{self, yield_now};
use std::future::Future;
use std::io;
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

/// Where all tasks of the daemon run.
pub(super) static EXECUTOR: StaticExecutor = StaticExecutor::new();

/// How many tasks run at most before the reactor is asked for news.
const TASKS_MAX: u32 = 16;

/// For how long the first thread has been at it without a pause when a helper is called, and after
/// each time as long the next one, in turn: one that found nothing to do sleeps until it is called
/// again. Shorter bursts are over before help is there: waking a thread costs more than the tasks
/// of a room, and then both are in each other's way.
const HELP_AFTER: Duration = Duration::from_millis(1);

/// Threads that sleep until there is more to do than one can.
pub(super) struct Helpers(Vec<Thread>);

impl Helpers {
    /// Starts `count` threads, which sleep.
    ///
    /// # Errors
    /// The system's, if there cannot be so many.
    pub(super) fn start(count: usize) -> io::Result<Helpers> {
        let start = |number| {
            let builder = thread::Builder::new().name(format!("parlance-{number}"));
            Ok(builder.spawn(help)?.thread().clone())
        };
        (1..=count).map(start).collect::<io::Result<_>>().map(Helpers)
    }

    /// Runs all tasks, on this thread and sometimes on the helpers, until `end`.
    pub(super) fn work_until<T>(&self, end: impl Future<Output = T>) -> T {
        let work = async {
            loop {
                EXECUTOR.tick().await;
                self.catch_up().await;
            }
        };
        parlance_reactor::block_on(future::or(end, work))
    }

    /// Runs every task that can run.
    async fn catch_up(&self) {
        let mut since = Instant::now();
        let mut helpers = self.0.iter().cycle();
        loop {
            for _ in 0..TASKS_MAX {
                if !run_one() {
                    return;
                }
                if since.elapsed() >= HELP_AFTER {
                    helpers.next().map(Thread::unpark);
                    since = Instant::now();
                    break; // a task may take long: it may be long lines that are written
                }
            }
            yield_now().await; // to the reactor
        }
    }
}

/// Runs a task, if one can run. Not inlined: a release build was seen to spend minutes on inlining
/// it into the loop.
#[inline(never)]
fn run_one() -> bool {
    EXECUTOR.try_tick()
}

/// Sleeps until it is woken, then runs tasks as long as there are any.
fn help() {
    loop {
        thread::park();
        while run_one() {}
    }
}

//! smol's executor on two threads, which knows when all of its tasks sleep.

use super::lock;
use parlance_server::transport::Spawn;
use smol::Executor;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread;
use std::time::Duration;

const THREADS: usize = 2;

/// After this long something is wrong, however slow the machine.
const WATCHDOG: Duration = Duration::from_secs(120);

#[derive(Clone, Default)]
pub(crate) struct Pool {
    executor: Arc<Executor<'static>>,
    busy: Arc<Busy>,
}

/// How many tasks are woken or being polled.
#[derive(Default)]
struct Busy {
    count: Mutex<usize>,
    idle: Condvar,
}

/// A task's own waker, which counts.
struct Bell {
    task: Waker,
    /// It is counted as woken. Both change under the count's lock only.
    woken: AtomicBool,
    done: AtomicBool,
    busy: Arc<Busy>,
}

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        let mut count = lock(&self.busy.count);
        if self.done.load(Ordering::Relaxed) || self.woken.swap(true, Ordering::Relaxed) {
            return;
        }
        *count += 1;
        drop(count);
        self.task.wake_by_ref();
    }
}

struct Counted {
    body: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    bell: Option<(Arc<Bell>, Waker)>,
    busy: Arc<Busy>,
}

impl Future for Counted {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        let (bell, waker) = this.bell.get_or_insert_with(|| {
            let (task, busy) = (cx.waker().clone(), Arc::clone(&this.busy));
            let (woken, done) = (AtomicBool::new(true), AtomicBool::new(false));
            let bell = Arc::new(Bell { task, woken, done, busy });
            (Arc::clone(&bell), Waker::from(bell))
        });
        {
            let _count = lock(&bell.busy.count);
            bell.woken.store(false, Ordering::Relaxed);
        }
        let mut polled = Polled { bell, over: true };
        let Some(body) = &mut this.body else { return Poll::Ready(()) };
        let poll = body.as_mut().poll(&mut Context::from_waker(waker));
        if poll.is_ready() {
            this.body = None; // its destructors belong to this poll
        } else {
            polled.over = false;
        }
        poll
    }
}

/// Ends a poll in the count, a panicking one too.
struct Polled<'task> {
    bell: &'task Bell,
    over: bool,
}

impl Drop for Polled<'_> {
    fn drop(&mut self) {
        let mut count = lock(&self.bell.busy.count);
        *count -= 1;
        if self.over {
            self.bell.done.store(true, Ordering::Relaxed);
            *count -= usize::from(self.bell.woken.load(Ordering::Relaxed));
        }
        if *count == 0 {
            self.bell.busy.idle.notify_all();
        }
    }
}

impl Pool {
    /// Runs the tasks on two threads while `play` runs on this one.
    pub(crate) fn run<T>(play: impl FnOnce(&Pool) -> T) -> T {
        let pool = Pool::default();
        let (stop, stopped) = smol::channel::bounded::<()>(1);
        thread::scope(move |scope| {
            for _ in 0..THREADS {
                let (executor, stopped) = (Arc::clone(&pool.executor), stopped.clone());
                let until_stopped = async move {
                    let _ = stopped.recv().await;
                };
                scope.spawn(move || smol::block_on(executor.run(until_stopped)));
            }
            let played = play(&pool);
            drop(stop); // a panic drops it too
            played
        })
    }

    /// Adds a task that is cancelled when the result is dropped.
    pub(crate) fn start(&self, body: impl Future<Output = ()> + Send + 'static) -> smol::Task<()> {
        *lock(&self.busy.count) += 1;
        let (body, busy) = (Some(Box::pin(body) as _), Arc::clone(&self.busy));
        self.executor.spawn(Counted { body, bell: None, busy })
    }

    /// Waits until every task sleeps.
    pub(crate) fn wait_until_idle(&self) {
        let count = lock(&self.busy.count);
        let waited = self.busy.idle.wait_timeout_while(count, WATCHDOG, |count| *count > 0);
        let (count, timeout) = waited.expect("no one panics with the lock");
        assert!(!timeout.timed_out(), "{} tasks are still busy", *count);
    }
}

impl Spawn for Pool {
    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.start(task).detach();
    }
}

//! The concurrency scenarios on real threads, many times each.
//!
//! Goal: the claims of `tests/support/concurrency` in the build that runs in production, with the
//! locks of the standard library, the real memory model and optimised or unoptimised code alike.
//!
//! Method: each scenario `ROUNDS` times. The threads of a round wait for each other before they
//! start, and each then idles for a few more or fewer turns of an empty loop, so that their steps
//! meet at ever different places. A sleeper that is not woken within `WAKE_DEADLINE` fails the
//! test.
//!
//! Limits of the claim: a sample. The machine chooses the schedules, and a passing run
//! proves nothing about the others; `tests/loom.rs` runs the same scenarios under all schedules
//! within a bound. A deadlock of locks shows as a test that never ends.

use crate::concurrency::Runtime;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::JoinHandle;
use std::time::Duration;

/// How often each scenario is run.
const ROUNDS: usize = 1_000;

/// How long a sleeper may stay asleep before its wake-up counts as lost.
const WAKE_DEADLINE: Duration = Duration::from_secs(60);

/// The turns of an empty loop by which threads are shifted against each other, at most.
const SHIFTS: usize = 1024;

/// The threads of the operating system.
struct Std;

impl Runtime for Std {
    type Handle<T: Send + 'static> = JoinHandle<T>;

    #[expect(clippy::disallowed_methods, reason = "threads are what is tested")]
    fn spawn<T: Send + 'static>(task: impl FnOnce() -> T + Send + 'static) -> Self::Handle<T> {
        std::thread::spawn(task)
    }

    fn join<T: Send + 'static>(handle: Self::Handle<T>) -> T {
        handle.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }

    fn block_on<F: Future>(future: F) -> F::Output {
        let (sender, wakes) = channel();
        let alarm = Waker::from(Arc::new(Alarm(sender)));
        let mut future = pin!(future);
        loop {
            if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&alarm)) {
                return output;
            }
            wakes.recv_timeout(WAKE_DEADLINE).expect("a wake-up was lost");
        }
    }

    fn meet(gate: &AtomicUsize, parties: usize) {
        static MEETINGS: AtomicUsize = AtomicUsize::new(0);
        let shift = MEETINGS.fetch_add(1, Ordering::Relaxed).wrapping_mul(7919) % SHIFTS;
        gate.fetch_add(1, Ordering::Relaxed);
        while gate.load(Ordering::Relaxed) < parties {
            std::thread::yield_now();
        }
        for _ in 0..shift {
            std::hint::spin_loop();
        }
    }
}

/// Wakes through a channel, so that a wake before the sleep is not lost.
struct Alarm(Sender<()>);

impl Wake for Alarm {
    fn wake(self: Arc<Self>) {
        // Nobody listens once the sleeper is done, and then nobody need be woken.
        let _ = self.0.send(());
    }
}

macro_rules! repeat {
    ($module:ident, $claim:ident) => {
        #[test]
        fn $claim() {
            for _ in 0..ROUNDS {
                crate::concurrency::$module::$claim::<Std>();
            }
        }
    };
}

crate::concurrency::for_every_claim!(repeat);

//! Whether the executor runs its tasks.

use crate::transport::{Clock, Timer};
use parlance_core::time::Time;
use std::convert::Infallible;
use std::future::poll_fn;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// How often it beats.
const INTERVAL: Duration = Duration::from_secs(1);

/// An executor that has run no task for so long is not well.
const SILENCE_MAX: Duration = Duration::from_secs(10);

/// A task of the executor notes the time; another thread looks at it.
#[derive(Debug)]
pub(super) struct Pulse<C> {
    clock: C,
    beaten_at: AtomicU64,
}

impl<C: Clock> Pulse<C> {
    pub(super) fn new(clock: C) -> Pulse<C> {
        let beaten_at = AtomicU64::new(clock.now().as_nanos());
        Pulse { clock, beaten_at }
    }

    /// Beats for ever.
    pub(super) async fn beat(&self) -> Infallible {
        loop {
            let now = self.clock.now();
            self.beaten_at.store(now.as_nanos(), Ordering::Relaxed);
            let mut timer = self.clock.timer(now + INTERVAL);
            poll_fn(|cx| timer.poll_fired(cx)).await;
        }
    }

    /// Whether the executor has run a task of late.
    pub(super) fn is_felt(&self) -> bool {
        let beaten_at = Time::from_nanos(self.beaten_at.load(Ordering::Relaxed));
        self.clock.now().since(beaten_at) <= SILENCE_MAX
    }
}

#[cfg(test)]
mod tests {
    use super::{INTERVAL, Pulse, SILENCE_MAX};
    use crate::transport::{Clock, Timer};
    use parlance_core::time::Time;
    use std::future::Future;
    use std::pin::pin;
    use std::sync::{Arc, Mutex};
    use std::task::{Context, Poll, Waker};
    use std::time::Duration;

    #[derive(Clone)]
    struct Hand(Arc<Mutex<Time>>);

    struct Due(Hand, Time);

    impl Clock for Hand {
        type Timer = Due;

        fn now(&self) -> Time {
            *self.0.lock().expect("nobody panics")
        }

        fn timer(&self, at: Time) -> Due {
            Due(self.clone(), at)
        }
    }

    impl Timer for Due {
        fn poll_fired(&mut self, _: &mut Context<'_>) -> Poll<()> {
            if self.0.now() >= self.1 { Poll::Ready(()) } else { Poll::Pending }
        }
    }

    #[test]
    fn a_pulse_is_felt_while_its_task_is_polled() {
        let clock = Hand(Arc::new(Mutex::new(Time::ZERO)));
        let pulse = Pulse::new(clock.clone());
        let pass = |span: Duration| {
            let mut now = clock.0.lock().expect("nobody panics");
            *now = *now + span;
        };
        let mut beat = pin!(pulse.beat());
        let mut poll =
            || assert!(beat.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        poll();
        for _ in 0..20 {
            pass(INTERVAL);
            poll();
        }
        assert!(pulse.is_felt());
        pass(SILENCE_MAX);
        assert!(pulse.is_felt());
        pass(Duration::from_nanos(1));
        assert!(!pulse.is_felt());
        poll();
        assert!(pulse.is_felt());
    }
}

//! Virtual time: it moves when a test says so, and at no other moment.

use super::lock;
use parlance_core::time::Time;
use parlance_server::transport::{Clock, Timer};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

#[derive(Clone, Default)]
pub(crate) struct VirtualClock(Arc<Mutex<Clockwork>>);

#[derive(Default)]
struct Clockwork {
    now: Time,
    timers_made: u64,
    /// Timers that somebody waits for, by moment and then by age.
    armed: BTreeMap<(Time, u64), Waker>,
}

pub(crate) struct VirtualTimer {
    clock: VirtualClock,
    key: (Time, u64),
}

impl VirtualClock {
    /// When the next timer fires, if one is armed.
    pub(crate) fn next_due(&self) -> Option<Time> {
        let clockwork = lock(&self.0);
        clockwork.armed.keys().next().map(|key| key.0).filter(|at| *at < Time::NEVER)
    }

    /// How many timers there have been.
    pub(crate) fn timers_made(&self) -> u64 {
        lock(&self.0).timers_made
    }

    /// Makes it `now` and fires what is due, earliest first.
    pub(crate) fn set(&self, now: Time) {
        let mut clockwork = lock(&self.0);
        assert!(now >= clockwork.now, "time does not go back");
        clockwork.now = now;
        let later = clockwork.armed.split_off(&(now, u64::MAX));
        let fired = std::mem::replace(&mut clockwork.armed, later);
        drop(clockwork);
        for waker in fired.into_values() {
            waker.wake();
        }
    }
}

impl Clock for VirtualClock {
    type Timer = VirtualTimer;

    fn now(&self) -> Time {
        lock(&self.0).now
    }

    fn timer(&self, at: Time) -> VirtualTimer {
        let mut clockwork = lock(&self.0);
        clockwork.timers_made += 1;
        VirtualTimer { clock: self.clone(), key: (at, clockwork.timers_made) }
    }
}

impl Timer for VirtualTimer {
    fn poll_fired(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let mut clockwork = lock(&self.clock.0);
        if clockwork.now >= self.key.0 {
            return Poll::Ready(());
        }
        clockwork.armed.insert(self.key, cx.waker().clone());
        Poll::Pending
    }
}

impl Drop for VirtualTimer {
    fn drop(&mut self) {
        let waker = lock(&self.clock.0).armed.remove(&self.key);
        drop(waker); // after the lock
    }
}

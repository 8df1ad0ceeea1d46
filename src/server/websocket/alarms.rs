//! When to wake which task, for many tasks and with one timer.

use crate::transport::{Clock, Timer};
use parlance_core::time::Time;
use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Wake, Waker};

/// The alarms of all connections of a listener.
///
/// Every idle connection has one, and a timer of the clock for each would be most of what the
/// connection costs. So there is one timer, for the first alarm, and its waker is this list.
pub struct Alarms<C: Clock> {
    clock: C,
    queue: Mutex<Queue<C>>,
}

struct Queue<C: Clock> {
    pending: BTreeMap<Alarm, Waker>,
    /// For the first of them or for an earlier moment; none where none is pending.
    timer: Option<(Time, C::Timer)>,
    last: NonZeroU32,
}

/// An alarm that was set: its moment, and a number unique among those of this moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Alarm {
    pub(super) at: Time,
    number: NonZeroU32,
}

impl<C: Clock> Alarms<C> {
    /// No alarms, by this clock.
    pub fn new(clock: C) -> Arc<Alarms<C>> {
        let queue = Queue { pending: BTreeMap::new(), timer: None, last: NonZeroU32::MIN };
        Arc::new(Alarms { clock, queue: Mutex::new(queue) })
    }

    /// The clock.
    pub fn clock(&self) -> &C {
        &self.clock
    }

    /// Wakes `waker` at `at`, unless the alarm is cancelled before.
    pub(super) fn set(self: &Arc<Self>, at: Time, waker: &Waker) -> Alarm {
        let mut queue = self.queue();
        queue.last = queue.last.checked_add(1).unwrap_or(NonZeroU32::MIN);
        let alarm = Alarm { at, number: queue.last };
        queue.pending.insert(alarm, waker.clone());
        if self.is_late(&mut queue) {
            drop(queue);
            Arc::clone(self).wake();
        }
        alarm
    }

    /// Nobody is woken for `alarm` any more.
    pub(super) fn cancel(&self, alarm: Alarm) {
        let mut queue = self.queue();
        let waker = queue.pending.remove(&alarm);
        let timer = if queue.pending.is_empty() { queue.timer.take() } else { None };
        drop(queue);
        drop((waker, timer)); // a waker may be the last of its task
    }

    /// A panic has left nothing half done that a later call would not find.
    fn queue(&self) -> MutexGuard<'_, Queue<C>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sees to it that the timer fires for the first alarm. Returns whether its moment has come.
    fn is_late(self: &Arc<Self>, queue: &mut Queue<C>) -> bool {
        let Some((first, _)) = queue.pending.first_key_value() else {
            queue.timer = None;
            return false;
        };
        if queue.timer.as_ref().is_some_and(|(at, _)| *at <= first.at) {
            return false;
        }
        let mut timer = self.clock.timer(first.at);
        let waker = Waker::from(Arc::clone(self));
        let is_late = timer.poll_fired(&mut Context::from_waker(&waker)).is_ready();
        queue.timer = (!is_late).then_some((first.at, timer));
        is_late
    }
}

impl<C: Clock> Wake for Alarms<C> {
    /// The timer has fired.
    fn wake(self: Arc<Self>) {
        let mut due = Vec::new();
        let mut queue = self.queue();
        queue.timer = None;
        loop {
            let now = self.clock.now();
            while let Some(first) = queue.pending.first_entry().filter(|it| it.key().at <= now) {
                due.push(first.remove());
            }
            if !self.is_late(&mut queue) {
                break;
            }
        }
        drop(queue);
        due.into_iter().for_each(Waker::wake);
    }
}

#[cfg(test)]
mod tests {
    use super::Alarms;
    use crate::transport::{Clock, Timer};
    use parlance_core::time::Time;
    use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
    use std::sync::{Arc, Mutex};
    use std::task::{Context, Poll, Wake, Waker};

    /// A clock that stands at a moment, and who waits for a later one.
    #[derive(Clone, Default)]
    struct Hand(Arc<(AtomicU64, Mutex<Waiting>)>);

    type Waiting = Vec<(Time, Waker)>;

    struct At(Time, Hand);

    impl Hand {
        fn set(&self, now: u64) {
            self.0.0.store(now, Ordering::Relaxed);
            let mut timers = self.0.1.lock().expect("no test panics with it");
            let fired: Vec<_> = timers.extract_if(.., |(at, _)| *at <= self.now()).collect();
            drop(timers);
            for (_, waker) in fired {
                waker.wake();
            }
        }
    }

    impl Clock for Hand {
        type Timer = At;

        fn now(&self) -> Time {
            Time::from_nanos(self.0.0.load(Ordering::Relaxed))
        }

        fn timer(&self, at: Time) -> At {
            At(at, self.clone())
        }
    }

    impl Timer for At {
        fn poll_fired(&mut self, cx: &mut Context<'_>) -> Poll<()> {
            if self.1.now() >= self.0 {
                return Poll::Ready(());
            }
            let mut timers = self.1.0.1.lock().expect("no test panics with it");
            timers.push((self.0, cx.waker().clone()));
            Poll::Pending
        }
    }

    #[derive(Default)]
    struct Bell(AtomicUsize);

    impl Wake for Bell {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// In whatever order they are set, and whichever is cancelled. [common/ws-7]
    #[test]
    fn each_alarm_wakes_its_task_once_and_at_its_moment() {
        let clock = Hand::default();
        let alarms = Alarms::new(clock.clone());
        let bell = Arc::new(Bell::default());
        let waker = Waker::from(Arc::clone(&bell));
        let set = |at| alarms.set(Time::from_nanos(at), &waker);
        let [_, cancelled, ..] = [30, 20, 20, 10, 40].map(set);
        alarms.cancel(cancelled);
        let mut rung = Vec::new();
        for now in (0..=60).step_by(5) {
            clock.set(now);
            for _ in 0..bell.0.swap(0, Ordering::Relaxed) {
                rung.push(now);
            }
        }
        assert_eq!(rung, [10, 20, 30, 40]);
        set(60);
        assert_eq!(bell.0.load(Ordering::Relaxed), 1, "its moment has come already");
        alarms.cancel(set(99));
        assert!(alarms.queue().timer.is_none(), "without an alarm there is no timer");
    }
}

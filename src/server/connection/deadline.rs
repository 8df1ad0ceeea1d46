//! The next deadline of a connection and the timer for it.

use super::readiness::Readiness;
use super::state::{Connection, Phase};
use crate::transport::{Clock, Stream, Timer};
use parlance_core::time::Time;
use std::task::Context;
use std::time::Duration;

/// A timer without a deadline is dropped if it would stay for at least as long as this. A shorter
/// one is left to fire, which is cheaper where deadlines come and go with every hold.
const IDLE_TIMER: Duration = Duration::from_secs(1);

impl<S: Stream, C: Clock> Connection<S, C> {
    /// When the connection must be polled, [`Time::NEVER`] if no deadline is pending.
    pub(super) fn deadline(&self) -> Time {
        let mut at = match self.phase {
            Phase::Serving => self.session.deadline(),
            Phase::Flushing { until, .. } | Phase::Lingering { until, .. } => until,
            Phase::Over => Time::NEVER,
        };
        if self.output != Readiness::Ready {
            at = at.min(self.client.deadline());
        }
        at
    }

    /// Arranges that the next deadline wakes the task. Returns whether the deadline has come
    /// already. A timer that is set for earlier stays: the deadline is checked when it fires, and
    /// the timer is not moved for every line.
    pub(super) fn arm_timer(&mut self, now: Time, cx: &mut Context<'_>) -> bool {
        if self.timer_at <= now {
            self.timer = None;
            self.timer_at = Time::NEVER;
        }
        let at = self.deadline();
        if at == Time::NEVER && self.timer_at.since(now) >= IDLE_TIMER {
            // After the first line an idle client keeps no timer.
            self.timer = None;
            self.timer_at = Time::NEVER;
        }
        if at >= self.timer_at {
            return false;
        }
        // A task keeps its waker for life on our executors, so the timer is polled once.
        let mut timer = Box::new(self.permit.service.clock.timer(at));
        let fired = timer.poll_fired(cx).is_ready();
        if !fired {
            self.timer = Some(timer);
            self.timer_at = at;
        }
        fired
    }
}

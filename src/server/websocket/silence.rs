//! How long a client has been silent, and what that means. [common/ws-7]

use crate::transport::{Clock, Timer};
use parlance_core::limits::{WS_PING_TIMEOUT, WS_SILENCE};
use parlance_core::time::Time;
use std::task::Context;

/// A client that says nothing for [`WS_SILENCE`] is asked whether it is there. If it then says
/// nothing for [`WS_PING_TIMEOUT`], it is given up.
pub(super) struct Silence<C: Clock> {
    /// Something came since the time was looked at.
    heard: bool,
    heard_at: Time,
    asked_at: Option<Time>,
    timer: Option<Box<C::Timer>>,
}

impl<C: Clock> Silence<C> {
    pub(super) fn new(now: Time) -> Silence<C> {
        Silence { heard: false, heard_at: now, asked_at: None, timer: None }
    }

    /// Some bytes have come, whatever they are.
    pub(super) fn broken(&mut self) {
        self.heard = true;
        self.asked_at = None;
    }

    /// A read finds nothing. Returns whether the client is given up: only a read can tell, because
    /// the answer of a client whose input waits is not read.
    pub(super) fn is_over(&self, clock: &C) -> bool {
        self.asked_at.is_some_and(|asked_at| clock.now() >= asked_at + WS_PING_TIMEOUT)
    }

    /// Arranges that the task is woken when the silence has lasted. Returns whether to ask the
    /// client now.
    pub(super) fn asks(&mut self, clock: &C, cx: &mut Context<'_>) -> bool {
        let now = clock.now();
        if std::mem::take(&mut self.heard) {
            self.heard_at = now;
        }
        let fired = self.timer.as_mut().is_some_and(|timer| timer.poll_fired(cx).is_ready());
        if fired {
            self.timer = None;
        }
        let asks = self.asked_at.is_none() && now >= self.heard_at + WS_SILENCE;
        if asks {
            self.asked_at = Some(now);
        }
        let due = self.asked_at.map_or(self.heard_at + WS_SILENCE, |at| at + WS_PING_TIMEOUT);
        if self.timer.is_none() && due > now {
            // A timer that is set stays: the silence is measured when it fires.
            let mut timer = Box::new(clock.timer(due));
            if timer.poll_fired(cx).is_ready() {
                cx.waker().wake_by_ref();
            } else {
                self.timer = Some(timer);
            }
        }
        asks
    }

    /// Nothing is asked any more.
    pub(super) fn ends(&mut self) {
        self.timer = None;
        self.asked_at = None;
    }
}

//! How long a client has been silent, and what that means. [common/ws-7]

use crate::transport::{Clock, Timer};
use parlance_core::limits::{WS_PING_TIMEOUT, WS_SILENCE};
use parlance_core::time::Time;
use std::task::Context;

/// A client that says nothing for [`WS_SILENCE`] is asked whether it is there. If it then says
/// nothing for [`WS_PING_TIMEOUT`], it is given up.
pub(super) struct Silence<C: Clock> {
    phase: Phase,
    /// When the phase began, unless that was not looked at.
    since: Time,
    timer: Option<Box<C::Timer>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Something came since the time was looked at.
    Broken,
    Silent,
    /// Silent since it was asked.
    Asked,
}

impl<C: Clock> Silence<C> {
    pub(super) fn new(now: Time) -> Silence<C> {
        Silence { phase: Phase::Silent, since: now, timer: None }
    }

    /// Some bytes have come, whatever they are.
    pub(super) fn broken(&mut self) {
        self.phase = Phase::Broken;
    }

    /// A read finds nothing. Returns whether the client is given up: only a read can tell, because
    /// the answer of a client whose input waits is not read.
    pub(super) fn is_over(&self, clock: &C) -> bool {
        self.phase == Phase::Asked && clock.now() >= self.since + WS_PING_TIMEOUT
    }

    /// Arranges that the task is woken when the silence has lasted. Returns whether to ask the
    /// client now.
    pub(super) fn asks(&mut self, clock: &C, cx: &mut Context<'_>) -> bool {
        let now = clock.now();
        if self.phase == Phase::Broken {
            (self.phase, self.since) = (Phase::Silent, now);
        }
        let fired = self.timer.as_mut().is_some_and(|timer| timer.poll_fired(cx).is_ready());
        if fired {
            self.timer = None;
        }
        let asks = self.phase == Phase::Silent && now >= self.since + WS_SILENCE;
        if asks {
            (self.phase, self.since) = (Phase::Asked, now);
        }
        let span = if self.phase == Phase::Asked { WS_PING_TIMEOUT } else { WS_SILENCE };
        let due = self.since + span;
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
        self.phase = Phase::Broken;
    }
}

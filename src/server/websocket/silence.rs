//! How long a client has been silent, and what that means. [common/ws-7]

use super::alarms::{Alarm, Alarms};
use crate::transport::Clock;
use parlance_core::limits::{WS_PING_TIMEOUT, WS_SILENCE};
use parlance_core::time::Time;
use std::sync::Arc;
use std::task::Context;

/// A client that says nothing for [`WS_SILENCE`] is asked whether it is there. If it then says
/// nothing for [`WS_PING_TIMEOUT`], it is given up.
pub(super) struct Silence<C: Clock> {
    phase: Phase,
    /// When the phase began, unless that was not looked at.
    since: Time,
    alarm: Option<Alarm>,
    alarms: Arc<Alarms<C>>,
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
    pub(super) fn new(alarms: Arc<Alarms<C>>) -> Silence<C> {
        Silence { phase: Phase::Silent, since: alarms.clock().now(), alarm: None, alarms }
    }

    /// Some bytes have come, whatever they are.
    pub(super) fn broken(&mut self) {
        self.phase = Phase::Broken;
    }

    /// A read finds nothing. Returns whether the client is given up: only a read can tell, because
    /// the answer of a client whose input waits is not read.
    pub(super) fn is_over(&self) -> bool {
        self.phase == Phase::Asked && self.alarms.clock().now() >= self.since + WS_PING_TIMEOUT
    }

    /// Arranges that the task is woken when the silence has lasted. Returns whether to ask the
    /// client now.
    pub(super) fn asks(&mut self, cx: &mut Context<'_>) -> bool {
        let now = self.alarms.clock().now();
        if self.phase == Phase::Broken {
            (self.phase, self.since) = (Phase::Silent, now);
        }
        if self.alarm.is_some_and(|alarm| alarm.at <= now) {
            self.cancel();
        }
        let asks = self.phase == Phase::Silent && now >= self.since + WS_SILENCE;
        if asks {
            (self.phase, self.since) = (Phase::Asked, now);
        }
        let span = if self.phase == Phase::Asked { WS_PING_TIMEOUT } else { WS_SILENCE };
        let due = self.since + span;
        if self.alarm.is_none() && due > now {
            // An alarm that is set stays: the silence is measured when it is due.
            self.alarm = Some(self.alarms.set(due, cx.waker()));
        }
        asks
    }

    fn cancel(&mut self) {
        if let Some(alarm) = self.alarm.take() {
            self.alarms.cancel(alarm);
        }
    }

    /// Nothing is asked any more.
    pub(super) fn ends(&mut self) {
        self.cancel();
        self.phase = Phase::Broken;
    }
}

impl<C: Clock> Drop for Silence<C> {
    fn drop(&mut self) {
        self.cancel();
    }
}

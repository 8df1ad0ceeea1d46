//! The service manager that has started the daemon, if one has: what it passes and is told.
//!
//! It is systemd, or another that speaks its protocols: variables of the environment, listening
//! sockets from descriptor 3 on, and datagrams to the socket that `NOTIFY_SOCKET` names.

mod notifier;
pub(super) mod orphans;
pub(super) mod sockets;
mod watchdog;

use super::threads::EXECUTOR;
use super::transport::Clock;
use notifier::Notifier;
use rustix::time::{ClockId, clock_gettime};
use std::ffi::OsString;
use std::time::Duration;

/// What the service manager wants to be told, and how.
pub(super) struct ServiceManager {
    notifier: Notifier,
    /// How often it wants a sign of life.
    sign_of_life: Option<Duration>,
}

impl ServiceManager {
    /// The service manager that the environment names. A variable that makes no sense is a warning
    /// in the log: it may have been meant for a parent of this process.
    pub(super) fn of(variable: impl Fn(&str) -> Option<OsString>) -> ServiceManager {
        let text = |name| variable(name).filter(|value| !value.is_empty());
        let notifier = text("NOTIFY_SOCKET").map_or_else(Notifier::none, |address| {
            Notifier::to(&address).unwrap_or_else(|why| {
                tracing::warn!(?address, %why, "NOTIFY_SOCKET cannot be used");
                Notifier::none()
            })
        });
        let sign_of_life = watchdog::interval(text("WATCHDOG_USEC"), text("WATCHDOG_PID"));
        let sign_of_life = sign_of_life.unwrap_or_else(|why| {
            tracing::warn!(%why, "no signs of life are sent");
            None
        });
        ServiceManager { notifier, sign_of_life }
    }

    /// Every listener listens. [common/service-2]
    pub(super) fn ready(&self) {
        self.notifier.say("READY=1\nSTATUS=Serving");
    }

    /// The stop has begun. [common/service-2]
    pub(super) fn stopping(&self) {
        self.notifier.say("STOPPING=1\nSTATUS=Stopping: flushing what is pending");
    }

    /// A reload begins; [`ready`](ServiceManager::ready) tells its end. [common/service-2]
    pub(super) fn reloading(&self) {
        let now = clock_gettime(ClockId::Monotonic);
        let (seconds, part) = (i128::from(now.tv_sec), i128::from(now.tv_nsec));
        let microseconds = seconds * 1_000_000 + part / 1_000;
        self.notifier.say(&format!("RELOADING=1\nMONOTONIC_USEC={microseconds}"));
    }

    /// Sends signs of life as long as the thread that polls this goes on and the executor runs
    /// tasks. Never ends. [common/service-3]
    pub(super) async fn keep_informed<C: Clock>(&self, clock: C) -> std::convert::Infallible {
        let Some(interval) = self.sign_of_life else {
            return futures_lite::future::pending().await;
        };
        let one_task = || EXECUTOR.spawn(async {});
        watchdog::keep_alive(clock, interval, one_task, || self.notifier.say("WATCHDOG=1")).await
    }
}

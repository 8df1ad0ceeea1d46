//! The clock of the system that people set: it dates the lines of the log, and nothing else.
//!
//! Every deadline, rate and budget goes by the monotonic clock, which nobody can set. So a clock
//! that jumps changes what the log says the time is, and the log says so.

use rustix::fd::OwnedFd;
use rustix::time::{
    ClockId, Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, clock_gettime,
    timerfd_create, timerfd_settime,
};
use smol::Async;
use std::io::{self, ErrorKind};

/// A smaller correction, as programs for network time make them, is no news, in seconds.
const NEWS: f64 = 1.0;

/// Tells in the log when the clock is set, for as long as the system can say so. Its descriptor is
/// open once this returns, before anybody is told that the server is there.
pub(crate) fn watch() -> impl Future<Output = ()> + Send {
    let alarm = alarm().and_then(Async::new);
    async {
        if let Err(error) = watch_until_it_fails(alarm).await {
            tracing::debug!(%error, "nothing will tell when the clock of the system is set");
        }
    }
}

async fn watch_until_it_fails(alarm: io::Result<Async<OwnedFd>>) -> io::Result<()> {
    let alarm = alarm?;
    let mut before = Reading::now();
    loop {
        alarm.read_with(has_been_set).await?;
        let after = Reading::now();
        before.tell(after);
        before = after;
    }
}

/// A timer that never fires, but ends its wait whenever the clock is set.
fn alarm() -> io::Result<OwnedFd> {
    let flags = TimerfdFlags::CLOEXEC | TimerfdFlags::NONBLOCK;
    let alarm = timerfd_create(TimerfdClockId::Realtime, flags)?;
    let zero = Timespec { tv_sec: 0, tv_nsec: 0 };
    let never = Timespec { tv_sec: i64::MAX, tv_nsec: 0 };
    let never = Itimerspec { it_interval: zero, it_value: never };
    let flags = TimerfdTimerFlags::ABSTIME | TimerfdTimerFlags::CANCEL_ON_SET;
    timerfd_settime(&alarm, flags, &never)?;
    Ok(alarm)
}

fn has_been_set(alarm: &OwnedFd) -> io::Result<()> {
    match rustix::io::read(alarm, &mut [0; 8]) {
        Err(rustix::io::Errno::CANCELED) => Ok(()),
        Err(error) => Err(error.into()),
        Ok(_) => Err(ErrorKind::WouldBlock.into()), // it has fired, at the end of all time
    }
}

/// What two clocks say at one moment, in seconds.
#[derive(Clone, Copy, Debug)]
struct Reading {
    /// Since 1970, by the clock that can be set.
    wall: f64,
    /// Since the machine started, the time of its sleep included, by the clock that cannot be set.
    steady: f64,
}

impl Reading {
    fn now() -> Reading {
        let seconds = |clock| {
            let time = clock_gettime(clock);
            #[expect(clippy::cast_precision_loss, reason = "microseconds are precise enough")]
            let seconds = time.tv_sec as f64 + time.tv_nsec as f64 / 1e9;
            seconds
        };
        Reading { wall: seconds(ClockId::Realtime), steady: seconds(ClockId::Boottime) }
    }

    /// By how much the clock has been set between this and `later`, forward if that is positive.
    fn jump(self, later: Reading) -> f64 {
        (later.wall - self.wall) - (later.steady - self.steady)
    }

    /// Says that the clock was set between this and `later`, if by so much that it is news.
    fn tell(self, later: Reading) {
        let jump = self.jump(later);
        let (seconds, way) = (jump.abs().round(), if jump < 0.0 { "back" } else { "forward" });
        if jump.abs() >= NEWS {
            tracing::warn!(
                seconds,
                way,
                "the clock of the system was set: the times of the log jump, and nothing else does"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Reading, alarm, has_been_set};
    use std::io::ErrorKind;
    use std::sync::{Arc, Mutex};
    use tracing_subscriber::fmt::MakeWriter;

    /// What is logged.
    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl std::io::Write for Lines {
        fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(line);
            Ok(line.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    impl MakeWriter<'_> for Lines {
        type Writer = Lines;

        fn make_writer(&self) -> Lines {
            self.clone()
        }
    }

    fn told(before: Reading, after: Reading) -> String {
        let lines = Lines::default();
        let log = tracing_subscriber::fmt().with_writer(lines.clone()).with_ansi(false).finish();
        tracing::subscriber::with_default(log, || before.tell(after));
        String::from_utf8(lines.0.lock().unwrap().clone()).expect("text")
    }

    #[test]
    fn a_clock_that_jumps_is_told_with_the_way_and_the_distance() {
        let before = Reading { wall: 1_000_000.0, steady: 50.0 };
        let back = told(before, Reading { wall: 1_000_000.0 - 3_600.0 + 5.0, steady: 55.0 });
        assert!(
            back.contains("WARN") && back.contains("the clock of the system was set"),
            "{back}"
        );
        assert!(back.contains("seconds=3600.0 way=\"back\""), "{back}");
        let forward = told(before, Reading { wall: 1_086_405.0, steady: 55.0 });
        assert!(forward.contains("seconds=86400.0 way=\"forward\""), "{forward}");
    }

    #[test]
    fn small_corrections_and_a_sleep_of_the_machine_are_no_news() {
        let before = Reading { wall: 1_000_000.0, steady: 50.0 };
        for (wall, steady) in [(1_000_005.5, 55.0), (1_000_004.5, 55.0), (1_030_000.0, 30_050.0)] {
            assert_eq!(told(before, Reading { wall, steady }), "");
        }
    }

    #[test]
    fn nothing_is_told_while_nobody_sets_the_clock() {
        let alarm = alarm().expect("the system has such timers");
        assert_eq!(has_been_set(&alarm).map_err(|error| error.kind()), Err(ErrorKind::WouldBlock));
    }
}

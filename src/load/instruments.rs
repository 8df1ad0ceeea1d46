//! The instruments of a run: a clock, and a meter of the processor time of this process.
//!
//! Both are arguments, so that tests read every figure off a clock that only a scripted server
//! moves.

use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

/// Nanoseconds since the start of the run, or of the process.
type Meter = Box<dyn Fn() -> u64>;

/// A clock and a meter of the own processor time.
pub(super) struct Instruments {
    clock: Meter,
    own_cpu: Meter,
}

impl Instruments {
    /// Those of the system. They need no `/proc`.
    pub(super) fn of_the_system() -> Instruments {
        let start = Instant::now();
        Instruments::new(move || nanoseconds(start.elapsed()), own_cpu)
    }

    /// These instruments; both count in nanoseconds and never backwards.
    pub(super) fn new(
        clock: impl Fn() -> u64 + 'static,
        own_cpu: impl Fn() -> u64 + 'static,
    ) -> Instruments {
        Instruments { clock: Box::new(clock), own_cpu: Box::new(own_cpu) }
    }

    /// Nanoseconds since the start of the run.
    pub(super) fn now(&self) -> u64 {
        (self.clock)()
    }

    /// User and system time of this process so far, of all threads.
    pub(super) fn own_cpu(&self) -> Duration {
        Duration::from_nanos((self.own_cpu)())
    }
}

/// A span in nanoseconds; the type holds five hundred years.
pub(super) fn nanoseconds(span: Duration) -> u64 {
    u64::try_from(span.as_nanos()).unwrap_or(u64::MAX)
}

fn own_cpu() -> u64 {
    Duration::try_from(clock_gettime(ClockId::ProcessCPUTime)).map_or(0, nanoseconds)
}

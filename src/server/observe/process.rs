//! What the system says of this process, under the names that Prometheus' own libraries use.

use super::exposition::{Exposition, Kind};
use rustix::process::{Resource, getrlimit};
use rustix::time::{ClockId, clock_gettime};
use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};

/// When the process began, in seconds since 1970, by the clock of that moment.
#[derive(Clone, Copy, Debug)]
pub(super) struct StartTime(f64);

impl StartTime {
    /// Now.
    pub(super) fn now() -> StartTime {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        StartTime(since.as_secs_f64())
    }
}

/// Writes the metrics of the process. What cannot be found out is left out.
pub(super) fn expose(exposition: &mut Exposition, start: StartTime) {
    let cpu = clock_gettime(ClockId::ProcessCPUTime);
    #[expect(clippy::cast_precision_loss, reason = "microseconds are precise enough for a graph")]
    let cpu = cpu.tv_sec as f64 + cpu.tv_nsec as f64 / 1e9;
    exposition
        .metric(
            "process_cpu_seconds_total",
            Kind::Counter,
            "Total user and system CPU time spent in seconds.",
        )
        .sample(&[], cpu);
    if let Some(bytes) = resident_bytes() {
        exposition
            .metric("process_resident_memory_bytes", Kind::Gauge, "Resident memory size in bytes.")
            .sample(&[], bytes);
    }
    if let Some(count) = open_descriptors() {
        exposition
            .metric("process_open_fds", Kind::Gauge, "Number of open file descriptors.")
            .sample(&[], count);
    }
    if let Some(max) = getrlimit(Resource::Nofile).current {
        exposition
            .metric("process_max_fds", Kind::Gauge, "Maximum number of open file descriptors.")
            .sample(&[], max);
    }
    exposition
        .metric(
            "process_start_time_seconds",
            Kind::Gauge,
            "Start time of the process since unix epoch in seconds.",
        )
        .sample(&[], start.0);
}

fn resident_bytes() -> Option<u64> {
    let pages: u64 =
        fs::read_to_string("/proc/self/statm").ok()?.split(' ').nth(1)?.parse().ok()?;
    Some(pages * rustix::param::page_size() as u64)
}

/// One of them lists the others.
fn open_descriptors() -> Option<usize> {
    Some(fs::read_dir("/proc/self/fd").ok()?.count().saturating_sub(1))
}

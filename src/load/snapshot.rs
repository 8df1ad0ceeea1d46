//! All counters at one moment, and the figures that two such moments give.

use std::rc::Rc;
use std::time::{Duration, Instant};

use super::error::LoadError;
use super::number::{float, per_second};
use super::options::Options;
use super::process::Process;
use super::report::Report;
use super::room::Room;

/// Part of a core from which the generator may be what limits the figures.
const BUSY: f64 = 0.9;

/// All counters at one moment.
pub(super) struct Snapshot {
    at: Instant,
    deliveries: u64,
    lines: u64,
    own_cpu: Duration,
    server: Option<ServerUse>,
}

struct ServerUse {
    cpu: Duration,
    resident: u64,
}

impl Snapshot {
    /// Reads the counters of `rooms`, of this process and of `server`.
    pub(super) fn take(rooms: &[Rc<Room>], server: Option<Process>) -> Result<Snapshot, LoadError> {
        let server = server.map(|server| {
            let (cpu, resident) = (server.cpu_time()?, server.resident()?);
            Ok(ServerUse { cpu, resident })
        });
        Ok(Snapshot {
            server: server.transpose()?,
            own_cpu: Process::Own.cpu_time()?,
            at: Instant::now(),
            deliveries: rooms.iter().map(|room| room.deliveries()).sum(),
            lines: rooms.iter().map(|room| room.lines()).sum(),
        })
    }
}

/// What was measured between two moments.
pub(super) fn report(
    options: &Options,
    before: &Snapshot,
    after: &Snapshot,
) -> Result<Report, LoadError> {
    let span = after.at - before.at;
    let deliveries = after.deliveries - before.deliveries;
    let lines = after.lines - before.lines;
    if deliveries == 0 {
        let seconds = span.as_secs();
        return Err(LoadError::Stalled { what: "a single delivery", seconds });
    }
    let mut report = Report::default();
    report.count("rooms", "rooms", options.rooms.into());
    report.count("members", "members of each", options.members.into());
    report.count("window", "window, lines", options.window.into());
    report.count("size", "line size, bytes", options.size.into());
    report.amount("seconds", "measured for, s", span.as_secs_f64());
    report.count("deliveries", "deliveries", deliveries);
    let rate = per_second(deliveries, span);
    report.amount("deliveries_per_second", "deliveries per second", rate);
    report.amount("lines_per_second", "lines per second", per_second(lines, span));
    if let (Some(before), Some(after)) = (&before.server, &after.server) {
        let cpu = after.cpu.saturating_sub(before.cpu).as_secs_f64();
        let each = cpu * 1e9 / float(deliveries);
        report.amount("cpu_ns_per_delivery", "server CPU time per delivery, ns", each);
        report.share("server_utilisation", "server, of a core", cpu / span.as_secs_f64());
        report.count("rss_bytes", "server resident, bytes", after.resident);
    }
    let own_cpu = after.own_cpu.saturating_sub(before.own_cpu).as_secs_f64();
    let own = own_cpu / span.as_secs_f64();
    report.share("generator_utilisation", "generator, of a core", own);
    report.flag("generator_bound", "generator is the limit", own > BUSY);
    if own > BUSY {
        report.note("above 90 % of a core the row is about the generator, not the server");
    }
    Ok(report)
}

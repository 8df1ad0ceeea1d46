//! All counters at one moment, and the figures of the span between two moments.

use std::time::Duration;

use super::error::LoadError;
use super::instruments::Instruments;
use super::number::{float, per_second};
use super::options::Options;
use super::process::Process;
use super::report::Report;
use super::room::Room;

/// Fraction of a core from which the generator may be the limit.
pub(super) const BUSY: f64 = 0.9;

/// All counters at one moment.
#[derive(Clone)]
pub(super) struct Snapshot {
    /// Since the start of the run.
    at: Duration,
    deliveries: u64,
    lines: u64,
    own_cpu: Duration,
    server: Option<ServerUse>,
}

#[derive(Clone)]
struct ServerUse {
    cpu: Duration,
    resident: u64,
    descriptors: u64,
}

impl Snapshot {
    /// Reads the counters of `rooms`, this process and `server`.
    pub(super) fn take(
        rooms: &[Room],
        instruments: &Instruments,
        server: Option<&Process>,
    ) -> Result<Snapshot, LoadError> {
        let server = server.map(|server| {
            let (cpu, resident) = (server.cpu_time()?, server.resident()?);
            Ok(ServerUse { cpu, resident, descriptors: server.descriptors()? })
        });
        Ok(Snapshot {
            server: server.transpose()?,
            own_cpu: instruments.own_cpu(),
            at: Duration::from_nanos(instruments.now()),
            deliveries: rooms.iter().map(Room::deliveries).sum(),
            lines: rooms.iter().map(Room::lines).sum(),
        })
    }

    /// The server's resident memory in bytes, if its process is known.
    pub(super) fn resident(&self) -> Option<u64> {
        self.server.as_ref().map(|server| server.resident)
    }

    /// Deliveries per second since `before`.
    pub(super) fn rate_since(&self, before: &Snapshot) -> f64 {
        per_second(self.deliveries - before.deliveries, self.at.saturating_sub(before.at))
    }
}

/// The figures of the span between two moments; `highest` is the maximum memory of the server in
/// it.
pub(super) fn report(
    options: &Options,
    before: &Snapshot,
    after: &Snapshot,
    highest: Option<u64>,
) -> Result<Report, LoadError> {
    let span = after.at.saturating_sub(before.at);
    let deliveries = after.deliveries - before.deliveries;
    if deliveries == 0 {
        let (what, seconds) = ("a single delivery".to_owned(), span.as_secs());
        return Err(LoadError::Stalled { what, seconds });
    }
    let mut report = Report::default();
    options.describe(&mut report);
    report.amount("seconds", "measured for, s", span.as_secs_f64());
    report.count("deliveries", "deliveries", deliveries);
    let rate = per_second(deliveries, span);
    report.amount("deliveries_per_second", "deliveries per second", rate);
    let lines = per_second(after.lines - before.lines, span);
    report.amount("lines_per_second", "lines per second", lines);
    if let (Some(before), Some(after)) = (&before.server, &after.server) {
        let cpu = after.cpu.saturating_sub(before.cpu).as_secs_f64();
        let each = cpu * 1e9 / float(deliveries);
        report.amount("cpu_ns_per_delivery", "server CPU time per delivery, ns", each);
        report.share("server_utilisation", "server, of a core", cpu / span.as_secs_f64());
        report.count("rss_before_bytes", "server resident before, bytes", before.resident);
        report.count("rss_bytes", "server resident after, bytes", after.resident);
        let highest = highest.unwrap_or(0).max(before.resident).max(after.resident);
        report.count("rss_highest_bytes", "server resident at most, bytes", highest);
        report.count("descriptors_before", "server descriptors before", before.descriptors);
        report.count("descriptors", "server descriptors after", after.descriptors);
    }
    let own_cpu = after.own_cpu.saturating_sub(before.own_cpu).as_secs_f64();
    let own = own_cpu / span.as_secs_f64();
    report.amount(
        "generator_ns_per_delivery",
        "generator CPU time per delivery, ns",
        own_cpu * 1e9 / float(deliveries),
    );
    report.share("generator_utilisation", "generator, of a core", own);
    report.flag("generator_bound", "generator is the limit", own > BUSY);
    if own > BUSY {
        report.note("above 90 % of a core the row is about the generator, not the server");
    }
    Ok(report)
}

#[cfg(test)]
mod tests {
    use super::{ServerUse, Snapshot, report};
    use crate::options::Options;
    use crate::report::Value;
    use clap::{Args as _, Command, FromArgMatches as _};
    use std::time::Duration;

    #[test]
    fn each_figure_is_about_the_span_and_in_its_unit() {
        let counters = |seconds, deliveries, lines, own, cpu, resident, descriptors| Snapshot {
            at: Duration::from_secs(seconds),
            deliveries,
            lines,
            own_cpu: Duration::from_millis(own),
            server: Some(ServerUse { cpu: Duration::from_millis(cpu), resident, descriptors }),
        };
        let before = counters(0, 1_000, 100, 5_000, 70_000, 4_096, 10);
        let after = counters(4, 2_001_000, 20_100, 5_400, 73_000, 8_192, 12);
        let command = Options::augment_args(Command::new("load"));
        let given = command.get_matches_from(["load", "127.0.0.1:1"]);
        let options = Options::from_arg_matches(&given).expect("valid options");
        let report = report(&options, &before, &after, Some(12_288)).expect("there are deliveries");
        for (key, expected) in [
            ("seconds", Value::Amount(4.0)),
            ("deliveries", Value::Count(2_000_000)),
            ("deliveries_per_second", Value::Amount(500_000.0)),
            ("lines_per_second", Value::Amount(5_000.0)),
            ("cpu_ns_per_delivery", Value::Amount(1_500.0)),
            ("server_utilisation", Value::Share(0.75)),
            ("rss_before_bytes", Value::Count(4_096)),
            ("rss_bytes", Value::Count(8_192)),
            ("rss_highest_bytes", Value::Count(12_288)),
            ("descriptors_before", Value::Count(10)),
            ("descriptors", Value::Count(12)),
            ("generator_ns_per_delivery", Value::Amount(200.0)),
            ("generator_utilisation", Value::Share(0.1)),
            ("generator_bound", Value::Flag(false)),
        ] {
            assert_eq!(report.get(key), Some(expected), "{key}");
        }
    }
}

//! The cost of idle clients.

use std::time::Duration;

use super::connection::{Deadline, LIMIT};
use super::error::LoadError;
use super::instruments::Instruments;
use super::number::float;
use super::options::Options;
use super::progress::Progress;
use super::report::Report;
use super::run_context::RunContext;
use super::server::Server;

/// Idle clients per room, where there are several rooms.
const ROOM_SIZE: u32 = 100;

/// Pause before the memory of the server is read, to let it finish its work.
const SETTLE: Duration = Duration::from_millis(300);

/// Joins `clients` idle clients and reports the growth of the server's resident memory.
pub(super) fn measure(
    options: &Options,
    server: &Server,
    clients: u32,
    instruments: Instruments,
) -> Result<Report, LoadError> {
    let Some(process) = server.process() else {
        let why = server.unseen().unwrap_or("the server's process is not known");
        return Err(LoadError::Request(format!("--idle: {why}")));
    };
    let mut run_context = RunContext::new(instruments)?;
    let progress = Progress::new(options.quiet);
    let before = process.resident()?;
    let sizes = sizes(clients, if options.dialect.0.has_one_room() { clients } else { ROOM_SIZE });
    progress.phase(format_args!("{clients} idle clients join"));
    let plan = options.plan(server.address());
    let deadline = Deadline::new("joining", LIMIT);
    let rooms = (0..)
        .zip(&sizes)
        .map(|(room, &size)| plan.open_room(room, size, &mut run_context.buffer, deadline))
        .collect::<Result<Vec<_>, LoadError>>()?;
    progress.phase("waiting until the server's memory is at rest");
    std::thread::sleep(SETTLE);
    let after = process.resident()?;
    let descriptors = process.descriptors()?;
    drop(rooms); // only now: until here the clients must stay
    let growth = (float(after) - float(before)) / f64::from(clients);

    let mut report = Report::default();
    report.text("dialect", "dialect", options.dialect.0.name());
    options.describe_layers(&mut report);
    report.count("idle_clients", "idle clients", clients.into());
    report.count("rss_before_bytes", "server resident before, bytes", before);
    report.count("rss_after_bytes", "server resident after, bytes", after);
    report.count("descriptors", "server descriptors", descriptors);
    report.amount("bytes_per_client", "growth per client, bytes", growth);
    Ok(report)
}

/// The sizes of the rooms that `clients` fill.
fn sizes(clients: u32, most: u32) -> Vec<u32> {
    let full = std::iter::repeat_n(most, (clients / most) as usize);
    let rest = clients % most;
    full.chain((rest > 0).then_some(rest)).collect()
}

#[cfg(test)]
mod tests {
    use super::sizes;

    #[test]
    fn all_clients_have_a_room() {
        assert_eq!(sizes(1, 100), [1]);
        assert_eq!(sizes(200, 100), [100, 100]);
        assert_eq!(sizes(201, 100), [100, 100, 1]);
    }
}

//! What clients that do nothing cost the server.

use std::rc::Rc;
use std::time::Duration;

use smol::{LocalExecutor, Timer};

use super::error::LoadError;
use super::join::join_rooms;
use super::member::Buffer;
use super::number::float;
use super::options::{IDLE_ROOM_SIZE, Options};
use super::process::Process;
use super::report::Report;

/// How long the server is left alone before its memory is read, to finish what it was doing.
const SETTLE: Duration = Duration::from_millis(200);

/// Joins `clients` idle clients and reports the growth of the server's resident memory.
pub(super) async fn measure(
    executor: &LocalExecutor<'_>,
    options: &Options,
    clients: u32,
) -> Result<Report, LoadError> {
    let Some(pid) = options.pid else {
        return Err(LoadError::Request("idle clients are measured with a process number".into()));
    };
    let server = Process::Number(pid);
    let before = server.resident()?;
    let rooms =
        join_rooms(executor, options.target, sizes(clients), &Rc::new(Buffer::new())).await?;
    Timer::after(SETTLE).await;
    let after = server.resident()?;
    drop(rooms); // only now: until here the clients had to stay
    let growth = (float(after) - float(before)) / f64::from(clients);

    let mut report = Report::default();
    report.count("idle_clients", "idle clients", clients.into());
    report.count("rss_before_bytes", "server resident before, bytes", before);
    report.count("rss_after_bytes", "server resident after, bytes", after);
    report.amount("bytes_per_client", "growth per client, bytes", growth);
    Ok(report)
}

/// The sizes of the rooms that `clients` fill.
fn sizes(clients: u32) -> Vec<u32> {
    let full = std::iter::repeat_n(IDLE_ROOM_SIZE, (clients / IDLE_ROOM_SIZE) as usize);
    let rest = clients % IDLE_ROOM_SIZE;
    full.chain((rest > 0).then_some(rest)).collect()
}

#[cfg(test)]
mod tests {
    use super::sizes;

    #[test]
    fn all_clients_have_a_room() {
        assert_eq!(sizes(1), [1]);
        assert_eq!(sizes(200), [100, 100]);
        assert_eq!(sizes(201), [100, 100, 1]);
    }
}

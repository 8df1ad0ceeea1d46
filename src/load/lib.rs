//! The load generator `parlance-load`, used to measure the server and others that do what it does.
//!
//! In a **closed loop** senders keep a window of lines in flight; the receipts of a member that does not
//! send let them go on. In an **open loop** lines have their times, whatever the server does, and latencies
//! count from those times, so that a stall is not hidden by the wait it causes. What every member receives is
//! compared with the one stream that its room must deliver, so a run that loses, repeats, reorders or
//! changes a line fails instead of looking fast.
//!
//! It runs in one thread and does as little per delivery as it can (one read and one comparison per
//! batch, no parsing): a generator that is slower than the server would measure itself.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "outside the deterministic core: this measures real time over real sockets"
)]

mod baseline;
mod bench;
mod busy;
mod connection;
mod descriptors;
mod difference;
mod error;
mod expected_lines;
mod idle;
mod join;
mod latency;
mod line;
mod member;
mod notices;
mod number;
mod options;
mod poller;
mod process;
mod progress;
mod publisher;
mod report;
mod room;
mod run_context;
mod schedule;
mod sender;
mod server;
mod snapshot;
mod storm;
mod stream;
mod target;
mod wire;

use std::io::Write as _;
use std::process::ExitCode;
use std::time::Duration;

pub use error::LoadError;
pub use options::{Arguments, Options};
pub use report::{Report, Value};
pub use wire::Protocol;

/// How long joining, or a storm, may take.
const LIMIT: Duration = Duration::from_secs(60);

/// Runs the load that `options` describe and returns what was measured.
///
/// # Errors
///
/// Fails if the target cannot be reached, does not keep up within a time limit, or delivers anything
/// other than the lines that were sent, once each and in order.
pub fn measure(options: &Options) -> Result<Report, LoadError> {
    options.check()?;
    descriptors::raise_limit(options.connections())?;
    let server = server::Server::of(options)?;
    match (options.idle, options.storm) {
        (Some(clients), _) => idle::measure(options, &server, clients),
        (None, Some(clients)) => storm::measure(options, &server, clients),
        (None, None) => busy::measure(options, &server),
    }
}

/// The whole program behind the arguments: measures, prints, and says how it went.
///
/// The exit status is 0 if every delivery was right, 2 if the request could not be tried, else 1.
pub fn run(arguments: &Arguments) -> ExitCode {
    let done = match &arguments.task {
        None => measure(&arguments.load)
            .map(|report| if arguments.load.json { report.to_json() } else { report.to_text() }),
        Some(options::Task::Bench(options)) => bench::run(options),
        Some(options::Task::Baseline { port }) => {
            baseline::serve(*port).map(|never| match never {})
        }
    };
    let text = match done {
        Ok(text) => text,
        Err(error) => {
            eprintln!("parlance-load: {error}");
            return ExitCode::from(error.exit_status());
        }
    };
    // `println!` would panic if whoever reads the figures has gone; a status says it better.
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

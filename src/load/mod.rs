//! A small closed-loop load generator for the rooms protocol, used to measure the server and others.
//!
//! One sender per room keeps a window of lines in flight; the receipts of another member of the room
//! let it send more. What every member receives is compared with the one stream that its room must
//! deliver, so a run that loses, repeats or reorders a line fails instead of looking fast.
//!
//! It runs in one thread and does as little per delivery as it can (one read and one comparison per
//! batch, no parsing): a generator that is slower than the server would measure itself.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "outside the deterministic core: this measures real time over real sockets"
)]

mod busy;
mod descriptors;
mod error;
mod idle;
mod join;
mod member;
mod number;
mod options;
mod process;
mod report;
mod room;
mod sender;
mod snapshot;
mod stream;
mod target;
#[cfg(test)]
mod tests;

use std::io::Write as _;
use std::process::ExitCode;

pub use error::LoadError;
pub use options::Options;
pub use report::{Report, Value};

/// Runs the load that `options` describe and returns what was measured.
///
/// # Errors
///
/// Fails if the target cannot be reached, does not keep up within a time limit, or delivers anything
/// other than the lines that were sent, once each and in order.
pub fn measure(options: &Options) -> Result<Report, LoadError> {
    descriptors::raise_limit(options.connections())?;
    let executor = smol::LocalExecutor::new();
    smol::block_on(executor.run(async {
        match options.idle {
            Some(clients) => idle::measure(&executor, options, clients).await,
            None => busy::measure(&executor, options).await,
        }
    }))
}

/// The whole program behind the arguments: measures, prints, and says how it went.
///
/// The exit status is 0 if every delivery was right, 2 if the request could not be tried, else 1.
pub fn run(options: &Options) -> ExitCode {
    let report = match measure(options) {
        Ok(report) => report,
        Err(error) => {
            eprintln!("parlance-load: {error}");
            return ExitCode::from(error.exit_status());
        }
    };
    let text = if options.json { report.to_json() } else { report.to_text() };
    // `println!` would panic if whoever reads the figures has gone; a status says it better.
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

//! One measurement: the kind of load that the options ask for.

use super::error::LoadError;
use super::instruments::Instruments;
use super::options::Options;
use super::process::Process;
use super::progress::Progress;
use super::report::Report;
use super::server::Server;
use super::{busy, descriptors, idle, storm};

/// Runs the load that `options` describe and returns the figures.
///
/// # Errors
///
/// Fails if the target cannot be reached, does not keep up within a time limit, or delivers
/// anything other than the lines that were sent, once each and in order.
pub fn measure(options: &Options) -> Result<Report, LoadError> {
    options.check()?;
    descriptors::raise_limit(options.connections())?;
    let progress = Progress::new(options.quiet);
    if let Some(program) = options.command.first() {
        progress.phase(format_args!("starting {}", parlance_printable::escape_lines(program)));
    }
    let server = Server::of(options)?;
    let mut report = measure_with(options, &server, Instruments::of_the_system())?;
    if let Some(why) = server.unseen() {
        let note = format!("no figures of the server's process: {why}");
        progress.phase(&note);
        report.note(note);
    }
    Ok(report)
}

/// Measures `server` with these instruments.
pub(super) fn measure_with(
    options: &Options,
    server: &Server,
    instruments: Instruments,
) -> Result<Report, LoadError> {
    // An absent process is an error before the run.
    server.process().map(Process::cpu_time).transpose()?;
    match (options.idle, options.storm) {
        (Some(clients), _) => idle::measure(options, server, clients, instruments),
        (None, Some(clients)) => storm::measure(options, server, clients, instruments),
        (None, None) => busy::measure(options, server, instruments),
    }
}

//! One measurement: the kind of load that the options ask for.

use super::error::LoadError;
use super::options::Options;
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
    let server = Server::of(options)?;
    match (options.idle, options.storm) {
        (Some(clients), _) => idle::measure(options, &server, clients),
        (None, Some(clients)) => storm::measure(options, &server, clients),
        (None, None) => busy::measure(options, &server),
    }
}

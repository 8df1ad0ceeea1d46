//! The log: events to standard error.

use super::config::options::{LogFormat, Options};
use std::io::{self, IsTerminal};
use tracing_subscriber::{EnvFilter, Registry, reload};

/// What changes the filter while the daemon runs.
pub(super) type Filter = reload::Handle<EnvFilter, Registry>;

/// Starts to log what `filter` lets through.
pub(super) fn start(options: &Options, filter: EnvFilter) -> Filter {
    use tracing_subscriber::layer::SubscriberExt as _;
    use tracing_subscriber::util::SubscriberInitExt as _;

    let (filter, handle) = reload::Layer::new(filter);
    let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr);
    let lines = lines.with_ansi(io::stderr().is_terminal());
    // Without this a log that cannot be written (a full disk) makes every connection panic.
    let lines = lines.log_internal_errors(false);
    let log = tracing_subscriber::registry().with(filter);
    match options.log_format {
        LogFormat::Text => log.with(lines).init(),
        LogFormat::Json => log.with(lines.json()).init(),
    }
    handle
}

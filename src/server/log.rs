//! The log: events to standard error.

use super::config::options::{LogFormat, Options};
use super::observe::log_writer::{LogGuard, LogWriter};
use std::io::{self, IsTerminal};
use tracing_subscriber::{EnvFilter, Registry, reload};

/// What changes the filter while the daemon runs.
pub(super) type Filter = reload::Handle<EnvFilter, Registry>;

/// The log while the daemon runs.
pub(super) struct Log {
    pub(super) filter: Filter,
    /// Waits, when it is dropped, until what was logged is written.
    pub(super) guard: LogGuard,
}

/// Starts to log what `filter` lets through.
pub(super) fn start(options: &Options, filter: EnvFilter) -> Log {
    use tracing_subscriber::layer::SubscriberExt as _;
    use tracing_subscriber::util::SubscriberInitExt as _;

    let (filter, handle) = reload::Layer::new(filter);
    let writer = LogWriter::new(io::stderr());
    let lines = tracing_subscriber::fmt::layer().with_writer(writer.clone());
    let lines = lines.with_ansi(io::stderr().is_terminal());
    // Without this a log that cannot be written (a full disk) makes every connection panic.
    let lines = lines.log_internal_errors(false);
    let log = tracing_subscriber::registry().with(filter);
    match options.log_format {
        LogFormat::Text => log.with(lines).init(),
        LogFormat::Json => log.with(lines.json()).init(),
    }
    Log { filter: handle, guard: LogGuard(writer) }
}

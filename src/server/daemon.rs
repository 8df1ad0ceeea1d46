//! The daemon: binds, serves, and stops when it is told to.

use super::config::configuration::Configuration;
use super::config::options::Options;
use super::http::OverHttp;
use super::listeners::{Arrivals, Opened, close, open};
use super::log;
use super::provision::{self, advice_for_threads};
use super::stop::{SIGNALS, Stopped, requests, until_stopped};
use super::threads::Helpers;
use super::tls::certificates::Certificates;
use super::tls::server_config;
use super::transport::tcp::SystemClock;
use async_signal::Signals;
use rustix::process::{Resource, getrlimit, setrlimit};
use smol::Task;
use std::io::{self, IsTerminal};
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;

/// Runs the daemon until a signal ends it.
///
/// # Errors
/// What kept it from starting, in words that name the value at fault.
pub fn run(configuration: &Configuration) -> Result<ExitCode, String> {
    let options = &configuration.options;
    let served = configuration.served()?;
    let (endpoints, certificates) = (served.endpoints, served.certificates.map(Arc::new));
    log::start(options, options.log_filter()?);
    raise_descriptor_limit();
    provision::check(endpoints.len())?;
    // The signals are caught before anyone is told that the server is there.
    let signals =
        Signals::new(SIGNALS).map_err(|error| format!("cannot catch signals: {error}"))?;
    // Once it is gone, a terminal is none.
    let at_terminal = io::stdin().is_terminal() || io::stdout().is_terminal();

    let clock = SystemClock::new();
    let helpers = start_helpers(options)?;
    let Opened { listeners, services, .. } =
        open(&endpoints, options, clock, certificates.as_deref())?;
    let arrivals = Arrivals {
        over_http: OverHttp::new(clock, &options.ws_origin),
        tls: certificates.clone().map(server_config),
    };
    let accepting: Vec<Task<()>> =
        listeners.into_iter().map(|listening| arrivals.start_accepting(listening)).collect();
    // No task of the executor: a signal does not wait until every busy client has had its turn.
    let stopped = async {
        let requests = requests(signals, at_terminal, || load_anew(certificates.as_deref()));
        until_stopped(requests, close(accepting), &services).await
    };
    Ok(match helpers.work_until(stopped) {
        Stopped::Drained => ExitCode::SUCCESS,
        Stopped::Hurried => ExitCode::FAILURE,
    })
}

/// The main thread serves too, so one fewer is started.
fn start_helpers(options: &Options) -> Result<Helpers, String> {
    let processors = thread::available_parallelism().map_or(1, usize::from);
    let wanted = options.threads.map_or(processors, usize::from);
    let started = Helpers::start(wanted - 1);
    started.map_err(|error| {
        let advice = advice_for_threads();
        format!("cannot start {wanted} threads: {error}; {advice}, or write --threads 1")
    })
}

/// Loads the certificates anew. Returns whether there are any to load. [common/tls-7]
fn load_anew(certificates: Option<&Certificates>) -> bool {
    match certificates.map_or(Ok(false), Certificates::reload) {
        Ok(loaded) => {
            if loaded {
                tracing::info!("the certificates are loaded anew");
            }
            loaded
        }
        Err(why) => {
            tracing::error!(%why, "the certificates are not loaded anew; the old ones stay");
            true
        }
    }
}

/// [rooms/room-4] [login/room-1] [channels/room-3] Each client is a descriptor, and the usual soft
/// limit of 1,024 is not meant for servers.
fn raise_descriptor_limit() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    if let Err(error) = setrlimit(Resource::Nofile, limit) {
        tracing::warn!(%error, "cannot raise the limit of open files");
    }
}

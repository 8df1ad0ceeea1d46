//! The daemon: binds, serves, and stops when it is told to.

use super::accounts;
use super::admin::{self, AdminFile, AdminListener, DaemonControls, Operator, reload};
use super::bans::Bans;
use super::common::Common;
use super::config::configuration::Configuration;
use super::config::options::Options;
use super::drain::Clients;
use super::entrance::Reception;
use super::http::OverHttp;
use super::keeping::{OpenedStore, StoreThread, keep_bans};
use super::listeners::{Arrivals, Opened, World, close, open};
use super::log;
use super::observe::{MetricsServer, Observer, Phase, Sources, watch_the_clock};
use super::provision::{self, advice_for_threads};
use super::reload::{Banned, DrainTime, Filter, Limits, Pages, Part, Reload, Shown};
use super::service::{Kept, Service};
use super::service_manager::sockets::GivenSockets;
use super::service_manager::{ServiceManager, orphans};
use super::stop::{SIGNALS, Stopped, requests, until_stopped};
use super::threads::{EXECUTOR, Helpers};
use super::tls::certificates::Certificates;
use super::tls::server_config;
use super::transport::tcp::SystemClock;
use async_signal::Signals;
use futures_lite::{future, stream};
use rustix::process::{Resource, getrlimit, setrlimit};
use smol::Task;
use smol::lock::Mutex;
use std::ffi::OsString;
use std::io::{self, IsTerminal};
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;

/// Runs the daemon until a signal ends it. `typed` is the command line that led to the
/// `configuration`: a reload reads it again.
///
/// # Errors
/// What kept it from starting, in words that name the value at fault.
pub fn run(configuration: &Configuration, typed: Vec<OsString>) -> Result<ExitCode, String> {
    let given = GivenSockets::from_environment()?; // as long as there is no other thread
    let options = &configuration.options;
    let served = configuration.served()?;
    let (endpoints, given) = given.in_place_of(served.endpoints)?;
    let certificates = served.certificates.map(Arc::new);
    // As long as there is no other thread.
    let (admin, _admin_file) = bind_admin(options)?.unzip();
    let log = log::start(options, options.log_filter()?);
    let manager = Arc::new(ServiceManager::of(|name| std::env::var_os(name)));
    raise_descriptor_limit();
    provision::check(endpoints.len())?;
    // The signals are caught before anyone is told that the server is there.
    let signals = catch_signals()?;
    let at_terminal = is_at_terminal();

    let store = OpenedStore::of(options)?;
    let kept = kept_by(store.as_ref(), options);
    let clock = SystemClock::new();
    let common = common(options);
    let kept_bans = keep_bans(options, &common.bans, clock)?;
    let sources = Arc::new(Sources::new(&common.observer, log.guard.writer(), clock));
    let metrics = options.metrics.map(|address| watch(address, &sources)).transpose()?;
    let helpers = start_helpers(options)?;
    EXECUTOR.spawn(watch_the_clock()).detach();
    let world = World { clock, common: common.clone(), metrics, kept };
    let opened = open(&endpoints, given, options, &world, &sources, certificates.as_deref())?;
    let Opened { listeners, services, reception } = opened;
    let store = start_keeping(store, options, &services, &sources)?;
    let arrivals = arrivals(options, clock, certificates.as_ref());
    let accepting = listeners.into_iter().map(|listening| arrivals.start_accepting(listening));
    let accepting: Vec<Task<()>> = accepting.collect();
    let drain_time = DrainTime::new(options.drain_time());
    let mut parts = parts_of(&services, &reception, &common.bans);
    parts.push(Box::new(Filter(log.filter.clone())));
    parts.push(Box::new(Pages(arrivals.over_http.origins())));
    parts.push(Box::new(drain_time.clone()));
    parts.extend(certificates.map(|shown| -> Box<dyn Part> { Box::new(Shown(shown)) }));
    let reload = Arc::new(Mutex::new(Reload::new(typed, configuration, parts)));
    let ask_to_reload = start_reloading(&reload, &manager);
    let (asks, asked) = smol::channel::bounded(1);
    if let Some(listener) = admin {
        let controls = DaemonControls {
            filter: log.filter,
            reload,
            manager: Arc::clone(&manager),
            requests: asks,
            drain_time: drain_time.clone(),
            sources: Arc::clone(&sources),
        };
        let operator = Operator::new(&common, &services, clock, Box::new(controls));
        operate(listener, operator.keeping(kept_bans));
    }
    // No task of the executor: a signal does not wait until every busy client has had its turn.
    let stopped = async {
        let requests = stream::or(requests(signals, at_terminal, ask_to_reload), Box::pin(asked));
        let drain_time = || drain_time.get();
        let (services, reception) = (&*services, Some(&*reception));
        let clients = Clients { services, reception, drain_time: &drain_time };
        let closing = async {
            sources.readiness.enter(Phase::Draining);
            manager.stopping();
            close(accepting).await;
        };
        until_stopped(requests, closing, &clients).await
    };
    EXECUTOR.spawn(orphans::lay_to_rest()).detach();
    manager.ready();
    let alive = async { match manager.keep_informed(clock).await {} };
    let stopped = helpers.work_until(future::or(stopped, alive));
    if let Some(store) = store {
        store.finish(); // nobody is left who could say more
    }
    common.observer.report();
    Ok(exit_code(stopped))
}

/// What the services have to know of the store.
fn kept_by(store: Option<&OpenedStore>, options: &Options) -> Kept {
    Kept { archive: store.map(OpenedStore::archive), accounts: options.account_rules() }
}

/// Starts whatever performs what the services ask of the store.
fn start_keeping(
    store: Option<OpenedStore>,
    options: &Options,
    services: &[Arc<Service<SystemClock>>],
    sources: &Arc<Sources<SystemClock>>,
) -> Result<Option<StoreThread>, String> {
    accounts::start(options, services)?;
    Ok(store.map(|store| store.start(services, sources)).transpose()?.flatten())
}

fn exit_code(stopped: Stopped) -> ExitCode {
    match stopped {
        Stopped::Drained => ExitCode::SUCCESS,
        Stopped::Hurried => ExitCode::FAILURE,
    }
}

/// Asked at the start: once it is gone, a terminal is none.
fn is_at_terminal() -> bool {
    io::stdin().is_terminal() || io::stdout().is_terminal()
}

fn catch_signals() -> Result<Signals, String> {
    Signals::new(SIGNALS).map_err(|error| format!("cannot catch signals: {error}"))
}

/// What a reload changes of the services.
fn parts_of(
    services: &[Arc<Service<SystemClock>>],
    reception: &Arc<Reception<SystemClock>>,
    bans: &Arc<Bans>,
) -> Vec<Box<dyn Part>> {
    let (reception, bans) = (Arc::clone(reception), Arc::clone(bans));
    vec![
        Box::new(Limits { services: services.to_vec(), reception }),
        Box::new(Banned { bans, services: services.to_vec() }),
    ]
}

fn arrivals(
    options: &Options,
    clock: SystemClock,
    certificates: Option<&Arc<Certificates>>,
) -> Arrivals {
    Arrivals {
        over_http: OverHttp::new(clock, &options.ws_origin),
        tls: certificates.cloned().map(server_config),
        proxies: options.proxy_protocol.clone(),
    }
}

fn operate(listener: AdminListener, operator: Operator<SystemClock>) {
    EXECUTOR.spawn(admin::accept(listener, Arc::new(operator))).detach();
}

fn bind_admin(options: &Options) -> Result<Option<(AdminListener, AdminFile)>, String> {
    options.admin.as_deref().map(admin::bind).transpose()
}

/// What the services of all dialects have in common.
fn common(options: &Options) -> Common {
    let observer =
        if options.admin.is_some() { Observer::with_roster() } else { Observer::default() };
    let common = Common { observer: Arc::new(observer), ..Common::default() };
    common.bans.set_configured(&options.ban);
    common
}

/// Has a task reload whenever the result is called, once for all calls that come meanwhile.
fn start_reloading(
    reloading: &Arc<Mutex<Reload>>,
    manager: &Arc<ServiceManager>,
) -> impl FnMut() + use<> {
    let (ask, asked) = smol::channel::bounded(1);
    let (reloading, manager) = (Arc::clone(reloading), Arc::clone(manager));
    let reloading = async move {
        while asked.recv().await.is_ok() {
            let _ = reload(&reloading, &manager).await; // the log has what came of it
        }
    };
    EXECUTOR.spawn(reloading).detach();
    // If it is full, a reload that has not begun is to come.
    move || _ = ask.try_send(())
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

/// Serves metrics on `address`. Returns where that is.
fn watch(address: SocketAddr, sources: &Arc<Sources<SystemClock>>) -> Result<SocketAddr, String> {
    let failed = |error| format!("cannot serve metrics on {address}: {error}");
    let server = MetricsServer::bind(address).map_err(failed)?;
    let bound = server.local_address().map_err(failed)?;
    server.start(Arc::clone(sources)).map_err(failed)?;
    EXECUTOR.spawn(Arc::clone(sources).beat()).detach();
    Ok(bound)
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

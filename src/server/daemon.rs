//! The daemon: binds, serves, and stops when it is told to.

use super::accept::serve;
use super::arrival::{Arrival, Plain};
use super::config::endpoint::{Endpoint, Served, Transport};
use super::config::options::{LogFormat, Options};
use super::entrance::{Entrance, Reception};
use super::http::OverHttp;
use super::provision::{self, advice_for_threads};
use super::proxy::{Behind, OverProxy, SourceNetwork};
use super::service::Service;
use super::stop::{SIGNALS, Stopped, requests, until_stopped};
use super::telnet::OverTelnet;
use super::threads::{EXECUTOR, Helpers};
use super::tls::certificates::Certificates;
use super::tls::{OverTls, server_config};
use super::transport::tcp::{SocketOptions, SystemClock, Tasks, Tcp, TcpConnection};
use async_signal::Signals;
use parlance_core::protocol::Dialect;
use rustix::process::{Resource, getrlimit, setrlimit};
use rustls::ServerConfig;
use smol::Task;
use std::future::{Future as _, poll_fn};
use std::io::{self, IsTerminal};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::process::ExitCode;
use std::sync::Arc;
use std::task::Poll;
use std::thread;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

/// Runs the daemon until a signal ends it.
///
/// # Errors
/// What kept it from starting, in words that name the value at fault.
pub fn run(options: &Options) -> Result<ExitCode, String> {
    start_log(options)?;
    let endpoints = options.endpoints(|name| std::env::var_os(name))?;
    let certificates = options.certificates(&endpoints)?.map(Arc::new);
    raise_descriptor_limit();
    provision::check(endpoints.len())?;
    // The signals are caught before anyone is told that the server is there.
    let signals =
        Signals::new(SIGNALS).map_err(|error| format!("cannot catch signals: {error}"))?;
    // Once it is gone, a terminal is none.
    let at_terminal = io::stdin().is_terminal() || io::stdout().is_terminal();

    let clock = SystemClock::new();
    let helpers = start_helpers(options)?;
    let (listeners, services) = open(&endpoints, options, clock, certificates.as_deref())?;
    let arrivals = Arrivals {
        over_http: OverHttp::new(clock, &options.ws_origin),
        tls: certificates.clone().map(server_config),
        proxies: options.proxy_protocol.clone(),
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

type Services = Vec<Arc<Service<SystemClock>>>;

/// A listener, and what it is for.
struct Listening {
    listener: Tcp,
    endpoint: Endpoint,
    entrance: Entrance<SystemClock>,
}

/// What the listeners need to have connections arrive.
struct Arrivals {
    over_http: OverHttp<SystemClock>,
    /// Absent where no listener has TLS.
    tls: Option<Arc<ServerConfig>>,
    /// Whose connections begin with a header of the PROXY protocol.
    proxies: Vec<SourceNetwork>,
}

impl Arrivals {
    fn start_accepting(&self, listening: Listening) -> Task<()> {
        let Listening { listener, endpoint, entrance } = listening;
        let over_http = || self.over_http.clone();
        match (endpoint.served, endpoint.transport) {
            (Served::Dialect(_), Transport::Plain) => self.accept(listener, Plain, entrance),
            (_, Transport::Telnet) => self.accept(listener, OverTelnet, entrance),
            (Served::Dialect(_), Transport::Tls) => {
                self.accept(listener, self.over_tls(Plain), entrance)
            }
            (Served::Http, Transport::Plain) => self.accept(listener, over_http(), entrance),
            (Served::Http, Transport::Tls) => {
                self.accept(listener, self.over_tls(over_http()), entrance)
            }
        }
    }

    /// Accepts connections that begin with `arrival`, behind a header where one may come.
    fn accept<A>(&self, listener: Tcp, arrival: A, entrance: Entrance<SystemClock>) -> Task<()>
    where
        A: Arrival<TcpConnection> + Arrival<Behind<TcpConnection>> + Clone + Sync + Unpin,
    {
        if self.proxies.is_empty() {
            return EXECUTOR.spawn(serve(listener, arrival, entrance, Tasks));
        }
        let arrival = OverProxy::new(&self.proxies, arrival);
        EXECUTOR.spawn(serve(listener, arrival, entrance, Tasks))
    }

    fn over_tls<A>(&self, then: A) -> OverTls<A> {
        let tls = self.tls.as_ref();
        let tls = tls.expect("a listener of TLS has certificates, or the start has failed");
        OverTls::new(Arc::clone(tls), then)
    }
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

/// Binds every endpoint before the first is announced, so that a port that is taken ends the
/// server before anyone can connect. Endpoints of one dialect share its world. [common/telnet-1]
fn open(
    endpoints: &[Endpoint],
    options: &Options,
    clock: SystemClock,
    certificates: Option<&Certificates>,
) -> Result<(Vec<Listening>, Services), String> {
    let mut bound = Vec::new();
    let mut announcements = Vec::new();
    for endpoint in endpoints {
        let listener = bind(endpoint, options)
            .map_err(|error| format!("cannot listen on {endpoint}: {error}"))?;
        let address = listener.local_address().map_err(|error| error.to_string())?;
        announcements.push(format!("Listening on {address} ({})\n", endpoint.scheme()));
        bound.push((listener, endpoint.clone()));
    }
    let made = certificates.filter(|_| options.tls_self_signed);
    if let Some(made) = made {
        let fingerprint = made.fingerprint();
        announcements.push(format!("Certificate of this run: SHA-256 {fingerprint}\n"));
    }
    let dialects = endpoints.iter().flat_map(|endpoint| endpoint.served.dialects());
    let services = services_of(dialects, options, clock);
    let reception = Reception::new(&services, options.limits());
    let listening = |(listener, endpoint): (Tcp, Endpoint)| {
        let entrance = match endpoint.served {
            Served::Dialect(dialect) => service_of(dialect, &services).into(),
            Served::Http => Arc::clone(&reception).into(),
        };
        Listening { listener, endpoint, entrance }
    };
    let listeners: Vec<Listening> = bound.into_iter().map(listening).collect();
    if let (Some(first), true) = (listeners.first(), io::stdout().is_terminal()) {
        announcements.push(next_steps(first, made)?);
    }
    // A closed standard output is no reason not to serve.
    let _ = io::Write::write_all(&mut io::stdout(), announcements.concat().as_bytes());
    Ok((listeners, services))
}

/// A service for each of `dialects`, once.
fn services_of(
    dialects: impl Iterator<Item = &'static dyn Dialect>,
    options: &Options,
    clock: SystemClock,
) -> Services {
    let (busy, mut services) = (Arc::default(), Services::new());
    for dialect in dialects {
        if !services.iter().any(|service| service.dialect.name() == dialect.name()) {
            services.push(Service::beside(&busy, dialect, options.limits(), clock));
        }
    }
    services
}

fn service_of(dialect: &dyn Dialect, services: &Services) -> Arc<Service<SystemClock>> {
    let found = services.iter().find(|service| service.dialect.name() == dialect.name());
    Arc::clone(found.expect("every dialect has its service"))
}

/// What a person at a terminal can type next; `made` is a certificate that nobody knows.
fn next_steps(first: &Listening, made: Option<&Certificates>) -> Result<String, String> {
    let address = first.listener.local_address().map_err(|error| error.to_string())?;
    let port = address.port();
    let host = match address.ip() {
        ip if ip.is_unspecified() => "localhost".to_owned(),
        IpAddr::V6(ip) if matches!(first.endpoint.served, Served::Http) => format!("[{ip}]"),
        ip => ip.to_string(),
    };
    let client = match (first.endpoint.served, first.endpoint.transport) {
        (Served::Http, _) => format!("a browser, at {}://{host}:{port}/", first.endpoint.scheme()),
        (Served::Dialect(dialect), Transport::Plain) => {
            let dialect = dialect.name();
            format!("parlance-chat --dialect {dialect} --port {port} --username NAME")
        }
        (Served::Dialect(_), Transport::Telnet) => format!("telnet {host} {port}"),
        (Served::Dialect(dialect), Transport::Tls) => {
            let dialect = dialect.name();
            let known = made.map(|made| format!(" --tls-fingerprint {}", made.fingerprint()));
            let known = known.unwrap_or_default();
            format!("parlance-chat --tls{known} --dialect {dialect} --port {port} --username NAME")
        }
    };
    Ok(format!("Chat with: {client}\nStop with Ctrl-C.\n"))
}

/// Without `--host`, a machine that has no IPv6 is served on IPv4 alone.
fn bind(endpoint: &Endpoint, options: &Options) -> io::Result<Tcp> {
    let urgent_inline = endpoint.transport == Transport::Telnet;
    let socket_options = SocketOptions { urgent_inline, ..options.socket_options() };
    let bound = Tcp::bind(endpoint.address, socket_options);
    let by_default = options.listen.is_empty() && options.host.is_none();
    match bound {
        Err(error) if by_default && error.kind() != io::ErrorKind::AddrInUse => {
            let any = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
            let address = SocketAddr::new(any, endpoint.address.port());
            Tcp::bind(address, socket_options).map_err(|_| error)
        }
        other => other,
    }
}

/// Closes the listeners, all at the same time.
async fn close(accepting: Vec<Task<()>>) {
    let mut closing: Vec<_> = accepting.into_iter().map(|task| Box::pin(task.cancel())).collect();
    poll_fn(|cx| {
        closing.retain_mut(|task| task.as_mut().poll(cx).is_pending());
        if closing.is_empty() { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

fn start_log(options: &Options) -> Result<(), String> {
    let (name, text) = match &options.log {
        Some(filter) => ("--log", filter.clone()),
        None => ("RUST_LOG", std::env::var("RUST_LOG").unwrap_or_else(|_| "off".to_owned())),
    };
    let invalid = |why: &str| format!("invalid value '{text}' for '{name}': {why}");
    // To the filter a lone word that is no level is the name of a module, and then nothing is
    // logged; RUST_LOG may well be meant for another program.
    let word = text.bytes().all(|byte| byte.is_ascii_alphabetic());
    if options.log.is_some() && word && !text.is_empty() && text.parse::<LevelFilter>().is_err() {
        return Err(invalid("a level is one of off, error, warn, info, debug, trace"));
    }
    let filter = EnvFilter::try_new(&text).map_err(|error| invalid(&error.to_string()))?;
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    let log = log.with_ansi(io::stderr().is_terminal());
    // Without this a log that cannot be written (a full disk) makes every connection panic.
    let log = log.log_internal_errors(false);
    match options.log_format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().init(),
    }
    Ok(())
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

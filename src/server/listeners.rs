//! The listeners of the daemon: where each is, and what its connections go to.

use super::accept::serve;
use super::arrival::{Arrival, Plain};
use super::common::Common;
use super::config::endpoint::{Endpoint, Served, Transport};
use super::config::options::Options;
use super::entrance::{Entrance, Reception};
use super::http::OverHttp;
use super::network::Network;
use super::observe::{ListenerFigures, Phase, Sources};
use super::proxy::{Behind, OverProxy};
use super::service::{Kept, Service};
use super::telnet::OverTelnet;
use super::threads::EXECUTOR;
use super::tls::OverTls;
use super::tls::certificates::Certificates;
use super::transport::tcp::{SocketOptions, SystemClock, Tasks, Tcp, TcpConnection};
use parlance_core::protocol::Dialect;
use rustls::ServerConfig;
use smol::Task;
use std::future::{Future as _, poll_fn};
use std::io::{self, IsTerminal};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::task::Poll;

/// One for each dialect that is served.
pub(super) type Services = Vec<Arc<Service<SystemClock>>>;

/// A listener, and what it is for.
pub(super) struct Listening {
    listener: Tcp,
    endpoint: Endpoint,
    entrance: Entrance<SystemClock>,
}

/// All listeners, and the state of their connections.
pub(super) struct Opened {
    pub(super) listeners: Vec<Listening>,
    pub(super) services: Services,
    pub(super) reception: Arc<Reception<SystemClock>>,
}

/// What all services have in common, and where metrics are served.
pub(super) struct World {
    pub(super) clock: SystemClock,
    pub(super) common: Common,
    pub(super) metrics: Option<SocketAddr>,
    /// What is kept.
    pub(super) kept: Kept,
}

/// What the listeners need to have connections arrive.
pub(super) struct Arrivals {
    pub(super) over_http: OverHttp<SystemClock>,
    /// Absent where no listener has TLS.
    pub(super) tls: Option<Arc<ServerConfig>>,
    /// Whose connections begin with a header of the PROXY protocol.
    pub(super) proxies: Vec<Network>,
}

impl Arrivals {
    /// Accepts connections until the task is cancelled.
    pub(super) fn start_accepting(&self, listening: Listening) -> Task<()> {
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

/// Binds every endpoint before the first is announced, so that a port that is taken ends the
/// server before anyone can connect. A socket that is `given` takes the place of one that would be
/// bound. Endpoints of one dialect share its world. [common/telnet-1] [common/service-1]
pub(super) fn open(
    endpoints: &[Endpoint],
    mut given: impl Iterator<Item = TcpListener>,
    options: &Options,
    world: &World,
    sources: &Sources<SystemClock>,
    certificates: Option<&Certificates>,
) -> Result<Opened, String> {
    let mut bound = Vec::new();
    let mut announcements = Vec::new();
    for endpoint in endpoints {
        let listener = match given.next() {
            Some(socket) => Tcp::adopt(socket, socket_options(endpoint, options)),
            None => bind(endpoint, options),
        };
        let listener = listener.map_err(|error| format!("cannot listen on {endpoint}: {error}"))?;
        let address = listener.local_address().map_err(|error| error.to_string())?;
        announcements.push(format!("Listening on {address} ({})\n", endpoint.scheme()));
        let name = format!("{}://{address}", endpoint.scheme());
        // [extensions/account-6]
        let is_private = endpoint.transport == Transport::Tls || address.ip().is_loopback();
        let figures =
            if is_private { ListenerFigures::private(name) } else { ListenerFigures::new(name) };
        bound.push((listener, endpoint.clone(), figures));
    }
    if let Some(address) = world.metrics {
        announcements.push(format!("Listening on {address} (metrics)\n"));
    }
    let made = certificates.filter(|_| options.tls_self_signed);
    if let Some(made) = made {
        let fingerprint = made.fingerprint();
        announcements.push(format!("Certificate of this run: SHA-256 {fingerprint}\n"));
    }
    let dialects = endpoints.iter().flat_map(|endpoint| endpoint.served.dialects());
    let services = services_of(dialects, options, world);
    let reception = Reception::new(&services, options.limits());
    let figures = bound.iter().map(|(_, _, figures)| Arc::clone(figures)).collect();
    sources.serve(&services, &reception, figures);
    let listening = |(listener, endpoint, figures): (Tcp, Endpoint, Arc<ListenerFigures>)| {
        let entrance = match endpoint.served {
            Served::Dialect(dialect) => Entrance::from(service_of(dialect, &services)),
            Served::Http => Entrance::from(Arc::clone(&reception)),
        };
        Listening { listener, endpoint, entrance: entrance.of(&figures) }
    };
    let listeners: Vec<Listening> = bound.into_iter().map(listening).collect();
    if let (Some(first), true) = (listeners.first(), io::stdout().is_terminal()) {
        announcements.push(next_steps(first, made)?);
    }
    sources.readiness.enter(Phase::Serving);
    // A closed standard output is no reason not to serve.
    let _ = io::Write::write_all(&mut io::stdout(), announcements.concat().as_bytes());
    Ok(Opened { listeners, services, reception })
}

/// A service for each of `dialects`, once.
fn services_of(
    dialects: impl Iterator<Item = &'static dyn Dialect>,
    options: &Options,
    world: &World,
) -> Services {
    let mut services = Services::new();
    for dialect in dialects {
        if !services.iter().any(|service| service.dialect.name() == dialect.name()) {
            let World { clock, common, kept, .. } = world;
            let limits = options.limits();
            services.push(Service::keeping(common, dialect, limits, *clock, *kept));
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

/// What the sockets of a listener's connections are like.
fn socket_options(endpoint: &Endpoint, options: &Options) -> SocketOptions {
    let urgent_inline = endpoint.transport == Transport::Telnet;
    SocketOptions { urgent_inline, ..options.socket_options() }
}

/// Without `--host`, a machine that has no IPv6 is served on IPv4 alone.
fn bind(endpoint: &Endpoint, options: &Options) -> io::Result<Tcp> {
    let socket_options = socket_options(endpoint, options);
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
pub(super) async fn close(accepting: Vec<Task<()>>) {
    let mut closing: Vec<_> = accepting.into_iter().map(|task| Box::pin(task.cancel())).collect();
    poll_fn(|cx| {
        closing.retain_mut(|task| task.as_mut().poll(cx).is_pending());
        if closing.is_empty() { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
}

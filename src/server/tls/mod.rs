//! TLS between a session and its socket. [common/tls-1]

pub mod certificates;
mod files;
mod handshake;
mod provider;
mod records;
mod self_signed;
mod stream;

pub use self::handshake::Handshake;
pub use self::self_signed::self_signed;
pub use self::stream::Tls;

use self::certificates::Certificates;
use self::provider::provider;
use super::arrival::{Arrival, Farewell, turn_away};
use super::transport::Stream;
use rustls::ServerConfig;
use rustls::server::NoServerSessionStorage;
use std::net::IpAddr;
use std::sync::Arc;

/// The arrival of a TLS connection: the handshake, and then the arrival of what is inside.
#[derive(Clone)]
pub struct OverTls<A> {
    config: Arc<ServerConfig>,
    then: A,
}

impl<A> OverTls<A> {
    /// An arrival with a configuration of [`server_config`].
    pub fn new(config: Arc<ServerConfig>, then: A) -> OverTls<A> {
        OverTls { config, then }
    }
}

impl<S, A> Arrival<S> for OverTls<A>
where
    S: Stream + Unpin,
    A: Arrival<Tls<S>> + Clone + Unpin,
{
    type Stream = A::Stream;
    type Arriving = Handshake<S, A>;

    fn arrive(&self, stream: S, address: IpAddr) -> Handshake<S, A> {
        Handshake::new(stream, address, &self.config, self.then.clone())
    }

    /// A client cannot be told anything before its handshake. [common/tls-2]
    fn turn_away(&self, stream: S, farewell: &Farewell) {
        turn_away(&stream, &Farewell { line: Vec::new(), ..*farewell });
    }
}

/// The configuration of all TLS connections: TLS 1.2 and 1.3, no client certificates, and nothing
/// that a later connection could resume. [common/tls-1]
pub fn server_config(certificates: Arc<Certificates>) -> Arc<ServerConfig> {
    let config = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .expect("the provider has suites of both versions")
        .with_no_client_auth();
    let mut config = config.with_cert_resolver(certificates);
    // A ticket costs a write and memory on both sides, and a chat is joined seldom.
    config.send_tls13_tickets = 0;
    config.session_storage = Arc::new(NoServerSessionStorage {});
    Arc::new(config)
}

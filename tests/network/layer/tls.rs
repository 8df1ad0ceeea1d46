//! The client's end of TLS: rustls, which has its own reading of the protocol's documents as far as
//! a client is another half of it than a server.

use super::super::random::Random;
use super::ClientEnd;
use rcgen::{CertificateParams, KeyPair, PKCS_ED25519};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use rustls::version::{TLS12, TLS13};
use rustls::{
    ClientConfig, ClientConnection, ProtocolVersion, RootCertStore, ServerConfig,
    SupportedProtocolVersion,
};
use std::io::{Read, Write};
use std::sync::{Arc, LazyLock};

use parlance_server::tls::certificates::Certificates;
use parlance_server::tls::server_config;

/// How many of 100 posts begin with new keys, where the version has that.
const NEW_KEYS_PERCENT: usize = 20;

/// The maximum of a record's content, in bytes.
const CONTENT_BYTES_MAX: usize = 16 * 1024;

/// Both sides of all connections: one certificate, made for this run of the tests. Its signatures
/// are all of one length, so that a seed has the same bytes in the same places each time.
struct Sides {
    server: Arc<ServerConfig>,
    clients: [Arc<ClientConfig>; 2],
}

static SIDES: LazyLock<Sides> = LazyLock::new(|| {
    let key = KeyPair::generate_for(&PKCS_ED25519).expect("a key is made");
    let params = CertificateParams::new(["localhost".to_owned()]).expect("it is a name");
    let certificate = params.self_signed(&key).expect("it is signed").der().clone();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let mut roots = RootCertStore::empty();
    roots.add(certificate.clone()).expect("it is a certificate");
    let client = |version: &'static SupportedProtocolVersion| {
        let config = ClientConfig::builder_with_protocol_versions(&[version]);
        Arc::new(config.with_root_certificates(roots.clone()).with_no_client_auth())
    };
    let certificates = Certificates::of(vec![certificate], key).expect("they are a pair");
    Sides { server: server_config(Arc::new(certificates)), clients: [&TLS12, &TLS13].map(client) }
});

/// What servers are made with.
pub(crate) fn config() -> Arc<ServerConfig> {
    Arc::clone(&SIDES.server)
}

/// A client of TLS 1.2 or of 1.3.
pub(crate) fn client(newer: bool) -> ClientConnection {
    let config = Arc::clone(&SIDES.clients[usize::from(newer)]);
    let name = ServerName::try_from("localhost").expect("it is a name");
    let mut tls = ClientConnection::new(config, name).expect("the configuration is right");
    tls.set_buffer_limit(None);
    tls
}

pub(crate) struct TlsClient {
    tls: ClientConnection,
    /// Posted before the handshake was over.
    early: Vec<u8>,
    ends_early: bool,
    closed: bool,
}

impl TlsClient {
    /// A client, whose hello is put into `out`.
    pub(crate) fn new(random: &mut Random, out: &mut Vec<u8>) -> TlsClient {
        let mut tls = client(random.percent(50));
        write(&mut tls, out);
        TlsClient { tls, early: Vec::new(), ends_early: false, closed: false }
    }
}

/// Moves what is sealed to `out`.
pub(crate) fn write(tls: &mut ClientConnection, out: &mut Vec<u8>) {
    while tls.wants_write() {
        tls.write_tls(out).expect("memory takes everything");
    }
}

impl ClientEnd for TlsClient {
    /// Seals `bytes` in records of any size.
    fn post(&mut self, bytes: &[u8], random: &mut Random, out: &mut Vec<u8>) {
        if self.tls.is_handshaking() {
            return self.early.extend(bytes);
        }
        let newer = self.tls.protocol_version() == Some(ProtocolVersion::TLSv1_3);
        if newer && random.percent(NEW_KEYS_PERCENT) {
            self.tls.refresh_traffic_keys().expect("the handshake is over");
        }
        let mut rest = bytes;
        while !rest.is_empty() {
            let most = rest.len().min(CONTENT_BYTES_MAX);
            let (content, after) = rest.split_at(random.between(1, most));
            self.tls.writer().write_all(content).expect("there is no limit");
            rest = after;
        }
        write(&mut self.tls, out);
    }

    /// TLS has nothing that is answered by itself.
    fn ping(&mut self, _: &mut Vec<u8>) -> u64 {
        0
    }

    fn last_pong(&self) -> u64 {
        0
    }

    /// That is possible after the handshake.
    fn end(&mut self, out: &mut Vec<u8>) -> bool {
        self.ends_early = self.tls.is_handshaking();
        if !self.ends_early {
            self.tls.send_close_notify();
            write(&mut self.tls, out);
        }
        !self.ends_early
    }

    fn take(
        &mut self,
        mut sealed: &[u8],
        random: &mut Random,
        out: &mut Vec<u8>,
        received: &mut Vec<u8>,
    ) -> bool {
        let shook = self.tls.is_handshaking();
        while !sealed.is_empty() {
            assert!(!self.closed, "a record comes after the last");
            self.tls.read_tls(&mut sealed).expect("the client has room");
            let state = self.tls.process_new_packets().expect("the server's records are whole");
            let from = received.len();
            received.resize(from + state.plaintext_bytes_to_read(), 0);
            self.tls.reader().read_exact(&mut received[from..]).expect("so much is there");
            self.closed = state.peer_has_closed();
        }
        write(&mut self.tls, out);
        if !shook || self.tls.is_handshaking() {
            return false;
        }
        let early = std::mem::take(&mut self.early);
        self.post(&early, random, out);
        self.ends_early && self.end(out)
    }

    fn early(&self) -> usize {
        self.early.len()
    }

    fn reset(&mut self) {
        self.early.clear();
    }

    /// The server says nothing by itself: there are no tickets, and new keys wait for data.
    fn assert_flushed(&self) {}

    fn assert_closed(&self) {
        let told = self.closed || self.tls.is_handshaking();
        assert!(told, "the direction below ended before the layer's");
    }
}

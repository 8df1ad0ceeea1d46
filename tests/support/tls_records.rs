//! The body of the fuzz target `tls_records`: hostile bytes for a server with a handshake done and
//! not done, and conversations that are cut, read and written in any way.
//!
//! It is apart from the other bodies because it needs the server, which they are tested without.

use super::cuts::{first_line_and_stream, segments};
use parlance_server::arrival::{Arrival, Plain};
use parlance_server::tls::{OverTls, Tls, self_signed, server_config};
use parlance_server::transport::Stream;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, ClientConnection, DigitallySignedStruct, Error, SignatureScheme};
use std::collections::VecDeque;
use std::future::Future;
use std::io::{self, ErrorKind, IoSlice, Read, Write};
use std::net::{IpAddr, Ipv4Addr};
use std::pin::Pin;
use std::sync::{Arc, LazyLock, Mutex};
use std::task::{Context, Poll, Waker};

/// Both sides, with a certificate of this run.
struct Sides {
    server: OverTls<Plain>,
    clients: [Arc<ClientConfig>; 2],
}

static SIDES: LazyLock<Sides> = LazyLock::new(|| {
    let certificates = self_signed([]).expect("a certificate is made");
    let clients = [&TLS12, &TLS13].map(|version| {
        let config = ClientConfig::builder_with_protocol_versions(&[version]);
        let anyone = config.dangerous().with_custom_certificate_verifier(Arc::new(Anyone));
        Arc::new(anyone.with_no_client_auth())
    });
    Sides { server: OverTls::new(server_config(Arc::new(certificates)), Plain), clients }
});

/// Takes every certificate: which one it is is tested elsewhere.
#[derive(Debug)]
struct Anyone;

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ECDSA_NISTP256_SHA256]
    }
}

/// A wire whose both ends are in the hands of the target.
#[derive(Clone, Default)]
struct Below(Arc<Mutex<Ways>>);

#[derive(Default)]
struct Ways {
    up: VecDeque<u8>,
    down: Vec<u8>,
    /// How many bytes are taken before a write is refused.
    room: usize,
}

impl Below {
    fn change<T>(&self, act: impl FnOnce(&mut Ways) -> T) -> T {
        act(&mut self.0.lock().expect("nothing panics with it"))
    }

    fn send(&self, bytes: &[u8]) {
        self.change(|ways| ways.up.extend(bytes));
    }

    /// Takes what has come down, and makes room for so many bytes more.
    fn take(&self, room: usize) -> Vec<u8> {
        self.change(|ways| {
            ways.room = room;
            std::mem::take(&mut ways.down)
        })
    }
}

fn readiness(is_ready: bool) -> Poll<io::Result<()>> {
    if is_ready { Poll::Ready(Ok(())) } else { Poll::Pending }
}

impl Stream for Below {
    fn try_read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        self.change(|ways| match ways.up.read(buffer) {
            Ok(0) => Err(ErrorKind::WouldBlock.into()),
            read => read,
        })
    }

    fn try_write_vectored(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        self.change(|ways| {
            if ways.room == 0 {
                return Err(ErrorKind::WouldBlock.into());
            }
            let first = slices.iter().find(|slice| !slice.is_empty()).map_or(&[][..], |each| each);
            let count = first.len().min(ways.room);
            ways.down.extend(&first[..count]);
            ways.room -= count;
            Ok(count)
        })
    }

    fn poll_readable(&self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.change(|ways| readiness(!ways.up.is_empty()))
    }

    fn poll_writable(&self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.change(|ways| readiness(ways.room > 0))
    }

    fn shutdown_write(&self) -> io::Result<()> {
        Ok(())
    }
}

type Handshake = <OverTls<Plain> as Arrival<Below>>::Arriving;

fn cx() -> Context<'static> {
    Context::from_waker(Waker::noop())
}

/// More than any server has to say to bytes that mean nothing.
const ANSWER_BYTES_MAX: usize = 16 * 1024;

/// The first byte says what the input is for: `0` a stream in place of a handshake; `1` or `2` one
/// behind a handshake of TLS 1.2 or 1.3; with any other a conversation in one of the two.
pub(crate) fn tls_records(input: &[u8]) {
    let (how, stream) = first_line_and_stream(input);
    let (kind, lengths) = how.split_first().unwrap_or((&b'0', b""));
    match kind {
        b'0' => in_place_of_a_handshake(lengths, stream),
        b'1' | b'2' => behind_a_handshake(usize::from(kind - b'1'), lengths, stream),
        _ => conversation(usize::from(kind % 2), lengths, stream),
    }
}

fn begun() -> (Below, Handshake) {
    let below = Below::default();
    below.take(usize::MAX);
    let handshake = SIDES.server.arrive(below.clone(), IpAddr::V4(Ipv4Addr::LOCALHOST));
    (below, handshake)
}

fn in_place_of_a_handshake(lengths: &[u8], stream: &[u8]) {
    let (below, mut handshake) = begun();
    for segment in segments(lengths, stream) {
        below.send(segment);
        let polled = Pin::new(&mut handshake).poll(&mut cx());
        assert!(below.take(usize::MAX).len() < ANSWER_BYTES_MAX);
        match polled {
            Poll::Pending => assert!(below.poll_readable(&mut cx()).is_pending(), "it stays"),
            Poll::Ready(Err(_)) => return,
            Poll::Ready(Ok(_)) => panic!("nobody can guess the end of a handshake"),
        }
    }
}

fn flush(client: &mut ClientConnection) -> Vec<u8> {
    let mut out = Vec::new();
    while client.wants_write() {
        client.write_tls(&mut out).expect("memory takes everything");
    }
    out
}

/// Gives `sealed` to the client; what was in it goes to `received`.
fn open(client: &mut ClientConnection, mut sealed: &[u8], received: &mut Vec<u8>) {
    while !sealed.is_empty() {
        client.read_tls(&mut sealed).expect("there is room");
        let state = client.process_new_packets().expect("the records are whole, in order");
        let from = received.len();
        received.resize(from + state.plaintext_bytes_to_read(), 0);
        client.reader().read_exact(&mut received[from..]).expect("so much is there");
    }
}

fn shaken(version: usize) -> (Below, Tls<Below>, ClientConnection) {
    let (below, mut handshake) = begun();
    let name = ServerName::try_from("localhost").expect("it is a name");
    let mut client =
        ClientConnection::new(Arc::clone(&SIDES.clients[version]), name).expect("it is right");
    client.set_buffer_limit(None);
    loop {
        below.send(&flush(&mut client));
        let polled = Pin::new(&mut handshake).poll(&mut cx());
        open(&mut client, &below.take(usize::MAX), &mut Vec::new());
        if let Poll::Ready(arrived) = polled {
            return (below, arrived.expect("both do their part").stream, client);
        }
    }
}

/// Reads until there is no more; returns whether the connection goes on.
fn read(tls: &Tls<Below>, most: usize, heard: &mut Vec<u8>) -> bool {
    let mut buffer = vec![0; most];
    loop {
        match tls.try_read(&mut buffer) {
            Ok(0) => return false,
            Ok(count) => {
                heard.extend(&buffer[..count]);
                if count < most {
                    let more = tls.poll_readable(&mut cx()).is_ready();
                    assert!(!more || tls.try_read(&mut buffer).map_or(true, |count| count == 0));
                }
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                assert!(tls.poll_readable(&mut cx()).is_pending(), "it would spin");
                return true;
            }
            Err(_) => return false,
        }
    }
}

fn behind_a_handshake(version: usize, lengths: &[u8], stream: &[u8]) {
    let (below, tls, _) = shaken(version);
    let mut heard = Vec::new();
    for segment in segments(lengths, stream) {
        below.send(segment);
        let goes_on = read(&tls, 1 + segment.len() % 64, &mut heard);
        let _ = tls.poll_flush(&mut cx());
        assert!(heard.is_empty(), "nobody can guess a record");
        assert!(below.take(usize::MAX).len() < ANSWER_BYTES_MAX);
        if !goes_on {
            break;
        }
    }
    let _ = tls.shutdown_write();
}

/// The client says the stream in records of the segments, and the server says it back.
fn conversation(version: usize, lengths: &[u8], stream: &[u8]) {
    let (below, tls, mut client) = shaken(version);
    let (mut heard, mut said, mut received) = (Vec::new(), 0, Vec::new());
    for (n, segment) in segments(lengths, stream).into_iter().enumerate() {
        if version == 1 && n % 5 == 4 {
            client.refresh_traffic_keys().expect("the handshake is over");
        }
        client.writer().write_all(segment).expect("there is no limit");
        for part in flush(&mut client).chunks(1 + segment.len() % 17) {
            below.send(part);
            assert!(read(&tls, 1 + segment.len() % 64, &mut heard), "it goes on");
        }
        open(&mut client, &below.take(segment.len()), &mut received);
        said += say(&tls, &heard[said..]);
        let _ = tls.poll_flush(&mut cx());
    }
    assert!(heard == stream, "the server has heard something else");
    loop {
        open(&mut client, &below.take(1_000), &mut received);
        assert!(received.len() >= said, "bytes count as written that are not");
        if said == heard.len() {
            break;
        }
        said += say(&tls, &heard[said..]);
    }
    assert!(received == stream, "the client has received something else");
    below.take(usize::MAX);
    tls.shutdown_write().expect("there is room");
}

/// Offers `bytes` in two slices; returns how many were accepted.
fn say(tls: &Tls<Below>, bytes: &[u8]) -> usize {
    let (head, tail) = bytes.split_at(bytes.len() / 3);
    match tls.try_write_vectored(&[IoSlice::new(head), IoSlice::new(tail)]) {
        Ok(count) => count,
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::WouldBlock);
            0
        }
    }
}

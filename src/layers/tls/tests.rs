//! TLS with a played server, in memory.

use super::provider::provider;
use super::{Fingerprint, TlsClient, Trust, authorities};
use crate::{LayerError, Layers, Plan};
use rcgen::{CertificateParams, CertifiedIssuer, KeyPair, date_time_ymd};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, SupportedProtocolVersion};
use std::io::{Read as _, Write as _};
use std::sync::Arc;

type Issuer = CertifiedIssuer<'static, KeyPair>;

/// An authority, and the file in which it is known.
fn authority(name: &str) -> (Issuer, String) {
    let mut params = CertificateParams::new(Vec::new()).expect("no names");
    params.distinguished_name.push(rcgen::DnType::OrganizationName, name);
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let key = KeyPair::generate().expect("chance");
    let issuer = CertifiedIssuer::self_signed(params, key).expect("a certificate");
    let pem = issuer.pem();
    (issuer, pem)
}

/// A certificate, its key and the file in which it is known.
struct Identity {
    certificate: CertificateDer<'static>,
    key: PrivateKeyDer<'static>,
    pem: String,
}

fn identity(by: Option<&Issuer>, change: impl FnOnce(&mut CertificateParams)) -> Identity {
    let names = vec!["chat.example".to_owned(), "127.0.0.1".to_owned()];
    let mut params = CertificateParams::new(names).expect("names");
    change(&mut params);
    let key = KeyPair::generate().expect("chance");
    let signed = match by {
        Some(issuer) => params.signed_by(&key, issuer),
        None => params.self_signed(&key),
    };
    let signed = signed.expect("a certificate");
    let pem = signed.pem();
    Identity { certificate: signed.der().clone(), key: key.into(), pem }
}

fn server(identity: &Identity, versions: &[&'static SupportedProtocolVersion]) -> ServerConnection {
    let config = ServerConfig::builder_with_provider(Arc::clone(provider()))
        .with_protocol_versions(versions)
        .expect("there are such versions")
        .with_no_client_auth()
        .with_single_cert(vec![identity.certificate.clone()], identity.key.clone_key())
        .expect("they fit together");
    ServerConnection::new(Arc::new(config)).expect("a server")
}

fn client(host: &str, trust: &Trust) -> Layers {
    let tls = TlsClient::new(host, trust).expect("a name");
    Layers::new(&Plan { tls: Some(tls), websocket: None })
}

/// Lets both sides talk until nothing more is said.
fn talk(client: &mut Layers, server: &mut ServerConnection) -> Result<(), LayerError> {
    loop {
        let mut said = client.outgoing();
        let count = said.len();
        while !said.is_empty() {
            server.read_tls(&mut said).expect("memory");
            // The server may be told that it is not trusted, which is an error to it.
            let _ = server.process_new_packets();
        }
        client.sent(count);
        let mut answer = Vec::new();
        while server.wants_write() {
            server.write_tls(&mut answer).expect("memory");
        }
        if answer.is_empty() && count == 0 {
            return Ok(());
        }
        client.received(&answer)?;
    }
}

const BOTH: [&SupportedProtocolVersion; 2] = [&rustls::version::TLS13, &rustls::version::TLS12];

/// The words with which a handshake fails.
fn refusal(identity: &Identity, host: &str, trust: &Trust) -> String {
    let mut client = client(host, trust);
    let error = talk(&mut client, &mut server(identity, &BOTH)).expect_err("it is not trusted");
    assert!(error.lasts() && !client.is_ready(), "{error}");
    assert!(!client.outgoing().is_empty(), "the server is told");
    error.to_string()
}

fn by(pem: &str) -> Trust {
    Trust::Authorities(Arc::new(authorities(pem.as_bytes()).expect("a file")))
}

#[test]
fn lines_pass_in_both_versions() {
    let (issuer, pem) = authority("we");
    let identity = identity(Some(&issuer), |_| ());
    for version in BOTH {
        for host in ["chat.example", "127.0.0.1"] {
            let (mut client, mut server) = (client(host, &by(&pem)), server(&identity, &[version]));
            talk(&mut client, &mut server).expect("it is trusted");
            assert!(client.is_ready());
            client.say(b"hi\n");
            server.writer().write_all(b"hello\n").expect("memory");
            talk(&mut client, &mut server).expect("it goes on");
            let mut heard = [0; 3];
            server.reader().read_exact(&mut heard).expect("it has come");
            assert_eq!((&heard, &client.lines()[..]), (b"hi\n", &b"hello\n"[..]));
            let cut = client.ended().expect_err("there was no closing message").to_string();
            assert!(cut.contains("may have been cut"), "{cut}");
            client.close();
            server.send_close_notify();
            talk(&mut client, &mut server).expect("an end in order");
            assert!(client.has_ended() && client.ended().is_ok());
            assert_eq!(server.reader().read(&mut heard).expect("an end in order"), 0);
        }
    }
}

#[test]
fn a_fingerprint_accepts_its_certificate_alone() {
    let (own, other) = (identity(None, |_| ()), identity(None, |_| ()));
    let wanted = Fingerprint::of(&own.certificate);
    // Neither its name nor its time matters.
    let mut first = client("elsewhere.example", &Trust::Certificate(wanted));
    talk(&mut first, &mut server(&own, &BOTH)).expect("it is the one");
    assert!(first.is_ready());
    let words = refusal(&other, "chat.example", &Trust::Certificate(wanted));
    let came = Fingerprint::of(&other.certificate);
    assert!(
        words.contains(&format!("trusted, {wanted}; its SHA-256 fingerprint is {came}")),
        "{words}"
    );
}

#[test]
fn each_refusal_says_why() {
    let (issuer, pem) = authority("we");
    let (_, other) = authority("others");
    let good = identity(Some(&issuer), |_| ());
    let words = refusal(&good, "chat.example", &by(&other));
    let fingerprint = Fingerprint::of(&good.certificate).to_string();
    assert!(words.contains("an authority that the given file does not have"), "{words}");
    assert!(words.contains(&fingerprint), "{words}");
    let (_, impostor) = authority("we");
    let words = refusal(&good, "chat.example", &by(&impostor));
    assert!(words.contains("has not signed it") && words.contains(&fingerprint), "{words}");
    let words = refusal(&good, "other.example", &by(&pem));
    let both = "is for chat.example, 127.0.0.1, and not for other.example";
    assert!(words.contains(both), "{words}");
    let words = refusal(&good, "127.0.0.2", &by(&pem));
    assert!(words.contains("not for 127.0.0.2"), "{words}");
    let old = identity(Some(&issuer), |params| {
        params.not_before = date_time_ymd(2001, 1, 1);
        params.not_after = date_time_ymd(2002, 1, 1);
    });
    let words = refusal(&old, "chat.example", &by(&pem));
    assert!(words.contains("expired") && words.contains("days ago"), "{words}");
    let young = identity(Some(&issuer), |params| params.not_before = date_time_ymd(4000, 1, 1));
    let words = refusal(&young, "chat.example", &by(&pem));
    assert!(words.contains("not valid") || words.contains("valid in"), "{words}");
    assert!(words.contains("clock"), "{words}");
    let of_authority = identity(None, |params| {
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    });
    let words = refusal(&of_authority, "chat.example", &by(&of_authority.pem));
    assert!(words.contains("is that of an authority"), "{words}");
    // Its own authority: a self-signed certificate in the file is trusted for its names.
    let own = identity(None, |_| ());
    let mut trusting = client("chat.example", &by(&own.pem));
    talk(&mut trusting, &mut server(&own, &BOTH)).expect("the file has it");
    assert!(trusting.is_ready());
}

#[test]
fn a_server_without_tls_is_shown_as_it_answers() {
    for (answer, words) in [
        (&b"ERROR what \x1b[2J\n"[..], r#"does not speak TLS, it says "ERROR what \x1b[2J""#),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", r#"it says "HTTP/1.1 400 Bad Request""#),
    ] {
        let error = client("h", &Trust::Anyone).received(answer).expect_err("no TLS");
        assert!(error.to_string().contains(words) && !error.lasts(), "{error}");
    }
    let mut silent = client("h", &Trust::Anyone);
    let error = silent.ended().expect_err("no TLS").to_string();
    assert!(error.contains("in the TLS handshake without a word"), "{error}");
    silent.received(&[22, 3, 3]).expect("it may go on");
    let error = silent.ended().expect_err("half a record").to_string();
    assert!(error.contains("before it was over"), "{error}");
    let alert = [21, 3, 3, 0, 2, 2, 40];
    let error = client("h", &Trust::Anyone).received(&alert).expect_err("an alert");
    assert!(error.to_string().ends_with("refuses the TLS handshake: handshake failure"), "{error}");
}

#[test]
fn a_record_that_is_changed_ends_the_connection() {
    let (own, mut trusting) = (identity(None, |_| ()), client("h", &Trust::Anyone));
    let mut server = server(&own, &BOTH);
    talk(&mut trusting, &mut server).expect("everyone is trusted");
    server.writer().write_all(b"hello\n").expect("memory");
    let mut record = Vec::new();
    server.write_tls(&mut record).expect("memory");
    *record.last_mut().expect("it is not empty") ^= 1;
    let error = trusting.received(&record).expect_err("it is not the same").to_string();
    assert!(error.contains("changed on its way"), "{error}");
    assert!(trusting.lines().is_empty());
}

#[test]
fn a_name_that_no_certificate_can_have_is_refused() {
    assert!(TlsClient::new("a b", &Trust::Anyone).is_err());
    assert!(TlsClient::new("fe80::1%eth0", &Trust::Anyone).is_ok());
}

#[test]
fn a_file_without_authorities_is_refused() {
    for (pem, why) in [
        ("", "no certificate in PEM form"),
        ("-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n", "damaged"),
        ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "certificate 1"),
    ] {
        let error = authorities(pem.as_bytes()).expect_err(pem);
        assert!(error.contains(why), "{error}");
    }
}

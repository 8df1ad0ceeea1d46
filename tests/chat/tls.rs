//! The client over TLS.
//!
//! Goal: `--tls` talks to the server that is trusted and to no other, says in words why it does
//! not, and ends each direction in order. Method: a server that the test plays in TLS, with
//! certificates that are made for it. Limits: the system's own authorities are replaced by a file.

use super::client::{Script, bob, command};
use super::server::Server;
use parlance_layers::Fingerprint;
use rcgen::{CertificateParams, CertifiedIssuer, KeyPair};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::CertificateDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A server in TLS, with an authority of its own in a file.
struct Secure {
    server: Server,
    config: Arc<ServerConfig>,
    certificate: CertificateDer<'static>,
    authority: PathBuf,
}

impl Secure {
    /// A server whose certificate is for `name`.
    fn open(name: &str) -> Secure {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let mut params = CertificateParams::new(Vec::new()).expect("no names");
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("chance");
        let issuer = CertifiedIssuer::self_signed(params, key).expect("a certificate");
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let file = format!("parlance-chat-{}-{number}.pem", std::process::id());
        let authority = std::env::temp_dir().join(file);
        std::fs::write(&authority, issuer.pem()).expect("there is room for a file");
        let key = KeyPair::generate().expect("chance");
        let params = CertificateParams::new(vec![name.to_owned()]).expect("a name");
        let certificate = params.signed_by(&key, &issuer).expect("a certificate").der().clone();
        let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("they fit together")
            .with_no_client_auth()
            .with_single_cert(vec![certificate.clone()], key.into())
            .expect("they fit together");
        Secure { server: Server::open(), config: Arc::new(config), certificate, authority }
    }

    fn authority(&self) -> &str {
        self.authority.to_str().expect("its name is text")
    }

    fn fingerprint(&self) -> String {
        Fingerprint::of(&self.certificate).to_string()
    }

    fn accept(&self) -> StreamOwned<ServerConnection, TcpStream> {
        let connection = ServerConnection::new(Arc::clone(&self.config)).expect("a server");
        StreamOwned::new(connection, self.server.accept().into_stream())
    }

    /// Lets a client try, and expects that it turns away; returns the last line that it shows.
    fn refused_by(&self, options: &[&str]) -> String {
        let mut command = bob("login", self.server.address());
        let options = [&["--tls", "--reconnect", "3"], options].concat();
        let (script, stdin) = Script::start_open(command.args(options));
        let mut peer = self.accept();
        peer.read(&mut [0]).expect_err("the client turns away");
        // A second connection would never be accepted, so the program would not end.
        let ended = script.ended();
        drop(stdin);
        let address = self.server.address();
        ended.expect_failure(&format!(
            "cannot connect to {} port {}",
            address.ip(),
            address.port()
        ));
        assert_eq!(ended.stderr.len(), 1, "it does not try again: {ended:?}");
        ended.stderr[0].clone()
    }
}

impl Drop for Secure {
    fn drop(&mut self) {
        // It is a temporary file either way.
        let _ = std::fs::remove_file(&self.authority);
    }
}

/// Expects a login and a line, answers both, and expects the end.
fn conversation(mut peer: StreamOwned<ServerConnection, TcpStream>) {
    let mut heard = [0; 10];
    peer.read_exact(&mut heard).expect("a login");
    assert_eq!(&heard, b"LOGIN bob\n");
    peer.write_all(b"OK\n").expect("the client takes it");
    let mut heard = [0; 7];
    peer.read_exact(&mut heard).expect("a line");
    assert_eq!(&heard, b"MSG hi\n");
    peer.write_all(b"MSG bob hi\n").expect("the client takes it");
    peer.read_exact(&mut heard[..5]).expect("a question before the end");
    assert_eq!(&heard[..5], b"PING\n");
    peer.write_all(b"PONG\n").expect("the client takes it");
    assert_eq!(peer.read(&mut heard).expect("an end in order, with TLS's closing message"), 0);
    peer.conn.send_close_notify();
    peer.flush().expect("the client waits for it");
}

#[test]
fn lines_pass_in_tls() {
    let secure = Secure::open("127.0.0.1");
    let fingerprint = secure.fingerprint();
    let bare = fingerprint.replace(':', "").to_lowercase();
    let target = format!("login+tls://{}", secure.server.address());
    for options in [
        &["--tls-ca", secure.authority()][..],
        &["--tls-fingerprint", &fingerprint],
        &["--tls-fingerprint", &bare],
    ] {
        let mut options_typed = bob("login", secure.server.address());
        let mut as_target = command();
        as_target.args([&target, "--username", "bob"]);
        for command in [options_typed.arg("--tls"), &mut as_target] {
            let script = Script::start(command.args(options), "hi\n");
            conversation(secure.accept());
            script.ended().expect_success(&["<bob> hi"]);
        }
    }
}

#[test]
fn the_environment_can_ask_for_tls() {
    let secure = Secure::open("127.0.0.1");
    let mut command = bob("login", secure.server.address());
    command.env("CHAT_TLS", "1").env("CHAT_TLS_CA", secure.authority());
    let script = Script::start(&mut command, "hi\n");
    conversation(secure.accept());
    script.ended().expect_success(&["<bob> hi"]);
}

#[test]
fn the_authorities_of_the_system_are_trusted() {
    let secure = Secure::open("127.0.0.1");
    let mut command = bob("login", secure.server.address());
    command.arg("--tls").env("SSL_CERT_FILE", secure.authority());
    let script = Script::start(&mut command, "hi\n");
    conversation(secure.accept());
    script.ended().expect_success(&["<bob> hi"]);
}

#[test]
fn an_unknown_authority_is_refused_and_the_fingerprint_told() {
    let (secure, other) = (Secure::open("127.0.0.1"), Secure::open("127.0.0.1"));
    let said = secure.refused_by(&["--tls-ca", other.authority()]);
    let advice = "if you know it to be the right one, --tls-fingerprint trusts it";
    assert!(said.contains(&secure.fingerprint()) && said.contains(advice), "{said}");
}

#[test]
fn another_name_is_refused() {
    let secure = Secure::open("chat.example");
    let said = secure.refused_by(&["--tls-ca", secure.authority()]);
    assert!(said.contains("is for chat.example, and not for 127.0.0.1"), "{said}");
}

#[test]
fn another_fingerprint_is_refused() {
    let (secure, other) = (Secure::open("127.0.0.1"), Secure::open("127.0.0.1"));
    let said = secure.refused_by(&["--tls-fingerprint", &other.fingerprint()]);
    let both = [&secure, &other].map(|one| said.contains(&one.fingerprint()));
    assert!(both == [true, true] && !said.contains("trusts it"), "{said}");
}

#[test]
fn a_server_without_tls_is_shown() {
    let server = Server::open();
    let mut command = bob("login", server.address());
    let (script, stdin) = Script::start_open(command.args(["--tls", "--tls-fingerprint", FAKE]));
    let mut peer = server.accept();
    peer.send("ERR \u{1b}[31munknown\n");
    script.ended().expect_failure(r#"does not speak TLS, it says "ERR \x1b[31munknown""#);
    drop(stdin);
}

#[test]
fn a_server_in_tls_is_named_to_a_plain_client() {
    let hints = ["if it speaks TLS there, try --tls", "it speaks TLS there, try --tls", "reason"];
    for (said, hint) in [&b""[..], b"\x15\x03\x01\0\x02\x02\x0a", b"OK\n"].into_iter().zip(hints) {
        let server = Server::open();
        let (script, stdin) = Script::start_open(&mut bob("login", server.address()));
        let mut stream = server.accept().into_stream();
        stream.read_exact(&mut [0; 10]).expect("a login");
        stream.write_all(said).expect("the client takes it");
        stream.shutdown(std::net::Shutdown::Write).expect("it is open");
        let ended = script.ended();
        drop((stdin, stream));
        ended.expect_failure(hint);
        assert_eq!(ended.stderr.concat().contains("--tls"), hint.contains("--tls"), "{ended:?}");
    }
}

const FAKE: &str = "0000000000000000000000000000000000000000000000000000000000000000";

#[test]
fn a_server_that_closes_in_the_handshake_is_reported() {
    let server = Server::open();
    let mut command = bob("login", server.address());
    let (script, stdin) = Script::start_open(command.args(["--tls", "--tls-fingerprint", FAKE]));
    let stream = server.accept().into_stream();
    stream.shutdown(std::net::Shutdown::Write).expect("it is open");
    script.ended().expect_failure("closed the connection in the TLS handshake without a word");
    drop((stdin, stream));
}

#[test]
fn a_server_that_says_nothing_is_given_up() {
    let server = Server::open();
    let mut command = bob("login", server.address());
    let options = ["--tls", "--tls-fingerprint", FAKE, "--timeout", "1"];
    let (script, stdin) = Script::start_open(command.args(options));
    let peer = server.accept();
    script.ended().expect_failure("the TLS handshake is not over after 1 s");
    drop((stdin, peer));
}

#[test]
fn an_end_without_a_closing_message_is_a_loss() {
    let secure = Secure::open("127.0.0.1");
    let mut command = bob("login", secure.server.address());
    let (script, stdin) =
        Script::start_open(command.args(["--tls", "--tls-ca", secure.authority()]));
    let mut peer = secure.accept();
    peer.read_exact(&mut [0; 10]).expect("a login");
    peer.write_all(b"OK\nMSG eve bye\n").expect("the client takes it");
    drop(peer);
    let ended = script.ended();
    drop(stdin);
    assert_eq!(ended.stdout, ["<eve> bye"]);
    ended.expect_failure("without TLS's closing message");
}

#[test]
fn a_lost_server_is_reached_again_in_tls() {
    let secure = Secure::open("127.0.0.1");
    let mut command = bob("login", secure.server.address());
    let options = ["--tls", "--tls-ca", secure.authority(), "--reconnect"];
    let (script, stdin) = Script::start_open(command.args(options));
    let mut peer = secure.accept();
    peer.read_exact(&mut [0; 10]).expect("a login");
    peer.write_all(b"OK\n").expect("the client takes it");
    drop(peer);
    let mut peer = secure.accept();
    peer.read_exact(&mut [0; 10]).expect("a login in TLS again");
    peer.write_all(b"OK\nMSG eve back\n").expect("the client takes it");
    drop(stdin);
    assert_eq!(peer.read(&mut [0]).expect("an end in order"), 0);
    peer.conn.send_close_notify();
    peer.flush().expect("the client waits for it");
    assert_eq!(script.ended().stdout, ["<eve> back"]);
}

#[test]
fn many_lines_pass_both_ways_at_once() {
    const LINES: usize = 3000;
    let secure = Secure::open("127.0.0.1");
    let mut command = bob("rooms", secure.server.address());
    let input: String = "some line of text that is said\n".repeat(LINES);
    let options = ["--tls", "--tls-ca", secure.authority()];
    let script = Script::start(command.args(options), input.clone());
    let mut peer = secure.accept();
    peer.read_exact(&mut [0; 14]).expect("a join");
    peer.write_all(b"bob has joined\n").expect("the client takes it");
    // Each line is heard as the room says it.
    let mut line = [0; 31];
    for _ in 0..LINES {
        peer.read_exact(&mut line).expect("a line");
        peer.write_all(&[b"bob: ", &line[..]].concat()).expect("the client takes it");
    }
    assert_eq!(peer.read(&mut line).expect("an end in order"), 0);
    peer.conn.send_close_notify();
    peer.flush().expect("the client waits for it");
    let ended = script.ended();
    assert_eq!(ended.status, Some(0), "{:?}", ended.stderr);
    assert_eq!(ended.stdout.len(), LINES + 1);
}

#[test]
fn bad_options_are_named() {
    let secure = Secure::open("127.0.0.1");
    let (good, missing) = (secure.authority(), "/nowhere/ca.pem");
    let empty = "/dev/null";
    for (options, why) in [
        (&["--tls", "--tls-ca", missing][..], "'/nowhere/ca.pem' for '--tls-ca <FILE>': it cannot"),
        (&["--tls", "--tls-ca", empty], "it has no certificate in PEM form"),
        (&["--tls", "--tls-fingerprint", "ab:cd"], "'ab:cd' for '--tls-fingerprint <HEX>'"),
        (&["--tls-ca", good], "there is no --tls"),
        (&["--tls-fingerprint", FAKE], "there is no --tls"),
        (&["--tls", "--tls-ca", good, "--tls-fingerprint", FAKE], "write one of them"),
        (&["--tls", "--tls-ca", good, "--host", "a b"], "'a b'"),
        (&["rooms+telnet://h"], "'rooms+telnet://h'"),
    ] {
        let ended = Script::start(command().args(["--username", "bob"]).args(options), "").ended();
        let said = ended.stderr.join("\n");
        assert!(ended.status == Some(2) && said.contains(why), "{options:?}: {ended:?}");
    }
}

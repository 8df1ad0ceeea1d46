//! `openssl` as a client of TLS that shares no code with ours.

use super::output::Output;
use std::io::Write;
use std::net::SocketAddr;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::thread;

/// A conversation over TLS.
pub struct OpenSsl {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: Output,
}

/// Whether this machine has the program; says so if it has not. Where all foreign programs are
/// asked for, one that is missing is a failure.
pub fn has_openssl() -> bool {
    let version = Command::new("openssl").arg("version").stdout(Stdio::null()).status();
    if version.is_err() {
        let all = std::env::var_os("PARLANCE_FOREIGN_ALL").is_some();
        assert!(!all, "openssl is missing: apt-get install openssl");
        println!("this machine has no openssl: not tested with it");
    }
    version.is_ok()
}

fn client(address: SocketAddr, options: &[&str]) -> Command {
    let mut command = Command::new("openssl");
    command.args(["s_client", "-connect", &address.to_string()]).args(options);
    command
}

impl OpenSsl {
    /// A client that shows what it receives and nothing else.
    pub fn connect(address: SocketAddr, options: &[&str]) -> OpenSsl {
        let mut command = client(address, &["-quiet"]);
        command.args(options).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("the program is there");
        let stdin = child.stdin.take();
        let stdout = Output::of(child.stdout.take().expect("it is piped"));
        OpenSsl { child, stdin, stdout }
    }

    pub fn send(&mut self, lines: impl AsRef<[u8]>) {
        let stdin = self.stdin.as_mut().expect("it has not ended");
        stdin.write_all(lines.as_ref()).expect("it reads");
    }

    #[track_caller]
    pub fn expect(&mut self, lines: impl AsRef<[u8]>) {
        let lines = String::from_utf8_lossy(lines.as_ref()).into_owned();
        for line in lines.split_terminator('\n') {
            assert_eq!(self.stdout.line().as_deref(), Some(line));
        }
    }

    /// The server has ended its direction, and this the conversation.
    #[track_caller]
    pub fn expect_end(&mut self) {
        assert_eq!(self.stdout.line(), None);
        drop(self.stdin.take());
    }
}

impl Drop for OpenSsl {
    fn drop(&mut self) {
        // It may have ended long ago; then both say so, and nobody minds.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Makes a handshake and ends: whether that worked, and what was said of it.
pub fn handshake(address: SocketAddr, options: &[&str]) -> (bool, String) {
    let mut command = client(address, options);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program is there");
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let stdout = Output::of(stdout.expect("it is piped"));
    let stderr = Output::of(stderr.expect("it is piped"));
    let said = [stdout.rest(), stderr.rest()].concat().join("\n");
    (child.wait().is_ok_and(|status| status.success()), said)
}

/// The first certificate that a listener shows to this client, in PEM.
pub fn shown_certificate(address: SocketAddr, options: &[&str]) -> String {
    let (_, said) = handshake(address, options);
    let (begin, end) = ("-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----");
    let from = said.find(begin).unwrap_or_else(|| panic!("no certificate in {said}"));
    let to = said[from..].find(end).expect("it ends") + from + end.len();
    said[from..to].replace('\r', "")
}

/// The fingerprint of a certificate, as `openssl` writes it.
pub fn fingerprint(certificate: &str) -> String {
    let mut command = Command::new("openssl");
    command.args(["x509", "-noout", "-fingerprint", "-sha256"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("the program is there");
    let mut stdin = child.stdin.take().expect("it is piped");
    let certificate = certificate.to_owned();
    let writer = thread::spawn(move || writeln!(stdin, "{certificate}").expect("it reads"));
    let said = Output::of(child.stdout.take().expect("it is piped")).rest().join("\n");
    writer.join().expect("it has written");
    child.wait().expect("it is our child");
    said.rsplit_once('=').expect("it says one").1.to_owned()
}

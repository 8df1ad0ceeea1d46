//! The certificates of a server: which one a client is shown, and how they are loaded anew.

use super::files::Pair;
use super::provider::provider;
use rustls::client::verify_server_name;
use rustls::crypto::hash::Hash;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::{ClientHello, ParsedCertificate, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{CipherSuite, SupportedCipherSuite};
use std::fmt::Write;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

/// The certificates of all TLS listeners. [common/tls-6]
///
/// A client is shown the first one that is valid for the name that it asks for and whose key it
/// can check, or else the first of all.
#[derive(Debug)]
pub struct Certificates {
    /// Whether they were made for this run, and are in no file.
    is_made: bool,
    /// Never empty.
    current: RwLock<Arc<[Arc<CertifiedKey>]>>,
}

impl Certificates {
    /// The certificates of pairs of files, each of a certificate with its chain and of its key, in
    /// PEM.
    ///
    /// # Errors
    /// A message for the user, which names the file at fault.
    pub fn load(files: impl IntoIterator<Item = (PathBuf, PathBuf)>) -> Result<Self, String> {
        let files: Vec<_> = files.into_iter().map(Pair::from).collect();
        let current = RwLock::new(read(&files)?);
        Ok(Certificates { is_made: false, current })
    }

    /// A certificate, with its chain, that is in no file.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn of(
        chain: Vec<CertificateDer<'static>>,
        key: PrivateKeyDer<'static>,
    ) -> Result<Self, String> {
        let certified = CertifiedKey::from_der(chain, key, &provider());
        let certified = certified.map_err(|error| error.to_string())?;
        let current = RwLock::new(Arc::from([Arc::new(certified)]));
        Ok(Certificates { is_made: true, current })
    }

    /// Shows what `others` would show from now on, to the connections to come. [common/tls-7]
    pub fn replace(&self, others: &Certificates) {
        let anew = others.current();
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = anew;
    }

    /// Whether they were made for this run.
    pub fn is_made(&self) -> bool {
        self.is_made
    }

    /// The SHA-256 fingerprint of the first certificate, as OpenSSL writes it.
    pub fn fingerprint(&self) -> String {
        let mut shown = String::new();
        for byte in sha_256(&self.current()[0].cert[0]).as_ref() {
            let colon = if shown.is_empty() { "" } else { ":" };
            let _ = write!(shown, "{colon}{byte:02X}");
        }
        shown
    }

    fn current(&self) -> Arc<[Arc<CertifiedKey>]> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }
}

fn read(files: &[Pair]) -> Result<Arc<[Arc<CertifiedKey>]>, String> {
    files.iter().map(|pair| pair.read().map(Arc::new)).collect()
}

/// The provider of the cryptography has no other way to it than a cipher suite that uses it.
fn sha_256(bytes: &[u8]) -> impl AsRef<[u8]> {
    let uses =
        |suite: &&SupportedCipherSuite| suite.suite() == CipherSuite::TLS13_AES_128_GCM_SHA256;
    let suites = provider().cipher_suites.clone();
    let suite = suites.iter().find(uses).and_then(SupportedCipherSuite::tls13);
    let hash: &dyn Hash = suite.expect("every client has this suite").common.hash_provider;
    hash.hash(bytes)
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let current = self.current();
        let name = hello.server_name().and_then(|name| ServerName::try_from(name).ok());
        let named = name.and_then(|name| {
            let is_right = |each: &&Arc<CertifiedKey>| {
                is_valid_for(each, &name)
                    && each.key.choose_scheme(hello.signature_schemes()).is_some()
            };
            current.iter().find(is_right)
        });
        named.or(current.first()).cloned()
    }
}

fn is_valid_for(certified: &CertifiedKey, name: &ServerName<'_>) -> bool {
    let parsed = ParsedCertificate::try_from(&certified.cert[0]);
    parsed.is_ok_and(|certificate| verify_server_name(&certificate, name).is_ok())
}

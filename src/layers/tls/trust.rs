//! Which servers are trusted.

use super::fingerprint::Fingerprint;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use std::sync::Arc;

/// Which certificates of a server are accepted.
#[derive(Clone, Debug)]
pub enum Trust {
    /// Those for its name that an authority of the system has signed: the files that OpenSSL reads,
    /// or those that `SSL_CERT_FILE` and `SSL_CERT_DIR` name.
    System,
    /// Those for its name that one of these authorities has signed, and no other.
    Authorities(Arc<Vec<CertificateDer<'static>>>),
    /// This one, whatever it says.
    Certificate(Fingerprint),
    /// Every one: for a server that is tested, and told nothing that it must not know.
    Anyone,
}

/// The authorities in a file in PEM form.
///
/// # Errors
/// The file has no certificate, or one that cannot be read; in words for a person.
///
/// ```
/// assert!(parlance_layers::authorities(b"nothing").is_err());
/// ```
pub fn authorities(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, String> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    let found = found.map_err(|error| format!("it is damaged: {error}"))?;
    let mut roots = rustls::RootCertStore::empty();
    for (number, certificate) in (1..).zip(&found) {
        let taken = roots.add(certificate.clone());
        taken.map_err(|_| format!("certificate {number} in it is damaged, or none"))?;
    }
    if found.is_empty() {
        return Err("it has no certificate in PEM form (-----BEGIN CERTIFICATE-----)".to_owned());
    }
    Ok(found)
}

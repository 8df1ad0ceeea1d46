//! A certificate and its key, in files of PEM.

use super::provider;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use rustls::{Error, InconsistentKeys};
use std::fs;
use std::path::{Path, PathBuf};

/// The maximum of a file, in bytes: a device that never ends is no certificate.
const FILE_BYTES_MAX: u64 = 1024 * 1024;

/// The files of `--tls-cert` and `--tls-key`.
#[derive(Clone, Debug)]
pub(super) struct Pair {
    certificate: PathBuf,
    key: PathBuf,
}

impl From<(PathBuf, PathBuf)> for Pair {
    fn from((certificate, key): (PathBuf, PathBuf)) -> Pair {
        Pair { certificate, key }
    }
}

impl Pair {
    /// The certificate with its chain, and its key.
    ///
    /// # Errors
    /// A message for the user, which names the file at fault and says what would be right.
    pub(super) fn read(&self) -> Result<CertifiedKey, String> {
        let chain = self.chain()?;
        let key = self.private_key()?;
        CertifiedKey::from_der(chain, key, &provider()).map_err(|error| match error {
            Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => format!(
                "{} is not the key of the certificate in '{}'; write the pair that was issued \
                 together",
                wrong("--tls-key", &self.key, "it"),
                self.certificate.display()
            ),
            Error::InvalidCertificate(_) => wrong(
                "--tls-cert",
                &self.certificate,
                &format!("its first certificate cannot be used: {error}"),
            ),
            error => wrong("--tls-key", &self.key, &format!("the key cannot be used: {error}")),
        })
    }

    fn chain(&self) -> Result<Vec<CertificateDer<'static>>, String> {
        let wrong = |why: &str| wrong("--tls-cert", &self.certificate, why);
        let text = text(&self.certificate).map_err(|why| wrong(&why))?;
        let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
        let chain = found.map_err(|error| wrong(&format!("it is no PEM: {error}")))?;
        if chain.is_empty() {
            return Err(wrong(
                "there is no certificate in it; write a PEM file, the server's certificate first \
                 and its chain behind it",
            ));
        }
        Ok(chain)
    }

    fn private_key(&self) -> Result<PrivateKeyDer<'static>, String> {
        let wrong = |why: &str| wrong("--tls-key", &self.key, why);
        let text = text(&self.key).map_err(|why| wrong(&why))?;
        PrivateKeyDer::from_pem_slice(&text).map_err(|error| match error {
            pem::Error::NoItemsFound => wrong(
                "there is no private key in it; write a PEM file with a key that has no passphrase",
            ),
            error => wrong(&format!("it is no PEM: {error}")),
        })
    }
}

fn text(file: &Path) -> Result<Vec<u8>, String> {
    let unreadable = |error| format!("it cannot be read: {error}");
    let about = fs::metadata(file).map_err(unreadable)?;
    if !about.is_file() {
        return Err("it is no file; write the name of a PEM file".to_owned());
    }
    if about.len() > FILE_BYTES_MAX {
        return Err(format!("it is longer than {FILE_BYTES_MAX} bytes; write a PEM file"));
    }
    fs::read(file).map_err(unreadable)
}

fn wrong(option: &str, file: &Path, why: &str) -> String {
    format!("invalid value '{}' for '{option}': {why}", file.display())
}

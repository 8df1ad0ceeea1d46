//! The judge of certificates, which remembers what it has seen.

use super::fingerprint::Fingerprint;
use super::provider::provider;
use super::trust::Trust;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, Error, SignatureScheme};
use std::sync::{Arc, Mutex, PoisonError};

/// Judges the certificates of a server.
#[derive(Debug)]
pub(crate) struct Verifier {
    /// For those who trust authorities.
    inner: Option<Arc<dyn ServerCertVerifier>>,
    pub(super) trust: Trust,
    pub(super) host: String,
    /// The fingerprint of the last certificate.
    seen: Mutex<Option<Fingerprint>>,
}

impl Verifier {
    pub(super) fn new(
        inner: Option<Arc<dyn ServerCertVerifier>>,
        trust: Trust,
        host: String,
    ) -> Verifier {
        Verifier { inner, trust, host, seen: Mutex::new(None) }
    }

    /// The fingerprint of the server's certificate, if it has shown one.
    pub(super) fn seen(&self) -> Option<Fingerprint> {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let seen = Fingerprint::of(certificate);
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(seen);
        match (&self.inner, &self.trust) {
            (Some(inner), _) => {
                inner.verify_server_cert(certificate, intermediates, name, ocsp, now)
            }
            (None, Trust::Certificate(wanted)) if *wanted != seen => {
                Err(CertificateError::ApplicationVerificationFailure.into())
            }
            (None, _) => Ok(ServerCertVerified::assertion()),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &provider().signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &provider().signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        provider().signature_verification_algorithms.supported_schemes()
    }
}

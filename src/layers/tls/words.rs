//! The ways in which TLS fails, in words.

use super::trust::Trust;
use super::verifier::Verifier;
use crate::error::LayerError;
use parlance_printable::{escape, escape_bytes};
use rustls::pki_types::UnixTime;
use rustls::{AlertDescription, CertificateError, Error, PeerIncompatible};
use std::fmt::Debug;

const DAY: u64 = 24 * 60 * 60;

/// Why a handshake failed.
pub(super) fn refused(error: &Error, verifier: &Verifier, beginning: &[u8]) -> LayerError {
    match error {
        Error::InvalidCertificate(why) => {
            let seen = verifier.seen().map_or_else(String::new, |seen| seen.to_string());
            let why = distrust(why, verifier);
            LayerError::lasting(format!("{why}; its SHA-256 fingerprint is {seen}"))
        }
        Error::NoCertificatesPresented => {
            LayerError::lasting("the server shows no certificate, so it could be anybody")
        }
        Error::InvalidMessage(_) if !is_tls(beginning) => LayerError::new(format!(
            "the server does not speak TLS, it says \"{}\"",
            escape_bytes(first_line(beginning))
        )),
        Error::AlertReceived(alert) => {
            let alert = spaced(alert);
            LayerError::new(format!("the server refuses the TLS handshake: {alert}"))
        }
        Error::PeerIncompatible(PeerIncompatible::ServerDoesNotSupportTls12Or13) => {
            LayerError::new("the server speaks TLS 1.1 or older, which is not safe any more")
        }
        Error::PeerIncompatible(why) => {
            LayerError::new(format!("the server has no TLS in common with us: {}", spaced(why)))
        }
        other => LayerError::new(format!("the TLS handshake failed: {other}")),
    }
}

/// Why TLS broke after its handshake.
pub(super) fn broken(error: &Error) -> LayerError {
    match error {
        Error::AlertReceived(AlertDescription::CertificateRequired) => {
            LayerError::lasting("the server wants a certificate of its clients")
        }
        Error::AlertReceived(alert) => {
            LayerError::new(format!("the server breaks off TLS: {}", spaced(alert)))
        }
        Error::DecryptError => LayerError::new("a TLS record was changed on its way"),
        other => LayerError::new(format!("TLS broke: {other}")),
    }
}

/// The end of the stream in a handshake.
pub(super) fn ended_in_handshake(beginning: &[u8]) -> LayerError {
    let said = if beginning.is_empty() {
        "without a word; perhaps it does not speak TLS"
    } else {
        "before it was over"
    };
    LayerError::new(format!("the server closed the connection in the TLS handshake {said}"))
}

/// Whether this may be the beginning of a TLS record: its kind, and 3 as its version.
fn is_tls(beginning: &[u8]) -> bool {
    let kind = beginning.first().is_none_or(|kind| (20..=24).contains(kind));
    kind && beginning.get(1).is_none_or(|version| *version == 3)
}

fn first_line(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().position(|byte| matches!(byte, b'\r' | b'\n')).unwrap_or(bytes.len());
    &bytes[..end]
}

/// Why a certificate is not accepted.
fn distrust(why: &CertificateError, verifier: &Verifier) -> String {
    let host = escape(&verifier.host);
    match (why, &verifier.trust) {
        (CertificateError::ApplicationVerificationFailure, Trust::Certificate(wanted)) => {
            format!("the server's certificate is not the one that is trusted, {wanted}")
        }
        (CertificateError::UnknownIssuer, trust) => {
            let whom = match trust {
                Trust::Authorities(_) => "the given file does not have",
                _ => "this system does not trust",
            };
            format!("the server's certificate is signed by an authority that {whom}, or by itself")
        }
        (CertificateError::NotValidForName, _) => {
            format!("the server's certificate is not for {host}")
        }
        (CertificateError::NotValidForNameContext { presented, .. }, _) => {
            let names: Vec<_> = presented.iter().map(|name| plain_name(name)).collect();
            let names = if names.is_empty() { "no name".to_owned() } else { names.join(", ") };
            format!("the server's certificate is for {names}, and not for {host}")
        }
        (CertificateError::Expired, _) => "the server's certificate has expired".to_owned(),
        (CertificateError::ExpiredContext { time, not_after }, _) => {
            format!("the server's certificate expired {} ago", days(*not_after, *time))
        }
        (CertificateError::NotValidYet, _) => {
            "the server's certificate is not valid yet: is the clock right?".to_owned()
        }
        (CertificateError::NotValidYetContext { time, not_before }, _) => {
            let days = days(*time, *not_before);
            format!("the server's certificate is valid in {days} only: is the clock right?")
        }
        (CertificateError::Revoked, _) => "the server's certificate is revoked".to_owned(),
        (CertificateError::BadEncoding, _) => "the server's certificate is damaged".to_owned(),
        (CertificateError::BadSignature, _) => {
            "the authority that the server's certificate names has not signed it".to_owned()
        }
        (other, _) if format!("{other:?}").contains("CaUsedAsEndEntity") => {
            "the server's certificate is that of an authority".to_owned()
        }
        (other, _) => format!("the server's certificate is refused: {other}"),
    }
}

/// A name as certificates present it to the verifier, `DnsName("example.org")`.
fn plain_name(presented: &str) -> String {
    let inside = presented.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')'));
    escape(inside.unwrap_or(presented).trim_matches('"'))
}

/// The time from one moment to another, as days or hours.
fn days(from: UnixTime, to: UnixTime) -> String {
    let seconds = to.as_secs().saturating_sub(from.as_secs());
    match seconds / DAY {
        0 => "less than a day".to_owned(),
        1 => "1 day".to_owned(),
        days => format!("{days} days"),
    }
}

/// `HandshakeFailure` as "handshake failure".
fn spaced(name: &impl Debug) -> String {
    let mut text = String::new();
    for character in format!("{name:?}").chars() {
        if character.is_ascii_uppercase() && text.ends_with(|last: char| last.is_ascii_lowercase())
        {
            text.push(' ');
        }
        text.push(character.to_ascii_lowercase());
    }
    text
}

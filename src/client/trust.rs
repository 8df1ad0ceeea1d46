//! Which server is trusted, as the options say.

use parlance_layers::{Fingerprint, TlsClient, Trust, authorities};
use std::fs;
use std::sync::Arc;

/// The authorities of a file.
#[derive(Clone, Debug)]
pub struct Authorities(Trust);

/// Reads a file of authorities.
pub(super) fn parse_authorities(path: &str) -> Result<Authorities, String> {
    let pem = fs::read(path).map_err(|error| format!("it cannot be read: {error}"))?;
    Ok(Authorities(Trust::Authorities(Arc::new(authorities(&pem)?))))
}

pub(super) fn parse_fingerprint(text: &str) -> Result<Fingerprint, String> {
    text.parse()
}

/// The options of TLS, each with whether it was typed.
pub(super) struct Asked<'a> {
    pub(super) tls: bool,
    pub(super) host: &'a str,
    pub(super) ca: (Option<&'a Authorities>, bool),
    pub(super) fingerprint: (Option<Fingerprint>, bool),
}

/// TLS as the options say, if they want it.
///
/// # Errors
/// They contradict each other, or cannot be satisfied; in words.
pub(super) fn tls(asked: &Asked<'_>) -> Result<Option<TlsClient>, String> {
    let Asked { tls, host, ca: (ca, ca_typed), fingerprint: (fingerprint, fingerprint_typed) } =
        *asked;
    if ca_typed && fingerprint_typed {
        let why = "--tls-ca and --tls-fingerprint both say what to trust; write one of them";
        return Err(why.to_owned());
    }
    if !tls {
        // What the environment says may be meant for another server.
        let option = match (ca_typed, fingerprint_typed) {
            (true, _) => "--tls-ca",
            (_, true) => "--tls-fingerprint",
            _ => return Ok(None),
        };
        return Err(format!("{option} says what --tls trusts, and there is no --tls"));
    }
    let trust = match (ca, fingerprint) {
        (_, Some(fingerprint)) if !ca_typed => Trust::Certificate(fingerprint),
        (Some(Authorities(given)), _) => given.clone(),
        (None, _) => Trust::System,
    };
    let client = TlsClient::new(host, &trust);
    client.map(Some).map_err(|why| format!("--tls with the host '{host}': {why}"))
}

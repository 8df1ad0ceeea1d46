//! The settings of TLS, for all connections to a server.

use super::provider::provider;
use super::trust::Trust;
use super::verifier::Verifier;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, RootCertStore};
use std::sync::Arc;

/// TLS 1.2 or 1.3 to one server.
#[derive(Clone, Debug)]
pub struct TlsClient {
    config: Arc<ClientConfig>,
    pub(super) verifier: Arc<Verifier>,
    name: ServerName<'static>,
}

impl TlsClient {
    /// TLS to the server `host`, a name or an address, whose certificate must be one that is
    /// trusted.
    ///
    /// # Errors
    /// No certificate can be for `host`, or there is no authority to trust; in words for a person.
    pub fn new(host: &str, trust: &Trust) -> Result<TlsClient, String> {
        // No certificate knows the zone of a link-local address.
        let bare = host.split_once('%').map_or(host, |(address, _)| address);
        let name = ServerName::try_from(bare.to_owned())
            .map_err(|_| "no certificate can be for this name".to_owned())?;
        let inner = match trust {
            Trust::System => Some(by_authorities(system()?)?),
            Trust::Authorities(given) => {
                let mut roots = RootCertStore::empty();
                roots.add_parsable_certificates(given.iter().cloned());
                Some(by_authorities(roots)?)
            }
            Trust::Certificate(_) | Trust::Anyone => None,
        };
        let verifier = Arc::new(Verifier::new(inner, trust.clone(), host.to_owned()));
        let config = ClientConfig::builder_with_provider(Arc::clone(provider()))
            .with_safe_default_protocol_versions()
            .expect("the provider has cipher suites of both versions")
            .dangerous()
            .with_custom_certificate_verifier(Arc::clone(&verifier) as _)
            .with_no_client_auth();
        Ok(TlsClient { config: Arc::new(config), verifier, name })
    }

    pub(super) fn connect(&self) -> ClientConnection {
        ClientConnection::new(Arc::clone(&self.config), self.name.clone())
            .expect("these settings fit together")
    }
}

fn by_authorities(roots: RootCertStore) -> Result<Arc<dyn ServerCertVerifier>, String> {
    let builder =
        WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider()));
    let verifier = builder.build().map_err(|error| error.to_string())?;
    Ok(verifier)
}

/// The authorities of the system. Those that cannot be read are left out.
fn system() -> Result<RootCertStore, String> {
    let loaded = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(loaded.certs);
    match loaded.errors.first() {
        _ if !roots.is_empty() => Ok(roots),
        Some(error) => Err(format!("the system's authorities cannot be read: {error}")),
        None => Err("the system trusts no authority: is ca-certificates installed?".to_owned()),
    }
}

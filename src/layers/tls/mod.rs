//! The client's side of TLS.

mod client;
mod fingerprint;
mod provider;
mod stream;
#[cfg(test)]
mod tests;
mod trust;
mod verifier;
mod words;

pub use client::TlsClient;
pub use fingerprint::Fingerprint;
pub(crate) use stream::Tls;
pub use trust::{Trust, authorities};

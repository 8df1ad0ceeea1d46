//! The client's side of TLS.

mod client;
mod fingerprint;
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

//! The cryptography.

use rustls::crypto::CryptoProvider;
use std::sync::{Arc, LazyLock};

/// The cryptography that all connections use.
pub(super) fn provider() -> &'static Arc<CryptoProvider> {
    static PROVIDER: LazyLock<Arc<CryptoProvider>> =
        LazyLock::new(|| Arc::new(rustls::crypto::aws_lc_rs::default_provider()));
    &PROVIDER
}

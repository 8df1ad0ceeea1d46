//! A certificate for one run, signed with its own key.

use super::certificates::Certificates;
use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, KeyPair, KeyUsagePurpose};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

/// The names that every such certificate is valid for.
const NAMES: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// A new key and its certificate for `--tls-self-signed`: for `localhost`, the loopback addresses and
/// the `hosts`, which are names and addresses. [common/tls-8]
///
/// # Errors
/// What a certificate cannot be made for.
pub fn self_signed(hosts: impl IntoIterator<Item = String>) -> Result<Certificates, String> {
    let mut names: Vec<String> = NAMES.map(str::to_owned).into();
    for host in hosts {
        if !names.contains(&host) {
            names.push(host);
        }
    }
    let made = KeyPair::generate().and_then(|key| {
        let mut params = CertificateParams::new(names)?;
        params.distinguished_name.push(DnType::CommonName, "parlance, self-signed");
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        Ok((params.self_signed(&key)?, key))
    });
    let (certificate, key) = made.map_err(|error| format!("cannot make a certificate: {error}"))?;
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    Certificates::of(vec![certificate.der().clone()], key)
}

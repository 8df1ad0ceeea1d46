//! Which certificates the options ask for.

use super::endpoint::{Endpoint, Transport};
use super::options::Options;
use crate::tls::certificates::Certificates;
use crate::tls::self_signed;

/// The certificates for `endpoints`, if one of them needs any.
pub(super) fn certificates(
    options: &Options,
    endpoints: &[Endpoint],
) -> Result<Option<Certificates>, String> {
    let (certificates, keys) = (&options.tls_cert, &options.tls_key);
    let tls: Vec<_> = endpoints.iter().filter(|each| each.transport == Transport::Tls).collect();
    let given = !certificates.is_empty() || !keys.is_empty() || options.tls_self_signed;
    let Some(first) = tls.first() else {
        return if given { Err(no_listener(options)) } else { Ok(None) };
    };
    if options.tls_self_signed {
        let addresses = tls.iter().map(|each| each.address.ip());
        let addresses = addresses.filter(|address| !address.is_unspecified());
        let names = tls.iter().filter_map(|each| each.host.clone());
        let names = names.filter(|name| name.parse::<std::net::IpAddr>().is_err());
        let hosts = names.filter(|name| !name.contains('%'));
        return self_signed(hosts.chain(addresses.map(|each| each.to_string()))).map(Some);
    }
    if let Some(certificate) = certificates.get(keys.len()) {
        return Err(format!(
            "'--tls-cert {}' has no key; write --tls-key FILE for each --tls-cert",
            certificate.display()
        ));
    }
    if let Some(key) = keys.get(certificates.len()) {
        return Err(format!(
            "'--tls-key {}' has no certificate; write --tls-cert FILE for each --tls-key",
            key.display()
        ));
    }
    if certificates.is_empty() {
        return Err(format!(
            "{first} needs a certificate; write --tls-cert FILE --tls-key FILE, or \
             --tls-self-signed to try it out"
        ));
    }
    Certificates::load(certificates.iter().cloned().zip(keys.iter().cloned())).map(Some)
}

/// A certificate without a use is a mistake: the listener was meant to be another.
fn no_listener(options: &Options) -> String {
    let option = match (options.tls_self_signed, options.tls_cert.is_empty()) {
        (true, _) => "--tls-self-signed",
        (false, false) => "--tls-cert",
        (false, true) => "--tls-key",
    };
    format!("'{option}' without a listener of TLS; write --listen DIALECT+tls://ADDR:PORT")
}

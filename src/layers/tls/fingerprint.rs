//! The fingerprint of a certificate.

use super::provider::provider;
use rustls::SupportedCipherSuite;
use rustls::crypto::hash::{Hash, HashAlgorithm};
use std::fmt;
use std::str::FromStr;

/// The SHA-256 of a certificate, which no other certificate has.
///
/// ```
/// use parlance_layers::Fingerprint;
///
/// let text = "0123456789abcdef".repeat(4);
/// let fingerprint: Fingerprint = text.parse().unwrap();
/// assert!(fingerprint.to_string().starts_with("01:23:45:67:89:AB:CD:EF:"));
/// assert_eq!(fingerprint.to_string().parse(), Ok(fingerprint));
/// assert!("01:23".parse::<Fingerprint>().is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// The fingerprint of a certificate in DER.
    pub fn of(certificate: &[u8]) -> Fingerprint {
        let digest = sha256().hash(certificate);
        Fingerprint(digest.as_ref().try_into().expect("SHA-256 has 32 bytes"))
    }
}

/// The hash of a cipher suite: so the provider's is used, and no other.
fn sha256() -> &'static dyn Hash {
    let suites = &provider().cipher_suites;
    let hash = |suite: &SupportedCipherSuite| match suite {
        SupportedCipherSuite::Tls13(suite) => suite.common.hash_provider,
        SupportedCipherSuite::Tls12(suite) => suite.common.hash_provider,
    };
    let mut hashes = suites.iter().map(hash);
    hashes.find(|hash| hash.algorithm() == HashAlgorithm::SHA256).expect("TLS requires it")
}

impl FromStr for Fingerprint {
    type Err = String;

    /// Hexadecimal digits in either case, with colons between bytes or without.
    fn from_str(text: &str) -> Result<Fingerprint, String> {
        let why = || {
            "a fingerprint is the SHA-256 of a certificate: 64 hexadecimal digits, with colons \
             between pairs or without"
                .to_owned()
        };
        let pairs: Vec<&[u8]> = if text.contains(':') {
            text.split(':').map(str::as_bytes).collect()
        } else {
            text.as_bytes().chunks(2).collect()
        };
        let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|d| u8::try_from(d).ok());
        let byte = |pair: &[u8]| match pair {
            [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
            _ => None,
        };
        let bytes: Option<Vec<u8>> = pairs.into_iter().map(byte).collect();
        let bytes = bytes.and_then(|bytes| bytes.try_into().ok());
        bytes.map(Fingerprint).ok_or_else(why)
    }
}

impl fmt::Display for Fingerprint {
    /// As `openssl x509 -fingerprint -sha256` prints it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, byte) in self.0.iter().enumerate() {
            let colon = if index > 0 { ":" } else { "" };
            write!(f, "{colon}{byte:02X}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Fingerprint;

    #[test]
    fn a_fingerprint_is_a_sha_256() {
        let of_abc = "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD";
        assert_eq!(of_abc.parse(), Ok(Fingerprint::of(b"abc")));
    }

    #[test]
    fn other_texts_are_no_fingerprints() {
        let right = "ab".repeat(32);
        let other = [
            String::new(),
            "ab".repeat(31),
            "ab".repeat(33),
            "ag".repeat(32),
            "a:b".repeat(21),
            format!("{right}:"),
            "é".repeat(32),
        ];
        for text in other {
            assert!(text.parse::<Fingerprint>().is_err(), "{text}");
        }
    }
}

//! Passwords, which are forgotten as soon as they are not needed.

use crate::limits::{PASSWORD_BYTES_MAX, PASSWORD_BYTES_MIN};
use std::fmt;

/// A password: 8 to 128 bytes, without spaces and control characters. Its memory is overwritten
/// when it is dropped, and nothing that is printed shows it. [extensions/account-6]
///
/// ```
/// use parlance_core::protocol::Secret;
///
/// let secret = Secret::new(b"correct-horse").unwrap();
/// assert_eq!(format!("{secret:?}"), "Secret");
/// assert!(Secret::new(b"1234567").is_none());
/// assert!(Secret::new(b"two words").is_none());
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Box<[u8]>);

impl Secret {
    /// `bytes` as a password, or `None` if they cannot be one.
    pub fn new(bytes: &[u8]) -> Option<Secret> {
        let fits = (PASSWORD_BYTES_MIN..=PASSWORD_BYTES_MAX).contains(&bytes.len());
        let is_word = bytes.iter().all(|byte| *byte > b' ' && *byte != 0x7F);
        (fits && is_word).then(|| Secret(bytes.into()))
    }

    /// The password itself.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.fill(0);
        std::hint::black_box(&self.0); // so that the bytes count as read, and are written
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

#[cfg(all(test, not(parlance_loom)))]
mod tests {
    use super::Secret;

    /// [extensions/account-6]
    #[test]
    fn a_password_is_a_word_of_8_to_128_bytes() {
        assert!(Secret::new("pässwörd".as_bytes()).is_some(), "beyond ASCII");
        for (length, fits) in [(7, false), (8, true), (128, true), (129, false)] {
            assert_eq!(Secret::new(&vec![b'x'; length]).is_some(), fits, "{length}");
        }
        for odd in ["1234 678", "1234\t678", "1234\u{7f}678", "1234\r678", "1234\u{0}678"] {
            assert_eq!(Secret::new(odd.as_bytes()), None, "{odd:?}");
        }
    }
}

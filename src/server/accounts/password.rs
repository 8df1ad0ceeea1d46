//! Hashes of passwords: argon2id in the form of PHC. [extensions/account-7]

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use std::sync::LazyLock;

/// The hash of no password: an account that is not there has it, so that a login to it takes as
/// long as any other. [extensions/account-2]
static NOBODYS: LazyLock<String> = LazyLock::new(|| {
    let hash: Result<PasswordHash, _> =
        Argon2::default().hash_password_with_salt(b"of nobody", b"a salt of nobody");
    hash.map_or_else(|_| String::new(), |hash| hash.to_string())
});

/// The hash of `password` with a salt of its own.
///
/// # Errors
/// The system has no memory or no random numbers.
pub(super) fn hash(password: &[u8]) -> Result<String, String> {
    let hash: Result<PasswordHash, _> = Argon2::default().hash_password(password);
    scrub_stack();
    hash.map(|hash| hash.to_string()).map_err(|error| error.to_string())
}

/// Whether `hash` is that of `password`. Without a hash it takes as long, and it is not.
pub(super) fn verify(password: &[u8], hash: Option<&str>) -> bool {
    let parsed = PasswordHash::new(hash.unwrap_or(&NOBODYS));
    let fits =
        parsed.is_ok_and(|parsed| Argon2::default().verify_password(password, &parsed).is_ok());
    scrub_stack();
    fits && hash.is_some()
}

/// What is called behind a hash overwrites what that has left on the stack: argon2 begins with the
/// password in a buffer there.
#[inline(never)]
fn scrub_stack() {
    std::hint::black_box(&mut [0_u8; 16 * 1024]);
}

#[cfg(test)]
mod tests {
    use super::{hash, verify};

    /// [extensions/account-7]
    #[test]
    fn a_hash_is_argon2id_with_a_salt_of_its_own() {
        let hashes = [(); 2].map(|()| hash(b"correct-horse").expect("there is memory"));
        assert_ne!(hashes[0], hashes[1]);
        for hash in &hashes {
            assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
            assert!(verify(b"correct-horse", Some(hash)));
            assert!(!verify(b"correct-horsf", Some(hash)));
        }
        assert!(!verify(b"of nobody", None), "nobody has no password");
        assert!(!verify(b"correct-horse", Some("no hash")));
    }
}

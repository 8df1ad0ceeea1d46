//! Base64 (RFC 4648, 4) of the few bytes that HTTP needs in it.

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// `bytes` in base64, padded.
pub(super) fn encode(bytes: &[u8]) -> String {
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let first = three.iter().fold(0, |all, byte| all << 8 | u32::from(*byte));
        let all = first << (8 * (3 - three.len()));
        for place in 0..4 {
            let digit = (all >> (18 - 6 * place)) & 63;
            text.push(if place <= three.len() { char::from(DIGITS[digit as usize]) } else { '=' });
        }
    }
    text
}

/// Whether `text` is 16 bytes in base64: 21 digits, one of two bits and its padding.
pub(super) fn is_of_16_bytes(text: &str) -> bool {
    let Some(digits) = text.strip_suffix("==").filter(|digits| digits.len() == 22) else {
        return false;
    };
    let value = |byte: u8| DIGITS.iter().position(|digit| *digit == byte);
    digits.bytes().all(|byte| value(byte).is_some())
        && digits.bytes().next_back().and_then(value).is_some_and(|last| last % 16 == 0)
}

#[cfg(test)]
mod tests {
    use super::{encode, is_of_16_bytes};

    /// The examples of RFC 4648, 10.
    #[test]
    fn every_length_is_padded() {
        let texts = ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"];
        for (length, text) in texts.into_iter().enumerate() {
            assert_eq!(encode(&b"foobar"[..length]), text);
        }
        assert_eq!(encode(&[0xFB, 0xFF, 0xBF]), "+/+/");
    }

    /// [common/http-4]
    #[test]
    fn a_key_is_16_bytes_in_its_only_spelling() {
        for key in
            ["dGhlIHNhbXBsZSBub25jZQ==", "AAAAAAAAAAAAAAAAAAAAAA==", "/////////////////////w=="]
        {
            assert!(is_of_16_bytes(key), "{key}");
        }
        for key in [
            "",
            "dGhlIHNhbXBsZSBub25jZQ",
            "dGhlIHNhbXBsZSBub25jZR==",
            "dGhlIHNhbXBsZSBub25jZQ=",
            "dGhlIHNhbXBsZSBub25j",
            "dGhlIHNhbXBsZSBub25jZSA=",
            "dGhlIHNhbXBsZSBub25jZQ== ",
            "dGhlIHNhbXBsZSBub2-jZQ==",
        ] {
            assert!(!is_of_16_bytes(key), "{key}");
        }
    }
}

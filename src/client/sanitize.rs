//! Received bytes, made safe to show.

use super::sequences::is_needed;
use parlance_printable::{escape_bytes, escape_bytes_unless, push_escaped};

/// `bytes` as text that moves no cursor, hides nothing and reorders nothing.
///
/// A character that is not visible is shown as its escape: a control byte (a tab too, because its
/// width depends on its column) or a byte that is not UTF-8 as `\x1b`, another character as
/// `\u{202e}`. The exceptions are those without which a visible character would look different:
/// emoji and letters that are joined. A backslash stays as it is, to keep paths readable, so a user
/// can also have typed an escape.
///
/// ```
/// use parlance_client::sanitize;
///
/// assert_eq!(sanitize("grüß dich 👋".as_bytes()), "grüß dich 👋");
/// assert_eq!(sanitize(b"\x1b[2J\xff"), r"\x1b[2J\xff");
/// // A C1 control, and a change of text direction:
/// assert_eq!(sanitize("\u{9b}2J\u{202e}".as_bytes()), r"\u{9b}2J\u{202e}");
/// // A filler that looks like a space, and a selector that makes a heart red:
/// assert_eq!(sanitize("\u{3164}❤\u{fe0f}".as_bytes()), "\\u{3164}❤\u{fe0f}");
/// ```
pub fn sanitize(bytes: &[u8]) -> String {
    escape_bytes_unless(bytes, is_needed)
}

/// `text` with each character beyond ASCII as its escape.
pub(super) fn escape_beyond_ascii(text: &str) -> String {
    let mut ascii = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_ascii() {
            ascii.push(character);
        } else {
            push_escaped(&mut ascii, character);
        }
    }
    ascii
}

/// A name of a user or a room, made safe to show. No hidden character is an exception here, and no
/// blank but a space: two names that are not equal must not look equal.
pub(super) fn sanitize_name(bytes: &[u8]) -> String {
    let escaped = escape_bytes(bytes);
    let mut text = String::with_capacity(escaped.len());
    for character in escaped.chars() {
        match character {
            ' ' => text.push(' '),
            blank if blank.is_whitespace() => push_escaped(&mut text, blank),
            visible => text.push(visible),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{sanitize, sanitize_name};
    use proptest::prelude::*;

    #[test]
    fn every_control_byte_is_escaped() {
        for byte in (0..0x20).chain([0x7f]) {
            assert_eq!(sanitize(&[b'a', byte, b'b']), format!("a\\x{byte:02x}b"));
        }
    }

    #[test]
    fn no_c1_control_arrives_in_either_form() {
        for byte in 0x80..=0x9f_u8 {
            assert_eq!(sanitize(&[byte]), format!("\\x{byte:02x}"), "as a byte");
            let character = char::from(byte).to_string();
            assert_eq!(sanitize(character.as_bytes()), format!("\\u{{{byte:x}}}"), "as UTF-8");
        }
    }

    #[test]
    fn directions_are_not_changed() {
        let overrides = "\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2066}\u{2067}\u{2068}\u{2069}";
        for character in overrides.chars().chain("\u{200e}\u{200f}\u{61c}".chars()) {
            let shown = sanitize(character.to_string().as_bytes());
            assert!(shown.is_ascii(), "{shown}");
        }
    }

    #[test]
    fn a_character_cut_in_two_is_shown_as_its_bytes() {
        assert_eq!(sanitize(&"ü".as_bytes()[..1]), r"\xc3");
        assert_eq!(sanitize(b"\xc3x\xed\xa0\x80"), r"\xc3x\xed\xa0\x80", "a surrogate too");
    }

    #[test]
    fn ordinary_text_stays() {
        for text in ["", "C:\\x", "שלום", "👩‍👩‍👧", "日本語", "\u{a0}~"] {
            assert_eq!(sanitize(text.as_bytes()), text);
        }
    }

    /// Each was once shown raw.
    #[test]
    fn invisible_characters_are_escaped() {
        let raw = "\u{3164}\u{2800}\u{34f}\u{fe0f}\u{1d173}\u{115f}\u{1160}\u{17b4}\u{180b}\
                   \u{ffa0}\u{fe00}\u{1bca0}\u{200d}\u{200c}\u{e0041}\u{e0100}\u{13430}";
        for character in raw.chars() {
            let text = format!("a{character}b");
            let wanted = format!("a{}b", character.escape_unicode());
            assert_eq!(sanitize(text.as_bytes()), wanted);
            assert_eq!(sanitize_name(text.as_bytes()), wanted);
        }
    }

    #[test]
    fn a_name_has_no_exceptions() {
        for (name, shown) in [
            ("❤\u{fe0f}", "❤\\u{fe0f}"),
            ("👩\u{200d}👧", "👩\\u{200d}👧"),
            ("bob\u{2003}", r"bob\u{2003}"),
            ("bob\u{a0}", r"bob\u{a0}"),
            ("jörg x", "jörg x"),
        ] {
            assert_eq!(sanitize_name(name.as_bytes()), shown);
        }
    }

    proptest! {
        #[test]
        fn no_control_character_is_left(bytes: Vec<u8>) {
            prop_assert!(!sanitize(&bytes).chars().any(char::is_control));
        }
    }
}

//! Received bytes, made safe to show.

use std::fmt::Write as _;

/// `bytes` as text that moves no cursor, hides nothing and reorders nothing.
///
/// A character that is not printable is shown as its escape: a control byte (a tab too, because its
/// width depends on its column) or a byte that is not UTF-8 as `\x1b`, another character as
/// `\u{202e}`. A backslash stays as it is, to keep paths readable, so a user can also have typed an
/// escape.
///
/// ```
/// use parlance_client::sanitize;
///
/// assert_eq!(sanitize("grüß dich 👋".as_bytes()), "grüß dich 👋");
/// assert_eq!(sanitize(b"\x1b[2J\xff"), r"\x1b[2J\xff");
/// // A C1 control, and a change of text direction:
/// assert_eq!(sanitize("\u{9b}2J\u{202e}".as_bytes()), r"\u{9b}2J\u{202e}");
/// ```
pub fn sanitize(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            if character.is_ascii_control() {
                escape_byte(character as u8, &mut text);
            } else if is_hidden(character) {
                text.extend(character.escape_unicode());
            } else {
                text.push(character);
            }
        }
        for &byte in chunk.invalid() {
            escape_byte(byte, &mut text);
        }
    }
    text
}

fn escape_byte(byte: u8, text: &mut String) {
    write!(text, "\\x{byte:02x}").expect("writing to a string succeeds");
}

/// Whether a character acts on others instead of being visible: C1 controls, changes of text
/// direction, line separators, characters without width. Joiners stay, because emoji and several
/// scripts need them.
fn is_hidden(character: char) -> bool {
    matches!(character,
        '\u{80}'..='\u{9f}' | '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'
        | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::sanitize;
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

    proptest! {
        #[test]
        fn no_control_character_is_left(bytes: Vec<u8>) {
            prop_assert!(!sanitize(&bytes).chars().any(char::is_control));
        }
    }
}

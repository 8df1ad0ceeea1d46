//! Hidden characters and stray bytes as escapes.

use super::is_hidden;
use std::fmt::Write as _;

/// `text` with each hidden character as its escape: a control byte as `\x1b`, another character as
/// `\u{202e}`. A backslash stays as it is, to keep paths readable, so an escape can also have been
/// typed.
///
/// ```
/// use parlance_printable::escape;
///
/// assert_eq!(escape("C:\\x grüß\u{1b}[2J\u{9b}"), r"C:\x grüß\x1b[2J\u{9b}");
/// ```
pub fn escape(text: &str) -> String {
    escape_bytes(text.as_bytes())
}

/// A text of JSON with each hidden character as JSON escapes it, so that a terminal can show it.
/// Line feeds stay: JSON has them between values alone.
///
/// ```
/// use parlance_printable::escape_json;
///
/// assert_eq!(escape_json("[\"a\u{9b}2J\",\n1]"), "[\"a\\u009b2J\",\n1]");
/// ```
pub fn escape_json(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for character in json.chars() {
        if character != '\n' && is_hidden(character) {
            for unit in character.encode_utf16(&mut [0; 2]) {
                write!(escaped, "\\u{unit:04x}").expect("writing to a string succeeds");
            }
        } else {
            escaped.push(character);
        }
    }
    escaped
}

/// Like [`escape`], for bytes; a byte that is not UTF-8 is shown as `\xff`.
///
/// ```
/// use parlance_printable::escape_bytes;
///
/// assert_eq!(escape_bytes(b"a\xff\n"), r"a\xff\x0a");
/// ```
pub fn escape_bytes(bytes: &[u8]) -> String {
    escape_bytes_unless(bytes, |_, _, _| false)
}

/// Like [`escape_bytes`], but a hidden character stays where `is_needed` says so of the text before
/// it, the character and the text after it. The texts end at bytes that are not UTF-8.
///
/// ```
/// use parlance_printable::escape_bytes_unless;
///
/// let first = |before: &str, _, _: &str| before.is_empty();
/// assert_eq!(escape_bytes_unless(b"\ta\t", first), "\ta\\x09");
/// ```
pub fn escape_bytes_unless(bytes: &[u8], is_needed: impl Fn(&str, char, &str) -> bool) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        let valid = chunk.valid();
        for (at, character) in valid.char_indices() {
            let after = &valid[at + character.len_utf8()..];
            if is_hidden(character) && !is_needed(&valid[..at], character, after) {
                push_escaped(&mut text, character);
            } else {
                text.push(character);
            }
        }
        for &byte in chunk.invalid() {
            push_byte(&mut text, byte);
        }
    }
    text
}

/// Like [`escape`], for several lines, whose ends stay.
///
/// ```
/// use parlance_printable::escape_lines;
///
/// assert_eq!(escape_lines("a\u{7}\nb"), "a\\x07\nb");
/// ```
pub fn escape_lines(text: &str) -> String {
    let lines: Vec<_> = text.split('\n').map(escape).collect();
    lines.join("\n")
}

/// Appends the escape of a byte.
fn push_byte(text: &mut String, byte: u8) {
    write!(text, "\\x{byte:02x}").expect("writing to a string succeeds");
}

/// Appends the escape of a character.
pub fn push_escaped(text: &mut String, character: char) {
    match u8::try_from(character) {
        Ok(byte) if byte.is_ascii() => push_byte(text, byte),
        _ => text.extend(character.escape_unicode()),
    }
}

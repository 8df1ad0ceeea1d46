//! Bytes of a terminal into keys.

use memchr::memmem;

/// Maximum length of a paste, in bytes; the rest is discarded.
pub(super) const PASTE_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Maximum length of an escape sequence. A longer one is no key.
const SEQUENCE_BYTES_MAX: usize = 32;

const PASTE_END: &[u8] = b"\x1b[201~";

/// A key, or a paste as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Char(char),
    /// A control character, by its letter.
    Ctrl(char),
    /// A character with Alt or after Escape.
    Alt(char),
    Enter,
    Tab,
    Backspace,
    Delete,
    Left,
    Right,
    Up,
    Down,
    Home,
    End,
    WordLeft,
    WordRight,
    /// The text of a bracketed paste, and whether its end was discarded.
    Paste(Vec<u8>, bool),
}

/// Splits a stream of bytes into keys. A lone Escape waits for the next key, as in a shell, so no
/// clock is needed.
#[derive(Debug, Default)]
pub(super) struct Keys {
    bytes: Vec<u8>,
    /// The text of a paste whose end has not arrived.
    paste: Option<Vec<u8>>,
    cut: bool,
}

/// The first key of some bytes, and its length; no key for a sequence without a meaning.
enum First {
    Incomplete,
    Key(Option<Key>, usize),
    PasteStart(usize),
}

impl Keys {
    /// The keys that `bytes` complete.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> Vec<Key> {
        self.bytes.extend_from_slice(bytes);
        let mut keys = Vec::new();
        let mut start = 0;
        loop {
            let rest = &self.bytes[start..];
            if let Some(paste) = &mut self.paste {
                let found = memmem::find(rest, PASTE_END);
                // The end may be cut in two.
                let text = found.unwrap_or(rest.len().saturating_sub(PASTE_END.len() - 1));
                let taken = text.min(PASTE_BYTES_MAX - paste.len());
                paste.extend_from_slice(&rest[..taken]);
                self.cut |= taken < text;
                start += text;
                if found.is_none() {
                    break;
                }
                start += PASTE_END.len();
                let paste = self.paste.take().unwrap_or_default();
                keys.push(Key::Paste(paste, std::mem::take(&mut self.cut)));
                continue;
            }
            match first(rest) {
                First::Incomplete => break,
                First::Key(key, length) => {
                    keys.extend(key);
                    start += length;
                }
                First::PasteStart(length) => {
                    self.paste = Some(Vec::new());
                    start += length;
                }
            }
        }
        self.bytes.drain(..start);
        keys
    }
}

fn first(bytes: &[u8]) -> First {
    match bytes {
        [] | [0x1b] => First::Incomplete,
        [0x1b, b'[', rest @ ..] => sequence(rest),
        [0x1b, b'O', rest @ ..] => match rest {
            [] => First::Incomplete,
            [last, ..] => First::Key(named(b"", *last), 3),
        },
        // The second Escape may begin a sequence.
        [0x1b, 0x1b, ..] => First::Key(None, 1),
        [0x1b, rest @ ..] => match character(rest) {
            Some((character, length)) => First::Key(Some(Key::Alt(character)), length + 1),
            None => First::Incomplete,
        },
        [b'\r' | b'\n', ..] => First::Key(Some(Key::Enter), 1),
        [b'\t', ..] => First::Key(Some(Key::Tab), 1),
        [0x7f | 0x08, ..] => First::Key(Some(Key::Backspace), 1),
        [control @ 0..0x20, ..] => First::Key(Some(Key::Ctrl(char::from(control | 0x60))), 1),
        _ => match character(bytes) {
            Some((character, length)) => First::Key(Some(Key::Char(character)), length),
            None => First::Incomplete,
        },
    }
}

/// The sequence behind `ESC [`.
fn sequence(rest: &[u8]) -> First {
    // The Linux console sends `ESC [ [ A` for a function key.
    let skip = usize::from(rest.first() == Some(&b'['));
    let Some(end) = rest.iter().skip(skip).position(|byte| (0x40..=0x7e).contains(byte)) else {
        let long = rest.len() >= SEQUENCE_BYTES_MAX;
        return if long { First::Key(None, rest.len() + 2) } else { First::Incomplete };
    };
    let length = skip + end + 3;
    match (&rest[..skip + end], rest[skip + end]) {
        (b"200", b'~') => First::PasteStart(length),
        (parameters, last) if skip == 0 => First::Key(named(parameters, last), length),
        _ => First::Key(None, length),
    }
}

/// The key of a sequence with these parameters and this last byte.
fn named(parameters: &[u8], last: u8) -> Option<Key> {
    let mut parts = parameters.split(|byte| *byte == b';');
    let number = parts.next().unwrap_or_default();
    // 3 is Alt, 5 is Ctrl; rxvt has letters of its own.
    let word = matches!(parts.next(), Some(b"3" | b"5"));
    match (last, number) {
        (b'A', _) => Some(Key::Up),
        (b'B', _) => Some(Key::Down),
        (b'C', _) if word => Some(Key::WordRight),
        (b'D', _) if word => Some(Key::WordLeft),
        (b'C', _) => Some(Key::Right),
        (b'D', _) => Some(Key::Left),
        (b'c', _) => Some(Key::WordRight),
        (b'd', _) => Some(Key::WordLeft),
        (b'H', _) | (b'~', b"1" | b"7") => Some(Key::Home),
        (b'F', _) | (b'~', b"4" | b"8") => Some(Key::End),
        (b'~', b"3") => Some(if word { Key::Alt('d') } else { Key::Delete }),
        (b'M', b"") => Some(Key::Enter),
        _ => None,
    }
}

/// The first character and its length; a byte that begins none stands for the character with its
/// number, as in ISO 8859-1. `None` if more bytes are needed.
fn character(bytes: &[u8]) -> Option<(char, usize)> {
    let start = &bytes[..bytes.len().min(4)];
    let chunk = start.utf8_chunks().next()?;
    if let Some(character) = chunk.valid().chars().next() {
        return Some((character, character.len_utf8()));
    }
    let error = std::str::from_utf8(start).err()?;
    error.error_len().map(|_| (char::from(start[0]), 1))
}

#[cfg(test)]
mod tests {
    use super::{Key, Keys, PASTE_BYTES_MAX};
    use proptest::prelude::*;

    fn keys(bytes: &[u8]) -> Vec<Key> {
        Keys::default().feed(bytes)
    }

    #[test]
    fn keys_of_common_terminals_are_known() {
        for (bytes, key) in [
            (&b"a"[..], Key::Char('a')),
            ("ü".as_bytes(), Key::Char('ü')),
            (b"\r", Key::Enter),
            (b"\n", Key::Enter),
            (b"\x1bOM", Key::Enter),
            (b"\x17", Key::Ctrl('w')),
            (b"\x1f", Key::Ctrl('\x7f')),
            (b"\x1bb", Key::Alt('b')),
            (b"\x1b\x7f", Key::Alt('\x7f')),
            (b"\x1b[D", Key::Left),
            (b"\x1bOD", Key::Left),
            (b"\x1b[1;5D", Key::WordLeft),
            (b"\x1b[1;3C", Key::WordRight),
            (b"\x1bOc", Key::WordRight),
            (b"\x1b[1~", Key::Home),
            (b"\x1b[F", Key::End),
            (b"\x1b[3~", Key::Delete),
            (b"\x1b\x1b[A", Key::Up),
        ] {
            assert_eq!(keys(bytes), [key], "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn unknown_sequences_type_nothing() {
        for bytes in [&b"\x1b[15~"[..], b"\x1b[[A", b"\x1b[I", b"\x1b[<0;1;1M", b"\x1bOP"] {
            assert_eq!(keys(bytes), [], "{}", bytes.escape_ascii());
        }
        let long = [b"\x1b[".as_slice(), &[b'1'; 100]].concat();
        assert_eq!(keys(&long), []);
    }

    #[test]
    fn a_byte_that_is_not_utf_8_is_a_character_of_latin_1() {
        assert_eq!(keys(b"h\xfci"), [Key::Char('h'), Key::Char('ü'), Key::Char('i')]);
    }

    #[test]
    fn a_paste_is_one_key_of_any_size() {
        let text = vec![b'x'; 1_000_000];
        let pasted = [b"\x1b[200~", &text[..], b"\x1b[201~y"].concat();
        let mut decoder = Keys::default();
        let keys: Vec<_> = pasted.chunks(1000).flat_map(|part| decoder.feed(part)).collect();
        assert_eq!(keys, [Key::Paste(text, false), Key::Char('y')]);
        let huge = vec![b'x'; PASTE_BYTES_MAX + 9];
        let keys = self::keys(&[b"\x1b[200~", &huge[..], b"\x1b[201~"].concat());
        assert_eq!(keys, [Key::Paste(huge[..PASTE_BYTES_MAX].to_vec(), true)]);
    }

    proptest! {
        #[test]
        fn keys_do_not_depend_on_reads(
            parts in prop::collection::vec(prop::sample::select(vec![
                &b"\x1b"[..], b"[", b"200~", b"201~", b"1;5", b"D", b"a", "ü".as_bytes(), b"\xc3",
                b"\r", b"\x1b[200~", b"\x1b[201~", b"O",
            ]), 0..30),
            size in 1_usize..8,
        ) {
            let bytes = parts.concat();
            let mut decoder = Keys::default();
            let cut: Vec<_> = bytes.chunks(size).flat_map(|part| decoder.feed(part)).collect();
            prop_assert_eq!(cut, keys(&bytes));
        }
    }
}

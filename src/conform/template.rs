//! Bytes in the notation of case files: escapes, names that are new in every run, and repetitions.

use super::ConformError;
use super::pattern::Pattern;
use std::collections::BTreeMap;

/// What the braces of a template stand for in one attempt.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    /// Seven characters that are unique to the attempt.
    pub(super) nonce: String,
    /// What `{=word}` stands for, which depends on the server's readings.
    pub(super) words: BTreeMap<String, String>,
}

impl Names {
    /// The text of `{word}`: the same in all lines of one attempt, and different in every other
    /// attempt.
    fn value(&self, word: &str) -> String {
        match word {
            "room" => format!("r{}", self.nonce),
            "nonce" => self.nonce.clone(),
            word => match word.strip_prefix("room") {
                // Only letters and digits: a server that takes nothing else has a case of its own.
                Some(number) => format!("r{}n{number}", self.nonce),
                None => format!("{word}{}", self.nonce),
            },
        }
    }
}

/// Turns a template into a pattern: as [`expand`], and `{..}` is any rest of a line.
pub(super) fn pattern(template: &str, names: &Names) -> Result<Pattern, ConformError> {
    let mut pattern = Pattern::default();
    for (number, part) in template.split("{..}").enumerate() {
        if number > 0 {
            pattern.any();
        }
        pattern.bytes(&expand(part, names)?);
    }
    // Nothing else could say where the rest of a line ends.
    if pattern.is_closed() { Ok(pattern) } else { Err(bad(template)) }
}

/// Turns a template into bytes.
///
/// `\n \r \t \0 \\ \xNN` are single bytes; `{x*19}` is nineteen times `x`; `{room}`, `{room2}` and
/// `{anything}` are names that are new in every attempt; `{=word}` is the text that the case files
/// give for `word`.
pub(super) fn expand(template: &str, names: &Names) -> Result<Vec<u8>, ConformError> {
    let mut bytes = Vec::with_capacity(template.len());
    let mut rest = template;
    while let Some(first) = rest.chars().next() {
        rest = match first {
            '\\' => {
                let (byte, rest) = escape(rest).ok_or_else(|| bad(template))?;
                bytes.push(byte);
                rest
            }
            '{' => {
                let (inside, after) = rest[1..].split_once('}').ok_or_else(|| bad(template))?;
                braces(inside, names, &mut bytes).ok_or_else(|| bad(template))?;
                after
            }
            _ => {
                let (character, after) = rest.split_at(first.len_utf8());
                bytes.extend_from_slice(character.as_bytes());
                after
            }
        };
    }
    Ok(bytes)
}

fn bad(template: &str) -> ConformError {
    ConformError::Data(format!("not a template: {template}"))
}

fn braces(inside: &str, names: &Names, bytes: &mut Vec<u8>) -> Option<()> {
    if let Some((unit, count)) = inside.rsplit_once('*') {
        let count: usize = count.parse().ok()?;
        bytes.extend(expand(unit, names).ok()?.repeat(count));
    } else if let Some(word) = inside.strip_prefix('=') {
        bytes.extend(expand(names.words.get(word)?, names).ok()?);
    } else {
        bytes.extend_from_slice(names.value(inside).as_bytes());
    }
    Some(())
}

/// The byte of an escape sequence, and the text after it.
fn escape(text: &str) -> Option<(u8, &str)> {
    let byte = match *text.as_bytes().get(1)? {
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'0' => 0,
        b'\\' => b'\\',
        b'x' => return Some((u8::from_str_radix(text.get(2..4)?, 16).ok()?, &text[4..])),
        _ => return None,
    };
    Some((byte, &text[2..]))
}

#[cfg(test)]
mod tests {
    use super::{Names, expand, pattern};

    fn names() -> Names {
        let words = [("colon".to_owned(), r":\x20".to_owned())].into();
        Names { nonce: "abc".to_owned(), words }
    }

    fn bytes(template: &str) -> Vec<u8> {
        expand(template, &names()).expect("a template")
    }

    #[test]
    fn templates_become_bytes() {
        assert_eq!(bytes(r"JOIN {room} {x*3}\r\n"), b"JOIN rabc xxx\r\n");
        assert_eq!(bytes(r"{room2} {bob} \x7b\0{\xff*2}"), b"rabcn2 bobabc {\0\xff\xff");
        assert_eq!(bytes(r"ann{=colon}hi"), b"ann: hi");
        for wrong in ["{", r"\q", r"\x1", "{x*y}", "{=comma}"] {
            assert!(expand(wrong, &names()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_rest_of_a_line_has_an_end() {
        assert_eq!(pattern(r"OK{..}\r\n", &names()).expect("a pattern").shown(), r"OK…\r\n");
        for wrong in ["OK{..}", r"OK{..}x\n", r"{..}{..}\n"] {
            assert!(pattern(wrong, &names()).is_err(), "{wrong}");
        }
    }
}

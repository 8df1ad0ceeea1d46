//! Bytes in the notation of case files: escapes, names that are new in every run, and repetitions.

use super::ConformError;
use super::pattern::Pattern;
use std::collections::BTreeMap;
use std::fmt::Write as _;

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
                Some(number) => format!("r{}-{number}", self.nonce),
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

/// Bytes for people: escaped, with long repetitions of one byte written as in a template.
pub(super) fn shown(bytes: &[u8]) -> String {
    let mut text = String::new();
    for (run, _) in runs(bytes) {
        let one = escaped(run[0]);
        if run.len() > LONG_RUN {
            let _ = write!(text, "{{{one}*{}}}", run.len());
        } else {
            text += &one.repeat(run.len());
        }
    }
    text
}

/// Width in columns of the first `count` of `bytes` in [`shown`].
pub(super) fn width_of(bytes: &[u8], count: usize) -> usize {
    // A byte inside a repetition has no column of its own: the caret stands at the first byte of
    // the repetition.
    let inside = |(run, start): &(&[u8], usize)| {
        run.len() > LONG_RUN && (start + 1..start + run.len()).contains(&count)
    };
    if let Some((_, start)) = runs(bytes).into_iter().find(inside) {
        return shown(&bytes[..start]).chars().count() + 1;
    }
    shown(&bytes[..count.min(bytes.len())]).chars().count()
}

/// Number of equal bytes from which a repetition is abbreviated.
const LONG_RUN: usize = 24;

fn escaped(byte: u8) -> String {
    match byte {
        0 => "\\0".to_owned(),
        b'"' | b'\'' => char::from(byte).to_string(),
        _ => byte.escape_ascii().to_string(),
    }
}

/// The runs of equal bytes, each with its start.
fn runs(bytes: &[u8]) -> Vec<(&[u8], usize)> {
    let mut found = Vec::new();
    let mut start = 0;
    while start < bytes.len() {
        let length = bytes[start..].iter().take_while(|&&byte| byte == bytes[start]).count();
        found.push((&bytes[start..start + length], start));
        start += length;
    }
    found
}

/// Shell commands that print `bytes`.
pub(super) fn printed(bytes: &[u8]) -> String {
    let mut commands = Vec::new();
    let mut text = String::new();
    for (run, _) in runs(bytes) {
        let one = for_printf(run[0]);
        if run.len() > LONG_RUN {
            if !text.is_empty() {
                commands.push(format!("printf '{text}'"));
                text.clear();
            }
            let octal = format!("\\{:03o}", run[0]);
            commands.push(format!("head -c {} /dev/zero | tr '\\0' '{octal}'", run.len()));
        } else {
            text += &one.repeat(run.len());
        }
    }
    if !text.is_empty() {
        commands.push(format!("printf '{text}'"));
    }
    // A minus at the beginning of a format would be taken for an option.
    commands.join("; ").replace("printf '-", "printf '\\055")
}

fn for_printf(byte: u8) -> String {
    match byte {
        b'\n' => "\\n".to_owned(),
        b'\r' => "\\r".to_owned(),
        b'%' => "%%".to_owned(),
        b'\\' => "\\\\".to_owned(),
        b'\'' => "'\\''".to_owned(),
        b' '..=b'~' => char::from(byte).to_string(),
        _ => format!("\\{byte:03o}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Names, expand, pattern, printed, shown, width_of};

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
        assert_eq!(bytes(r"{room2} {bob} \x7b\0{\xff*2}"), b"rabc-2 bobabc {\0\xff\xff");
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

    #[test]
    fn bytes_become_text_and_commands() {
        assert_eq!(shown(&bytes(r"it's {x*30}\0\n")), r"it's {x*30}\0\n");
        let long = bytes(r"it's {x*30}\0\n");
        let at = |count| shown(&long).split_at(width_of(&long, count)).1.to_owned();
        assert_eq!(
            (at(5), at(20), at(35)),
            (r"{x*30}\0\n".into(), r"x*30}\0\n".into(), r"\0\n".into())
        );
        let commands = printed(&bytes(r"50%{x*30}\xff\n"));
        assert_eq!(
            commands,
            r"printf '50%%'; head -c 30 /dev/zero | tr '\0' '\170'; printf '\377\n'"
        );
    }
}

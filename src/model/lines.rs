//! Lines: how bytes are cut into them, and helpers that all dialects use.

use super::config::{LINE_MAX, RUN_MAX};

/// The beginning of some input.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Cut {
    /// A line: its content without the terminator, and its bytes with the terminator.
    Line(Vec<u8>, usize),
    /// A line that is too long, whether or not its LF is there.
    TooLong,
    /// The beginning of a line, or nothing.
    Unfinished,
}

/// Cuts the first line off.
///
/// [common/framing-1] [common/framing-2] [common/framing-3] [common/framing-4] [common/framing-5]
/// [common/framing-8]
pub(super) fn cut(input: &[u8]) -> Cut {
    match input.iter().position(|byte| *byte == b'\n') {
        Some(at) if at + 1 > LINE_MAX => Cut::TooLong,
        Some(at) => {
            let mut content = input[..at].to_vec();
            if content.last() == Some(&b'\r') {
                content.pop();
            }
            Cut::Line(content, at + 1)
        }
        None if input.len() >= LINE_MAX => Cut::TooLong,
        None => Cut::Unfinished,
    }
}

/// The bytes up to the first space and the bytes after it, such as the keyword of a line and its
/// argument [common/line-1].
pub(super) fn keyword(line: &[u8]) -> (&[u8], &[u8]) {
    match line.iter().position(|byte| *byte == b' ') {
        Some(at) => (&line[..at], &line[at + 1..]),
        None => (line, b""),
    }
}

/// A name of at most so many characters, if these bytes are one [common/name-1].
pub(super) fn name(bytes: &[u8], longest: usize) -> Option<String> {
    let long_enough = !bytes.is_empty() && bytes.len() <= longest;
    let graphic = bytes.iter().all(|byte| (0x21..=0x7E).contains(byte));
    if long_enough && graphic {
        Some(bytes.iter().map(|byte| char::from(*byte)).collect())
    } else {
        None
    }
}

/// Whether a line is a request of HTTP: three parts with one space between them, the first made of
/// the characters of a token, the second anything but empty, the third `HTTP/` with a digit behind
/// it [common/http-1].
pub(super) fn is_http_request(line: &[u8]) -> bool {
    let parts: Vec<&[u8]> = line.split(|byte| *byte == b' ').collect();
    let [method, target, version] = parts[..] else { return false };
    let letters = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_uppercase();
    let signs = |byte: &u8| b"!#$%&'*+-.^_`|~0123456789".contains(byte);
    let is_token = !method.is_empty() && method.iter().all(|byte| letters(byte) || signs(byte));
    let is_version = version.len() > 5 && version.starts_with(b"HTTP/");
    is_token && !target.is_empty() && is_version && version[5].is_ascii_digit()
}

/// A line of several parts.
pub(super) fn joined(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

/// The departures of one wave as entries: one, or several if they do not fit into one
/// [common/outbox-6].
pub(super) fn wave(notices: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let mut entries: Vec<Vec<u8>> = Vec::new();
    for notice in notices.iter().filter(|notice| !notice.is_empty()) {
        match entries.last_mut() {
            Some(last) if last.len() + notice.len() <= RUN_MAX => last.extend_from_slice(notice),
            _ => entries.push(notice.clone()),
        }
    }
    entries
}

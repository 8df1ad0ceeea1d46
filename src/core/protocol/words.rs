//! Helpers of the dialects' grammars and renderers.

use super::explanation::Explanation;
use super::name::Name;
use memchr::memchr;

/// The keyword of a line, which ends at the first space, and the argument: all bytes after that
/// one space, untrimmed, and empty if there is no space. [common/line-1]
pub(super) fn keyword_and_argument(line: &[u8]) -> (&[u8], &[u8]) {
    match memchr(b' ', line) {
        Some(space) => (&line[..space], &line[space + 1..]),
        None => (line, b""),
    }
}

/// The default room: the only room of a dialect without rooms. It never appears on the wire.
pub(crate) fn default_room() -> Name {
    Name::new(b"hall", 4).expect("four graphic characters are a name")
}

/// Appends a line that begins with `words`, and has `why` behind `between` if anybody said it.
/// [common/kick-2] [common/ban-3]
pub(super) fn put_explained(
    out: &mut Vec<u8>,
    words: &[u8],
    between: &[u8],
    why: Option<&Explanation>,
    end: &[u8],
) {
    match why {
        Some(why) => put(out, &[words, between, why.as_bytes(), end]),
        None => put(out, &[words, end]),
    }
}

/// Appends all of `parts`.
pub(super) fn put(out: &mut Vec<u8>, parts: &[&[u8]]) {
    for part in parts {
        out.extend_from_slice(part);
    }
}

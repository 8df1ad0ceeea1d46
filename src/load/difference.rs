//! The difference between received and expected bytes, in words.

use std::fmt::Write as _;

/// The difference between a member's bytes and its room's.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Difference {
    /// The expected bytes.
    pub(super) expected: String,
    /// The received bytes.
    pub(super) received: String,
}

/// The first difference between `expected` and `received`.
pub(super) fn difference(expected: &[u8], received: &[u8]) -> Difference {
    let same = expected.iter().zip(received).take_while(|(a, b)| a == b).count();
    // From the start of the line that differs, because the middle of a line says little.
    let line = received[..same].iter().rposition(|&byte| byte == b'\n').map_or(0, |lf| lf + 1);
    Difference { expected: abridged(&expected[line..]), received: abridged(&received[line..]) }
}

/// The first line of `bytes`, escaped and shortened.
pub(super) fn abridged(bytes: &[u8]) -> String {
    const SHOWN: usize = 48;
    let line = bytes.split_inclusive(|&byte| byte == b'\n').next().unwrap_or_default();
    if line.is_empty() {
        return "nothing".to_owned();
    }
    let mut text = format!("\"{}\"", line[..line.len().min(SHOWN)].escape_ascii());
    if line.len() > SHOWN {
        write!(text, " ({} bytes)", line.len()).expect("writing to a string succeeds");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::difference;

    #[test]
    fn the_line_that_differs_is_shown_from_its_start() {
        let found = difference(b"a: 1\na: 2\n", b"a: 1\na: 3\n");
        assert_eq!((&found.expected[..], &found.received[..]), (r#""a: 2\n""#, r#""a: 3\n""#));
        let long = difference(b"", &[b'y'; 60]);
        assert_eq!(long.expected, "nothing");
        assert!(long.received.ends_with("(60 bytes)"), "{}", long.received);
    }
}

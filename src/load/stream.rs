//! The one stream of bytes that all members of a room must receive.

use std::fmt::Write as _;

/// Size from which it is worth asking who still needs the oldest bytes; small enough that the part
/// in use stays in the processor's cache.
const TRIM_FROM: usize = 256 * 1024;

/// What a room owes its members. Positions count from the first byte that the room ever delivered.
#[derive(Debug, Default)]
pub(super) struct Stream {
    /// The bytes that some member may still have to receive, contiguous so that checking is one
    /// `memcmp`.
    bytes: Vec<u8>,
    /// The position of the first of them.
    base: u64,
    /// What was left after the last trim, which says when the next one pays.
    kept: usize,
}

/// How a member's bytes differ from its room's.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Difference {
    /// What the stream goes on with.
    pub(super) expected: String,
    /// What was received.
    pub(super) received: String,
}

impl Stream {
    /// The position after the last byte.
    pub(super) fn end(&self) -> u64 {
        self.base + self.bytes.len() as u64
    }

    /// How many bytes are remembered.
    pub(super) fn held(&self) -> u64 {
        self.bytes.len() as u64
    }

    /// Adds a line that the room is about to be asked to deliver.
    pub(super) fn push(&mut self, line: &[u8]) {
        self.bytes.extend_from_slice(line);
    }

    /// Checks that `received` is what the stream holds from position `at` on.
    pub(super) fn check(&self, at: u64, received: &[u8]) -> Result<(), Difference> {
        let owed = self.from(at);
        if owed.get(..received.len()) == Some(received) {
            return Ok(());
        }
        Err(difference(owed, received))
    }

    /// Whether so much is remembered that [`Stream::trim`] should be called.
    pub(super) fn wants_trim(&self) -> bool {
        // Twice what was kept: moving the rest to the front then costs less than having written it.
        self.bytes.len() > TRIM_FROM.max(self.kept * 2)
    }

    /// Forgets everything before position `oldest`, which all members have received.
    pub(super) fn trim(&mut self, oldest: u64) {
        let unneeded = self.bytes.len() - self.from(oldest).len();
        self.bytes.drain(..unneeded);
        self.base += unneeded as u64;
        self.kept = self.bytes.len();
    }

    fn from(&self, at: u64) -> &[u8] {
        let start = at.checked_sub(self.base).and_then(|start| usize::try_from(start).ok());
        start.and_then(|start| self.bytes.get(start..)).unwrap_or_default()
    }
}

fn difference(owed: &[u8], received: &[u8]) -> Difference {
    let same = owed.iter().zip(received).take_while(|(a, b)| a == b).count();
    // From the start of the line that differs: the middle of a line says little.
    let line = received[..same].iter().rposition(|&byte| byte == b'\n').map_or(0, |lf| lf + 1);
    Difference { expected: abridged(&owed[line..]), received: abridged(&received[line..]) }
}

/// The first line of `bytes`, escaped and shortened.
fn abridged(bytes: &[u8]) -> String {
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
    use super::{Stream, TRIM_FROM};

    fn stream(text: &str) -> Stream {
        let mut stream = Stream::default();
        stream.push(text.as_bytes());
        stream
    }

    #[test]
    fn parts_of_the_stream_pass() {
        let stream = stream("a: 1\na: 2\n");
        assert_eq!(stream.check(0, b"a: 1\na"), Ok(()));
        assert_eq!(stream.check(6, b": 2\n"), Ok(()));
        assert_eq!(stream.check(10, b""), Ok(()));
    }

    #[test]
    fn lost_repeated_and_unsent_lines_do_not() {
        let stream = stream("a: 1\na: 2\na: 3\n");
        let lost = stream.check(0, b"a: 1\na: 3\n").expect_err("lost");
        assert_eq!(
            (lost.expected.as_str(), lost.received.as_str()),
            (r#""a: 2\n""#, r#""a: 3\n""#)
        );
        assert!(stream.check(5, b"a: 1\n").is_err(), "repeated");
        let unsent = stream.check(10, b"a: 3\na: 4\n").expect_err("unsent");
        assert_eq!(unsent.expected, "nothing");
        assert!(stream.check(99, b"a").is_err(), "past the end");
    }

    #[test]
    fn trimming_keeps_positions() {
        let mut stream = stream("a: 1\na: 2\n");
        assert!(!stream.wants_trim());
        stream.trim(5);
        assert_eq!((stream.held(), stream.end()), (5, 10));
        assert_eq!(stream.check(5, b"a: 2\n"), Ok(()));
        assert!(stream.check(0, b"a: 1\n").is_err(), "forgotten");
        stream.push(&vec![b'x'; TRIM_FROM]);
        assert!(stream.wants_trim());
    }
}

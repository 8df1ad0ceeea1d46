//! The lines that a room's sender sends, and how many of them may be in flight.

use std::io;

use super::stream::Stream;

/// Digits of a line's number: enough never to repeat within a run.
const DIGITS: usize = 16;

/// Composes a room's lines and keeps a window of them in flight.
///
/// Each line holds its number (as many low hexadecimal digits as fit), so that a lost, repeated or
/// reordered line changes the room's stream.
#[derive(Debug)]
pub(super) struct Sender {
    /// A delivered line, `{user}: {number}{padding}\n`; only the number changes.
    line: Vec<u8>,
    /// Where in it the part starts that is sent.
    body: usize,
    /// The position in the room's stream of the first line.
    start: u64,
    window: u64,
    sent: u64,
    stopped: bool,
    /// What the socket has not taken yet.
    outbox: Vec<u8>,
    taken: usize,
}

impl Sender {
    /// A sender named `user` of lines of `size` bytes, whose first line will be at `start`.
    pub(super) fn new(user: &str, size: u32, window: u32, start: u64) -> Sender {
        let mut line = format!("{user}: ").into_bytes();
        let body = line.len();
        line.resize(body + size as usize - 1, b'x');
        line.push(b'\n');
        Sender {
            line,
            body,
            start,
            window: window.into(),
            sent: 0,
            stopped: false,
            outbox: Vec::new(),
            taken: 0,
        }
    }

    /// The length of a delivered line.
    pub(super) fn line_len(&self) -> u64 {
        self.line.len() as u64
    }

    /// How many whole lines a member has received that has come to position `at`.
    pub(super) fn lines_until(&self, at: u64) -> u64 {
        // All lines have one length, so nobody has to look for their ends.
        at.saturating_sub(self.start) / self.line_len()
    }

    /// Sends no further lines.
    pub(super) fn stop(&mut self) {
        self.stopped = true;
    }

    /// Whether all lines have been handed to the socket.
    pub(super) fn is_flushed(&self) -> bool {
        self.outbox.is_empty()
    }

    /// Composes lines until the window is full, given that its driver has come to position `at`.
    pub(super) fn fill_window(&mut self, at: u64, stream: &mut Stream) {
        if self.stopped {
            return;
        }
        let allowed = self.lines_until(at) + self.window;
        while self.sent < allowed {
            self.number_line();
            stream.push(&self.line);
            self.outbox.extend_from_slice(&self.line[self.body..]);
            self.sent += 1;
        }
    }

    /// Hands the socket what it takes without blocking.
    pub(super) fn flush(&mut self, mut socket: impl io::Write) -> io::Result<()> {
        while self.taken < self.outbox.len() {
            match socket.write(&self.outbox[self.taken..]) {
                Ok(taken) => self.taken += taken,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.outbox.clear();
        self.taken = 0;
        Ok(())
    }

    fn number_line(&mut self) {
        let last = self.line.len() - 1;
        let digits = &mut self.line[self.body..last];
        let count = digits.len().min(DIGITS);
        let mut rest = self.sent;
        for digit in digits[..count].iter_mut().rev() {
            *digit = b"0123456789abcdef"[(rest % 16) as usize];
            rest /= 16;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Sender;
    use crate::load::stream::Stream;

    #[test]
    fn the_window_bounds_what_is_in_flight() {
        let mut stream = Stream::default();
        let mut sender = Sender::new("bo", 20, 2, 0);
        sender.fill_window(0, &mut stream);
        assert_eq!(stream.end(), 2 * 24);
        sender.fill_window(23, &mut stream); // not a whole line yet
        assert_eq!(stream.end(), 2 * 24);
        sender.fill_window(24, &mut stream);
        let mut socket = Vec::new();
        sender.flush(&mut socket).expect("vectors take everything");
        assert!(sender.is_flushed());
        let expected = "0000000000000000xxx\n0000000000000001xxx\n0000000000000002xxx\n";
        assert_eq!(String::from_utf8_lossy(&socket), expected);
        assert_eq!(stream.check(24, b"bo: 0000000000000001xxx\n"), Ok(()));
    }

    #[test]
    fn short_lines_hold_the_low_digits() {
        let mut stream = Stream::default();
        let mut sender = Sender::new("b", 2, 18, 0);
        sender.fill_window(0, &mut stream);
        assert_eq!(stream.check(15 * 5, b"b: f\nb: 0\nb: 1\n"), Ok(()));
    }

    #[test]
    fn a_full_socket_keeps_the_rest_for_later() {
        let mut stream = Stream::default();
        let mut sender = Sender::new("b", 8, 4, 0);
        sender.fill_window(0, &mut stream);
        let mut socket = [0; 10];
        // A slice takes what fits and then 0 bytes at a time, which must not loop for ever here.
        let mut full = LimitedSocket(&mut socket);
        sender.flush(&mut full).expect("a full socket is no error");
        assert!(!sender.is_flushed());
        let mut rest = Vec::new();
        sender.flush(&mut rest).expect("vectors take everything");
        assert_eq!(rest.len(), 32 - 10);
    }

    struct LimitedSocket<'a>(&'a mut [u8]);

    impl std::io::Write for LimitedSocket<'_> {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            if self.0.is_empty() {
                return Err(std::io::ErrorKind::WouldBlock.into());
            }
            self.0.write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
}

//! The lines of a sender, and its unsent bytes.

use std::io;

use super::line::Line;

/// Composes a sender's lines and writes them to its socket.
#[derive(Debug)]
pub(super) struct Sender {
    line: Line,
    /// The number of the next line, and the step to the one after.
    next: u64,
    step: u64,
    sent: u64,
    outbox: Vec<u8>,
    taken: usize,
}

impl Sender {
    /// A sender whose lines have the numbers `first`, `first + step`, and so on.
    pub(super) fn new(line: Line, first: u64, step: u64) -> Sender {
        Sender { line, next: first, step, sent: 0, outbox: Vec::new(), taken: 0 }
    }

    /// The number of composed lines.
    pub(super) fn sent(&self) -> u64 {
        self.sent
    }

    /// The number of unsent bytes.
    pub(super) fn backlog(&self) -> usize {
        self.outbox.len() - self.taken
    }

    /// Composes a further line.
    pub(super) fn compose(&mut self) {
        self.outbox.extend_from_slice(self.line.numbered(self.next));
        self.next += self.step;
        self.sent += 1;
    }

    /// Queues bytes that are not a line.
    pub(super) fn append(&mut self, bytes: &[u8]) {
        self.outbox.extend_from_slice(bytes);
    }

    /// Writes until the socket would block; returns whether all bytes were written.
    pub(super) fn flush(&mut self, mut socket: impl io::Write) -> io::Result<bool> {
        while self.taken < self.outbox.len() {
            match socket.write(&self.outbox[self.taken..]) {
                Ok(taken) => self.taken += taken,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.outbox.clear();
        self.taken = 0;
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::{Line, Sender};
    use crate::wire::Frame;

    fn sender(lines: usize) -> Sender {
        let frame = Frame { before: Vec::new(), after: b"\n".to_vec() };
        let mut sender = Sender::new(Line::new(frame, 7), 1, 3);
        (0..lines).for_each(|_| sender.compose());
        sender
    }

    #[test]
    fn lines_are_numbered_in_steps() {
        let mut socket = Vec::new();
        let mut sender = sender(3);
        assert!(sender.flush(&mut socket).expect("vectors take everything"));
        assert_eq!(String::from_utf8_lossy(&socket), "0000001\n0000004\n0000007\n");
        assert_eq!((sender.sent(), sender.backlog()), (3, 0));
    }

    #[test]
    fn a_full_socket_keeps_the_rest_for_later() {
        let mut sender = sender(4);
        let mut socket = [0; 10];
        let mut full = LimitedSocket(&mut socket);
        assert!(!sender.flush(&mut full).expect("a full socket is no error"));
        assert_eq!(sender.backlog(), 32 - 10);
        let mut rest = Vec::new();
        assert!(sender.flush(&mut rest).expect("vectors take everything"));
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

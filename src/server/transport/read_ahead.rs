//! What a layer has read below and not handed on yet.

use std::io::{self, ErrorKind};

/// Bytes, then perhaps how the stream below ended behind them. It owns memory only while there are
/// any.
#[derive(Default)]
pub(crate) struct ReadAhead {
    bytes: Vec<u8>,
    failure: Option<io::Error>,
}

impl ReadAhead {
    /// Moves bytes to `buffer`; returns how many.
    pub(crate) fn take(&mut self, buffer: &mut [u8]) -> usize {
        let count = self.bytes.len().min(buffer.len());
        buffer[..count].copy_from_slice(&self.bytes[..count]);
        if count == self.bytes.len() {
            self.bytes = Vec::new();
        } else {
            self.bytes.drain(..count);
        }
        count
    }

    /// Adds bytes at the end.
    pub(crate) fn extend(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Whether there are bytes.
    pub(crate) fn has_bytes(&self) -> bool {
        !self.bytes.is_empty()
    }

    /// How the stream ended, once.
    pub(crate) fn take_failure(&mut self) -> Option<io::Error> {
        self.failure.take()
    }

    /// Whether the stream has ended behind the bytes.
    pub(crate) fn has_failure(&self) -> bool {
        self.failure.is_some()
    }

    /// The end of a read that has so much data: what stopped it comes first only if there is none.
    ///
    /// # Errors
    /// What stopped it.
    pub(crate) fn stopped(&mut self, filled: usize, error: io::Error) -> io::Result<usize> {
        if filled == 0 {
            return Err(error);
        }
        if error.kind() != ErrorKind::WouldBlock {
            self.failure = Some(error); // a socket tells it only once
        }
        Ok(filled)
    }

    /// The end of a read that is to be made again, and will return `data` first.
    ///
    /// # Errors
    /// `Interrupted`, always.
    pub(crate) fn again(&mut self, data: &[u8]) -> io::Result<usize> {
        self.bytes.splice(..0, data.iter().copied());
        Err(ErrorKind::Interrupted.into())
    }
}

/// `count` if that is something, or else the error.
///
/// # Errors
/// The error.
pub(crate) fn some_or(count: usize, error: io::Error) -> io::Result<usize> {
    if count > 0 { Ok(count) } else { Err(error) }
}

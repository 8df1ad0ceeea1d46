//! A connection that only sends, where members may not send, and its receipts.

use super::connection::{Connection, Progress};
use super::difference::abridged;
use super::error::LoadError;

/// A connection that only sends.
pub(super) struct Publisher {
    connection: Connection,
    /// The prefix of each receipt.
    receipt: &'static [u8],
    receipts: u64,
    /// An incomplete receipt.
    carry: Vec<u8>,
}

impl Publisher {
    /// A connection that gets one line with the prefix `receipt` for each line it sends.
    pub(super) fn new(connection: Connection, receipt: &'static [u8]) -> Publisher {
        Publisher { connection, receipt, receipts: 0, carry: Vec::new() }
    }

    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// The number of receipts.
    pub(super) fn receipts(&self) -> u64 {
        self.receipts
    }

    /// Reads once without blocking and counts the receipts.
    pub(super) fn read(&mut self, buffer: &mut [u8]) -> Result<Progress, LoadError> {
        let (count, progress) = self.connection.read(buffer)?;
        self.carry.extend_from_slice(&buffer[..count]);
        let mut rest = &self.carry[..];
        while let Some(end) = rest.iter().position(|&byte| byte == b'\n') {
            if !rest.starts_with(self.receipt) {
                return Err(LoadError::Mismatch {
                    who: self.connection.who().to_owned(),
                    expected: format!("a line that begins with {}", abridged(self.receipt)),
                    received: abridged(rest),
                });
            }
            self.receipts += 1;
            rest = &rest[end + 1..];
        }
        let left = rest.len();
        self.carry.drain(..self.carry.len() - left);
        Ok(progress)
    }
}

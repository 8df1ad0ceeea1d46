//! TLS of one connection, without I/O.

use super::client::TlsClient;
use super::words::{broken, ended_in_handshake, refused};
use crate::error::LayerError;
use rustls::ClientConnection;
use std::io::{Read as _, Write as _};

/// How many of a server's first bytes are kept, to be shown if they are not TLS.
const BEGINNING: usize = 80;

/// TLS of one connection.
#[derive(Debug)]
pub(crate) struct Tls {
    client: TlsClient,
    connection: ClientConnection,
    beginning: Vec<u8>,
    ended: bool,
}

impl Tls {
    pub(crate) fn new(client: &TlsClient) -> Tls {
        let mut connection = client.connect();
        // What is sealed is taken at once, so nothing is kept here.
        connection.set_buffer_limit(None);
        Tls { client: client.clone(), connection, beginning: Vec::new(), ended: false }
    }

    pub(crate) fn is_ready(&self) -> bool {
        !self.connection.is_handshaking()
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.ended
    }

    /// Takes bytes from the socket, and appends to `opened` what they are.
    pub(crate) fn received(
        &mut self,
        mut bytes: &[u8],
        opened: &mut Vec<u8>,
    ) -> Result<(), LayerError> {
        let room = BEGINNING - self.beginning.len();
        self.beginning.extend_from_slice(&bytes[..room.min(bytes.len())]);
        while !bytes.is_empty() && !self.ended {
            let handshaking = self.connection.is_handshaking();
            // It takes some of them each time, and never none: what it holds is taken out below.
            let taken = self.connection.read_tls(&mut bytes);
            taken.map_err(|error| LayerError::new(format!("TLS takes no more: {error}")))?;
            let processed = self.connection.process_new_packets();
            let state = processed.map_err(|error| {
                if handshaking {
                    refused(&error, &self.client.verifier, &self.beginning)
                } else {
                    broken(&error)
                }
            })?;
            let before = opened.len();
            opened.resize(before + state.plaintext_bytes_to_read(), 0);
            let read = self.connection.reader().read_exact(&mut opened[before..]);
            read.expect("so many bytes are there");
            self.ended = state.peer_has_closed();
        }
        Ok(())
    }

    /// Judges the end of the socket's stream.
    pub(crate) fn ended(&self) -> Result<(), LayerError> {
        if self.connection.is_handshaking() {
            return Err(ended_in_handshake(&self.beginning));
        }
        if self.ended {
            return Ok(());
        }
        let why = "the connection ends without TLS's closing message, so it may have been cut";
        Err(LayerError::new(why))
    }

    /// Seals bytes.
    pub(crate) fn send(&mut self, bytes: &[u8]) {
        self.connection.writer().write_all(bytes).expect("its memory has no limit");
    }

    pub(crate) fn close(&mut self) {
        self.connection.send_close_notify();
    }

    /// Moves what is sealed to `outgoing`.
    pub(crate) fn push(&mut self, outgoing: &mut Vec<u8>) {
        while self.connection.wants_write() {
            self.connection.write_tls(outgoing).expect("memory takes everything");
        }
    }
}

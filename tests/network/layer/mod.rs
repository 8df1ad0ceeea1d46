//! Layers between session and wire: one of records with all that TLS and WebSocket have and need (a
//! handshake, records that cannot be made twice, bytes held inside, output of its own, a closing
//! record), and the client's ends of telnet and WebSocket, whose server's ends
//! are the server's own.

pub(crate) mod client;
pub(crate) mod handshake;
mod records;
pub(crate) mod server;
pub(crate) mod telnet;
pub(crate) mod websocket;

use super::random::Random;

/// The client's end of a layer, inside its end of the wire.
pub(crate) trait ClientEnd: Send {
    /// Makes of `bytes` what goes to the server, at the end of `out`.
    fn post(&mut self, bytes: &[u8], random: &mut Random, out: &mut Vec<u8>);

    /// Asks the server's layer for an answer; returns its number.
    fn ping(&mut self, out: &mut Vec<u8>) -> u64;

    /// The last ping that has its answer.
    fn last_pong(&self) -> u64;

    /// Ends the direction. Returns whether that was possible.
    fn end(&mut self, out: &mut Vec<u8>) -> bool;

    /// Takes what came from the server. `out` gets what goes to the server in return, `received`
    /// the bytes of the session. Returns whether the client's direction ends now.
    fn take(
        &mut self,
        wire: &[u8],
        random: &mut Random,
        out: &mut Vec<u8>,
        received: &mut Vec<u8>,
    ) -> bool;

    /// Bytes that wait for a handshake.
    fn early(&self) -> usize;

    /// Forgets what waits for a handshake.
    fn reset(&mut self);

    /// The server has read everything and the client too: what the server's layer says by itself
    /// has arrived.
    fn assert_flushed(&self);

    /// The server has ended its direction.
    fn assert_closed(&self);
}

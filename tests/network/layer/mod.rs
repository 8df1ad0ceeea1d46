//! A layer between session and wire, with all that TLS and WebSocket have and need: a handshake,
//! records that cannot be made twice, bytes held inside, output of its own, a closing record.

pub(crate) mod client;
pub(crate) mod handshake;
mod records;
pub(crate) mod server;

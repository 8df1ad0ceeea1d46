//! The client's side of WebSocket (RFC 6455), and lines as messages.

mod frame;
mod handshake;
mod inbound;
mod stream;
#[cfg(test)]
mod tests;

pub use handshake::accept;
pub(crate) use stream::WebSocket;

/// A WebSocket endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebSocketClient {
    /// The host for the request, with its port.
    pub host: String,
    /// The path, from its slash on.
    pub path: String,
}

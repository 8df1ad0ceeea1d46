//! The layers that a connection is to have.

use super::tls::TlsClient;
use super::websocket::WebSocketClient;

/// The layers of a connection, from the socket to the lines. Without any it is plain.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// TLS over the socket.
    pub tls: Option<TlsClient>,
    /// WebSocket over that.
    pub websocket: Option<WebSocketClient>,
}

impl Plan {
    /// Whether lines are sent as they are.
    pub fn is_plain(&self) -> bool {
        self.tls.is_none() && self.websocket.is_none()
    }
}

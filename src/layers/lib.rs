//! What may lie between a client's lines and its socket: TLS, WebSocket, or WebSocket in TLS.
//!
//! [`Layers`] is one connection without its I/O: received bytes go in and lines come out, lines go
//! in and bytes to send come out. The three programs that are clients share it, each over sockets
//! of its own kind. It shares no code with the server, which the suite judges with it.
//!
//! ```
//! use parlance_layers::{Layers, Plan, WebSocketClient};
//!
//! let websocket = WebSocketClient { host: "localhost:8080".into(), path: "/ws/rooms".into() };
//! let mut layers = Layers::new(&Plan { tls: None, websocket: Some(websocket) });
//! assert!(layers.outgoing().starts_with(b"GET /ws/rooms HTTP/1.1\r\nHost: localhost:8080\r\n"));
//! assert!(!layers.is_ready());
//! let error = layers.received(b"HTTP/1.1 404 Not Found\r\n\r\n").unwrap_err();
//! assert!(error.to_string().contains("404 Not Found"));
//! ```

mod error;
mod layers;
mod plan;
pub mod tls;
pub mod websocket;

pub use error::LayerError;
pub use layers::Layers;
pub use plan::Plan;
pub use tls::{Fingerprint, TlsClient, Trust, authorities};
pub use websocket::WebSocketClient;

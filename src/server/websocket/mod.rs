//! WebSocket between a session and its socket. [common/ws-1]

mod frames;
mod silence;
mod stream;

pub use self::stream::WebSocket;

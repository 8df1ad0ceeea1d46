//! WebSocket between a session and its socket. [common/ws-1]

mod frames;
mod silence;
mod stream;
mod text;

pub use self::stream::WebSocket;

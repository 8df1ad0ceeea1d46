//! WebSocket between a session and its socket. [common/ws-1]

mod alarms;
mod frames;
mod messages;
mod silence;
mod stream;
mod text;

pub use self::alarms::Alarms;
pub use self::stream::WebSocket;

//! NATS: a room is a subject that its members subscribe to. The server sends the first line, and
//! expects a PONG for each PING.

use super::format::{Arrival, Frame, Part, Place, Wire};

#[derive(Debug)]
pub(super) struct Nats;

impl Wire for Nats {
    fn name(&self) -> &'static str {
        "nats"
    }

    /// Its TLS begins after its first line, but in that of WebSocket.
    fn has_tls(&self) -> bool {
        false
    }

    fn websocket_path(&self) -> Option<String> {
        Some("/".to_owned())
    }

    fn names_senders(&self) -> bool {
        false
    }

    fn orders_senders(&self) -> bool {
        false
    }

    fn interjection(&self) -> Option<(&'static [u8], &'static [u8])> {
        Some((b"PING\r\n", b"PONG\r\n"))
    }

    fn enter(&self, Place { room, .. }: Place) -> Vec<u8> {
        let options = r#"{"verbose":false,"pedantic":false}"#;
        format!("CONNECT {options}\r\nSUB {room} 1\r\nPING\r\n").into()
    }

    fn answer(&self, _: Place, _: &[String]) -> Vec<Part> {
        vec![Part::Line(b"INFO "), Part::Exact(b"PONG\r\n".to_vec())]
    }

    fn joined(&self, _: Place) -> Option<Arrival> {
        None
    }

    fn left(&self, _: Place) -> Option<Vec<u8>> {
        None
    }

    fn say(&self, Place { room, .. }: Place, length: usize) -> Frame {
        Frame::new(format!("PUB {room} {length}\r\n"), "\r\n")
    }

    fn hear(&self, Place { room, .. }: Place, length: usize) -> Frame {
        Frame::new(format!("MSG {room} 1 {length}\r\n"), "\r\n")
    }
}

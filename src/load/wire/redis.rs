//! Redis: a room is a channel that its members subscribe to. A subscriber may not publish.

use super::format::{Arrival, Frame, Part, Place, Wire};

#[derive(Debug)]
pub(super) struct Redis;

impl Wire for Redis {
    fn name(&self) -> &'static str {
        "redis"
    }

    fn websocket_path(&self) -> Option<String> {
        None
    }

    fn names_senders(&self) -> bool {
        false
    }

    fn receipt(&self) -> Option<&'static [u8]> {
        Some(b":") // the number of recipients
    }

    fn enter(&self, Place { room, .. }: Place) -> Vec<u8> {
        format!("*2\r\n$9\r\nSUBSCRIBE\r\n${}\r\n{room}\r\n", room.len()).into()
    }

    fn answer(&self, Place { room, .. }: Place, _: &[String]) -> Vec<Part> {
        let answer = format!("*3\r\n$9\r\nsubscribe\r\n${}\r\n{room}\r\n:1\r\n", room.len());
        vec![Part::Exact(answer.into())]
    }

    fn joined(&self, _: Place) -> Option<Arrival> {
        None
    }

    fn left(&self, _: Place) -> Option<Vec<u8>> {
        None
    }

    fn say(&self, place: Place, length: usize) -> Frame {
        frame("PUBLISH", place.room, length)
    }

    fn hear(&self, place: Place, length: usize) -> Frame {
        frame("message", place.room, length)
    }
}

fn frame(word: &str, room: &str, length: usize) -> Frame {
    let before = format!("*3\r\n$7\r\n{word}\r\n${}\r\n{room}\r\n${length}\r\n", room.len());
    Frame::new(before, "\r\n")
}

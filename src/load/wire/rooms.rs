//! `JOIN {room} {user}`, then every line is text.

use super::{Arrival, Frame, Part, Place, Wire};

#[derive(Debug)]
pub(super) struct Rooms;

impl Wire for Rooms {
    fn name(&self) -> &'static str {
        "rooms"
    }

    fn tells_arrivals_alone(&self) -> bool {
        true
    }

    fn enter(&self, Place { room, user }: Place) -> Vec<u8> {
        format!("JOIN {room} {user}\n").into()
    }

    fn answer(&self, _: Place, _: &[String]) -> Vec<Part> {
        Vec::new()
    }

    fn joined(&self, place: Place) -> Option<Arrival> {
        Some(Arrival { line: format!("{} has joined\n", place.user).into(), own: true })
    }

    fn left(&self, place: Place) -> Option<Vec<u8>> {
        Some(format!("{} has left\n", place.user).into())
    }

    fn say(&self, _: Place, _: usize) -> Frame {
        Frame::new("", "\n")
    }

    fn hear(&self, place: Place, _: usize) -> Frame {
        Frame::new(format!("{}: ", place.user), "\n")
    }
}

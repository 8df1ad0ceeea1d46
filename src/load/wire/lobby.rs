//! One room; a name, then every line is text. Nobody is told who comes, so each says a first word.

use super::{Arrival, Frame, Part, Place, Wire};

#[derive(Debug)]
pub(super) struct Lobby;

impl Wire for Lobby {
    fn name(&self) -> &'static str {
        "lobby"
    }

    fn has_one_room(&self) -> bool {
        true
    }

    fn enter(&self, place: Place) -> Vec<u8> {
        format!("{}\nhere\n", place.user).into()
    }

    fn answer(&self, _: Place, _: &[String]) -> Vec<Part> {
        Vec::new()
    }

    fn joined(&self, place: Place) -> Option<Arrival> {
        Some(Arrival { line: format!("{}:here\n", place.user).into(), own: true })
    }

    fn left(&self, _: Place) -> Option<Vec<u8>> {
        None
    }

    fn say(&self, _: Place, _: usize) -> Frame {
        Frame::new("", "\n")
    }

    fn hear(&self, place: Place, _: usize) -> Frame {
        Frame::new(format!("{}:", place.user), "\n")
    }
}

//! One room; `LOGIN`, `MSG`. Nobody is told who comes.

use super::{Arrival, Frame, Part, Place, Wire};

#[derive(Debug)]
pub(super) struct Login;

impl Wire for Login {
    fn name(&self) -> &'static str {
        "login"
    }

    fn has_one_room(&self) -> bool {
        true
    }

    fn enter(&self, place: Place) -> Vec<u8> {
        format!("LOGIN {}\n", place.user).into()
    }

    fn answer(&self, _: Place, _: &[String]) -> Vec<Part> {
        vec![Part::Exact(b"OK\n".to_vec())]
    }

    fn joined(&self, _: Place) -> Option<Arrival> {
        None
    }

    fn left(&self, place: Place) -> Option<Vec<u8>> {
        Some(format!("INFO {} disconnected\n", place.user).into())
    }

    fn say(&self, _: Place, _: usize) -> Frame {
        Frame::new("MSG ", "\n")
    }

    fn hear(&self, place: Place, _: usize) -> Frame {
        Frame::new(format!("MSG {} ", place.user), "\n")
    }
}

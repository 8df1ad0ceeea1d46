//! One room; `JOIN`, `SEND`; who sends a line does not receive it.

use super::{Arrival, Frame, Part, Place, Wire};

#[derive(Debug)]
pub(super) struct Simple;

impl Wire for Simple {
    fn name(&self) -> &'static str {
        "simple"
    }

    fn has_one_room(&self) -> bool {
        true
    }

    fn echoes(&self) -> bool {
        false
    }

    fn tells_arrivals_alone(&self) -> bool {
        true
    }

    fn enter(&self, place: Place) -> Vec<u8> {
        format!("JOIN {}\n", place.user).into()
    }

    fn answer(&self, _: Place, _: &[String]) -> Vec<Part> {
        vec![Part::Exact(b"OK\n".to_vec())]
    }

    fn joined(&self, place: Place) -> Option<Arrival> {
        Some(Arrival { line: format!("JOINED {}\n", place.user).into(), own: false })
    }

    fn left(&self, place: Place) -> Option<Vec<u8>> {
        Some(format!("LEFT {}\n", place.user).into())
    }

    fn say(&self, _: Place, _: usize) -> Frame {
        Frame::new("SEND ", "\n")
    }

    fn hear(&self, place: Place, _: usize) -> Frame {
        Frame::new(format!("MSG {} ", place.user), "\n")
    }
}

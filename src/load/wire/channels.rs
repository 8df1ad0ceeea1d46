//! `USERNAME`, `JOIN`, `MSG`; who joins is answered with a list of those who are there.

use super::{Arrival, Frame, Part, Place, Wire};
use std::fmt::Write as _;

#[derive(Debug)]
pub(super) struct Channels;

impl Wire for Channels {
    fn name(&self) -> &'static str {
        "channels"
    }

    fn enter(&self, Place { room, user }: Place) -> Vec<u8> {
        format!("USERNAME {user}\r\nJOIN {room}\r\n").into()
    }

    fn answer(&self, Place { room, user }: Place, present: &[String]) -> Vec<Part> {
        let count = present.len();
        let mut answer = format!("OK Welcome, {user}!\r\nOK Joined {room} ({count} users)\r\n");
        for name in present {
            write!(answer, "JOIN {room} {name}\r\n").expect("writing to a string succeeds");
        }
        vec![Part::Exact(answer.into())]
    }

    fn joined(&self, Place { room, user }: Place) -> Option<Arrival> {
        Some(Arrival { line: format!("JOIN {room} {user}\r\n").into(), own: false })
    }

    fn left(&self, Place { room, user }: Place) -> Option<Vec<u8>> {
        Some(format!("LEAVE {room} {user}\r\n").into())
    }

    fn say(&self, _: Place, _: usize) -> Frame {
        Frame::new("MSG ", "\n")
    }

    fn hear(&self, Place { room, user }: Place, _: usize) -> Frame {
        Frame::new(format!("ROOM {room} {user} "), "\r\n")
    }
}

//! What the network and the server do while the clients of a recorded run do nothing.

use super::super::house::House;
use super::super::random::Random;
use super::super::wire::Client;
use std::time::Duration;

/// How much happens at a time.
pub(super) struct Pace {
    pub(super) bytes_max: usize,
    pub(super) pause_millis_max: u64,
}

/// Some of what `client` sent arrives, or it reads some of what it was sent, or tasks of the server
/// get their turn, or time passes.
pub(super) fn between_acts(house: &House, client: &Client, random: &mut Random, pace: &Pace) {
    match random.below(6) {
        0 | 1 => _ = client.deliver(random.between(1, pace.bytes_max)),
        2 => _ = client.read(random.between(1, pace.bytes_max)),
        3 | 4 => {
            for _ in 0..random.between(1, 20) {
                house.executor.step();
            }
        }
        _ => house.pass(Duration::from_millis(1 + random.draw() % pace.pause_millis_max)),
    }
}

//! Goal: who does not read is evicted when the spec says so, and for no other silence.
//!
//! Method: a wire of ten bytes that nobody empties; virtual time to the nanosecond.
//!
//! Limits: the bounds of an outbox are checked to the byte by the model's tests, not here.

use super::house::{TICK, before};
use super::replay::{on_each_network, on_each_network_that_asks_nothing, on_each_plain_network_of};
use super::wire::End;
use crate::speech::ROOMS;
use parlance_core::limits::Limits;
use std::time::Duration;

const STALL: Duration = Duration::from_secs(30);

/// [common/outbox-8] [common/close-3] [common/eos-6]
#[test]
fn a_stalled_reader_is_evicted_after_30_s_and_the_others_are_told_once() {
    on_each_network(|house| {
        let ann = house.member("den", "ann");
        house.quirks.down_max = 10;
        let sam = house.member("den", "sam");
        sam.stall();
        house.send(&ann, "sam?\nsam!\n");
        house.pass(before(STALL));
        assert_eq!(sam.end(), End::Open);
        assert!(!ann.heard().contains("left"));
        house.pass(TICK);
        assert!(sam.is_closed(), "at once");
        sam.resume();
        house.pass(Duration::from_secs(60));
        assert!(!sam.heard().contains("ERROR"), "and without a line");
        assert_eq!(ann.heard(), "sam has left\n");
        ann.half_close();
        house.settle();
        house.assert_empty();
    });
}

/// [common/outbox-8]
#[test]
fn a_reader_that_takes_one_byte_in_time_stays() {
    on_each_plain_network_of(&ROOMS, &Limits::default(), |house| {
        let ann = house.member("den", "ann");
        house.quirks.down_max = 10;
        let sam = house.member("den", "sam");
        sam.stall();
        house.send(&ann, "sam, do you read this?\n");
        for _ in 0..5 {
            house.pass(before(STALL));
            sam.sip(1);
            house.settle();
        }
        house.pass(before(STALL));
        assert_eq!(sam.end(), End::Open);
        house.pass(TICK);
        assert!(sam.is_closed());
    });
}

/// [common/outbox-8]
#[test]
fn a_silent_client_that_owes_no_reading_stays() {
    on_each_network_that_asks_nothing(|house| {
        let sam = house.member("den", "sam");
        sam.stall();
        house.pass(Duration::from_secs(86_400));
        assert_eq!(sam.end(), End::Open);
        sam.resume();
        house.settle();
        assert_eq!(sam.heard(), "sam has joined\n");
    });
}

/// A peer that vanished without a word, while it was sending. [common/outbox-8]
#[test]
fn a_dead_client_is_gone_after_30_s_with_everything_it_kept() {
    on_each_network(|house| {
        let ann = house.member("den", "ann");
        house.quirks.down_max = 10;
        let dead = house.member("den", "dead");
        dead.stall();
        house.send(&dead, "my last line\nand half of");
        house.pass(STALL);
        assert!(dead.is_closed());
        assert!(ann.heard().ends_with("dead: my last line\ndead has left\n"));
        let census = house.service.registry().census();
        assert_eq!((census.clients, census.members, census.charge), (1, 1, 0));
    });
}

/// The process is stopped four times in the middle of a flood, and time passes without a look at
/// anybody; meanwhile the readers read all that the network has for them. [common/flow-3]
#[test]
fn pauses_of_the_server_evict_no_reader() {
    const PAUSE: Duration = Duration::from_millis(300);
    on_each_network(|house| {
        house.quirks.down_max = 1_000;
        let readers = ["bob", "cat"].map(|name| house.member("den", name));
        house.quirks.down_max = 1 << 20;
        let ann = house.member("den", "ann");
        for reader in &readers {
            reader.stall();
        }
        house.send(&ann, &format!("{}\n", "f".repeat(99)).repeat(20_000));
        for _ in 0..4 {
            house.clock.set(house.now() + PAUSE);
            for reader in &readers {
                reader.sip(usize::MAX);
            }
            house.settle();
            assert!(ann.unread() > 0, "the sender is held, and the flood is more than the bound");
        }
        for reader in &readers {
            reader.resume();
        }
        house.settle();
        assert_eq!(ann.unread(), 0);
        for reader in &readers {
            assert_eq!(reader.end(), End::Open);
            assert_eq!(reader.heard().matches("ann: fff").count(), 20_000);
        }
    });
}

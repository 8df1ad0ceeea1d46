//! Goal: each ending of a connection has one reason, counted once.
//!
//! Method: for each reason a scenario in which one connection ends for it; the counters before and
//! after. The compiler asks for a scenario of a new reason.
//!
//! Limits: the log has the same reason from the same call, and is read in `observing`.

use super::admin::operator;
use super::bureau::Bureau;
use super::house::{House, LOOPBACK};
use super::preamble::Preamble;
use super::replay::each_seed;
use super::wire::{Client, Quirks};
use crate::speech::{CHANNELS, LOGIN, ROOMS, Speech};
use parlance_core::limits::{ARRIVAL, LINGER, Limits};
use parlance_core::protocol::CloseReason;
use parlance_core::registry::Census;
use parlance_server::{AccountRules, Kept};
use std::panic::{AssertUnwindSafe, catch_unwind};

const NETWORKS: u64 = 12;

/// The dialect in which a connection can end for `reason`.
fn dialect(reason: CloseReason) -> &'static Speech {
    match reason {
        CloseReason::Quit | CloseReason::Ghosted => &CHANNELS,
        CloseReason::Idle => &LOGIN,
        _ => &ROOMS,
    }
}

/// Bounds that are small where the scenario of `reason` runs into one.
fn limits(reason: CloseReason) -> Limits {
    let limits = Limits::default();
    match reason {
        CloseReason::OutboxOverflow => Limits { outbox_bytes_max: 1_000, ..limits },
        CloseReason::TotalBound => Limits { total_bytes_max: 1_000, ..limits },
        CloseReason::TooManyClients => Limits { clients_max: 1, ..limits },
        _ => limits,
    }
}

/// Lets one connection end for `reason`.
pub(crate) fn end_for(house: &mut House, reason: CloseReason) {
    match reason {
        CloseReason::EndOfStream => house.connect().half_close(),
        CloseReason::Quit => {
            let joe = house.connect();
            house.send(&joe, "QUIT\n");
            house.pass(LINGER);
        }
        CloseReason::Reset => house.connect().reset(true),
        CloseReason::ProtocolFault => {
            let joe = house.connect();
            house.send(&joe, "HELLO\n");
            house.pass(LINGER);
        }
        CloseReason::TlsHello => {
            let joe = house.connect();
            joe.post(b"\x16\x03\x01");
            house.pass(LINGER);
        }
        CloseReason::Idle => {
            house.connect();
            house.pass(Limits::default().idle + LINGER);
        }
        CloseReason::FirstLineLate => {
            house.connect();
            house.pass(Limits::default().first_line);
        }
        CloseReason::Stalled => {
            stalled_reader(house);
            house.pass(Limits::default().stall);
        }
        CloseReason::OutboxOverflow | CloseReason::TotalBound => _ = stalled_reader(house),
        CloseReason::Shutdown => {
            house.connect();
            house.service.shutdown();
        }
        CloseReason::Kicked => {
            house.connect();
            operator(house).ask("kick 1").expect("it is there");
            house.pass(LINGER);
        }
        CloseReason::Ghosted => end_a_ghost(house),
        CloseReason::Banned => {
            operator(house).ask("ban 127.0.0.1").expect("there is place");
            house.knock(LOOPBACK);
        }
        CloseReason::TooManyClients => {
            house.connect();
            house.knock(LOOPBACK);
        }
        CloseReason::ArrivalFailed => {
            let joe = house.connect();
            house.send(&joe, "HELLO\n");
        }
        CloseReason::ArrivalLate => {
            house.connect();
            house.pass(ARRIVAL);
        }
        CloseReason::Dropped => {
            house.connect();
            house.executor.cancel_newest();
        }
    }
    house.settle();
}

/// Another connection logs in to the name of the first.
fn end_a_ghost(house: &mut House) {
    let bureau = Bureau::new();
    let [old, new] = [house.connect(), house.connect()];
    for (client, line) in [(&old, "/register ann 12345678\n"), (&new, "/login ann 12345678\n")] {
        house.send(client, line);
        bureau.judge_all(house);
    }
    house.send(&new, "/ghost ann\n");
    house.pass(LINGER);
}

/// A member that reads nothing of three lines of 400 bytes.
fn stalled_reader(house: &mut House) -> Client {
    let ann = house.member("den", "ann");
    house.quirks.down_max = 10;
    let sam = house.member("den", "sam");
    sam.stall();
    for _ in 0..3 {
        house.say(&ann, &"x".repeat(400));
    }
    sam
}

/// A house in which a connection can end for `reason`.
pub(crate) fn house_for(reason: CloseReason, seed: u64) -> House {
    let (speech, limits) = (dialect(reason), limits(reason));
    match reason {
        CloseReason::ArrivalFailed | CloseReason::ArrivalLate => {
            House::behind(Preamble, speech, seed, limits)
        }
        CloseReason::Ghosted => {
            let rules = AccountRules { registration: true, ..AccountRules::default() };
            let kept = Kept { archive: None, accounts: Some(rules) };
            House::with_accounts(seed, limits, kept, true)
        }
        _ => House::serving(speech, seed, limits),
    }
}

fn on_each_network(reason: CloseReason, scenario: impl Fn(&mut House)) {
    each_seed(NETWORKS, |seed| {
        let mut house = house_for(reason, seed);
        if seed > 0 {
            house.quirks = Quirks { percent: 25, lies: seed % 3 == 2, ..Quirks::NONE };
        }
        scenario(&mut house);
    });
}

#[test]
fn each_reason_is_counted_once_for_a_connection_that_ends_for_it() {
    for (place, reason) in CloseReason::ALL.into_iter().enumerate() {
        assert_eq!(reason as usize, place, "the counters have the order of the variants");
        on_each_network(reason, |house| {
            assert_eq!(house.endings(), []);
            end_for(house, reason);
            assert_eq!(house.endings(), [(reason, 1)]);
        });
    }
}

/// Its task is dropped after the end of its session, while it writes what is pending.
#[test]
fn a_dropped_connection_that_was_about_to_end_is_counted_once_for_its_reason() {
    on_each_network(CloseReason::EndOfStream, |house| {
        let sam = stalled_reader(house);
        sam.half_close();
        house.settle();
        assert_eq!(house.endings(), []);
        house.executor.cancel_newest();
        assert_eq!(house.endings(), [(CloseReason::EndOfStream, 1)]);
        assert_eq!(house.service.connections(), 1);
    });
}

/// The process does so when it stops before a slow reader is done. [common/shutdown-3]
#[test]
fn a_connection_that_is_dropped_while_the_server_drains_is_counted_as_the_shutdown() {
    on_each_network(CloseReason::Shutdown, |house| {
        stalled_reader(house);
        house.stop_accepting();
        house.service.shutdown();
        house.settle();
        assert_eq!(house.endings(), [(CloseReason::Shutdown, 1)], "one has read everything");
        house.executor.clear();
        assert_eq!(house.endings(), [(CloseReason::Shutdown, 2)]);
        house.assert_empty();
    });
}

/// [rooms/daemon-5]
#[test]
fn a_connection_whose_task_panics_is_counted_and_leaves_no_ghost() {
    on_each_network(CloseReason::Dropped, |house| {
        let (ann, joe) = (house.member("den", "ann"), house.member("den", "joe"));
        ann.heard();
        joe.explode();
        joe.post(b"never read\n");
        let panic = catch_unwind(AssertUnwindSafe(|| house.settle()));
        assert!(panic.is_err());
        house.executor.cancel_newest();
        house.settle();
        assert_eq!(house.endings(), [(CloseReason::Dropped, 1)]);
        assert_eq!((ann.heard().as_str(), joe.is_closed()), ("joe has left\n", true));
        assert_eq!(house.service.connections(), 1);
        house.send(&ann, "still served\n");
        assert_eq!(ann.heard(), "ann: still served\n");
        assert_eq!(
            house.service.registry().census(),
            Census { clients: 1, rooms: 1, members: 1, charge: 0 }
        );
    });
}

#[test]
fn an_arrival_that_is_dropped_is_counted_and_gives_its_place_back() {
    on_each_network(CloseReason::ArrivalLate, |house| {
        house.connect();
        house.executor.cancel_newest();
        assert_eq!(house.endings(), [(CloseReason::Dropped, 1)]);
        house.assert_empty();
    });
}

//! Scenarios for proptest: rooms full of clients, most of which behave badly.

use crate::support::operation::{Operation, Payload, SLOTS, Scenario};
use crate::support::words::ACCOUNTS;
use parlance_model::Dialect;
use proptest::prelude::*;
use std::time::Duration;

/// A scenario of up to `moves_max` moves after everybody has had a chance to join.
pub(crate) fn scenarios(dialect: Dialect, moves_max: usize) -> impl Strategy<Value = Scenario> {
    let outbox = prop::sample::select(vec![0, 0, 0, 0, 1, 2, 2, 2, 3, 4, 4, 4, 4, 5]);
    let bounds = prop_oneof![
        6 => outbox.clone().prop_map(|outbox| (outbox, 0)),
        4 => (prop::sample::select(vec![0, 3, 5]), 1..4_usize),
        1 => outbox.prop_map(|outbox| (outbox, 4)),
    ];
    let joins = prop::collection::vec((0..SLOTS, rooms(), 0..5_usize, any::<bool>()), 0..=SLOTS);
    let moves = prop::collection::vec(one_move(dialect), 1..moves_max);
    (bounds, joins, moves).prop_map(move |((outbox, total), joins, moves)| {
        let mut all = Vec::new();
        for (slot, room, name, reads) in joins {
            all.push(Operation::Connect { slot });
            all.push(send(slot, Payload::Join { room, name }, usize::MAX));
            all.extend(reads.then_some(Operation::ReadsAll { slot }));
        }
        all.extend(moves.concat());
        Scenario::new(dialect, outbox, total, all)
    })
}

/// Rooms that are kept in a store, which performs nothing for most of the time.
pub(crate) fn kept_scenarios(moves_max: usize) -> impl Strategy<Value = Scenario> {
    let asks = (0..SLOTS, 0..14_usize)
        .prop_map(|(slot, line)| vec![send(slot, Payload::Extension { line }, usize::MAX)]);
    let moves = prop_oneof![
        6 => one_move(Dialect::Channels),
        6 => asks,
        3 => Just(vec![Operation::Store]),
        5 => Just(vec![Operation::Store, Operation::RetryAll]),
        4 => (0..SLOTS, rooms(), 0..5_usize).prop_map(|(slot, room, name)| vec![
            Operation::Connect { slot },
            send(slot, Payload::Join { room, name }, usize::MAX),
            Operation::ReadsAll { slot },
        ]),
        1 => (0..SLOTS).prop_map(|slot| {
            // More than may wait to be stored, and everybody reads it.
            let flood = send(slot, Payload::Flood { length: 0, units: 15 }, usize::MAX);
            let mut all: Vec<_> = (0..SLOTS).map(|slot| Operation::ReadsAll { slot }).collect();
            let join = send(slot, Payload::Join { room: 0, name: slot }, usize::MAX);
            all.extend([Operation::Reset { slot }, Operation::Store, Operation::RetryAll]);
            all.extend([Operation::Connect { slot }, Operation::ReadsAll { slot }]);
            all.extend([join, Operation::Store, Operation::RetryAll]);
            all.extend([flood.clone(), flood.clone(), flood.clone(), flood]);
            all
        }),
    ];
    let moves = prop::collection::vec(moves, 1..moves_max);
    (scenarios(Dialect::Channels, 2), moves).prop_map(|(scenario, moves)| Scenario {
        keeps: true,
        operations: [scenario.operations, moves.concat()].concat(),
        ..scenario
    })
}

/// Names that can have accounts, and clients that come and go under them.
pub(crate) fn account_scenarios(moves_max: usize) -> impl Strategy<Value = Scenario> {
    let asks = || {
        (0..SLOTS, 0..ACCOUNTS.len())
            .prop_map(|(slot, line)| vec![send(slot, Payload::Account { line }, usize::MAX)])
    };
    let moves = prop_oneof![
        6 => one_move(Dialect::Channels),
        12 => asks(),
        2 => Just(vec![Operation::Store]),
        8 => Just(vec![Operation::Store, Operation::RetryAll]),
        6 => (0..SLOTS, 0..ACCOUNTS.len()).prop_map(|(slot, line)| vec![
            Operation::Connect { slot },
            Operation::ReadsAll { slot },
            send(slot, Payload::Account { line }, usize::MAX),
            Operation::Store,
            Operation::RetryAll,
        ]),
        2 => (0..SLOTS, rooms()).prop_map(|(slot, room)| vec![
            send(slot, Payload::Move { room }, usize::MAX),
        ]),
    ];
    let moves = prop::collection::vec(moves, 1..moves_max);
    let required = prop::sample::select(vec![false, false, false, true]);
    (scenarios(Dialect::Channels, 2), moves, required).prop_map(|(scenario, moves, required)| {
        let operations = [scenario.operations, moves.concat()].concat();
        Scenario { accounts: Some(required), operations, ..scenario }
    })
}

/// Mostly one operation; sometimes a few that rarely come together by chance.
fn one_move(dialect: Dialect) -> BoxedStrategy<Vec<Operation>> {
    if dialect == Dialect::Rooms {
        return rare_moves().boxed();
    }
    // Each flood of commands is a thousand answers, which the model works out one by one.
    let flood = || (0..14_usize).prop_map(|line| Payload::Command { line, times: 14 });
    prop_oneof![
        120 => rare_moves(),
        60 => (0..SLOTS, talk()).prop_map(|(slot, payload)| vec![send(slot, payload, usize::MAX)]),
        1 => (0..SLOTS, flood()).prop_map(|(slot, flood)| vec![
            Operation::StopsReading { slot },
            send(slot, flood.clone(), usize::MAX),
            send(slot, flood, usize::MAX),
            Operation::ReadsAll { slot },
            Operation::RetryAll,
        ]),
        1 => (0..SLOTS, flood()).prop_map(|(slot, flood)| vec![
            Operation::Reset { slot },
            Operation::Connect { slot },
            send(slot, flood.clone(), usize::MAX),
            send(slot, flood, usize::MAX),
        ]),
        6 => (0..SLOTS, 0..SLOTS, 0..5_usize).prop_map(|(slot, other, name)| vec![
            Operation::StopsReading { slot },
            send(other, Payload::Tell { name, length: 4, units: 15 }, usize::MAX),
            send(other, Payload::Tell { name, length: 4, units: 15 }, usize::MAX),
        ]),
        3 => waits_and_then(held_for_its_replies()),
        4 => waits_and_then(held_in_a_move()),
        6 => (0..SLOTS, 59_000..61_000_u64).prop_map(|(slot, millis)| vec![
            Operation::ReadsAll { slot },
            Operation::Passes { time: Duration::from_millis(millis), looked_at: true },
        ]),
    ]
    .boxed()
}

/// What only some dialects have; in the others a text.
fn talk() -> impl Strategy<Value = Payload> {
    prop_oneof![
        3 => (0..14_usize).prop_map(|line| Payload::Command { line, times: 0 }),
        2 => (0..5_usize, 0..7_usize)
            .prop_map(|(name, length)| Payload::Tell { name, length, units: 0 }),
        2 => (0..3_usize).prop_map(|room| Payload::Move { room }),
        1 => (0..5_usize).prop_map(|name| Payload::Name { name }),
    ]
}

/// In every dialect.
fn rare_moves() -> impl Strategy<Value = Vec<Operation>> {
    prop_oneof![
        30 => operation().prop_map(|operation| vec![operation]),
        1 => (0..SLOTS, 0..SLOTS, payload()).prop_map(|(slot, other, payload)| vec![
            Operation::StopsReading { slot },
            send(other, payload.clone(), usize::MAX),
            send(other, payload, usize::MAX),
        ]),
        2 => (0..SLOTS).prop_map(|slot| vec![Operation::ReadsAll { slot }, Operation::RetryAll]),
        2 => (0..SLOTS, payload()).prop_map(|(slot, payload)| vec![
            Operation::StopsReading { slot },
            send(slot, payload, usize::MAX),
            Operation::EndOfStream { slot },
        ]),
        2 => (0..SLOTS, 80..130_usize).prop_map(|(slot, length)| vec![
            Operation::StopsReading { slot },
            send(slot, Payload::Line { length: 50 }, usize::MAX),
            send(slot, Payload::Line { length }, usize::MAX),
            send(slot, Payload::Long { length: 2, end: 0 }, usize::MAX),
        ]),
        1 => (0..SLOTS, 25_001..30_000_u64, 0..6_000_u64).prop_map(|(slot, before, after)| vec![
            Operation::StopsReading { slot },
            send(slot, Payload::Line { length: 0 }, usize::MAX),
            Operation::Passes { time: Duration::from_millis(before), looked_at: false },
            Operation::EndOfStream { slot },
            Operation::Passes { time: Duration::from_millis(after), looked_at: true },
        ]),
        1 => (0..SLOTS, 4_990..5_010_u64).prop_map(|(slot, millis)| vec![
            Operation::ReadsAll { slot },
            Operation::Passes { time: Duration::from_millis(millis), looked_at: false },
            Operation::StopsReading { slot },
        ]),
        1 => (0..SLOTS, 25_001..30_000_u64, 0..6_000_u64).prop_map(|(slot, before, after)| vec![
            Operation::StopsReading { slot },
            send(slot, Payload::Line { length: 0 }, usize::MAX),
            Operation::Passes { time: Duration::from_millis(before), looked_at: false },
            Operation::Shutdown,
            Operation::Passes { time: Duration::from_millis(after), looked_at: true },
        ]),
        1 => (0..SLOTS, 0..6_usize).prop_map(|(slot, length)| vec![
            Operation::Reset { slot },
            Operation::Connect { slot },
            send(slot, Payload::Long { length, end: 0 }, usize::MAX),
        ]),
        1 => (0..SLOTS, 0..6_usize).prop_map(|(slot, length)| {
            let mut all: Vec<_> = are_together([slot, slot]).collect();
            all.push(send(slot, Payload::Long { length, end: 0 }, usize::MAX));
            all
        }),
        2 => two_are_stalled(),
        2 => waits_and_then(held()),
        1 => starves(),
        5 => exhausted_and_catches_up(),
        5 => stall_in_turn(),
        1 => (0..SLOTS, 0..SLOTS, rooms()).prop_map(|(slot, name, room)| vec![
            Operation::Reset { slot },
            Operation::Connect { slot },
            send(slot, Payload::Join { room, name }, usize::MAX),
        ]),
    ]
}

/// A client whose line waits, how it comes to that, and a client that it waits for.
#[derive(Debug)]
struct Wait {
    slot: usize,
    other: usize,
    before: Vec<Operation>,
}

/// Both are in the first room, if that is possible, and read.
fn are_together(slots: [usize; 2]) -> impl Iterator<Item = Operation> {
    slots.into_iter().flat_map(|slot| {
        [
            Operation::Connect { slot },
            Operation::ReadsAll { slot },
            send(slot, Payload::Join { room: 0, name: slot }, usize::MAX),
        ]
    })
}

/// A line of a room, or the first of several, waits for a member that does not read.
fn held() -> BoxedStrategy<Wait> {
    let last = prop_oneof![
        1 => Just(Payload::Flood { length: 3, units: 11 }),
        1 => (0..14_usize).prop_map(|line| Payload::Odd { line }),
    ];
    (0..SLOTS, 1..SLOTS, last)
        .prop_map(|(slot, step, last)| {
            let other = (slot + step) % SLOTS;
            let flood = send(slot, Payload::Flood { length: 3, units: 11 }, usize::MAX);
            let mut before: Vec<_> = are_together([slot, other]).collect();
            before.extend([Operation::StopsReading { slot: other }, flood.clone(), flood]);
            before.push(send(slot, last, usize::MAX));
            Wait { slot, other, before }
        })
        .boxed()
}

/// A line that leaves the room, where there are several, waits for a member that does not read:
/// another, or the client itself.
fn held_in_a_move() -> BoxedStrategy<Wait> {
    let away = prop_oneof![
        2 => (1..3_usize).prop_map(|room| Payload::Move { room }),
        1 => Just(Payload::Command { line: 2, times: 0 }),
    ];
    (held(), 1..=SLOTS, away)
        .prop_map(|(wait, step, away)| {
            let Wait { slot: talks, other, mut before } = wait;
            let slot = (other + step) % SLOTS;
            before.splice(0..0, are_together([slot, talks]));
            before.push(send(slot, away, usize::MAX));
            Wait { slot, other, before }
        })
        .boxed()
}

/// A line of any sort waits until its client has read its replies.
fn held_for_its_replies() -> BoxedStrategy<Wait> {
    let line = prop_oneof![
        2 => talk(),
        1 => Just(Payload::Line { length: 5 }),
    ];
    (0..SLOTS, 1..SLOTS, 0..14_usize, line)
        .prop_map(|(slot, step, command, line)| {
            let flood = Payload::Command { line: command, times: 14 };
            let mut before = vec![Operation::StopsReading { slot }];
            before.extend(vec![send(slot, flood, usize::MAX); 2]);
            before.push(send(slot, line, usize::MAX));
            Wait { slot, other: (slot + step) % SLOTS, before }
        })
        .boxed()
}

/// A client waits, and another rule comes to it meanwhile.
fn waits_and_then(wait: BoxedStrategy<Wait>) -> impl Strategy<Value = Vec<Operation>> {
    (wait, 0..9_usize, 1..SLOTS).prop_map(|(Wait { slot, other, before }, rule, step)| {
        let third = (other + step) % SLOTS;
        let flood = |slot, units| send(slot, Payload::Flood { length: 3, units }, usize::MAX);
        let passes =
            |millis| Operation::Passes { time: Duration::from_millis(millis), looked_at: true };
        let meanwhile = match rule {
            0 => vec![Operation::Shutdown, passes(4_999), passes(1)],
            1 => vec![Operation::Reset { slot }],
            2 => vec![Operation::EndOfStream { slot }],
            // The time limit of its next line.
            3 => vec![passes(61_000)],
            // Once it has read, its line waits for another.
            4 => vec![
                Operation::StopsReading { slot: other },
                flood(third, 15),
                flood(third, 15),
                Operation::ReadsAll { slot },
                Operation::Retry { slot },
            ],
            // What it has not read grows, an answer among it.
            5 => {
                let tells =
                    |name| send(third, Payload::Tell { name, length: 4, units: 15 }, usize::MAX);
                let mut all = vec![Operation::StopsReading { slot }];
                all.extend(
                    (0..5).flat_map(|name| [tells(name), Operation::ReadsAll { slot: third }]),
                );
                all.push(Operation::Retry { slot });
                all
            }
            // The total grows by the input of others that are held.
            _ => (0..SLOTS).map(|slot| flood(slot, 15)).chain([passes(100)]).collect(),
        };
        let mut all = before;
        all.extend(meanwhile);
        all.extend([Operation::ReadsAll { slot: other }, Operation::RetryAll]);
        all
    })
}

/// A line waits for one member while another with a smaller backlog is stalled too, reads a little
/// or sends a line.
fn two_are_stalled() -> impl Strategy<Value = Vec<Operation>> {
    let meanwhile = |other| {
        prop_oneof![
            4 => Just(Vec::new()),
            1 => (1..70_usize).prop_map(move |bytes| vec![Operation::Reads { slot: other, bytes }]),
            1 => Just(vec![Operation::Connect { slot: other }]),
            1 => payload().prop_map(move |payload| vec![send(other, payload, usize::MAX)]),
        ]
    };
    let flood = |units| Payload::Flood { length: 3, units };
    let times = (prop_oneof![Just(250), 1..260_u64], prop_oneof![Just(0), 1..260_u64]);
    (0..SLOTS, 1..SLOTS, 1..SLOTS, times).prop_flat_map(
        move |(first, other, sender, (millis, more))| {
            let [other, sender] = [other, sender].map(|step| (first + step) % SLOTS);
            meanwhile(other).prop_map(move |meanwhile| {
                let mut all = vec![
                    Operation::ReadsAll { slot: sender },
                    Operation::StopsReading { slot: first },
                    send(sender, flood(12), usize::MAX),
                    Operation::StopsReading { slot: other },
                    send(sender, flood(4), usize::MAX),
                    send(sender, flood(12), usize::MAX),
                ];
                all.extend(meanwhile);
                all.extend(looks_for(millis));
                all.push(Operation::RetryAll);
                all.extend(looks_for(more));
                all.push(send(sender, flood(1), usize::MAX));
                all
            })
        },
    )
}

/// A reader whose task gets no processor to write with, however much is pending.
fn starves() -> impl Strategy<Value = Vec<Operation>> {
    (0..SLOTS, 1..SLOTS, 200..300_u64).prop_map(|(slot, step, millis)| {
        let flood =
            send((slot + step) % SLOTS, Payload::Flood { length: 3, units: 14 }, usize::MAX);
        vec![
            Operation::ReadsAll { slot },
            Operation::Starves { slot, starves: true },
            flood.clone(),
            flood,
            Operation::Passes { time: Duration::from_millis(millis), looked_at: true },
            Operation::Starves { slot, starves: false },
        ]
    })
}

/// A member with an exhausted stall budget reads everything, and is flooded again after about the
/// time in which the budget is renewed.
fn exhausted_and_catches_up() -> impl Strategy<Value = Vec<Operation>> {
    (0..SLOTS, 1..SLOTS, 4_990..5_010_u64).prop_map(|(slot, step, millis)| {
        let sender = (slot + step) % SLOTS;
        let flood = send(sender, Payload::Flood { length: 3, units: 11 }, usize::MAX);
        let mut all = vec![
            Operation::ReadsAll { slot: sender },
            Operation::StopsReading { slot },
            flood.clone(),
            flood.clone(),
        ];
        all.extend(looks_for(250));
        all.extend([
            Operation::ReadsAll { slot },
            Operation::Passes { time: Duration::from_millis(millis), looked_at: false },
            Operation::StopsReading { slot },
            flood.clone(),
            flood,
        ]);
        all
    })
}

/// Two members stall one after the other, until their room is strained; another line waits.
fn stall_in_turn() -> impl Strategy<Value = Vec<Operation>> {
    (0..SLOTS, 1..SLOTS, 1..SLOTS, 90..130_u64).prop_map(|(first, second, sender, millis)| {
        let [second, sender] = [second, sender].map(|step| (first + step) % SLOTS);
        let flood = send(sender, Payload::Flood { length: 3, units: 11 }, usize::MAX);
        let mut all = vec![
            Operation::ReadsAll { slot: sender },
            Operation::ReadsAll { slot: second },
            Operation::StopsReading { slot: first },
            flood.clone(),
            flood.clone(),
        ];
        all.extend(looks_for(250));
        all.extend([Operation::StopsReading { slot: second }, flood.clone(), flood.clone()]);
        all.extend(looks_for(millis));
        all.push(send(first, Payload::Text { line: 1, times: 1 }, usize::MAX));
        all.push(flood);
        all.extend(looks_for(70));
        all
    })
}

/// Two members stall one after the other, until their room is strained. Then the second reads a
/// little at a time while lines wait, until the room is overstrained, and at last everything.
pub(crate) fn overstrained(dialect: Dialect) -> Scenario {
    const OUTBOX_OF_A_MEBIBYTE: usize = 5;
    let flood = || send(0, Payload::Flood { length: 3, units: 11 }, usize::MAX);
    let mut all = Vec::new();
    for slot in 0..5 {
        all.push(Operation::Connect { slot });
        all.push(send(slot, Payload::Join { room: 0, name: slot }, usize::MAX));
        all.push(Operation::ReadsAll { slot });
    }
    for (slot, held) in [(1, 250), (2, 110)] {
        all.extend([Operation::StopsReading { slot }, flood(), flood(), flood()]);
        all.extend(looks_for(held));
    }
    for _ in 0..8 {
        all.push(Operation::Reads { slot: 2, bytes: 1 });
        all.push(send(0, Payload::Line { length: 3 }, usize::MAX));
        all.extend(looks_for(9));
    }
    all.push(Operation::ReadsAll { slot: 2 });
    all.extend(looks_for(260));
    Scenario::new(dialect, OUTBOX_OF_A_MEBIBYTE, 0, all)
}

/// Time in which the deadlines are looked at as often as they come.
fn looks_for(millis: u64) -> Vec<Operation> {
    let look = |millis| Operation::Passes { time: Duration::from_millis(millis), looked_at: true };
    let mut all = vec![look(50); usize::try_from(millis / 50).expect("a moment")];
    all.push(look(millis % 50));
    all
}

/// Mostly the first.
fn rooms() -> impl Strategy<Value = usize> {
    prop_oneof![3 => Just(0), 1 => 1..3_usize]
}

fn operation() -> impl Strategy<Value = Operation> {
    let slot = 0..SLOTS;
    prop_oneof![
        3 => slot.clone().prop_map(|slot| Operation::Connect { slot }),
        28 => (slot.clone(), payload(), segment())
            .prop_map(|(slot, payload, segment)| send(slot, payload, segment)),
        1 => slot.clone().prop_map(|slot| Operation::EndOfStream { slot }),
        1 => slot.clone().prop_map(|slot| Operation::Reset { slot }),
        1 => slot.clone().prop_map(|slot| Operation::Dropped { slot }),
        6 => (slot.clone(), reads()).prop_map(|(slot, bytes)| Operation::Reads { slot, bytes }),
        3 => slot.clone().prop_map(|slot| Operation::ReadsAll { slot }),
        6 => slot.clone().prop_map(|slot| Operation::StopsReading { slot }),
        3 => (slot.clone(), any::<bool>())
            .prop_map(|(slot, starves)| Operation::Starves { slot, starves }),
        4 => slot.prop_map(|slot| Operation::Retry { slot }),
        1 => Just(Operation::RetryAll),
        6 => (time(), prop::bool::weighted(0.8))
            .prop_map(|(time, looked_at)| Operation::Passes { time, looked_at }),
        1 => prop_oneof![9 => Just(Operation::RetryAll), 1 => Just(Operation::Shutdown)],
    ]
}

fn send(slot: usize, payload: Payload, segment: usize) -> Operation {
    Operation::Send { slot, payload, segment }
}

fn payload() -> impl Strategy<Value = Payload> {
    prop_oneof![
        3 => (rooms(), 0..5_usize).prop_map(|(room, name)| Payload::Join { room, name }),
        1 => (0..12_usize).prop_map(|line| Payload::Odd { line }),
        6 => (0..8_usize, 0..16_usize).prop_map(|(line, times)| Payload::Text { line, times }),
        3 => (0..300_usize).prop_map(|length| Payload::Line { length }),
        2 => (0..6_usize, 0..3_usize).prop_map(|(length, end)| Payload::Long { length, end }),
        5 => (0..7_usize, 0..16_usize).prop_map(|(length, units)| Payload::Flood { length, units }),
    ]
}

/// Whole reads mostly; small pieces only where that is not a flood of reads.
fn segment() -> impl Strategy<Value = usize> {
    prop_oneof![6 => Just(usize::MAX), 2 => 50..5_000_usize, 1 => 5_000..65_536_usize]
}

fn reads() -> impl Strategy<Value = usize> {
    prop_oneof![1..100_usize, 100..5_000_usize, 5_000..150_000_usize]
}

fn time() -> impl Strategy<Value = Duration> {
    let millis = prop_oneof![
        4 => 1..260_u64,
        2 => prop::sample::select(vec![249_u64, 250, 4_999, 5_000]),
        2 => 4_000..6_000_u64,
        1 => 29_000..31_000_u64,
    ];
    millis.prop_map(Duration::from_millis)
}

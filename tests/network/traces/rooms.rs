//! Goal: what the clients of a server do and receive is a behaviour of the formal model, module
//! Rooms.
//!
//! Method: small random sessions from seeds, with slow and broken clients and sometimes a shutdown.
//! What each client did and received is recorded, and [`accept`] must find steps of the model that
//! explain it. Each run is then forged in one place, and must not be explained any more.
//!
//! Limits: few clients and lines for each seed; the model counts no bytes and no time.

use super::super::house::{House, LOOPBACK};
use super::super::random::Random;
use super::super::replay::{each_seed, part_of};
use super::super::wire::{Client, End, Quirks};
use super::between::{Pace, between_acts};
use crate::acceptor::rooms::relation::Kind;
use crate::acceptor::rooms::trace::{Part, Run, What, accept, events, name};
use crate::acceptor::search::Rejected;
use crate::speech::ROOMS;
use parlance_core::limits::Limits;
use std::collections::BTreeSet;
use std::time::Duration;

const SEEDS: u64 = 200;
const STEPS: usize = 70;
const ROOM_COUNT: usize = 2;
const PACE: Pace = Pace { bytes_max: 40, pause_millis_max: 900 };

struct Actor {
    client: Client,
    part: Part,
    stalled: bool,
    said: usize,
}

impl Actor {
    fn over(&self) -> bool {
        let last = self.part.did.last().map(|(what, _)| *what);
        matches!(last, Some(What::EndOfStream | What::Fail | What::Reset))
    }

    fn joins(&mut self, id: usize) {
        self.does(What::Join);
        let room = format!("r{}", self.part.room);
        self.client.post(&ROOMS.enter_room(&room, &name(id).to_string()));
    }

    fn does(&mut self, what: What) {
        let heard = String::from_utf8(self.client.received()).expect("everyone sends text");
        self.part.did.push((what, heard.matches('\n').count()));
    }
}

/// Plays the session of `seed`; also what happened in it.
fn record(seed: u64) -> (Run, BTreeSet<&'static str>) {
    let limits =
        Limits { outbox_bytes_max: 1_000, stall: Duration::from_secs(2), ..Limits::default() };
    let mut house = House::serving(&ROOMS, seed, limits);
    let mut random = Random::new(!seed);
    let mut actors = Vec::new();
    for _ in 0..random.between(2, 5) {
        house.quirks = Quirks {
            percent: random.between(0, 40),
            up_max: 150,
            down_max: 30,
            lies: seed % 4 == 3,
        };
        let room = random.below(ROOM_COUNT);
        let part = Part { room, did: Vec::new(), received: Vec::new(), whole: true };
        actors.push(Actor { client: house.knock(LOOPBACK), part, stalled: false, said: 0 });
    }
    for _ in 0..STEPS {
        let id = random.below(actors.len());
        if random.percent(40) {
            act(&mut actors[id], id, &mut random);
        } else {
            between_acts(&house, &actors[id].client, &mut random, &PACE);
        }
    }
    let shutdown = random.percent(30);
    if shutdown {
        house.service.shutdown();
    }
    finish(&house, actors, shutdown)
}

/// One thing that a client does; whoever has left does no more.
fn act(actor: &mut Actor, id: usize, random: &mut Random) {
    if actor.over() {
        return;
    }
    if actor.part.did.is_empty() {
        return actor.joins(id);
    }
    match random.below(16) {
        0 => {
            actor.does(What::EndOfStream);
            actor.client.half_close();
        }
        1 => {
            actor.does(What::Fail);
            actor.client.post(&vec![b'x'; 20_000]);
        }
        2 => {
            actor.does(What::Reset);
            actor.client.reset(random.percent(50));
        }
        3..6 => {
            actor.client.stall();
            actor.stalled = true;
        }
        6 | 7 => actor.client.resume(),
        _ => {
            actor.said += 1;
            actor.does(What::Say);
            actor.client.post(format!("{}\n", actor.said).as_bytes());
        }
    }
}

/// Everyone who has not left does, unless the server shuts down.
fn finish(house: &House, mut actors: Vec<Actor>, shutdown: bool) -> (Run, BTreeSet<&'static str>) {
    let mut cases = BTreeSet::from_iter(shutdown.then_some("a shutdown"));
    house.pass(Duration::from_secs(3));
    for (id, actor) in actors.iter_mut().enumerate().filter(|(_, actor)| !actor.over()) {
        let evicted = actor.client.end() != End::Open && !shutdown;
        cases.extend(evicted.then_some("an eviction"));
        actor.client.resume();
        if !shutdown && !evicted {
            if actor.part.did.is_empty() {
                actor.joins(id); // the model has no end of a client that never joined
            }
            actor.does(What::EndOfStream);
            actor.client.half_close();
        }
    }
    house.pass(Duration::from_secs(10));
    let mut parts = Vec::new();
    for mut actor in actors {
        let text = String::from_utf8(actor.client.received()).expect("everyone sends text");
        actor.part.received = events(&text, actor.part.room).unwrap();
        let reset = actor.part.did.iter().any(|(what, _)| *what == What::Reset);
        cases.extend(reset.then_some("a reset"));
        let failed = actor.part.received.iter().any(|event| event.kind == Kind::Error);
        cases.extend(failed.then_some("an error"));
        actor.part.whole = !reset && !actor.stalled;
        parts.push(actor.part);
    }
    (Run { rooms: ROOM_COUNT, parts, shutdown }, cases)
}

/// The run with what one client heard, which heard everything, changed into what nobody can hear.
/// (An event that is missing will not do: what a reset came before was perhaps never taken.)
fn forged(run: &Run) -> Vec<Run> {
    let is_fit = |part: &Part| part.whole && part.received.len() > 2;
    let Some(fit) = run.parts.iter().position(is_fit) else { return Vec::new() };
    let forge = |change: fn(&mut Part)| {
        let mut forged = run.clone();
        change(&mut forged.parts[fit]);
        forged
    };
    vec![
        forge(|part| part.received.insert(1, part.received[1])),
        forge(|part| part.received.swap(0, 1)),
        forge(|part| part.received[1].n += 100),
        forge(|part| part.received[1].room = 1 - part.room),
    ]
}

/// [common/order-1] [common/order-2] [common/eos-3] [common/eos-4] [common/eos-6] [common/outbox-5]
/// [common/shutdown-1] [common/shutdown-2] [rooms/room-1] [rooms/error-3]
#[test]
fn runs_are_behaviours_of_the_model() {
    let (mut cases, mut forgeries, mut steps) = (BTreeSet::new(), 0, 0);
    let all = each_seed(part_of(SEEDS), |seed| {
        let (run, happened) = record(seed);
        steps += accept(&run).unwrap_or_else(|why| panic!("{why}: {run:?}")).steps;
        cases.extend(happened);
        for forged in forged(&run) {
            forgeries += 1;
            let verdict = accept(&forged);
            assert!(matches!(verdict, Err(Rejected::Never { .. })), "{verdict:?} of {forged:?}");
        }
    });
    println!("{steps} steps explain the runs; {forgeries} forged ones are rejected");
    let wanted = ["a reset", "a shutdown", "an error", "an eviction"];
    assert!(!all || cases == BTreeSet::from(wanted), "the sessions are too tame: {cases:?}");
    assert!(!all || forgeries > part_of(SEEDS), "only {forgeries} runs could be forged");
}

//! One random session of several clients, from a seed.

use super::house::{House, LOOPBACK, Network};
use super::random::Random;
use super::wire::{Client, End, Quirks};
use crate::speech::{CHANNELS, ROOMS, Speech};
use parlance_core::limits::{CrowdLimits, Limits};
use std::collections::BTreeSet;
use std::time::Duration;

const STEPS: usize = 120;

/// Buffers of a wire, so that some reads and writes are always short.
const BUFFERS: [usize; 4] = [150, 800, 5_000, 65_536];

/// Someone in the session and everything that it did.
pub(crate) struct Actor {
    pub(crate) client: Client,
    pub(crate) name: String,
    pub(crate) room: String,
    /// Joins first, always reads and leaves last: what it is sent is the room's whole order.
    pub(crate) anchor: bool,
    pub(crate) joined: bool,
    pub(crate) said: Vec<String>,
    pub(crate) leaving: Option<Leaving>,
    /// It did not read at some time, so that it may have been evicted or given up.
    pub(crate) stalled_ever: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Leaving {
    HalfClose,
    Reset,
    /// A line that is too long, or a wrong first one.
    Error,
}

/// A session when everyone has left.
pub(crate) struct Session {
    pub(crate) speech: &'static Speech,
    pub(crate) actors: Vec<Actor>,
    /// What happened, to see that all of it happens in some session.
    pub(crate) cases: BTreeSet<&'static str>,
    /// Polls and attempts to accept: equal only if the whole execution was.
    pub(crate) effort: [usize; 2],
    /// Whether its rooms were crowded: departures within a turn are then announced together.
    pub(crate) crowded: bool,
}

struct Play {
    house: House,
    random: Random,
    actors: Vec<Actor>,
    rooms: usize,
    may_stall: bool,
    cases: BTreeSet<&'static str>,
}

/// Plays the session of `seed` in the rooms dialect to its end and checks that nothing is left of
/// it.
pub(crate) fn play(seed: u64) -> Session {
    play_in(&ROOMS, seed)
}

/// As [`play`], in any dialect.
pub(crate) fn play_in(speech: &'static Speech, seed: u64) -> Session {
    play_on(Network::Plain, speech, seed)
}

/// As [`play_in`], on any network.
pub(crate) fn play_on(network: Network, speech: &'static Speech, seed: u64) -> Session {
    let mut play = Play::new(network, speech, seed);
    for _ in 0..STEPS {
        play.step();
    }
    play.everyone_leaves();
    play.house.assert_empty();
    let effort = [play.house.executor.polls(), play.house.door.attempts()];
    let crowded = crowd_of(seed) != CrowdLimits::default();
    Session { speech, actors: play.actors, cases: play.cases, effort, crowded }
}

/// Half of the seeds play in crowded rooms, where a turn is one request or a few. [common/flow-8]
fn crowd_of(seed: u64) -> CrowdLimits {
    match seed % 4 {
        1 => CrowdLimits { members_min: 2, turn_entries_max: 1 },
        3 => CrowdLimits { members_min: 2, turn_entries_max: 20 },
        _ => CrowdLimits::default(),
    }
}

impl Play {
    fn new(network: Network, speech: &'static Speech, seed: u64) -> Play {
        let limits = Limits {
            // Just over what flow control lets pile up for a member that reads.
            outbox_bytes_max: 150_000,
            stall: Duration::from_secs(2),
            crowd: crowd_of(seed),
            ..Limits::default()
        };
        let house = House::on(network, speech, seed, limits);
        let mut random = Random::new(!seed);
        let (rooms, may_stall) = (random.between(1, 2), random.percent(60));
        let has_rooms = [ROOMS.dialect, CHANNELS.dialect].contains(&speech.dialect);
        let rooms = if has_rooms { rooms } else { 1 };
        let mut play =
            Play { house, random, actors: Vec::new(), rooms, may_stall, cases: BTreeSet::new() };
        for room in 0..rooms {
            play.house.quirks.down_max = 1 << 20;
            play.enter(format!("anchor{room}"), room, true);
            play.join(room);
            play.house.settle();
        }
        for number in 0..play.random.between(3, 6) {
            let room = play.random.below(rooms);
            let buffers = [play.random.below(4), play.random.below(4)].map(|index| BUFFERS[index]);
            let percent = play.random.between(0, 40);
            play.house.quirks =
                Quirks { percent, up_max: buffers[0], down_max: buffers[1], lies: seed % 4 == 3 };
            play.enter(format!("u{number}"), room, false);
        }
        play
    }

    fn enter(&mut self, name: String, room: usize, anchor: bool) {
        let client = self.house.knock(LOOPBACK);
        self.actors.push(Actor {
            client,
            name,
            room: format!("room{room}"),
            anchor,
            joined: false,
            said: Vec::new(),
            leaving: None,
            stalled_ever: false,
        });
    }

    fn join(&mut self, index: usize) {
        let actor = &mut self.actors[index];
        actor.client.post(&self.house.speech.enter_room(&actor.room, &actor.name));
        actor.joined = true;
    }

    fn say(&mut self, index: usize, lines: usize, length: usize) {
        let actor = &mut self.actors[index];
        for _ in 0..lines {
            let text = format!("{}-{}{}", actor.name, actor.said.len(), "x".repeat(length));
            actor.client.post(&self.house.speech.say(&text));
            actor.said.push(text);
        }
    }

    fn leave(&mut self, index: usize) {
        let actor = &mut self.actors[index];
        let leaving = match self.random.below(4) {
            0 => Leaving::Reset,
            1 => Leaving::Error,
            _ => Leaving::HalfClose,
        };
        match leaving {
            Leaving::Reset => actor.client.reset(self.random.percent(50)),
            Leaving::Error if actor.joined => actor.client.post("y".repeat(20_000).as_bytes()),
            // Where a wrong name is forgiven, a line that is too long is not.
            Leaving::Error if self.house.speech.invalid.1 => {
                actor.client.post("y".repeat(20_000).as_bytes());
            }
            Leaving::Error => actor.client.post(b"NO PE\n"),
            Leaving::HalfClose => {
                actor.client.post(b"not a line");
                actor.client.half_close();
            }
        }
        actor.leaving = Some(leaving);
    }

    /// One thing that a client does; whoever has left does no more.
    fn act(&mut self) {
        let index = self.random.between(self.rooms, self.actors.len() - 1);
        let actor = &mut self.actors[index];
        match (actor.leaving, actor.joined) {
            (None, false) if self.random.percent(10) => self.leave(index),
            (None, false) => self.join(index),
            (None, true) => match self.random.below(20) {
                0 => self.leave(index),
                1 | 2 if self.may_stall => {
                    actor.client.stall();
                    actor.stalled_ever = true;
                }
                1..=6 => actor.client.resume(),
                7 => self.say(index, 40, 2_500),
                8 => self.say(index, 1_000, 0),
                9 => self.say(index, 1, 19_000),
                _ => {
                    let (lines, length) = (self.random.between(1, 5), self.random.below(50));
                    self.say(index, lines, length);
                }
            },
            (Some(Leaving::Error), _) => actor.client.post(b"JOIN room0 ghost\nghost\n"),
            (Some(_), _) => {}
        }
    }

    fn step(&mut self) {
        let index = self.random.below(self.actors.len());
        let client = &self.actors[index].client;
        let size = if self.random.percent(50) { 20 } else { 70_000 };
        match self.random.below(100) {
            0..30 => self.act(),
            30..50 => {
                client.deliver(self.random.between(1, size));
            }
            50..65 => {
                client.read(self.random.between(1, size));
            }
            65..85 => {
                for _ in 0..self.random.between(1, 30) {
                    self.house.executor.step();
                }
            }
            85..90 => self.house.executor.nudge(),
            90..92 => {
                self.house.door.run_short(self.random.between(1, 3));
                self.cases.insert("out of descriptors");
            }
            92..94 => self.house.door.knock_and_go(),
            _ => {
                let span = Duration::from_millis(self.draw_span());
                self.house.pass(span);
            }
        }
        // Anchors read always.
        for anchor in &self.actors[..self.rooms] {
            anchor.client.read(usize::MAX);
        }
    }

    fn draw_span(&mut self) -> u64 {
        let held = self.house.service.registry().census().charge > 65_536;
        self.cases.extend(held.then_some("much is owed when time passes"));
        1 + self.random.draw() % 900
    }

    fn everyone_leaves(&mut self) {
        self.note_evictions();
        for actor in &self.actors {
            actor.client.resume();
        }
        self.house.pass(Duration::from_secs(1));
        for index in self.rooms..self.actors.len() {
            if self.actors[index].leaving.is_none() {
                self.leave(index);
            }
            for _ in 0..self.random.below(10) {
                self.house.executor.step();
            }
        }
        self.house.pass(Duration::from_secs(10));
        for anchor in &mut self.actors[..self.rooms] {
            anchor.client.half_close();
            anchor.leaving = Some(Leaving::HalfClose);
        }
        self.house.settle();
    }

    fn note_evictions(&mut self) {
        for actor in &self.actors {
            let evicted = actor.leaving.is_none() && actor.client.end() != End::Open;
            self.cases.extend(evicted.then_some("a stalled member is evicted"));
            assert!(!evicted || actor.stalled_ever, "{} read and was evicted", actor.name);
            self.cases.extend(match actor.leaving {
                Some(Leaving::Reset) => Some("a reset"),
                Some(Leaving::Error) => Some("an error"),
                Some(Leaving::HalfClose) => Some("a half-close"),
                None => None,
            });
        }
    }
}

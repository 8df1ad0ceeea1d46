//! Right histories without a server, and faults planted in them, to count how many faults the judge
//! finds.

use super::judge::judge;
use super::record::{Ending, History, Manners, Role, Seen, Stay};
use super::rule::Rule;
use super::shrink::{atoms, shrunk, without};
use super::voice::Voice;
use crate::random::Random;
use parlance_speech::{Dialect, Echo, Entry};
use std::collections::{BTreeMap, BTreeSet};

const PARTICIPANTS: usize = 9;
const STEPS: usize = 160;
const HISTORIES: u64 = 300;

/// A room in memory, whose members see every event at once.
struct World {
    random: Random,
    history: History,
    /// By room, in order of joining.
    members: Vec<Vec<usize>>,
    said: Vec<Vec<usize>>,
}

impl World {
    fn new(voice: Voice, seed: u64) -> World {
        let rooms = if voice.rooms.is_some() { 2 } else { 1 };
        let mut random = Random::new(seed);
        let manners = Manners {
            own: voice.dialect.entry() != Entry::Silent,
            joins: voice.dialect.announces_joins(),
            departures: voice.dialect.announces_departures(),
            echo: match voice.dialect.echo() {
                Echo::Always => true,
                Echo::Never => false,
                Echo::Optional => random.below(2) == 0,
            },
            replay: voice.replay,
        };
        let (users, stays, authors, texts) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let raw = BTreeMap::new();
        let history = History { manners, users, rooms, stays, authors, texts, raw };
        World { random, history, members: vec![Vec::new(); rooms], said: vec![Vec::new(); rooms] }
    }

    fn pick(&mut self, bound: usize) -> usize {
        usize::try_from(self.random.below(bound as u64)).expect("it is below")
    }

    fn user(&mut self, name: String) -> usize {
        self.history.users.push(name);
        self.history.users.len() - 1
    }

    fn tell(&mut self, room: usize, but: usize, seen: &Seen) {
        for member in self.members[room].clone() {
            if member != but {
                self.history.stays[member].seen.push(seen.clone());
            }
        }
    }

    fn enter(&mut self, role: Role, user: usize, room: usize) -> usize {
        let manners = self.history.manners;
        let stays = &self.history.stays;
        let nth = stays.iter().filter(|s| s.user == user && s.room == room && s.entered).count();
        let index = stays.len();
        let roster = self.members[room].iter().map(|one| stays[*one].user).collect();
        let mut seen = if manners.own { vec![Seen::Own] } else { Vec::new() };
        if manners.replay {
            seen.extend(self.said[room].iter().rev().take(50).rev().map(|line| Seen::Said(*line)));
        }
        if manners.joins {
            self.tell(room, index, &Seen::Joined(user));
        }
        self.members[room].push(index);
        self.history.stays.push(Stay {
            role,
            user,
            room,
            nth,
            entered: true,
            lines: Vec::new(),
            certain: 0,
            ending: Ending::Whole,
            seen,
            late: Vec::new(),
            roster: manners.replay.then_some(roster),
            judged: role != Role::Bell,
        });
        index
    }

    fn say(&mut self, stay: usize, published: bool) {
        let history = &mut self.history;
        let line = history.authors.len();
        history.authors.push(stay);
        history.texts.push(format!("t{line}"));
        history.stays[stay].lines.push(line);
        let room = history.stays[stay].room;
        if published {
            history.stays[stay].certain = history.stays[stay].lines.len();
            self.said[room].push(line);
            let but = if self.history.manners.echo { usize::MAX } else { stay };
            self.tell(room, but, &Seen::Said(line));
        }
    }

    fn leave(&mut self, index: usize, ending: Ending) {
        let room = self.history.stays[index].room;
        self.members[room].retain(|member| *member != index);
        if self.history.manners.departures {
            let user = self.history.stays[index].user;
            self.tell(room, index, &Seen::Left(user));
        }
        let keep = self.pick(6);
        let stay = &mut self.history.stays[index];
        stay.ending = ending;
        if ending == Ending::Cut {
            // It goes before it has read everything; it has read its own join.
            stay.seen.truncate(stay.seen.len().saturating_sub(keep).max(1));
        }
    }
}

/// A right history.
fn right(voice: Voice, seed: u64) -> History {
    let mut world = World::new(voice, seed);
    let rooms = world.history.rooms;
    let mut bells = Vec::new();
    for room in 0..rooms {
        for (name, role) in [("b", Role::Bell), ("o1", Role::Observer), ("o2", Role::Observer)] {
            let user = world.user(format!("{name}{room}"));
            let stay = world.enter(role, user, room);
            if role == Role::Bell {
                world.say(stay, true);
                bells.push(stay);
            }
        }
    }
    let users: Vec<usize> = (0..PARTICIPANTS).map(|n| world.user(format!("p{n}"))).collect();
    let mut places: Vec<Option<usize>> = vec![None; PARTICIPANTS];
    for _ in 0..STEPS {
        let number = world.pick(PARTICIPANTS);
        let room = world.pick(rooms);
        match (places[number], world.pick(8)) {
            (None, _) => {
                places[number] = Some(world.enter(Role::Participant, users[number], room));
            }
            (Some(stay), 0) => depart(&mut world, stay, &mut places[number]),
            (Some(stay), _) => world.say(stay, true),
        }
    }
    for place in &mut places {
        if let Some(stay) = *place {
            depart(&mut world, stay, place);
        }
    }
    for bell in bells {
        world.say(bell, true);
    }
    world.history
}

fn depart(world: &mut World, stay: usize, place: &mut Option<usize>) {
    *place = None;
    match world.pick(3) {
        0 => world.leave(stay, Ending::Departed),
        1 => world.leave(stay, Ending::Cut),
        _ => {
            world.say(stay, false);
            world.leave(stay, Ending::Cut);
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum Plant {
    Loss,
    Twice,
    Swap,
    Leak,
}

/// The history with one fault, if the fault is visible at this place.
fn planted(history: &History, plant: Plant, random: &mut Random) -> Option<History> {
    let mut pick = |bound: usize| usize::try_from(random.below(bound as u64)).expect("below");
    let mut wrong = history.clone();
    let index = pick(history.stays.len());
    let stay = &history.stays[index];
    let manners = history.manners;
    let first = usize::from(manners.own);
    if !stay.judged || stay.seen.len() < first + 2 {
        return None;
    }
    let at = first + pick(stay.seen.len() - first);
    let last = at + 1 == stay.seen.len();
    let said = |seen: &Seen| matches!(seen, Seen::Said(_));
    // A log without another line has no place in an order that shows no joins.
    let anchored = manners.joins
        || stay.seen.iter().enumerate().any(|(other, seen)| other != at && said(seen));
    let seen = &mut wrong.stays[index].seen;
    match plant {
        Plant::Loss => {
            let open = match stay.ending {
                Ending::Departed => last && !manners.departures,
                Ending::Whole | Ending::Cut => last,
            };
            // If joins are not shown, the beginning of the log is unknown, and so is the beginning
            // of a replay.
            let begins = at == first && (!manners.joins || manners.replay);
            if open || begins || !anchored {
                return None;
            }
            seen.remove(at);
        }
        Plant::Twice => {
            if !said(&seen[at]) && !manners.joins {
                return None;
            }
            let again = at + 1 + pick(seen.len() - at);
            let event = seen[at].clone();
            // The last line ends the judged part.
            if stay.ending == Ending::Whole && again >= seen.len() {
                return None;
            }
            seen.insert(again, event);
        }
        Plant::Swap => {
            if last || !anchored || (stay.ending == Ending::Whole && at + 2 == seen.len()) {
                return None;
            }
            seen.swap(at, at + 1);
        }
        Plant::Leak => {
            let foreign = |line: &usize| history.stays[history.authors[*line]].room != stay.room;
            let line = (0..history.authors.len()).filter(foreign).nth(pick(20))?;
            seen.insert(at, Seen::Said(line));
        }
    }
    Some(wrong)
}

#[test]
fn right_histories_and_their_parts_break_no_rule() {
    for voice in Dialect::ALL.map(Voice::of) {
        for seed in 0..HISTORIES {
            let history = right(voice, seed);
            let tally = judge(&history)
                .unwrap_or_else(|broken| panic!("{} {seed}: {broken:?}", voice.dialect));
            assert_eq!(tally.idle(), None, "{} {seed}", voice.dialect);
            let mut random = Random::new(seed ^ 0x77);
            let share = 1 + random.below(10);
            let gone: BTreeSet<_> =
                atoms(&history).into_iter().filter(|_| random.below(11) < share).collect();
            if let Err(broken) = judge(&without(&history, &gone)) {
                panic!("{} {seed}: a part of a right history: {broken:?}", voice.dialect);
            }
        }
    }
}

fn all_are_found(plant: Plant) {
    for voice in Dialect::ALL.map(Voice::of) {
        let (mut count, mut seed) = (0, 0);
        if matches!(plant, Plant::Leak) && voice.rooms.is_none() {
            continue;
        }
        while count < HISTORIES {
            seed += 1;
            assert!(seed < HISTORIES * 20, "{}: few places for {plant:?}", voice.dialect);
            let history = right(voice, seed);
            let mut random = Random::new(seed ^ 0xfa_17);
            let Some(wrong) = planted(&history, plant, &mut random) else { continue };
            count += 1;
            let Err(broken) = judge(&wrong) else {
                panic!("{} {seed}: {plant:?} is not found", voice.dialect);
            };
            if count % 10 == 0 {
                let small = shrunk(&wrong, (*broken).clone());
                assert_eq!(small.rule, broken.rule);
                let word = match small.rule {
                    Rule::Once => "twice",
                    Rule::Loss => "never",
                    Rule::Order => "the other way round",
                    Rule::Place => "which was said in room",
                    _ => "was",
                };
                assert!(small.words.contains(word), "{} {seed}: {small:?}", voice.dialect);
                assert!(
                    (1..=6).contains(&small.proof.len()),
                    "{} {seed}: {small:?}",
                    voice.dialect
                );
            }
        }
    }
}

#[test]
fn every_loss_is_found() {
    all_are_found(Plant::Loss);
}

#[test]
fn every_duplicate_is_found() {
    all_are_found(Plant::Twice);
}

#[test]
fn every_change_of_order_is_found() {
    all_are_found(Plant::Swap);
}

#[test]
fn every_leak_is_found() {
    all_are_found(Plant::Leak);
}

//! Correct histories without a server, and faults put into them: the judge accepts the first and
//! finds each of the second.

use super::judge::judge;
use super::record::{Ending, History, Manners, Membership, Role, Seen};
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
struct Simulation {
    random: Random,
    history: History,
    /// By room, in order of joining.
    members: Vec<Vec<usize>>,
    said: Vec<Vec<usize>>,
}

impl Simulation {
    fn new(voice: Voice, seed: u64) -> Simulation {
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
        let (users, memberships, authors, texts) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let raw = BTreeMap::new();
        let history = History { manners, users, rooms, memberships, authors, texts, raw };
        Simulation {
            random,
            history,
            members: vec![Vec::new(); rooms],
            said: vec![Vec::new(); rooms],
        }
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
                self.history.memberships[member].seen.push(seen.clone());
            }
        }
    }

    fn enter(&mut self, role: Role, user: usize, room: usize) -> usize {
        let manners = self.history.manners;
        let memberships = &self.history.memberships;
        let nth =
            memberships.iter().filter(|s| s.user == user && s.room == room && s.entered).count();
        let index = memberships.len();
        let roster = self.members[room].iter().map(|one| memberships[*one].user).collect();
        let mut seen = if manners.own { vec![Seen::Own] } else { Vec::new() };
        if manners.replay {
            seen.extend(self.said[room].iter().rev().take(50).rev().map(|line| Seen::Said(*line)));
        }
        if manners.joins {
            self.tell(room, index, &Seen::Joined(user));
        }
        self.members[room].push(index);
        self.history.memberships.push(Membership {
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

    fn say(&mut self, membership: usize, published: bool) {
        let history = &mut self.history;
        let line = history.authors.len();
        history.authors.push(membership);
        history.texts.push(format!("t{line}"));
        history.memberships[membership].lines.push(line);
        let room = history.memberships[membership].room;
        if published {
            history.memberships[membership].certain = history.memberships[membership].lines.len();
            self.said[room].push(line);
            let but = if self.history.manners.echo { usize::MAX } else { membership };
            self.tell(room, but, &Seen::Said(line));
        }
    }

    fn leave(&mut self, index: usize, ending: Ending) {
        let room = self.history.memberships[index].room;
        self.members[room].retain(|member| *member != index);
        if self.history.manners.departures {
            let user = self.history.memberships[index].user;
            self.tell(room, index, &Seen::Left(user));
        }
        let keep = self.pick(6);
        let membership = &mut self.history.memberships[index];
        membership.ending = ending;
        if ending == Ending::Cut {
            // It goes before it has read everything; it has read its own join.
            membership.seen.truncate(membership.seen.len().saturating_sub(keep).max(1));
        }
    }
}

/// A history that breaks no rule.
fn correct_history(voice: Voice, seed: u64) -> History {
    let mut simulation = Simulation::new(voice, seed);
    let rooms = simulation.history.rooms;
    let mut bells = Vec::new();
    for room in 0..rooms {
        for (name, role) in [("b", Role::Bell), ("o1", Role::Observer), ("o2", Role::Observer)] {
            let user = simulation.user(format!("{name}{room}"));
            let membership = simulation.enter(role, user, room);
            if role == Role::Bell {
                simulation.say(membership, true);
                bells.push(membership);
            }
        }
    }
    let users: Vec<usize> = (0..PARTICIPANTS).map(|n| simulation.user(format!("p{n}"))).collect();
    let mut places: Vec<Option<usize>> = vec![None; PARTICIPANTS];
    for _ in 0..STEPS {
        let number = simulation.pick(PARTICIPANTS);
        let room = simulation.pick(rooms);
        match (places[number], simulation.pick(8)) {
            (None, _) => {
                places[number] = Some(simulation.enter(Role::Participant, users[number], room));
            }
            (Some(membership), 0) => depart(&mut simulation, membership, &mut places[number]),
            (Some(membership), _) => simulation.say(membership, true),
        }
    }
    for place in &mut places {
        if let Some(membership) = *place {
            depart(&mut simulation, membership, place);
        }
    }
    for bell in bells {
        simulation.say(bell, true);
    }
    simulation.history
}

fn depart(simulation: &mut Simulation, membership: usize, place: &mut Option<usize>) {
    *place = None;
    match simulation.pick(3) {
        0 => simulation.leave(membership, Ending::Departed),
        1 => simulation.leave(membership, Ending::Cut),
        _ => {
            simulation.say(membership, false);
            simulation.leave(membership, Ending::Cut);
        }
    }
}

/// A fault that is put into a correct history.
#[derive(Clone, Copy, Debug)]
enum Fault {
    Loss,
    Duplicate,
    Reordering,
    Leak,
}

/// The history with one fault, if the fault is visible at this place.
fn faulty(history: &History, fault: Fault, random: &mut Random) -> Option<History> {
    let mut pick = |bound: usize| usize::try_from(random.below(bound as u64)).expect("below");
    let mut wrong = history.clone();
    let index = pick(history.memberships.len());
    let membership = &history.memberships[index];
    let manners = history.manners;
    let first = usize::from(manners.own);
    if !membership.judged || membership.seen.len() < first + 2 {
        return None;
    }
    let at = first + pick(membership.seen.len() - first);
    let last = at + 1 == membership.seen.len();
    let said = |seen: &Seen| matches!(seen, Seen::Said(_));
    // A log without another line has no place in an order that shows no joins.
    let anchored = manners.joins
        || membership.seen.iter().enumerate().any(|(other, seen)| other != at && said(seen));
    let seen = &mut wrong.memberships[index].seen;
    match fault {
        Fault::Loss => {
            let open = match membership.ending {
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
        Fault::Duplicate => {
            if !said(&seen[at]) && !manners.joins {
                return None;
            }
            let again = at + 1 + pick(seen.len() - at);
            let event = seen[at].clone();
            // The last line ends the judged part.
            if membership.ending == Ending::Whole && again >= seen.len() {
                return None;
            }
            seen.insert(again, event);
        }
        Fault::Reordering => {
            if last || !anchored || (membership.ending == Ending::Whole && at + 2 == seen.len()) {
                return None;
            }
            seen.swap(at, at + 1);
        }
        Fault::Leak => {
            let foreign =
                |line: &usize| history.memberships[history.authors[*line]].room != membership.room;
            let line = (0..history.authors.len()).filter(foreign).nth(pick(20))?;
            seen.insert(at, Seen::Said(line));
        }
    }
    Some(wrong)
}

#[test]
fn correct_histories_and_their_parts_break_no_rule() {
    for voice in Dialect::ALL.map(Voice::of) {
        for seed in 0..HISTORIES {
            let history = correct_history(voice, seed);
            let tally = judge(&history)
                .unwrap_or_else(|broken| panic!("{} {seed}: {broken:?}", voice.dialect));
            assert_eq!(tally.idle(), None, "{} {seed}", voice.dialect);
            let mut random = Random::new(seed ^ 0x77);
            let share = 1 + random.below(10);
            let gone: BTreeSet<_> =
                atoms(&history).into_iter().filter(|_| random.below(11) < share).collect();
            if let Err(broken) = judge(&without(&history, &gone)) {
                panic!("{} {seed}: a part of a correct history: {broken:?}", voice.dialect);
            }
        }
    }
}

fn assert_all_are_found(fault: Fault) {
    for voice in Dialect::ALL.map(Voice::of) {
        let (mut count, mut seed) = (0, 0);
        if matches!(fault, Fault::Leak) && voice.rooms.is_none() {
            continue;
        }
        while count < HISTORIES {
            seed += 1;
            assert!(seed < HISTORIES * 20, "{}: few places for {fault:?}", voice.dialect);
            let history = correct_history(voice, seed);
            let mut random = Random::new(seed ^ 0xfa_17);
            let Some(wrong) = faulty(&history, fault, &mut random) else { continue };
            count += 1;
            let Err(broken) = judge(&wrong) else {
                panic!("{} {seed}: {fault:?} is not found", voice.dialect);
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
    assert_all_are_found(Fault::Loss);
}

#[test]
fn every_duplicate_is_found() {
    assert_all_are_found(Fault::Duplicate);
}

#[test]
fn every_reordering_is_found() {
    assert_all_are_found(Fault::Reordering);
}

#[test]
fn every_leak_is_found() {
    assert_all_are_found(Fault::Leak);
}

/// A room without a complete log is unknown, and every other room is judged all the same.
#[test]
fn a_room_that_nobody_observed_hides_no_other() {
    let mut tried = 0;
    for seed in 0..HISTORIES {
        let mut history = correct_history(Voice::of(Dialect::Rooms), seed);
        let of_room = |room: usize| move |one: &&mut Membership| one.room == room;
        let observers = history.memberships.iter_mut().filter(of_room(0));
        for observer in observers.filter(|one| one.role == Role::Observer) {
            observer.judged = false;
        }
        let tally = judge(&history).expect("what is not observed is not wrong");
        assert!(tally.unknown[&Rule::Order] >= 1, "{seed}");
        // The order of two lines of two authors is wrong, which only the order of the room shows.
        let participants = history.memberships.iter_mut().filter(of_room(1));
        let Some(seen) = participants.filter(|one| one.role == Role::Participant).find_map(|one| {
            let two = |pair: &[Seen]| matches!(pair, [Seen::Joined(_), Seen::Said(_)]);
            let at = one.seen.windows(2).position(two)?;
            Some((&mut one.seen, at))
        }) else {
            continue;
        };
        seen.0.swap(seen.1, seen.1 + 1);
        tried += 1;
        assert!(judge(&history).is_err(), "{seed}: the second room is not judged");
    }
    assert!(tried > 100, "{tried}");
}

#[test]
fn a_line_after_the_own_departure_is_found() {
    for voice in Dialect::ALL.map(Voice::of) {
        for seed in 0..20 {
            let mut history = correct_history(voice, seed);
            let departed = |one: &Membership| one.judged && one.ending == Ending::Departed;
            let Some(index) = history.memberships.iter().position(departed) else { continue };
            let room = history.memberships[index].room;
            let said = |line: &usize| history.memberships[history.authors[*line]].room == room;
            let line = (0..history.authors.len()).rev().find(said).expect("the bell says one");
            history.memberships[index].late.push(Seen::Said(line));
            let broken = judge(&history).expect_err("it is late");
            assert_eq!(broken.rule, Rule::Inside, "{} {seed}", voice.dialect);
            assert!(broken.words.contains("after its own departure"), "{}", broken.words);
        }
    }
}

//! Many clients at once, and rules about what each of them saw.
//!
//! In each room two observers come first and stay to the end, so that the whole of the room's order lies
//! inside their membership. Participants come, send numbered lines at random moments, wait for their own
//! last one and go. Then what each saw must be, event by event, the part of the observer's order that
//! begins with its own join. No clock is read for it, so that a slow machine changes nothing.

use super::breach::Trouble;
use super::stage::{Bounds, Played, Stage};
use super::template::shown;
use super::wire::{Heard, Wire};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// How long a history may take, at `--patience 1`.
const WHOLE: Duration = Duration::from_secs(8);

/// How much is going on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Size {
    pub(super) rooms: usize,
    pub(super) participants: usize,
    pub(super) lines: u64,
}

/// What one client saw.
#[derive(Clone, Debug, Default)]
pub(super) struct Log {
    pub(super) user: String,
    pub(super) room: usize,
    pub(super) lines: Vec<String>,
    /// How many lines it sent.
    pub(super) sent: u64,
}

/// A generator of numbers that gives the same ones for the same seed.
#[derive(Clone, Debug)]
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Random {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % bound.max(1)
    }
}

/// Plays one history and judges it.
pub(super) fn play(stage: &mut Stage<'_>, seed: u64, size: Size) -> Played {
    let mut observers = Vec::new();
    for room in 0..size.rooms {
        for number in 0..2 {
            let who = format!("o{room}-{number}");
            stage.say(&who, &format!(r"JOIN {{room{room}}} {who}\n"))?;
            stage.sees(&who, &format!(r"{who} has joined\n"))?;
            observers.push((room, who));
        }
        let (first, second) = (format!("o{room}-0"), format!("o{room}-1"));
        stage.sees(&first, &format!(r"{second} has joined\n"))?;
    }
    let rooms: Played<Vec<Vec<u8>>> =
        (0..size.rooms).map(|room| stage.bytes(&format!("{{room{room}}}"))).collect();
    let rooms = rooms?;
    let mut actors = Vec::new();
    for number in 0..size.participants {
        let user = format!("p{number}");
        actors.push((number % size.rooms, user.clone(), stage.take(&user)?));
    }
    let mut watched = Vec::new();
    for (room, who) in observers {
        watched.push((room, who.clone(), stage.take(&who)?));
    }
    stage.transcript.note("all", format!("{} clients join, talk and leave", size.participants));
    let logs = perform(stage.bounds, seed, size, &rooms, actors, watched);
    match judge(&logs, size.rooms) {
        Ok(0) => Err(Trouble::Unknown("no fact of the history could be judged".to_owned())),
        Ok(facts) => {
            stage.findings.facts += facts;
            Ok(())
        }
        Err(what) => {
            for (who, line) in &what.shown {
                stage.transcript.got(who, format!("{line}\n").as_bytes());
            }
            Err(Trouble::rule(what.told, "the same events in the same order, each once"))
        }
    }
}

type Actor = (usize, String, Wire);

/// Lets all of them act at the same time.
fn perform(
    bounds: Bounds,
    seed: u64,
    size: Size,
    rooms: &[Vec<u8>],
    actors: Vec<Actor>,
    watched: Vec<Actor>,
) -> Vec<Log> {
    let mut logs = Vec::new();
    std::thread::scope(|scope| {
        let mut threads = Vec::new();
        let expected = |room| (0..size.participants).filter(|n| n % size.rooms == room).count();
        for (room, user, wire) in watched {
            let gone = expected(room);
            threads.push(scope.spawn(move || observe(bounds, room, user, wire, gone)));
        }
        for (number, (room, user, wire)) in (1..).zip(actors) {
            let random = Random::new(seed ^ (number << 32));
            let name = &rooms[room];
            let take_part =
                move || participate(bounds, (room, user, wire), name, random, size.lines);
            threads.push(scope.spawn(take_part));
        }
        // A thread that panics is a fault of the suite, and must be seen. No observer leaves before all
        // have seen the end: their departures are no part of what is judged.
        let ended: Vec<(Log, Option<Wire>)> =
            threads.into_iter().map(|thread| thread.join().expect("no client panics")).collect();
        logs.extend(ended.into_iter().map(|(log, _)| log));
    });
    logs
}

/// Reads until so many have left, or time is over.
fn observe(
    bounds: Bounds,
    room: usize,
    user: String,
    mut wire: Wire,
    gone: usize,
) -> (Log, Option<Wire>) {
    let until = bounds.until(WHOLE);
    let mut log = Log { user, room, ..Log::default() };
    loop {
        take_lines(&mut wire, &mut log.lines);
        let left = log.lines.iter().filter(|line| line.ends_with(" has left")).count();
        if left >= gone || wire.hear(until) != Heard::Bytes {
            return (log, Some(wire));
        }
    }
}

fn participate(
    bounds: Bounds,
    (room, user, mut wire): Actor,
    name: &[u8],
    mut random: Random,
    most: u64,
) -> (Log, Option<Wire>) {
    let until = bounds.until(WHOLE);
    let lines = 1 + random.below(most);
    let mut log = Log { user, room, sent: lines, ..Log::default() };
    // So that joins and departures fall among the lines of others.
    std::thread::sleep(Duration::from_micros(random.below(20_000)));
    let mut bytes = [b"JOIN ", name, b" ", log.user.as_bytes(), b"\n"].concat();
    let mut next = 1;
    while next <= lines {
        let burst = 1 + random.below(4);
        for number in next..(next + burst).min(lines + 1) {
            bytes.extend_from_slice(format!("{}.{number}\n", log.user).as_bytes());
        }
        next += burst;
        if wire.send(&bytes, bounds.scaled(WHOLE)).is_err() {
            break;
        }
        bytes.clear();
        std::thread::sleep(Duration::from_micros(random.below(3_000)));
    }
    let own = format!("{0}: {0}.{lines}", log.user);
    loop {
        take_lines(&mut wire, &mut log.lines);
        if log.lines.contains(&own) || wire.hear(until) != Heard::Bytes {
            return (log, None);
        }
    }
}

fn take_lines(wire: &mut Wire, lines: &mut Vec<String>) {
    while let Some(lf) = wire.ahead.iter().position(|&byte| byte == b'\n') {
        let line: Vec<u8> = wire.ahead.drain(..=lf).collect();
        lines.push(shown(&line[..lf]));
    }
}

/// A broken rule in words, with the lines that prove it.
#[derive(Debug)]
pub(super) struct Broken {
    pub(super) told: String,
    shown: Vec<(String, String)>,
}

/// Judges what all clients saw; returns how many facts that decided.
pub(super) fn judge(logs: &[Log], rooms: usize) -> Result<usize, Broken> {
    let mut facts = 0;
    for room in 0..rooms {
        let of_room: Vec<&Log> = logs.iter().filter(|log| log.room == room).collect();
        let Some(observer) = of_room.iter().find(|log| log.sent == 0) else { continue };
        facts += whole(observer, &of_room)?;
        let place: BTreeMap<&str, usize> =
            observer.lines.iter().enumerate().map(|(at, line)| (line.as_str(), at)).collect();
        for log in &of_room {
            facts += part(log, observer, &place)?;
        }
    }
    Ok(facts)
}

fn broken(told: String, log: &Log, at: usize) -> Broken {
    let from = at.saturating_sub(3);
    let lines = log.lines.iter().skip(from).take(at - from + 1);
    Broken { told, shown: lines.map(|line| (log.user.clone(), line.clone())).collect() }
}

/// The observer's own order: each event once, nothing strange, joins and departures paired, nothing lost.
fn whole(observer: &Log, of_room: &[&Log]) -> Result<usize, Broken> {
    let users: BTreeMap<&str, u64> =
        of_room.iter().map(|log| (log.user.as_str(), log.sent)).collect();
    let mut seen = BTreeSet::new();
    let mut next: BTreeMap<&str, u64> = BTreeMap::new();
    for (at, line) in observer.lines.iter().enumerate() {
        let fail = |what: &str| {
            Err(broken(format!("{} saw {line:?}: {what}", observer.user), observer, at))
        };
        if !seen.insert(line) {
            return fail("for the second time");
        }
        if let Some(user) = line.strip_suffix(" has joined") {
            next.insert(user, 1);
        } else if let Some(user) = line.strip_suffix(" has left") {
            let Some(number) = next.remove(user) else {
                return fail("who had not joined, or had left");
            };
            if users.get(user).is_some_and(|sent| number <= *sent) {
                return fail(&format!("line {number} of that member is lost"));
            }
        } else {
            let Some((user, text)) = line.split_once(": ") else { return fail("no such event") };
            if !users.contains_key(user) {
                return fail("no member of this room said it: it leaked, or it is made up");
            }
            let Some(number) = next.get_mut(user) else {
                return fail("said outside its membership");
            };
            if *text != format!("{user}.{number}") {
                return fail(&format!("line {number} of that member should come next"));
            }
            *number += 1;
        }
    }
    for log in of_room.iter().filter(|log| log.sent > 0) {
        if !observer.lines.iter().any(|line| *line == format!("{} has left", log.user)) {
            let told = format!("{} never saw that {} has left", observer.user, log.user);
            return Err(broken(told, observer, observer.lines.len().saturating_sub(1)));
        }
    }
    Ok(observer.lines.len())
}

/// What a member saw is the observer's order from its own join on, without a gap.
fn part(log: &Log, observer: &Log, place: &BTreeMap<&str, usize>) -> Result<usize, Broken> {
    if log.sent > 0
        && log.lines.first().map(String::as_str) != Some(&format!("{} has joined", log.user))
    {
        return Err(broken(format!("{} was not first told of its own join", log.user), log, 0));
    }
    let mut expected: Option<usize> = (log.sent == 0).then_some(0);
    for (at, line) in log.lines.iter().enumerate() {
        let found = place.get(line.as_str()).copied();
        let Some(found) = found else {
            let told = format!("{} saw {line:?}, which {} did not", log.user, observer.user);
            return Err(broken(told, log, at));
        };
        if let Some(expected) = expected.filter(|expected| *expected != found) {
            let missed = observer.lines.get(expected).map_or("nothing", String::as_str);
            let told = format!(
                "{} saw {line:?} where {} saw {missed:?}: it skipped that, or the order differs",
                log.user, observer.user
            );
            return Err(broken(told, log, at));
        }
        expected = Some(found + 1);
    }
    Ok(log.lines.len())
}

#[cfg(test)]
mod tests {
    use super::{Log, judge};

    fn log(user: &str, sent: u64, lines: &[&str]) -> Log {
        let lines = lines.iter().map(|&line| line.to_owned()).collect();
        Log { user: user.to_owned(), room: 0, lines, sent }
    }

    const ORDER: &[&str] =
        &["a has joined", "a: a.1", "b has joined", "a: a.2", "b: b.1", "a has left", "b has left"];

    fn told(observer: &[&str], second: &[&str]) -> String {
        let logs = [log("o", 0, observer), log("a", 2, &ORDER[..4]), log("b", 1, second)];
        judge(&logs, 1).expect_err("a rule is broken").told
    }

    #[test]
    fn a_right_history_has_facts() {
        let logs = [log("o", 0, ORDER), log("a", 2, &ORDER[..4]), log("b", 1, &ORDER[2..5])];
        assert_eq!(judge(&logs, 1).expect("it is right"), 7 + 7 + 4 + 3);
        assert_eq!(judge(&[], 1).expect("nothing is wrong"), 0);
    }

    #[test]
    fn wrong_histories_are_told() {
        let skipped = told(ORDER, &["b has joined", "b: b.1"]);
        assert!(skipped.contains("skipped"), "{skipped}");
        let swapped = told(ORDER, &["b has joined", "b: b.1", "a: a.2"]);
        assert!(swapped.contains("order differs"), "{swapped}");
        let late = told(ORDER, &["a: a.2", "b: b.1"]);
        assert!(late.contains("own join"), "{late}");
        let leak = told(ORDER, &["b has joined", "z: z.1"]);
        assert!(leak.contains("did not"), "{leak}");
        let lost = told(&["a has joined", "a: a.2"], &ORDER[2..5]);
        assert!(lost.contains("line 1"), "{lost}");
        let twice = told(&["a has joined", "a: a.1", "a: a.1"], &ORDER[2..5]);
        assert!(twice.contains("second time"), "{twice}");
        let ghost = told(&ORDER[..6], &ORDER[2..5]);
        assert!(ghost.contains("never saw that b has left"), "{ghost}");
    }
}

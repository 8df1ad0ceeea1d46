//! Lets all clients of a history act at the same time, and gathers their logs.

use super::board::State;
use super::client::{Client, Note, Scene, Track};
use super::record::{Ending, History, Manners, Membership, Role, Seen};
use crate::random::Random;
use crate::wire::Wire;
use parlance_speech::{Echo, Entry};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Maximum duration of a history, without its beginning and end, at `--patience 1`.
pub(super) const WHOLE: Duration = Duration::from_secs(8);
/// Maximum time for the notices of departures after all have gone, and for the last line after
/// that.
const LAST: Duration = Duration::from_secs(4);
/// How long a client that has closed its sending half waits for the end: some servers keep the
/// connection.
const FAREWELL: Duration = Duration::from_millis(400);

/// The size of a history. A dialect may have fewer rooms and participants.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    pub(crate) rooms: usize,
    pub(crate) participants: usize,
    pub(crate) lines: u64,
}

/// The result of playing a history.
pub(super) struct Performed {
    pub(super) tracks: Vec<Track>,
    /// Observers that did not get to the end, in words.
    pub(super) silent: Option<String>,
}

/// The participants play; then the bells ring and the observers end.
pub(super) fn perform(
    scene: &Scene<'_>,
    (seed, size): (u64, Size),
    mut bells: Vec<Client<'_>>,
    watchers: Vec<Client<'_>>,
    actors: Vec<(usize, Wire)>,
) -> Performed {
    let mut tracks = Vec::new();
    let mut silent = None;
    std::thread::scope(|scope| {
        let end = scene.bounds.until(WHOLE + LAST + LAST);
        let watching: Vec<_> =
            watchers.into_iter().map(|watcher| scope.spawn(move || watch(watcher, end))).collect();
        let acting: Vec<_> = actors
            .into_iter()
            .map(|(number, wire)| {
                let random = Random::new(seed ^ ((number as u64 + 1) << 32));
                scope.spawn(move || live(scene, number, wire, random, size))
            })
            .collect();
        // A thread that panics is a fault of the suite, and must be seen.
        let lived: Vec<Track> =
            acting.into_iter().flat_map(|one| one.join().expect("no client panics")).collect();
        scene.board.wait(scene.bounds.until(LAST), |state| all_gone(scene, state, &lived));
        for bell in &mut bells {
            bell.say();
            bell.flush();
        }
        scene.board.tell(|state| state.rung = true);
        // No observer leaves before all have seen the end.
        let watched: Vec<Client<'_>> =
            watching.into_iter().map(|one| one.join().expect("no observer panics")).collect();
        for watcher in watched {
            let short = watcher.tracks.iter().find(|track| track.ending != Ending::Whole);
            silent = silent.take().or(short.map(|track| track.user.clone()));
            tracks.extend(watcher.tracks);
        }
        tracks.extend(lived);
        for bell in bells {
            tracks.extend(bell.tracks);
        }
    });
    Performed { tracks, silent }
}

/// Whether the observers know of all departures, as far as the dialect announces them.
fn all_gone(scene: &Scene<'_>, state: &State, lived: &[Track]) -> bool {
    if !scene.voice.dialect.announces_departures() {
        return true;
    }
    let mut wanted: BTreeMap<(usize, &str), usize> = BTreeMap::new();
    for track in lived.iter().filter(|track| track.entered) {
        *wanted.entry((track.room, &track.user)).or_default() += 1;
    }
    let counted = wanted.iter().all(|((room, user), count)| {
        let of = |observer| state.left.get(&(observer, (*user).to_owned())).copied().unwrap_or(0);
        of(room * 2) >= *count && of(room * 2 + 1) >= *count
    });
    counted
        && state
            .joined
            .iter()
            .all(|(key, count)| state.left.get(key) >= Some(count) || key.1.starts_with('o'))
}

/// Reads until the bell of its room has rung, or the deadline passes.
fn watch(mut watcher: Client<'_>, end: Instant) -> Client<'_> {
    let scene = watcher.scene;
    let bell = format!("b{}.0.{}", watcher.track().room, 2);
    let mut ringing = None;
    loop {
        let soon = (Instant::now() + Duration::from_millis(100)).min(end);
        if watcher.hear(soon, |watcher| watcher.has_heard(&bell)) {
            // Lines with it or after it are not judged.
            let said = |note: &Note| matches!(note, Note::Said(_, text) if *text == bell);
            let track = watcher.track();
            let last = track.heard.iter().position(|(note, _)| said(note));
            track.heard.truncate(last.map_or(0, |last| last + 1));
            track.ending = Ending::Whole;
            return watcher;
        }
        if scene.board.ask(|state| state.rung) && ringing.is_none() {
            ringing = Some(scene.bounds.until(LAST).min(end));
        }
        let late = ringing.is_some_and(|until| Instant::now() >= until);
        if late || Instant::now() >= end || watcher.is_over() {
            return watcher;
        }
    }
}

/// All actions of one participant.
fn live(
    scene: &Scene<'_>,
    number: usize,
    wire: Wire,
    mut random: Random,
    size: Size,
) -> Vec<Track> {
    let hasty = number % 6 == 5;
    let mut client = Client::new(scene, wire, &format!("p{number}"), Role::Participant);
    let memberships = if hasty { 1 } else { 1 + random.below(3) };
    let mut room = scene.rooms.len();
    for membership in 0..memberships {
        let rooms = scene.rooms.len();
        let mut next = usize::try_from(random.below(rooms as u64)).unwrap_or(0);
        if next == room && client.is_inside() {
            // It cannot join the room that it is in.
            next = (next + 1) % rooms;
        }
        room = next;
        client.enter(room);
        if hasty {
            client.say();
            client.flush();
            client.drop_wire(true);
            return client.tracks;
        }
        // So that joins and departures fall among the lines of others.
        client.hear(soon(random.below(8_000)), |_| false);
        if !talk(&mut client, &mut random, size.lines) || membership + 1 == memberships {
            break;
        }
        let last = (client.user.clone(), room);
        if !part(&mut client, &mut random) || !again(&mut client, &last) {
            return client.tracks;
        }
    }
    depart(client, &mut random)
}

fn soon(micros: u64) -> Instant {
    Instant::now() + Duration::from_micros(micros)
}

/// Says its lines; returns whether it has joined.
fn talk(client: &mut Client<'_>, random: &mut Random, most: u64) -> bool {
    let mut left = 1 + random.below(most);
    let mut first = true;
    while left > 0 && Instant::now() < client.scene.until {
        let burst = (1 + random.below(4)).min(left);
        left -= burst;
        for _ in 0..burst {
            client.say();
        }
        client.flush();
        if std::mem::take(&mut first) {
            client.hear(client.scene.patience(), Client::is_answered);
            if !client.is_inside() {
                client.scene.board.tell(|state| state.hopeless = true);
                return false;
            }
        }
        client.hear(soon(random.below(3_000)), |_| false);
    }
    client.is_inside()
}

/// Waits until another client has received its last line: then the server has taken all of them.
fn proven(client: &mut Client<'_>) {
    let Some(text) = client.track().sent.last().cloned() else { return };
    let scene = client.scene;
    let until = scene.patience();
    loop {
        if client.hear(soon(2_000), |one| one.has_heard(&text))
            || scene.board.ask(|state| state.said.contains(&text))
        {
            let track = client.track();
            track.certain = track.sent.len();
            return;
        }
        if client.is_over() || Instant::now() >= until {
            return scene.board.tell(|state| state.hopeless = true);
        }
    }
}

/// Departs, to come back; returns whether it can.
fn part(client: &mut Client<'_>, random: &mut Random) -> bool {
    let leaves = client.scene.voice.leaves();
    if client.scene.moves && random.below(3) == 0 && client.scene.rooms.len() > 1 {
        return true;
    }
    let ways = leaves.len() as u64 * 2 + 3;
    let way = usize::try_from(random.below(ways)).unwrap_or(0);
    let Some(leave) = leaves.get(way / 2) else {
        break_off(client, random);
        return true;
    };
    client.command(&leave.line);
    client.flush();
    let answered = client.hear(client.scene.patience(), Client::is_answered);
    if answered && leave.closes {
        // Nothing may arrive but the end.
        client.hear(client.scene.patience(), |_| false);
    }
    answered
}

/// Ends the connection in one of the ways that a network has.
fn break_off(client: &mut Client<'_>, random: &mut Random) {
    match random.below(3) {
        0 => {
            proven(client);
            client.drop_wire(false);
        }
        1 => {
            client.half_close();
            client.hear(client.scene.bounds.until(FAREWELL), |_| false);
            if client.ended_well() {
                client.ends();
            }
            client.drop_wire(false);
        }
        _ => {
            client.say();
            client.flush();
            client.drop_wire(true);
        }
    }
}

/// Comes back under the same name, once the room knows that it left.
fn again(client: &mut Client<'_>, (user, room): &(String, usize)) -> bool {
    if client.is_connected() {
        return true;
    }
    let scene = client.scene;
    let of_room = |track: &&Track| track.entered && track.room == *room;
    let count = client.tracks.iter().filter(of_room).count();
    if !scene.voice.dialect.announces_departures() {
        // No notice says when its name is free again, and a server may require unique names.
        return false;
    }
    let gone = scene.board.wait(scene.patience(), |state| {
        let left = |observer| state.left.get(&(observer, user.clone())).copied().unwrap_or(0);
        left(room * 2) >= count || left(room * 2 + 1) >= count
    });
    if !gone {
        scene.board.tell(|state| state.hopeless = true);
        return false;
    }
    let within = scene.bounds.scaled(Duration::from_secs(2));
    match Wire::connect(scene.address, scene.transport, within, false)
        .map(|wire| wire.filtered(scene.filter.clone()))
    {
        Ok(wire) => {
            client.reconnect(wire);
            true
        }
        Err(_) => false,
    }
}

/// The last departure.
fn depart(mut client: Client<'_>, random: &mut Random) -> Vec<Track> {
    if client.is_inside() && !part(&mut client, random) {
        client.drop_wire(false);
    } else if client.is_inside() {
        break_off(&mut client, random);
    }
    client.tracks
}

/// All logs with users and lines as numbers.
pub(super) fn gathered(scene: &Scene<'_>, tracks: &[Track]) -> History {
    let mut users: Vec<String> = Vec::new();
    let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
    let mut lines: BTreeMap<String, usize> = BTreeMap::new();
    let (mut authors, mut texts) = (Vec::new(), Vec::new());
    for (index, track) in tracks.iter().enumerate() {
        numbers.entry(track.user.clone()).or_insert_with(|| {
            users.push(track.user.clone());
            users.len() - 1
        });
        for text in &track.sent {
            lines.insert(text.clone(), authors.len());
            authors.push(index);
            texts.push(text.clone());
        }
    }
    let mut raw = BTreeMap::new();
    let mut seen = |membership: usize, (note, line): &(Note, String)| {
        let strange = || Seen::Strange(line.clone());
        let number = |user: &String| numbers.get(user).copied();
        let seen = match note {
            Note::Own => Seen::Own,
            Note::Joined(user) => number(user).map_or_else(strange, Seen::Joined),
            Note::Left(user) => number(user).map_or_else(strange, Seen::Left),
            Note::Said(user, text) => match lines.get(text) {
                Some(said) if tracks[authors[*said]].user == *user => Seen::Said(*said),
                _ => strange(),
            },
            Note::Strange => strange(),
        };
        raw.entry((membership, seen.clone())).or_insert_with(|| line.clone());
        seen
    };
    let mut echo = scene.voice.dialect.echo() == Echo::Always;
    let mut counts: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    let mut memberships = Vec::new();
    for (index, track) in tracks.iter().enumerate() {
        let user = numbers[&track.user];
        let nth = counts.entry((user, track.room)).or_default();
        let membership = Membership {
            role: track.role,
            user,
            room: track.room,
            nth: *nth,
            entered: track.entered,
            lines: track.sent.iter().map(|text| lines[text]).collect(),
            certain: track.certain,
            ending: track.ending,
            seen: track.heard.iter().map(|one| seen(index, one)).collect(),
            late: track.late.iter().map(|one| seen(index, one)).collect(),
            roster: track.roster.as_ref().map(|names| {
                names.iter().map(|name| numbers.get(name).copied().unwrap_or(usize::MAX)).collect()
            }),
            judged: track.role != Role::Bell && (track.entered || !track.heard.is_empty()),
        };
        *nth += usize::from(track.entered);
        let own = |seen: &Seen| matches!(seen, Seen::Said(line) if authors[*line] == index);
        echo |= scene.voice.dialect.echo() == Echo::Optional && membership.seen.iter().any(own);
        memberships.push(membership);
    }
    let voice = scene.voice;
    let manners = Manners {
        own: voice.dialect.entry() != Entry::Silent,
        joins: voice.dialect.announces_joins(),
        departures: voice.dialect.announces_departures(),
        echo,
        replay: voice.replay,
    };
    History { manners, users, rooms: scene.rooms.len(), memberships, authors, texts, raw }
}

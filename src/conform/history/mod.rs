//! Many clients at once, and rules about the log of each.
//!
//! In each room a bell and two observers join first and stay to the end, so that the whole order of
//! the room lies inside the observers' membership. Participants join, talk, leave in every possible
//! way and come back; when all have gone, the bell says one more line, which ends the judged part.
//! The rules are about the order of events alone (`judge`), and a failure is shrunk to the few
//! events that prove it (`shrink`). No clock is read to judge, so a slow machine makes a history
//! smaller, and never wrong.

mod board;
mod client;
mod judge;
mod perform;
mod record;
mod rule;
mod shrink;
#[cfg(test)]
mod simulate;
#[cfg(test)]
mod tests;
mod voice;
mod walk;
mod whole;

use super::attempt::{Attempt, Played};
use super::failure::{Outcome, Trouble};
use board::Board;
use client::{Client, Scene};
use parlance_speech::{Dialect, Entry};
use record::{History, Role};
use rule::{Broken, Tally};
use voice::Voice;

pub(super) use perform::Size;

/// Plays and judges this many histories of a dialect, each with another seed.
pub(super) fn histories(
    dialect: &str,
    attempt: &mut Attempt<'_>,
    (seed, count): (u64, u64),
    size: Size,
) -> Played {
    let first = attempt.names.nonce.clone();
    let mut tally = Tally::default();
    for number in 0..count {
        attempt.names.nonce = format!("{first}{number}");
        tally.add(&play(dialect, attempt, seed.wrapping_add(number), size)?);
    }
    attempt.findings.facts += tally.facts();
    attempt.findings.proofs.extend(tally.told());
    match tally.idle() {
        Some(rule) => Err(Trouble::Unknown(format!("nothing could be judged of: {}", rule.name()))),
        None => Ok(()),
    }
}

/// Plays one history and judges it.
fn play(dialect: &str, attempt: &mut Attempt<'_>, seed: u64, size: Size) -> Played<Tally> {
    let unknown = || Trouble::Unknown(format!("no histories in {dialect}"));
    let voice = Dialect::from_name(dialect).map(Voice::of).ok_or_else(unknown)?;
    let nonce = attempt.names.nonce.clone();
    let rooms = match voice.rooms {
        Some(sign) => (0..size.rooms).map(|room| format!("{sign}{nonce}-{room}")).collect(),
        None => vec![String::new()],
    };
    let board = Board::default();
    let (bounds, address) = (attempt.bounds, attempt.setting.address);
    let until = bounds.until(perform::WHOLE);
    let found =
        |(clause, reading): (&str, &str)| attempt.setting.readings.found(clause) == Some(reading);
    let moves = voice.moves.is_some_and(|refused| !found(refused));
    let only_resets_depart = attempt.only_resets_depart();
    let scene = Scene {
        voice,
        moves,
        only_resets_depart,
        bounds,
        address,
        transport: attempt.setting.server.transport(),
        filter: attempt.setting.habits.filter(),
        rooms,
        nonce,
        board: &board,
        until,
    };
    let (mut bells, mut watchers, mut actors) = (Vec::new(), Vec::new(), Vec::new());
    for room in 0..scene.rooms.len() {
        bells.push(placed(attempt, &scene, &format!("b{room}"), Role::Bell, room)?);
        for number in 1..3 {
            let name = format!("o{room}{number}");
            watchers.push(placed(attempt, &scene, &name, Role::Observer, room)?);
        }
    }
    let participants = size.participants.min(voice.crowd);
    for number in 0..participants {
        actors.push((number, attempt.take(&format!("p{number}"))?));
    }
    // A page of connections does not help the reader.
    attempt.transcript.events.clear();
    let clients = participants + bells.len() + watchers.len();
    attempt
        .transcript
        .note("all", format!("{clients} clients join, talk and leave, with seed {seed}"));
    let performed = perform::perform(&scene, (seed, size), bells, watchers, actors);
    let history = perform::gathered(&scene, &performed.tracks);
    match judge::judge(&history) {
        Err(broken) => Err(told(attempt, &history, &shrink::shrunk(&history, *broken))),
        Ok(tally) => match performed.silent {
            None => Ok(tally),
            Some(who) => {
                let allowed = vec![format!("{who} is sent the last line of its room")];
                let outcome = Outcome::Timeout { after: 0, millis: scene.millis() };
                Err(Trouble::failure(&who, outcome, allowed))
            }
        },
    }
}

/// A client whose join is confirmed before anything happens, and that has said one line where it
/// must: a bell always, an observer where nothing else proves that it is there.
fn placed<'a>(
    attempt: &mut Attempt<'_>,
    scene: &'a Scene<'a>,
    name: &str,
    role: Role,
    room: usize,
) -> Played<Client<'a>> {
    let mut client = Client::new(scene, attempt.take(name)?, name, role);
    client.enter(room);
    let unshown = scene.voice.dialect.entry() == Entry::Silent;
    let said = (unshown || role == Role::Bell).then(|| client.say());
    client.flush();
    let there = |client: &Client<'a>| {
        let echoed = !unshown || said.as_ref().is_some_and(|text| client.has_heard(text));
        client.is_answered() && client.is_inside() && echoed
    };
    if client.hear(scene.patience(), there) {
        return Ok(client);
    }
    let outcome = Outcome::Timeout { after: 0, millis: scene.millis() };
    Err(Trouble::failure(name, outcome, vec![format!("{name} joins")]))
}

/// A failure in words, with the lines that prove it in the transcript.
fn told(attempt: &mut Attempt<'_>, history: &History, broken: &Broken) -> Trouble {
    attempt.transcript.note("all", "what proves it, in each client's own order:");
    let mut before = None;
    for (membership, seen) in &broken.proof {
        let who = history.client(*membership);
        if before.replace(*membership) != Some(*membership) {
            let room = history.memberships[*membership].room;
            let place =
                if history.rooms > 1 { format!(", in room {room},") } else { String::new() };
            attempt.transcript.note(who, format!("what it{place} was sent, among other things"));
        }
        let raw = history.raw.get(&(*membership, seen.clone())).map_or("", String::as_str);
        attempt.transcript.note(who, format!("< {raw}"));
    }
    Trouble::rule(broken.words.clone(), broken.rule.allowed())
}

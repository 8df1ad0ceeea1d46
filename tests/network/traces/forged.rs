//! Recorded runs of module Names with one thing changed, so that no server could have had them.
//!
//! Each kind has its own places, chosen so that the changed run is wrong whatever the server did in
//! which order: the reason stands beside each. Where a run has no such place it is not forged in
//! that way.

use crate::acceptor::names::lines::Shown;
use crate::acceptor::names::relation::{Id, Line};
use crate::acceptor::names::trace::{Part, Run, What};

/// The kinds of forgery.
pub(crate) const KINDS: [&str; 11] = [
    "a message is missing",
    "a message comes twice",
    "two messages are swapped",
    "an answer comes before its question",
    "the name is held by two",
    "a receipt has no message",
    "a private message reaches another too",
    "the history lacks a message",
    "the history shows a message of another room",
    "a departure is missing",
    "a member too many is counted",
];

type Forge = fn(&Run, Id) -> Option<Run>;

/// Every kind, each at the first client that it can be done to.
pub(crate) fn forgeries(run: &Run) -> Vec<(&'static str, Run)> {
    let kinds: [Forge; 11] = [
        missing,
        twice,
        swapped,
        too_early,
        held_by_two,
        receipt_for_nothing,
        leaked,
        forgotten,
        other_history,
        unannounced,
        counted,
    ];
    let whole = |id: &Id| run.parts[*id].whole;
    let forge = |(name, kind): (&'static str, Forge)| {
        let forged = (0..run.parts.len()).filter(whole).find_map(|id| kind(run, id));
        forged.map(|forged| (name, forged))
    };
    KINDS.into_iter().zip(kinds).filter_map(forge).collect()
}

/// The run with what client `id` received changed.
fn change(run: &Run, id: Id, change: impl FnOnce(&mut Vec<Shown>)) -> Run {
    let mut forged = run.clone();
    change(&mut forged.parts[id].received);
    forged
}

fn is_own(id: Id) -> impl Fn(&Shown) -> bool {
    move |line| matches!(line, Shown::Message { line, .. } if line.who == id)
}

/// Where `id` hears the first of its own messages from `from` on, before it was shown any: the
/// echo.
fn own_echo(part: &Part, id: Id) -> Option<usize> {
    part.received.iter().position(is_own(id))
}

/// A client that stays to the end hears each message that it says.
fn missing(run: &Run, id: Id) -> Option<Run> {
    let at = own_echo(&run.parts[id], id)?;
    Some(change(run, id, |received| _ = received.remove(at)))
}

/// Between two of one message there is at least the join at which it is shown again.
fn twice(run: &Run, id: Id) -> Option<Run> {
    let received = &run.parts[id].received;
    let at = received.iter().position(|line| matches!(line, Shown::Message { .. }))?;
    Some(change(run, id, |received| received.insert(at, received[at])))
}

/// The first message of a client is heard by it before the second.
fn swapped(run: &Run, id: Id) -> Option<Run> {
    let at = own_echo(&run.parts[id], id)?;
    run.parts[id].received.get(at + 1).filter(|line| is_own(id)(line))?;
    Some(change(run, id, |received| received.swap(at, at + 1)))
}

/// Nobody hears its own message before it says it.
fn too_early(run: &Run, id: Id) -> Option<Run> {
    let at = own_echo(&run.parts[id], id)?;
    let mut forged = run.clone();
    let mut did = forged.parts[id].did.iter_mut();
    did.find(|(what, _)| *what == What::Say)?.1 = at + 1;
    Some(forged)
}

/// A client that has a name sees no other client join under it. So that nothing else is wrong,
/// everybody calls the other by that name, whenever it had its own.
fn held_by_two(run: &Run, id: Id) -> Option<Run> {
    let received = &run.parts[id].received;
    let own = name_of(received)?;
    let other = received.iter().find_map(|line| match line {
        Shown::Join { name, .. } if *name != own => Some(*name),
        _ => None,
    })?;
    let mut forged = run.clone();
    for part in &mut forged.parts {
        for (what, _) in &mut part.did {
            match what {
                What::Name(name) | What::Tell(name) if *name == other => *name = own,
                _ => {}
            }
        }
        part.received.iter_mut().for_each(|line| rename(line, other, own));
    }
    Some(forged)
}

fn name_of(received: &[Shown]) -> Option<Id> {
    received.iter().find_map(|line| match line {
        Shown::Welcome(name) => Some(*name),
        _ => None,
    })
}

fn rename(line: &mut Shown, from: Id, to: Id) {
    match line {
        Shown::Welcome(name)
        | Shown::Join { name, .. }
        | Shown::Left { name, .. }
        | Shown::Message { name, .. }
        | Shown::Private { name, .. }
            if *name == from =>
        {
            *name = to;
        }
        _ => {}
    }
}

/// Where a client hears the first private message to it, and the author.
fn private(received: &[Shown]) -> Option<(usize, Line)> {
    received.iter().enumerate().find_map(|(at, line)| match line {
        Shown::Private { line, .. } => Some((at, *line)),
        _ => None,
    })
}

/// A message is sent to somebody before there is a receipt for it. (To somebody else only if that
/// one had the name too, and lost what it was sent: then this is no forgery.)
fn receipt_for_nothing(run: &Run, id: Id) -> Option<Run> {
    let received = &run.parts[id].received;
    let (at, line) = private(received)?;
    let name = name_of(received)?;
    let all_whole = run.parts.iter().all(|part| part.whole || !asks_for(part, name));
    let has_receipts = run.parts[line.who].whole;
    (all_whole && has_receipts).then(|| change(run, id, |received| _ = received.remove(at)))
}

/// A private message is sent to one.
fn leaked(run: &Run, id: Id) -> Option<Run> {
    let (at, _) = private(&run.parts[id].received)?;
    let private = run.parts[id].received[at];
    let other = (0..run.parts.len()).find(|other| *other != id && run.parts[*other].whole)?;
    Some(change(run, other, |received| received.insert(received.len() / 2, private)))
}

/// Where in what `id` received it was shown who is in a room: of each time, the place behind the
/// members.
fn scenes(received: &[Shown]) -> impl Iterator<Item = (usize, Id)> {
    received.iter().enumerate().filter_map(|(at, line)| match line {
        Shown::Entered { room, present } => Some((at + 1 + present, *room)),
        _ => None,
    })
}

/// A client that is shown, or hears, what was said before a message and what was said after it,
/// without having been out of the room in between, is shown it or hears it too. Here it was said
/// before `id` came.
fn forgotten(run: &Run, id: Id) -> Option<Run> {
    let part = &run.parts[id];
    let own = name_of(&part.received)?;
    for (begin, room) in scenes(&part.received) {
        let is_message = |line: &&Shown| matches!(line, Shown::Message { .. });
        let count = part.received[begin..].iter().take_while(is_message).count();
        for (at, three) in part.received[begin..begin + count].windows(3).enumerate() {
            let Shown::Message { line, .. } = three[1] else { continue };
            let author = &run.parts[line.who];
            let said = author.received.windows(3).position(|heard| heard == three);
            let join = Shown::Join { room, name: own };
            let came = author.received.iter().rposition(|heard| *heard == join);
            if author.whole && said.is_some() && said < came {
                return Some(change(run, id, |received| _ = received.remove(begin + at + 1)));
            }
        }
    }
    None
}

/// What is said in a room is shown in no other.
fn other_history(run: &Run, id: Id) -> Option<Run> {
    let part = &run.parts[id];
    let (at, room) = scenes(&part.received).next()?;
    let mut all = run.parts.iter().flat_map(|part| &part.received);
    let said = all.find_map(|line| match *line {
        Shown::Message { room: there, name, line } if there != room => {
            Some(Shown::Message { room, name, line })
        }
        _ => None,
    })?;
    Some(change(run, id, |received| received.insert(at, said)))
}

/// A client that is seen by `id`, and does not hear what it then says, has gone out before, and is
/// announced.
fn unannounced(run: &Run, id: Id) -> Option<Run> {
    let part = &run.parts[id];
    let is_gone = |name: Id, said: &Shown| {
        let mut called = run.parts.iter().filter(|part| asks_for(part, name));
        called.all(|part| part.whole && !part.received.contains(said))
    };
    for (at, line) in part.received.iter().enumerate() {
        let Shown::Left { name, .. } = *line else { continue };
        let mut here = part.received[at..]
            .iter()
            .take_while(|line| !matches!(line, Shown::Entered { .. } | Shown::LeftYou(_)));
        let said = here.find(|line| is_own(id)(line));
        if said.is_some_and(|said| is_gone(name, said)) {
            return Some(change(run, id, |received| _ = received.remove(at)));
        }
    }
    None
}

fn asks_for(part: &Part, name: Id) -> bool {
    part.did.iter().any(|(what, _)| *what == What::Name(name))
}

/// As many members as are counted are shown.
fn counted(run: &Run, id: Id) -> Option<Run> {
    let received = &run.parts[id].received;
    let is_join = |line: &Shown| matches!(line, Shown::Join { .. });
    let wrong = |(end, _): &(usize, Id)| !received.get(*end).is_some_and(is_join);
    let (end, _) = scenes(received).find(wrong)?;
    let at = received[..end].iter().rposition(|line| matches!(line, Shown::Entered { .. }))?;
    Some(change(run, id, |received| {
        if let Shown::Entered { present, .. } = &mut received[at] {
            *present += 1;
        }
    }))
}

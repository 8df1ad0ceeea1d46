//! Judges a history by the order of events alone.
//!
//! In each room one client, the first observer, saw everything: its order is the order of the room,
//! unless it breaks a rule by itself. The log of every other client must be the part of that order
//! inside its membership. The judge reads no clock, and looks at each log once.

use super::record::{Ending, History, Membership, Role, Seen};
use super::rule::{Judged, Rule, Tally, broken, pair};
use super::walk::walk;
use super::whole::whole;
use std::collections::{BTreeMap, BTreeSet};

/// The number of facts that hold, or the first broken rule.
pub(super) fn judge(history: &History) -> Judged<Tally> {
    let mut tally = Tally::default();
    let ranks = history.ranks();
    for index in 0..history.memberships.len() {
        if history.memberships[index].judged {
            alone(history, &ranks, index, &mut tally)?;
        }
    }
    for room in 0..history.rooms {
        let of_room = |index: &usize| history.memberships[*index].room == room;
        let mut judged = (0..history.memberships.len()).filter(of_room).filter(|index| {
            let membership = &history.memberships[*index];
            membership.judged && membership.role != Role::Bell
        });
        let Some(first) = judged.next() else { continue };
        if history.memberships[first].role != Role::Observer {
            tally.unknown(Rule::Order, 1);
            continue;
        }
        let order = whole(history, &ranks, first, &mut tally)?;
        for index in judged {
            walk(history, &order, index, &mut tally)?;
        }
    }
    Ok(tally)
}

/// Checks the log of one client without the others.
fn alone(history: &History, ranks: &[usize], index: usize, tally: &mut Tally) -> Judged {
    let membership = &history.memberships[index];
    let who = history.client(index);
    if history.manners.own && membership.entered {
        if membership.seen.first() != Some(&Seen::Own) {
            let first =
                membership.seen.first().map_or("nothing".to_owned(), |one| history.phrase(one));
            let words = format!("{who} was first told {first}, not of its own join");
            let proof = membership.seen.iter().take(2).map(|one| (index, one.clone())).collect();
            return broken(Rule::OwnFirst, words, proof);
        }
        tally.right(Rule::OwnFirst, 1);
    }
    let mut lines = Lines { history, ranks, index, met: BTreeSet::new(), next: BTreeMap::new() };
    for (at, seen) in membership.seen.iter().enumerate() {
        match seen {
            Seen::Own if at == 0 => {}
            Seen::Own => {
                let words = format!("{who} was told of its own join twice");
                return broken(Rule::Once, words, vec![(index, Seen::Own); 2]);
            }
            Seen::Strange(_) => {
                let what = history.phrase(seen);
                let words = format!("{who} was sent {what}, which nobody did or said in its room");
                return broken(Rule::Known, words, vec![(index, seen.clone())]);
            }
            Seen::Joined(user) | Seen::Left(user) => {
                if !history
                    .memberships
                    .iter()
                    .any(|one| one.user == *user && one.room == membership.room)
                {
                    let what = history.phrase(seen);
                    let words = format!("{who} was told {what}, who never was in that room");
                    return broken(Rule::Place, words, vec![(index, seen.clone())]);
                }
            }
            Seen::Said(line) => lines.meet(membership, at, *line, tally)?,
        }
        tally.right(Rule::Known, 1);
        tally.right(Rule::Place, 1);
    }
    after_the_end(history, index, tally)
}

/// The lines that one client saw, up to a point.
struct Lines<'a> {
    history: &'a History,
    ranks: &'a [usize],
    index: usize,
    met: BTreeSet<usize>,
    /// The next line of each membership.
    next: BTreeMap<usize, usize>,
}

impl Lines<'_> {
    fn meet(
        &mut self,
        membership: &Membership,
        at: usize,
        line: usize,
        tally: &mut Tally,
    ) -> Judged {
        let (history, index) = (self.history, self.index);
        let who = history.client(index);
        let (seen, phrase) = (&membership.seen[at], history.phrase(&membership.seen[at]));
        let author = history.authors[line];
        let room = history.memberships[author].room;
        if room != membership.room {
            let words = format!(
                "{who}, in room {}, was sent {phrase}, which was said in room {room}",
                membership.room
            );
            return broken(Rule::Place, words, vec![(index, seen.clone())]);
        }
        if !self.met.insert(line) {
            let words = format!("{who} was sent {phrase} twice");
            return broken(Rule::Once, words, vec![(index, seen.clone()); 2]);
        }
        tally.right(Rule::Once, 1);
        let rank = self.ranks[line];
        if let Some(next) = self.next.insert(author, rank + 1).filter(|next| *next != rank) {
            let all = &history.memberships[author].lines;
            let speaker = history.client(author);
            let before = Seen::Said(all[next - 1]);
            if rank < next {
                let words = format!(
                    "{who} was sent {phrase} after {}, which {speaker} sent later",
                    history.phrase(&before)
                );
                return broken(Rule::Senders, words, pair(index, &before, seen));
            }
            let missing = Seen::Said(all[next]);
            let phrases = (history.phrase(&missing), history.phrase(&before));
            if membership.seen[at..].contains(&missing) {
                let words = format!(
                    "{who} was sent {phrase} before {}, which {speaker} sent earlier",
                    phrases.0
                );
                return broken(Rule::Senders, words, pair(index, seen, &missing));
            }
            let words = format!(
                "{who} was sent {} and {phrase}, and never {}, which {speaker} sent between them",
                phrases.1, phrases.0
            );
            return broken(Rule::Loss, words, pair(index, &before, seen));
        }
        tally.right(Rule::Senders, 1);
        Ok(())
    }
}

/// Nothing of a room may arrive after the answer to a departure from it.
fn after_the_end(history: &History, index: usize, tally: &mut Tally) -> Judged {
    let membership = &history.memberships[index];
    if let Some(late) = membership.late.first() {
        let who = history.client(index);
        let words =
            format!("{who} was told {} after its own departure was done", history.phrase(late));
        return broken(Rule::Inside, words, vec![(index, late.clone())]);
    }
    if membership.ending == Ending::Departed {
        tally.right(Rule::Inside, 1);
    }
    Ok(())
}

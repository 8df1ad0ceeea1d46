//! The order of a room, as its first observer saw it, and the rules that this order must keep by
//! itself.

use super::record::{Ending, History, Role, Seen};
use super::rule::{Judged, Rule, Tally, broken, pair};
use std::collections::BTreeMap;

/// The place of each event in the order of a room.
pub(super) struct Order<'a> {
    /// The observer's membership.
    pub(super) observer: usize,
    pub(super) seen: &'a [Seen],
    /// Whether the last line of the room is in it.
    pub(super) complete: bool,
    pub(super) places: BTreeMap<&'a Seen, Vec<usize>>,
    /// The members at each join, by the place of the join.
    pub(super) rosters: BTreeMap<usize, Vec<usize>>,
}

impl Order<'_> {
    /// The place of the `nth` occurrence of this event.
    pub(super) fn place(&self, seen: &Seen, nth: usize) -> Option<usize> {
        self.places.get(seen)?.get(nth).copied()
    }
}

/// The state of the room while its order is read.
struct Reading<'a> {
    history: &'a History,
    ranks: &'a [usize],
    observer: usize,
    present: Vec<usize>,
    joined: BTreeMap<usize, usize>,
    left: BTreeMap<usize, usize>,
    /// How many lines of each membership have appeared.
    heard: BTreeMap<usize, usize>,
}

/// Reads the order of the room that `observer` watched.
pub(super) fn whole<'a>(
    history: &'a History,
    ranks: &'a [usize],
    observer: usize,
    tally: &mut Tally,
) -> Judged<Order<'a>> {
    let seen = &history.memberships[observer].seen[..];
    let room = history.memberships[observer].room;
    let first = |membership: &&super::record::Membership| {
        membership.room == room && membership.role == Role::Bell
    };
    let mut present: Vec<usize> =
        history.memberships.iter().filter(first).map(|s| s.user).collect();
    present.push(history.memberships[observer].user);
    let (joined, left, heard) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    let mut reading = Reading { history, ranks, observer, present, joined, left, heard };
    let mut places: BTreeMap<&Seen, Vec<usize>> = BTreeMap::new();
    let mut rosters = BTreeMap::new();
    for (at, event) in seen.iter().enumerate() {
        places.entry(event).or_default().push(at);
        match event {
            Seen::Joined(user) => {
                rosters.insert(at, reading.present.clone());
                reading.joins(*user)?;
            }
            Seen::Left(user) => reading.leaves(*user)?,
            Seen::Said(line) => reading.says(event, *line)?,
            Seen::Own | Seen::Strange(_) => continue,
        }
        let said = matches!(event, Seen::Said(_));
        if said && history.manners.departures {
            tally.right(Rule::Inside, 1);
        } else if !said {
            tally.right(Rule::Pairs, 1);
        }
    }
    let complete = history.memberships[observer].ending == Ending::Whole;
    reading.at_the_end(complete, tally)?;
    Ok(Order { observer, seen, complete, places, rosters })
}

impl Reading<'_> {
    fn client_name(&self) -> &str {
        self.history.client(self.observer)
    }

    fn joins(&mut self, user: usize) -> Judged {
        let seen = Seen::Joined(user);
        if self.present.contains(&user) {
            let words = format!(
                "{} was told {} again, with no departure between",
                self.client_name(),
                self.history.phrase(&seen)
            );
            return broken(Rule::Pairs, words, pair(self.observer, &seen, &seen));
        }
        self.present.push(user);
        *self.joined.entry(user).or_default() += 1;
        Ok(())
    }

    fn leaves(&mut self, user: usize) -> Judged {
        let seen = Seen::Left(user);
        let room = self.history.memberships[self.observer].room;
        let count = self.left.get(&user).copied().unwrap_or(0) + 1;
        self.left.insert(user, count);
        let participant = |role| role == Role::Participant;
        let memberships =
            self.history.memberships.iter().filter(|s| s.user == user && s.room == room);
        let most = memberships.filter(|membership| participant(membership.role)).count();
        if count > most {
            let what = self.history.phrase(&seen);
            let words = if most == 0 {
                format!("{} was told {what}, whose connection is open", self.client_name())
            } else {
                format!("{} was told {what} more often than it came", self.client_name())
            };
            let proof = vec![(self.observer, seen); (most + 1).min(2)];
            return broken(Rule::Pairs, words, proof);
        }
        if self.history.manners.joins {
            let Some(at) = self.present.iter().position(|one| *one == user) else {
                let what = self.history.phrase(&seen);
                let words = format!("{} was told {what}, who was not there", self.client_name());
                let before = if count > 1 { seen.clone() } else { Seen::Joined(user) };
                let proof = if count > 1 {
                    pair(self.observer, &before, &seen)
                } else {
                    vec![(self.observer, seen)]
                };
                return broken(Rule::Pairs, words, proof);
            };
            self.present.remove(at);
        }
        Ok(())
    }

    fn says(&mut self, seen: &Seen, line: usize) -> Judged {
        let history = self.history;
        let author = history.authors[line];
        let membership = &history.memberships[author];
        *self.heard.entry(author).or_default() = self.ranks[line] + 1;
        if membership.role != Role::Participant || !history.manners.departures {
            return Ok(());
        }
        let count = |of: &BTreeMap<usize, usize>| of.get(&membership.user).copied().unwrap_or(0);
        let (joined, left) = (count(&self.joined), count(&self.left));
        let (who, phrase) = (self.client_name(), history.phrase(seen));
        let user = &history.users[membership.user];
        if left > membership.nth {
            let words = format!("{who} was sent {phrase} after it was told that {user} left");
            let proof = pair(self.observer, &Seen::Left(membership.user), seen);
            return broken(Rule::Inside, words, proof);
        }
        let early =
            if history.manners.joins { joined < membership.nth + 1 } else { left < membership.nth };
        if early {
            let words = format!("{who} was sent {phrase} before that membership of {user} began");
            return broken(Rule::Inside, words, vec![(self.observer, seen.clone())]);
        }
        Ok(())
    }

    /// Checks the events that must come before the last line of the room.
    fn at_the_end(&self, complete: bool, tally: &mut Tally) -> Judged {
        let room = self.history.memberships[self.observer].room;
        for (index, membership) in self.history.memberships.iter().enumerate() {
            if membership.room != room || membership.role != Role::Participant {
                continue;
            }
            if !complete {
                tally.unknown(Rule::Loss, membership.certain);
                continue;
            }
            let heard = self.heard.get(&index).copied().unwrap_or(0);
            tally.unknown(
                Rule::Loss,
                membership.lines.len().saturating_sub(heard.max(membership.certain)),
            );
            if heard < membership.certain {
                return self.lost(index, heard);
            }
            tally.right(Rule::Loss, heard);
            if membership.entered {
                self.paired(index, tally)?;
            } else {
                tally.unknown(Rule::Pairs, 1);
            }
        }
        Ok(())
    }

    /// The end of the observer's log, if there is one.
    fn last(&self) -> Vec<(usize, Seen)> {
        let last = self.history.memberships[self.observer].seen.last();
        last.map(|seen| (self.observer, seen.clone())).into_iter().collect()
    }

    fn lost(&self, author: usize, heard: usize) -> Judged {
        let history = self.history;
        let lines = &history.memberships[author].lines;
        let missing = Seen::Said(lines[heard]);
        let speaker = history.client(author);
        let words = format!(
            "the server had taken {} before {speaker} left, and {} was never sent it, though it \
             was sent what was said last of all",
            history.phrase(&missing),
            self.client_name(),
        );
        let before = (heard > 0).then(|| (self.observer, Seen::Said(lines[heard - 1])));
        broken(Rule::Loss, words, before.into_iter().chain(self.last()).collect())
    }

    fn paired(&self, index: usize, tally: &mut Tally) -> Judged {
        let history = self.history;
        let membership = &history.memberships[index];
        let user = history.client(index);
        let count = |of: &BTreeMap<usize, usize>| of.get(&membership.user).copied().unwrap_or(0);
        let proof = |first: Option<(usize, Seen)>| first.into_iter().chain(self.last()).collect();
        if history.manners.joins {
            if count(&self.joined) <= membership.nth {
                let words = format!("{user} joined, and {} was never told", self.client_name());
                return broken(Rule::Pairs, words, proof(Some((index, Seen::Own))));
            }
            tally.right(Rule::Pairs, 1);
        }
        if history.manners.departures {
            if count(&self.left) <= membership.nth {
                let words = format!("{user} left, and {} was never told", self.client_name());
                let joined = Seen::Joined(membership.user);
                let first = history.manners.joins.then_some((self.observer, joined));
                return broken(Rule::Pairs, words, proof(first));
            }
            tally.right(Rule::Pairs, 1);
        }
        Ok(())
    }
}

//! The log of one client, compared with the order of its room.

use super::record::{Ending, History, Membership, Seen};
use super::rule::{Judged, Rule, Tally, broken};
use super::whole::Order;

/// One client's log on its way through the order.
struct Walk<'a> {
    history: &'a History,
    order: &'a Order<'a>,
    index: usize,
    membership: &'a Membership,
    /// The place of its own join, if that is shown.
    begin: usize,
    /// The place of its own departure, if that is shown.
    end: Option<usize>,
}

/// Compares the log of membership `index` with the order.
pub(super) fn walk(
    history: &History,
    order: &Order<'_>,
    index: usize,
    tally: &mut Tally,
) -> Judged {
    let membership = &history.memberships[index];
    let end = order.place(&Seen::Left(membership.user), membership.nth);
    let own = usize::from(membership.seen.first() == Some(&Seen::Own));
    let joined = order.place(&Seen::Joined(membership.user), membership.nth);
    let mut walk = Walk { history, order, index, membership, begin: 0, end };
    let (place, at) = if let (true, Some(place)) = (membership.entered, joined) {
        walk.begin = place;
        walk.roster(place, tally)?;
        (place + 1, walk.replay(own, tally)?)
    } else if history.manners.joins {
        tally.unknown(Rule::Order, membership.seen.len());
        return Ok(());
    } else if let Some(place) = walk.anchored(own) {
        walk.begin = place;
        (place, own)
    } else if let Some(seen) =
        membership.seen[own..].iter().find(|one| matches!(one, Seen::Said(_)))
    {
        return walk.unknown_to_observer(seen, own, tally);
    } else {
        tally.unknown(Rule::Order, membership.seen.len());
        return Ok(());
    };
    walk.compare(place, at, tally)
}

impl Walk<'_> {
    /// Whether the dialect shows this event to the client.
    fn visible(&self, seen: &Seen) -> bool {
        match seen {
            Seen::Own | Seen::Strange(_) => false,
            Seen::Joined(user) | Seen::Left(user) => *user != self.membership.user,
            Seen::Said(line) => {
                self.history.manners.echo || self.history.authors[*line] != self.index
            }
        }
    }

    /// The next place from `place` on that the client must see; the end of the order or its own
    /// departure if there is none.
    fn next(&self, mut place: usize) -> usize {
        while place < self.order.seen.len()
            && Some(place) != self.end
            && !self.visible(&self.order.seen[place])
        {
            place += 1;
        }
        place
    }

    fn client_name(&self) -> &str {
        self.history.client(self.index)
    }

    fn observer(&self) -> &str {
        self.history.client(self.order.observer)
    }

    fn phrase(&self, seen: &Seen) -> String {
        self.history.phrase(seen)
    }

    fn mine(&self, seen: &Seen) -> (usize, Seen) {
        (self.index, seen.clone())
    }

    fn theirs(&self, seen: &Seen) -> (usize, Seen) {
        (self.order.observer, seen.clone())
    }

    /// Where the order begins for a client whose join no notice announces: at the first line that
    /// both saw.
    fn anchored(&self, own: usize) -> Option<usize> {
        let (at, mut place) =
            self.membership.seen.iter().enumerate().skip(own).find_map(|(at, seen)| {
                let said = matches!(seen, Seen::Said(_));
                self.order.place(seen, 0).filter(|_| said).map(|place| (at, place))
            })?;
        for _ in own..at {
            place = place.checked_sub(1)?;
            while place > 0 && !self.visible(&self.order.seen[place]) {
                place -= 1;
            }
        }
        Some(place)
    }

    fn roster(&self, place: usize, tally: &mut Tally) -> Judged {
        let (Some(shown), Some(there)) = (&self.membership.roster, self.order.rosters.get(&place))
        else {
            return Ok(());
        };
        if shown == there {
            tally.right(Rule::Roster, 1);
            return Ok(());
        }
        let names = |users: &[usize]| {
            let names: Vec<&str> = users.iter().map(|user| &*self.history.users[*user]).collect();
            if names.is_empty() { "nobody".to_owned() } else { names.join(" ") }
        };
        let words = format!(
            "{} was shown {} when it joined, and by what {} was told before that join there \
             were {}",
            self.client_name(),
            names(shown),
            self.observer(),
            names(there)
        );
        let own = Seen::Joined(self.membership.user);
        broken(Rule::Roster, words, vec![self.mine(&Seen::Own), self.theirs(&own)])
    }

    /// Lines said before the join arrive as the last lines before it, or not at all. Returns the
    /// number of these events, its own join included.
    fn replay(&self, own: usize, tally: &mut Tally) -> Judged<usize> {
        let old = |seen: &&Seen| {
            let said = matches!(seen, Seen::Said(_));
            said && self.order.place(seen, 0).is_some_and(|place| place < self.begin)
        };
        let shown: Vec<&Seen> = self.membership.seen[own..].iter().take_while(old).collect();
        let Some(first) = shown.first() else { return Ok(own) };
        if !self.history.manners.replay {
            let words = format!(
                "{} was sent {}, which was said before it joined",
                self.client_name(),
                self.phrase(first)
            );
            let own = Seen::Joined(self.membership.user);
            let proof = vec![self.theirs(first), self.theirs(&own), self.mine(first)];
            return broken(Rule::Inside, words, proof);
        }
        let said = |seen: &&Seen| matches!(seen, Seen::Said(_));
        // A client that left before it had read everything did not get to its end.
        let open = self.membership.ending == Ending::Cut
            && own + shown.len() == self.membership.seen.len();
        let unread = |seen: &&Seen| open && Some(seen) != shown.last();
        let before = self.order.seen[..self.begin].iter().rev().filter(said);
        let mut before = before.skip_while(unread);
        let mut later = Seen::Own;
        for (count, seen) in shown.iter().rev().enumerate() {
            let expected = before.next().unwrap_or(seen);
            if expected != *seen {
                let place = |seen| self.order.place(seen, 0);
                if place(seen) > place(expected) || shown[..shown.len() - count].contains(&expected)
                {
                    return self.swapped(expected, seen);
                }
                let proof = vec![self.mine(seen), self.mine(&later)];
                return self.skipped(Some(seen), expected, &later, proof);
            }
            later = (*seen).clone();
        }
        tally.right(Rule::Loss, shown.len());
        Ok(own + shown.len())
    }

    fn compare(&self, mut place: usize, mut at: usize, tally: &mut Tally) -> Judged {
        while at < self.membership.seen.len() {
            place = self.next(place);
            let seen = &self.membership.seen[at];
            let departed = Some(place) == self.end;
            if !departed && self.order.seen.get(place) == Some(seen) {
                tally.right(Rule::Order, 1);
                tally.right(Rule::Loss, 1);
                place += 1;
                at += 1;
                continue;
            }
            return self.mismatch(at, place, tally);
        }
        if self.membership.ending == Ending::Departed {
            let place = self.next(place);
            if let (Some(end), Some(missed)) = (self.end, self.order.seen.get(place))
                && place != end
            {
                return self.cut_short(missed);
            }
        } else if self.membership.ending == Ending::Cut {
            tally.unknown(Rule::Loss, 1);
        }
        Ok(())
    }

    /// The event at `at` is not the next one in the order, at `place`.
    fn mismatch(&self, at: usize, place: usize, tally: &mut Tally) -> Judged {
        let seen = &self.membership.seen[at];
        let places = self.order.places.get(seen).map_or(&[][..], Vec::as_slice);
        let after = places.iter().find(|one| **one >= place);
        let Some(found) = after.or(places.last()).copied() else {
            return self.unknown_to_observer(seen, at, tally);
        };
        let seen_before = &self.membership.seen[..at];
        if self.end.is_some_and(|end| found > end && Some(place) == self.end) {
            let words = format!(
                "{} was told {} after its own departure",
                self.client_name(),
                self.phrase(seen)
            );
            let own = Seen::Left(self.membership.user);
            let proof = vec![self.theirs(&own), self.theirs(seen), self.mine(seen)];
            return broken(Rule::Inside, words, proof);
        }
        if found >= place {
            let missed = &self.order.seen[place];
            let again = self.order.places.get(missed).is_some_and(|all| all.last() > Some(&place));
            if !again && self.membership.seen[at..].contains(missed) {
                return self.swapped(seen, missed);
            }
            let before = at.checked_sub(1).map(|before| &self.membership.seen[before]);
            let proof = before.into_iter().chain([seen]).map(|one| self.mine(one)).collect();
            return self.skipped(before, missed, seen, proof);
        }
        if seen_before.contains(seen) {
            let words = format!("{} was told {} twice", self.client_name(), self.phrase(seen));
            let proof = vec![self.mine(seen), self.mine(seen), self.theirs(seen)];
            return broken(Rule::Once, words, proof);
        }
        let last = seen_before.last();
        if let Some(last) = last.filter(|last| found >= self.begin && **last != Seen::Own) {
            return self.swapped(last, seen);
        }
        let words = format!(
            "{} was sent {}, which {} was told before {0} joined",
            self.client_name(),
            self.phrase(seen),
            self.observer()
        );
        broken(Rule::Inside, words, vec![self.theirs(seen), self.mine(seen)])
    }

    /// The client saw `first` before `second`, and the observer the other way round.
    fn swapped<T>(&self, first: &Seen, second: &Seen) -> Judged<T> {
        let words = format!(
            "{} was told {} before {}, and {} the other way round: the order differs",
            self.client_name(),
            self.phrase(first),
            self.phrase(second),
            self.observer()
        );
        let proof =
            vec![self.mine(first), self.mine(second), self.theirs(second), self.theirs(first)];
        broken(Rule::Order, words, proof)
    }

    /// The client saw nothing between `before` and `after`, and the observer saw `missed` there.
    fn skipped<T>(
        &self,
        before: Option<&Seen>,
        missed: &Seen,
        after: &Seen,
        mut proof: Vec<(usize, Seen)>,
    ) -> Judged<T> {
        let own = Seen::Joined(self.membership.user);
        let there = |seen: &Seen| if *seen == Seen::Own { own.clone() } else { seen.clone() };
        let between = match before {
            Some(before) => {
                proof.push(self.theirs(&there(before)));
                format!("{} and then {}", self.phrase(before), self.phrase(after))
            }
            None => format!("first {}", self.phrase(after)),
        };
        proof.extend([self.theirs(missed), self.theirs(&there(after))]);
        if !self.history.manners.joins {
            // Its own join is in no order.
            proof.retain(|(_, seen)| *seen != own);
        }
        let words = format!(
            "{} was told {between}; {} was told {} between the two, which {0} never was",
            self.client_name(),
            self.observer(),
            self.phrase(missed)
        );
        broken(Rule::Loss, words, proof)
    }

    /// The client departed in good order, and did not receive `missed`, which came before that.
    fn cut_short(&self, missed: &Seen) -> Judged {
        let own = Seen::Left(self.membership.user);
        let words = format!(
            "{} was told {}, and then that {} left; {2} read until its departure was answered or \
             its connection ended, and was never told: it was in the room for longer than it \
             was sent what happens there",
            self.observer(),
            self.phrase(missed),
            self.client_name()
        );
        let last = self.membership.seen.last().map(|seen| self.mine(seen));
        let proof = last.into_iter().chain([self.theirs(missed), self.theirs(&own)]).collect();
        broken(Rule::Loss, words, proof)
    }

    /// The client saw an event that the observer did not see, although the observer was there all
    /// the time.
    fn unknown_to_observer<T: Default>(
        &self,
        seen: &Seen,
        at: usize,
        tally: &mut Tally,
    ) -> Judged<T> {
        let known = |one: &&Seen| **one != Seen::Own && self.order.place(one, 0).is_some();
        let later = self.membership.seen[at..].iter().find(known);
        if later.is_none() && !self.order.complete {
            tally.unknown(Rule::Order, 1);
            return Ok(T::default());
        }
        let rule = if matches!(seen, Seen::Said(_)) { Rule::Loss } else { Rule::Pairs };
        let before = self.membership.seen[..at].iter().rev().find(known);
        let last = self.order.seen.last().filter(|_| self.order.complete);
        let later = later.or(last);
        let words = format!(
            "{} was told {}, and {}, who was there before and after, never was",
            self.client_name(),
            self.phrase(seen),
            self.observer()
        );
        let around = |of: usize| [before, later].map(|one| one.map(|one| (of, one.clone())));
        let [first, last] = around(self.index);
        let last = last.filter(|(_, last)| self.membership.seen[at..].contains(last));
        let mut proof: Vec<_> = first.into_iter().chain([self.mine(seen)]).chain(last).collect();
        proof.extend(around(self.order.observer).into_iter().flatten());
        broken(rule, words, proof)
    }
}

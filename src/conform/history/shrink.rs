//! Finds the few events that prove a failure.
//!
//! Deletion makes a history smaller: a line vanishes from all logs and from its author's lines, a
//! user vanishes with all its actions in one room, or the log of one client is no longer looked at.
//! Each deletion turns a right history into a right one, so any rule that a smaller history breaks
//! was broken by the whole one.

use super::judge::judge;
use super::record::{History, Role, Seen};
use super::rule::{Broken, Rule};
use std::collections::BTreeSet;

/// Maximum number of smaller histories that are judged.
const MOST: usize = 3000;

/// A part of a history that can be deleted by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Atom {
    /// A user in a room.
    User(usize, usize),
    /// The log of a membership.
    Log(usize),
    Line(usize),
}

/// Everything that can be deleted, the large parts first.
pub(super) fn atoms(history: &History) -> Vec<Atom> {
    let participants = || {
        let all = history.memberships.iter().enumerate();
        all.filter(|(_, membership)| membership.role == Role::Participant)
    };
    let users: BTreeSet<Atom> = participants()
        .map(|(_, membership)| Atom::User(membership.user, membership.room))
        .collect();
    let mut seen_observer = BTreeSet::new();
    let logs = history.memberships.iter().enumerate().filter(|(_, membership)| {
        // The first observer's log is the order that all logs are compared with.
        membership.role == Role::Participant
            || (membership.role == Role::Observer && !seen_observer.insert(membership.room))
    });
    let logs: Vec<Atom> = logs.map(|(index, _)| Atom::Log(index)).collect();
    // The lines of a bell prove that all others have arrived.
    let said = |line: &usize| history.memberships[history.authors[*line]].role != Role::Bell;
    let lines = (0..history.authors.len()).filter(said).map(Atom::Line);
    users.into_iter().chain(logs).chain(lines).collect()
}

/// The history without these parts.
pub(super) fn without(history: &History, gone: &BTreeSet<Atom>) -> History {
    let mut smaller = history.clone();
    let is_gone = |atom| gone.contains(&atom);
    let user_gone = |user, room| is_gone(Atom::User(user, room));
    let line_gone = |line: usize| {
        let author = &history.memberships[history.authors[line]];
        is_gone(Atom::Line(line)) || user_gone(author.user, author.room)
    };
    for (index, membership) in smaller.memberships.iter_mut().enumerate() {
        let room = membership.room;
        let absent = user_gone(membership.user, room);
        if absent || is_gone(Atom::Log(index)) {
            membership.judged = false;
            membership.seen.clear();
            membership.late.clear();
        }
        if absent {
            // A membership that the judge can say nothing about.
            membership.entered = false;
        }
        membership.certain =
            membership.lines[..membership.certain].iter().filter(|line| !line_gone(**line)).count();
        membership.lines.retain(|line| !line_gone(*line));
        let keep = |seen: &Seen| match seen {
            Seen::Joined(user) | Seen::Left(user) => !user_gone(*user, room),
            Seen::Said(line) => !line_gone(*line),
            Seen::Own | Seen::Strange(_) => true,
        };
        membership.seen.retain(keep);
        membership.late.retain(keep);
        if let Some(roster) = &mut membership.roster {
            roster.retain(|user| !user_gone(*user, room));
        }
    }
    smaller
}

/// The failure of the same rule in the smallest history that still has one.
pub(super) fn shrunk(history: &History, first: Broken) -> Broken {
    let mut best = first;
    let mut gone = BTreeSet::new();
    let mut left = atoms(history);
    let mut tries = 0;
    let mut size = left.len().div_ceil(2);
    while size > 0 && tries < MOST {
        let mut at = 0;
        while at < left.len() && tries < MOST {
            let part = &left[at..(at + size).min(left.len())];
            let more: BTreeSet<Atom> = gone.iter().chain(part).copied().collect();
            tries += 1;
            match same(&without(history, &more), best.rule) {
                Some(smaller) => {
                    best = smaller;
                    gone = more;
                    left.drain(at..(at + size).min(left.len()));
                }
                None => at += size,
            }
        }
        size /= 2;
    }
    best
}

fn same(history: &History, rule: Rule) -> Option<Broken> {
    judge(history).err().map(|broken| *broken).filter(|broken| broken.rule == rule)
}

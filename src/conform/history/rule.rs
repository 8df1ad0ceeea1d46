//! The rules, the counts of judged facts, and the proof of a broken rule.

use super::record::Seen;
use std::collections::BTreeMap;

/// A rule for histories.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rule {
    /// Nothing is made up.
    Known,
    /// Nothing of one room reaches another.
    Place,
    /// Nothing comes twice.
    Once,
    /// Each sender's lines arrive in its order.
    Senders,
    /// Nothing is lost.
    Loss,
    /// All clients in a room see one order.
    Order,
    /// Joins and departures are announced once each, alternately.
    Pairs,
    /// No client speaks or hears outside its membership.
    Inside,
    /// A client is told of its own join first.
    OwnFirst,
    /// A joiner is shown the members.
    Roster,
}

impl Rule {
    pub(super) fn name(self) -> &'static str {
        match self {
            Rule::Known => "nothing made up",
            Rule::Place => "no leak",
            Rule::Once => "once each",
            Rule::Senders => "senders' order",
            Rule::Loss => "no loss",
            Rule::Order => "one order",
            Rule::Pairs => "joins and departures paired",
            Rule::Inside => "inside memberships",
            Rule::OwnFirst => "own join first",
            Rule::Roster => "members shown",
        }
    }

    /// What was allowed, for the page.
    pub(super) fn allowed(self) -> &'static str {
        match self {
            Rule::Known => "only what clients did",
            Rule::Place => "only what happens in the client's own room",
            Rule::Once => "each event once",
            Rule::Senders => "each client's lines in the order in which it sent them",
            Rule::Loss => "every event between a client's join and its departure",
            Rule::Order => "one order of events for all who are in the room",
            Rule::Pairs => "one notice of each join, and one of each departure",
            Rule::Inside => {
                "lines and events only between a join and the departure that belongs to it"
            }
            Rule::OwnFirst => "its own join before anything else of the room",
            Rule::Roster => "the members that are there, in order of joining",
        }
    }
}

/// Number of facts that held, and of facts that nobody can decide.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    pub(super) right: BTreeMap<Rule, usize>,
    pub(super) unknown: BTreeMap<Rule, usize>,
}

impl Tally {
    pub(super) fn right(&mut self, rule: Rule, count: usize) {
        *self.right.entry(rule).or_default() += count;
    }

    pub(super) fn unknown(&mut self, rule: Rule, count: usize) {
        *self.unknown.entry(rule).or_default() += count;
    }

    pub(super) fn add(&mut self, other: &Tally) {
        for (rule, count) in &other.right {
            self.right(*rule, *count);
        }
        for (rule, count) in &other.unknown {
            self.unknown(*rule, *count);
        }
    }

    pub(super) fn facts(&self) -> usize {
        self.right.values().sum()
    }

    /// The first rule of all dialects for which nothing could be judged.
    pub(super) fn idle(&self) -> Option<Rule> {
        let needed = [Rule::Order, Rule::Loss, Rule::Senders, Rule::Once];
        needed.into_iter().find(|rule| self.right.get(rule).is_none_or(|count| *count == 0))
    }

    /// One line for each rule.
    pub(super) fn told(&self) -> Vec<String> {
        let rules: std::collections::BTreeSet<Rule> =
            self.right.keys().chain(self.unknown.keys()).copied().collect();
        let line = |rule: Rule| {
            let count = |of: &BTreeMap<Rule, usize>| of.get(&rule).copied().unwrap_or(0);
            let open = match count(&self.unknown) {
                0 => String::new(),
                open => format!(", {open} not decidable"),
            };
            format!("{}: {} facts right{open}", rule.name(), count(&self.right))
        };
        rules.into_iter().map(line).collect()
    }
}

/// A broken rule.
#[derive(Clone, Debug)]
pub(super) struct Broken {
    pub(super) rule: Rule,
    pub(super) words: String,
    /// The events that prove it, in each client's own order.
    pub(super) proof: Vec<(usize, Seen)>,
}

pub(super) type Judged<T = ()> = Result<T, Box<Broken>>;

/// A broken rule with its proof.
pub(super) fn broken<T>(rule: Rule, words: String, proof: Vec<(usize, Seen)>) -> Judged<T> {
    Err(Box::new(Broken { rule, words, proof }))
}

/// Two events of one client.
pub(super) fn pair(index: usize, first: &Seen, second: &Seen) -> Vec<(usize, Seen)> {
    vec![(index, first.clone()), (index, second.clone())]
}

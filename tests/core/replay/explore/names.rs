//! The state graph of a configuration of module Names, explored by the acceptor's next-state
//! relation.
//!
//! States from which the same can happen and be seen are taken together. No sequence of steps comes
//! back to a state, since every step sends something or ends a client: so what follows from a state
//! is known once all its steps have been followed.
//!
//! Limits: the bounds of the configurations. In those that the server is replayed with, a move is
//! one step; `apart` has its two halves, with others in between.

use super::{constant, endings, number};
use crate::acceptor::names::relation::{Bounds, Event, Id, Line, OutboxState, State, Step, Then};
use crate::core::replay::graph::{self, Graph};
use std::collections::BTreeMap;

/// The constants of the configuration called `name`.
fn bounds(name: &str) -> Bounds {
    let count = |key: &str| constant(name, key).split(',').count();
    Bounds {
        clients: count("Clients"),
        names: count("Names"),
        rooms: count("Rooms"),
        joins: number(name, "Joins"),
        lines: number(name, "Lines"),
        tells: number(name, "Tells"),
        kept: number(name, "Kept"),
        endings: endings(name),
        interleaved: constant(name, "Interleaved") == "TRUE",
        refusals: 1,
        own_numbers: false,
    }
}

type OfClient = fn(Id) -> Step;
type OfTwo = fn(Id, Id) -> Step;

/// Every step that has a name, and what a graph calls it.
fn all_steps(bounds: &Bounds) -> Vec<(String, Step)> {
    let alone: [(char, OfClient); 4] =
        [('L', Step::Leave), ('S', Step::Say), ('Q', Step::Quit), ('V', Step::Evict)];
    let with_a_name: [(char, OfTwo); 5] = [
        ('N', Step::Name),
        ('R', Step::RefuseName),
        ('T', Step::Tell),
        ('B', Step::TellNobody),
        ('O', Step::TellOver),
    ];
    let with_a_room: [(char, OfTwo); 2] = [('J', Step::Join), ('M', Step::MoveOut)];
    let mut steps = Vec::new();
    for client in 0..bounds.clients {
        let word = |letter: char| format!("{letter}{}", client + 1);
        steps.extend(alone.map(|(letter, step)| (word(letter), step(client))));
        for (count, kinds) in [(bounds.names, &with_a_name[..]), (bounds.rooms, &with_a_room[..])] {
            for (letter, step) in kinds {
                let two = |other| (format!("{}{}", word(*letter), other + 1), step(client, other));
                steps.extend((0..count).map(two));
            }
        }
        // The room is known from where it is going.
        steps.push((word('I'), Step::MoveIn(client)));
    }
    steps
}

/// The model's `InTurn`.
fn in_turn(then: &Then) -> bool {
    let (called, joined) = (&then.state.called, &then.state.joined);
    called[0].is_none_or(|name| name == 0)
        && (1..called.len()).all(|c| called[c].is_none() || called[c - 1].is_some())
        && (joined[0] > 0 || joined.iter().all(|count| *count == 0))
}

/// What follows from `step` in `bounds`, under the label that a graph has for it.
fn follow(bounds: &Bounds, state: &State, word: &str, step: Step) -> Option<(String, State)> {
    let mut then = bounds.next(state, step).filter(in_turn)?;
    let mut word = word.to_owned();
    match step {
        Step::MoveIn(client) => {
            word += &(1 + state.going[client].expect("it has moved in")).to_string();
        }
        Step::MoveOut(client, _) if !bounds.interleaved => {
            let second = bounds.next(&then.state, Step::MoveIn(client)).filter(in_turn)?;
            then.state = second.state;
            then.sent.extend(second.sent);
        }
        _ => {}
    }
    let events = |client: Id| {
        let its = then.sent.iter().filter(|(to, _)| *to == client);
        let words: Vec<_> = its.map(|(_, event)| told(event, &then.state)).collect();
        if words.is_empty() { "-".to_owned() } else { words.join(".") }
    };
    let words: Vec<_> = std::iter::once(word).chain((0..bounds.clients).map(events)).collect();
    Some((words.join(" "), then.state))
}

/// What one client is sent, as a graph has it: clients are written as what they are called.
fn told(event: &Event, state: &State) -> String {
    let name = |who: Id| 1 + state.called[who].expect("a client in an event has a name");
    let text = |room: Id, line: &Line| format!("l{}{}{}", room + 1, name(line.who), line.n);
    match event {
        Event::Join { room, who } => format!("j{}{}", room + 1, name(*who)),
        Event::Left { room, who } => format!("d{}{}", room + 1, name(*who)),
        Event::Line { room, line } => text(*room, line),
        Event::Entered { room, present, lines } => {
            let present: String = present.iter().map(|who| name(*who).to_string()).collect();
            let lines: String = lines.iter().map(|line| text(*room, line)).collect();
            format!("i{}{present}{lines}", room + 1)
        }
        Event::Private { from, n } => format!("p{}{n}", name(*from)),
        Event::Welcome(name) => format!("w{}", name + 1),
        Event::Taken(name) => format!("t{}", name + 1),
        Event::LeftYou(room) => format!("g{}", room + 1),
        Event::Sent(name) => format!("s{}", name + 1),
        Event::Nobody(name) => format!("u{}", name + 1),
        Event::Bye => "b".to_owned(),
    }
}

/// What a graph calls a look.
fn look(state: &State) -> String {
    let standings = state.outboxes.iter().map(|outbox_state| match outbox_state {
        OutboxState::Open => 'o',
        OutboxState::Closed => 'c',
        OutboxState::Evicted => 'e',
    });
    let rooms = state.members.iter().map(|members| match members[..] {
        [] => "-".to_owned(),
        _ => members.iter().map(|client| (client + 1).to_string()).collect(),
    });
    format!("{} / {}", standings.collect::<String>(), rooms.collect::<Vec<_>>().join(" "))
}

/// What can be seen of a state and what can follow from it: its look, and its labels with the
/// number of the state that each leads to.
type Row = (String, Vec<(String, usize)>);

struct Exploration {
    bounds: Bounds,
    steps: Vec<(String, Step)>,
    /// Rows in the order in which they were completed.
    rows: Vec<Row>,
    numbers: BTreeMap<Row, usize>,
    /// The row of each state of the relation.
    known: BTreeMap<State, usize>,
}

impl Exploration {
    /// The row of `state`; all that follow from it are completed before it is.
    fn row(&mut self, state: &State) -> usize {
        if let Some(number) = self.known.get(state) {
            return *number;
        }
        let follow = |(word, step): &(String, Step)| follow(&self.bounds, state, word, *step);
        let found: Vec<(String, State)> = self.steps.iter().filter_map(follow).collect();
        let count = found.len();
        let found: BTreeMap<String, State> = found.into_iter().collect();
        assert_eq!(found.len(), count, "a label leads to one state");
        let mut out = Vec::new();
        for (label, to) in found {
            out.push((label, self.row(&to)));
        }
        let row = (look(state), out);
        let number = *self.numbers.entry(row.clone()).or_insert(self.rows.len());
        if number == self.rows.len() {
            self.rows.push(row);
        }
        self.known.insert(state.clone(), number);
        number
    }
}

/// The first state, which is completed last, has the number 0.
pub(crate) fn explore(name: &str) -> Graph {
    let bounds = bounds(name);
    let (clients, first) = (bounds.clients, bounds.init());
    let steps = all_steps(&bounds);
    let (rows, numbers, known) = (Vec::new(), BTreeMap::new(), BTreeMap::new());
    let mut exploration = Exploration { bounds, steps, rows, numbers, known };
    exploration.row(&first);
    let last = exploration.rows.len() - 1;
    let state = |(look, out): Row| {
        let steps = out.into_iter().map(|(label, to)| (label, last - to)).collect();
        graph::State { look, steps }
    };
    let states = exploration.rows.into_iter().rev().map(state).collect();
    Graph { clients, bound: 0, states }
}

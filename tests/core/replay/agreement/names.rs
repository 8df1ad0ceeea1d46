//! The acceptor's next-state relation of module Names has the steps that TLC found, and no others.
//!
//! A graph of Names takes states together from which the same can happen and be seen. So the two
//! are walked side by side: whatever state of the relation stands at a state of the graph must look
//! like it, and have just its steps, sending the same to everyone. Where they lead is compared in
//! turn. As a label leads to one state, the two then have the same behaviours: what they do, send
//! and look like is the same after every sequence of steps that the configuration has. And as no
//! two states of the graph are alike, a state of the relation that comes to stand at two of them
//! would show a difference.
//!
//! Limits: the bounds of the configurations. In those that the server is replayed with, a move is
//! one step; `apart` has its two halves, with others in between.

use crate::acceptor::names::relation::{Bounds, Event, Id, Line, OutboxState, State, Step, Then};
use crate::core::replay::graph::{Graph, constant, endings};
use std::collections::{BTreeMap, BTreeSet};

/// The constants that `graph` was made with: those that it does not name are in its configuration.
fn bounds(name: &str, graph: &Graph) -> Bounds {
    let number = |key: &str| constant(name, key).parse().expect("a number");
    Bounds {
        clients: graph.clients,
        names: constant(name, "Names").split(',').count(),
        rooms: graph.rooms,
        joins: number("Joins"),
        lines: number("Lines"),
        tells: number("Tells"),
        kept: number("Kept"),
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

/// What was compared.
#[derive(Debug, Default)]
pub(crate) struct Agreed {
    /// States of the relation, each at its state of the graph.
    pub(crate) states: usize,
    /// Steps that both have, and such that neither has.
    pub(crate) steps: usize,
    pub(crate) others: usize,
}

/// Walks the relation beside `graph` from the first state of both, and tries every step in every
/// state.
pub(crate) fn agree(name: &str, graph: &Graph) -> Result<Agreed, String> {
    let bounds = bounds(name, graph);
    let steps = all_steps(&bounds);
    let mut at = BTreeMap::from([(bounds.init(), 0)]);
    let mut todo = vec![bounds.init()];
    let mut agreed = Agreed::default();
    while let Some(state) = todo.pop() {
        let known = &graph.states[at[&state]];
        if look(&state) != graph.looks[known.look] {
            return Err(format!("{state:?} does not look {:?}", graph.looks[known.look]));
        }
        let wanted: BTreeMap<_, _> =
            known.steps.iter().map(|(label, to)| (label.as_str(), *to)).collect();
        assert_eq!(wanted.len(), known.steps.len(), "a label leads to one state");
        let found = steps.iter().filter_map(|(word, step)| follow(&bounds, &state, word, *step));
        let found: BTreeMap<String, State> = found.collect();
        if !found.keys().map(String::as_str).eq(wanted.keys().copied()) {
            let mine: Vec<_> = found.keys().collect();
            return Err(format!("in {state:?} the relation has {mine:?}, not {wanted:?}"));
        }
        agreed.steps += found.len();
        agreed.others += steps.len() - found.len();
        for (label, to) in found {
            let target = wanted[label.as_str()];
            match at.get(&to) {
                Some(known) if *known == target => {}
                Some(known) => return Err(format!("{to:?} stands at {known} and at {target}")),
                None => {
                    at.insert(to.clone(), target);
                    todo.push(to);
                }
            }
        }
    }
    agreed.states = at.len();
    let reached: BTreeSet<_> = at.values().collect();
    assert_eq!(reached.len(), graph.states.len(), "every state of a graph can be reached");
    Ok(agreed)
}

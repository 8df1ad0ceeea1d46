//! The state graph of a configuration of module Rooms, explored by the acceptor's next-state
//! relation.
//!
//! A state of the model has what was delivered and each room's order of events, which the relation
//! leaves out because no step depends on it. Here they are kept beside the state, so that the graph
//! has every state of the model, with each of its pasts.

use super::{constant, endings, number};
use crate::acceptor::rooms::relation::{Bounds, Event, Kind, OutboxState, State, Step};
use crate::core::replay::graph::{self, Graph};
use std::collections::BTreeMap;

/// The constants of the configuration called `name`.
fn bounds(name: &str) -> Bounds {
    assert_eq!(
        constant(name, "Readers"),
        "{}",
        "{name}: readers that never stall are not known here"
    );
    Bounds {
        clients: constant(name, "Clients").split(',').count(),
        rooms: constant(name, "Rooms").split(',').count(),
        lines: number(name, "Lines"),
        bound: number(name, "Bound"),
        endings: endings(name),
    }
}

type OfClient = fn(usize) -> Step;

/// Every step that has a name, and its label in a graph.
fn all_steps(bounds: &Bounds) -> Vec<(String, Step)> {
    let mut steps = vec![("X".to_owned(), Step::Shutdown)];
    let kinds: [(char, OfClient); 8] = [
        ('S', Step::Say),
        ('D', Step::Deliver),
        ('E', Step::EndOfStream),
        ('F', Step::Fail),
        ('R', Step::Reset),
        ('T', Step::Stall),
        ('G', Step::GiveUp),
        ('Z', Step::Finish),
    ];
    for client in 0..bounds.clients {
        let of_client =
            kinds.map(|(letter, step)| (format!("{letter}{}", client + 1), step(client)));
        steps.extend(of_client);
        let join = |room| (format!("J{}{}", client + 1, room + 1), Step::Join(client, room));
        steps.extend((0..bounds.rooms).map(join));
    }
    steps
}

/// The model's `InTurn`.
fn in_turn(state: &State) -> bool {
    let places = &state.place;
    places[0].is_none_or(|room| room == 0)
        && (1..places.len()).all(|c| places[c].is_none() || places[c - 1].is_some())
}

fn event(event: Event) -> String {
    let who = event.who + 1;
    match event.kind {
        Kind::Join => format!("j{who}"),
        Kind::Line => format!("l{who}{}", event.n),
        Kind::Left => format!("d{who}"),
        Kind::Error => format!("e{who}"),
    }
}

/// What a graph calls a look.
fn look(state: &State) -> String {
    let clients = state.outboxes.iter().zip(&state.outbox).map(|(outbox_state, outbox)| {
        let letter = match outbox_state {
            OutboxState::New => "n",
            OutboxState::Open => "o",
            OutboxState::Closed => "c",
            OutboxState::Evicted => "e",
            OutboxState::Cut => "x",
        };
        let entry = |entry: &Vec<Event>| entry.iter().copied().map(event).collect::<String>();
        letter.to_owned() + &outbox.iter().map(entry).collect::<Vec<_>>().join(".")
    });
    let rooms = state.members.iter().map(|members| match members[..] {
        [] => "-".to_owned(),
        _ => members.iter().map(|client| (client + 1).to_string()).collect(),
    });
    let joined = |words: Vec<String>| words.join(" ");
    joined(clients.collect()) + " / " + &joined(rooms.collect())
}

/// A state of the model.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Full {
    state: State,
    /// Of each client: the events that have arrived.
    received: Vec<Vec<Event>>,
    /// Of each room: its entries since ever, in their one order.
    order: Vec<Vec<Vec<Event>>>,
}

impl Full {
    fn init(bounds: &Bounds) -> Full {
        Full {
            state: bounds.init(),
            received: vec![Vec::new(); bounds.clients],
            order: vec![Vec::new(); bounds.rooms],
        }
    }

    /// The state after `step`, if the configuration has it.
    fn next(&self, bounds: &Bounds, step: Step) -> Option<Full> {
        let then = bounds.then(&self.state, step).filter(|then| in_turn(&then.state))?;
        let mut next = Full { state: then.state, ..self.clone() };
        if let Step::Deliver(client) = step {
            let entry = self.state.outbox[client].front().expect("an entry is delivered");
            next.received[client].extend(entry);
        }
        for (room, entry) in then.posted {
            next.order[room].push(entry);
        }
        Some(next)
    }
}

/// States are numbered as they are found, breadth first, steps in the order of their labels.
pub(crate) fn explore(name: &str) -> Graph {
    let bounds = bounds(name);
    let mut steps = all_steps(&bounds);
    steps.sort_by(|(one, _), (other, _)| one.cmp(other));
    let first = Full::init(&bounds);
    let mut numbers = BTreeMap::from([(first.clone(), 0)]);
    let (mut found, mut states) = (vec![first], Vec::new());
    while let Some(from) = found.get(states.len()).cloned() {
        let mut out = Vec::new();
        for (label, step) in &steps {
            let Some(to) = from.next(&bounds, *step) else { continue };
            let number = *numbers.entry(to.clone()).or_insert(found.len());
            if number == found.len() {
                found.push(to);
            }
            out.push((label.clone(), number));
        }
        states.push(graph::State { look: look(&from.state), steps: out });
    }
    Graph { clients: bounds.clients, bound: bounds.bound, states }
}

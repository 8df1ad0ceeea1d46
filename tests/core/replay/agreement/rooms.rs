//! The acceptor's next-state relation of module Rooms has the steps that TLC found, and no others.

use crate::acceptor::rooms::relation::{Bounds, Event, Kind, OutboxState, State, Step};
use crate::core::replay::graph::{Graph, constant, endings};
use std::collections::BTreeSet;

/// The constants that `graph` was made with: those that it does not name are in its configuration.
fn bounds(name: &str, graph: &Graph) -> Bounds {
    assert_eq!(
        constant(name, "Readers"),
        "{}",
        "{name}: readers that never stall are not known here"
    );
    Bounds {
        clients: graph.clients,
        rooms: graph.rooms,
        lines: constant(name, "Lines").parse().expect("a number"),
        bound: graph.bound,
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

/// Goes through `graph` from its first state, and tries every step in every state: the relation
/// must have just those of the graph, to just the states there. Returns how many it has and has
/// not.
pub(crate) fn agree(name: &str, graph: &Graph) -> Result<[usize; 2], String> {
    let bounds = bounds(name, graph);
    let steps = all_steps(&bounds);
    let mut states = vec![None; graph.states.len()];
    states[0] = Some(bounds.init());
    let (mut todo, mut counts) = (vec![0], [0, 0]);
    while let Some(number) = todo.pop() {
        let from = states[number].clone().expect("only what was reached is to do");
        let known = &graph.states[number];
        let labels: BTreeSet<&str> = known.steps.iter().map(|(label, _)| label.as_str()).collect();
        assert_eq!(labels.len(), known.steps.len(), "a label leads to one state");
        let mut found = 0;
        for (label, step) in &steps {
            let to = bounds.next(&from, *step).filter(in_turn);
            let edge = known.steps.iter().find(|(known, _)| known == label);
            match (to, edge) {
                (None, None) => counts[1] += 1,
                (Some(to), Some((_, target))) => {
                    found += 1;
                    let wanted = &graph.looks[graph.states[*target].look];
                    if look(&to) != *wanted {
                        return Err(format!("{label} leads to {:?}, not {wanted:?}", look(&to)));
                    }
                    match &states[*target] {
                        Some(known) if *known == to => {}
                        Some(known) => return Err(format!("{to:?} and {known:?} are one state")),
                        None => {
                            states[*target] = Some(to);
                            todo.push(*target);
                        }
                    }
                }
                (to, _) => {
                    let verdict = if to.is_some() { "has" } else { "lacks" };
                    return Err(format!("in {:?} the relation {verdict} {label}", look(&from)));
                }
            }
        }
        if found != known.steps.len() {
            return Err(format!("{labels:?}: not all of them were tried"));
        }
        counts[0] += found;
    }
    assert!(states.iter().all(Option::is_some), "every state of a graph can be reached");
    Ok(counts)
}

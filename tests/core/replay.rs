//! Goal: the sessions and the registry do what the formal model does, in every step of it that
//! small configurations have.
//!
//! Method: `scripts/model-paths` has written the whole state graph of each
//! `spec/model/replay-*.cfg`. Paths from the first state are laid until every step is on one, and
//! each is walked on the system of `support::system`. After each step every client must have
//! received the bytes of the model, be in its state and (module Rooms) be charged for its pending
//! entries; and there must be as many rooms and members. A graph carries the fingerprint of the
//! module and the configuration it was written from.
//!
//! Limits: the bounds of the configurations; nothing runs at the same time, so that the waves of an
//! eviction are one step; a connection takes whole entries; the shell is not here. Of module Names
//! states are taken together from which the same can happen and be seen, so that not every past of
//! a step is walked. `apart`, where others act in the midst of a move, is only compared with the
//! acceptor of recorded runs.

mod forged {
    mod names;
    mod rooms;
}

pub(crate) mod agreement {
    pub(crate) mod names;
    pub(crate) mod rooms;
}
pub(crate) mod graph;
pub(crate) mod names;
pub(crate) mod rooms;

use graph::{Graph, fingerprint, read, root};

/// Walks one path; says where the system first differs.
type Walk = fn(&Graph, &[(usize, usize)]) -> Result<(), String>;

/// Walks everything; returns how many steps were taken, or where the system first differs.
fn replay(name: &str, graph: &Graph, walk: Walk) -> Result<usize, String> {
    let paths = graph.paths();
    for path in &paths {
        walk(graph, path)?;
    }
    let steps: usize = graph.states.iter().map(|state| state.steps.len()).sum();
    let taken = paths.iter().map(Vec::len).sum();
    println!(
        "{name}: {} states and {steps} steps covered by {} paths, {taken} steps in all",
        graph.states.len(),
        paths.len()
    );
    Ok(taken)
}

/// [common/order-1] [common/order-2] [common/outbox-4] [common/outbox-5] [common/outbox-6]
/// [rooms/room-2] [common/shutdown-1] [common/shutdown-2]
#[test]
fn the_server_takes_every_step_of_the_model_in_which_evictions_cascade() {
    replay("cascade", &Graph::load("cascade"), rooms::walk).unwrap();
}

/// [common/eos-2] [common/eos-4] [common/eos-5] [common/outbox-8] [rooms/error-3] [rooms/room-1]
/// [rooms/room-2] [common/shutdown-1]
#[test]
fn the_server_takes_every_step_of_the_model_in_which_parts_end() {
    replay("endings", &Graph::load("endings"), rooms::walk).unwrap();
}

/// [channels/name-1] [channels/join-4] [channels/join-5] [channels/join-6] [channels/move-1]
/// [channels/move-2] [channels/leave-1] [channels/leave-2] [channels/msg-1] [channels/history-1]
/// [channels/history-2] [channels/history-4] [channels/quit-1] [common/unique-2]
#[test]
fn the_server_takes_every_step_of_the_model_in_which_clients_move() {
    replay("moves", &Graph::load("moves"), names::walk).unwrap();
}

/// [channels/name-4] [common/unique-1] [common/unique-2] [common/tell-1] [common/tell-3]
/// [channels/tell-1] [channels/tell-2] [channels/tell-3] [channels/tell-5] [common/outbox-8]
#[test]
fn the_server_takes_every_step_of_the_model_in_which_clients_write_to_one() {
    replay("tells", &Graph::load("tells"), names::walk).unwrap();
}

/// The other members of an evicted target's room get the notice that it left; a sender among them
/// gets it before its own reply. [common/tell-3] [common/outbox-4] [channels/leave-2]
/// [channels/tell-3]
#[test]
fn the_server_takes_every_step_of_the_model_in_which_a_private_line_evicts_a_member() {
    replay("over", &Graph::load("over"), names::walk).unwrap();
}

/// The acceptor of recorded runs takes every step that TLC found, and no other.
#[test]
fn the_acceptor_agrees_with_the_model_checker_in_every_state() {
    for name in ["cascade", "endings"] {
        let [steps, others] = agreement::rooms::agree(name, &Graph::load(name)).unwrap();
        println!("{name}: {steps} steps are the acceptor's too, and {others} others are neither's");
    }
    for name in ["moves", "tells", "over", "apart"] {
        let agreed = agreement::names::agree(name, &Graph::load(name)).unwrap();
        println!("{name}: {agreed:?}");
    }
}

/// Each of them has one step that the other lacks.
#[test]
fn an_acceptor_that_disagrees_is_noticed() {
    let mut fewer = Graph::load("cascade");
    fewer.states[1].steps.pop();
    agreement::rooms::agree("cascade", &fewer).unwrap_err();
    let mut more = Graph::load("cascade");
    let to = more.states[0].steps[0].1;
    more.states[0].steps.push(("D1".to_owned(), to));
    agreement::rooms::agree("cascade", &more).unwrap_err();
}

/// One step too few, one too many, one that leads elsewhere, and one that sends something else.
#[test]
fn an_acceptor_of_names_that_disagrees_is_noticed() {
    type Change = fn(&mut Graph);
    let changes: [(&str, Change); 4] = [
        ("apart", |graph| _ = graph.states[1].steps.pop()),
        ("apart", |graph| {
            let to = graph.states[0].steps[0].1;
            graph.states[0].steps.push(("L1 - -".to_owned(), to));
        }),
        ("tells", |graph| {
            let steps = &mut graph.states[0].steps;
            (steps[0].1, steps[1].1) = (steps[1].1, steps[0].1);
        }),
        ("moves", |graph| {
            let steps = graph.states.iter_mut().flat_map(|state| &mut state.steps);
            let mut shown = steps.filter(|(label, _)| label.contains("i11l111"));
            let (label, _) = shown.next().expect("somebody is shown a message");
            *label = label.replace("i11l111", "i11");
        }),
    ];
    for (number, (name, change)) in changes.iter().enumerate() {
        let mut graph = Graph::load(name);
        change(&mut graph);
        assert!(agreement::names::agree(name, &graph).is_err(), "change {number} is not noticed");
    }
}

/// A graph with one entry too much, or with two steps exchanged, is not the server's.
#[test]
fn a_graph_that_is_not_the_models_is_noticed() {
    let mut queued = Graph::load("endings");
    let look = queued.looks.iter_mut().find(|look| look.contains("oj1")).expect("1 joins");
    *look = look.replacen("oj1", "oj1.j1", 1);
    replay("owed too much", &queued, rooms::walk).unwrap_err();
    let mut swapped = Graph::load("endings");
    let steps = &mut swapped.states[0].steps;
    let last = steps.len() - 1;
    let (first, other) = (steps[0].1, steps[last].1);
    assert_ne!(first, other);
    (steps[0].1, steps[last].1) = (other, first);
    replay("swapped", &swapped, rooms::walk).unwrap_err();
    let mut shown = Graph::load("moves");
    let steps = shown.states.iter_mut().flat_map(|state| &mut state.steps);
    let mut scenes = steps.filter(|(label, _)| label.contains(" i12l"));
    let (label, _) = scenes.next().expect("somebody is shown a member and a message");
    *label = label.replacen(" i12l", " i1l", 1);
    replay("one who is not shown", &shown, names::walk).unwrap_err();
}

#[test]
fn the_graphs_are_those_of_the_model_as_it_is() {
    let model = root().join("spec/model");
    let modules = [
        ("cascade", "Rooms"),
        ("endings", "Rooms"),
        ("moves", "Names"),
        ("tells", "Names"),
        ("over", "Names"),
        ("apart", "Names"),
    ];
    for (name, module) in modules {
        let texts = [format!("{module}.tla"), format!("replay-{name}.cfg")];
        let texts = texts.map(|file| read(&model.join(file)));
        let written = Graph::load(name).fingerprint;
        assert_eq!(written, fingerprint(&texts), "{name}: run scripts/model-paths, please");
    }
}

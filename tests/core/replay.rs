//! Goal: the sessions and the registry do what the formal model does, in every step of it that
//! small configurations have.
//!
//! Method: the next-state relation of the acceptor, which is the model's in Rust, explores the
//! whole state graph of each `spec/model/replay-*.cfg`. That it is the graph of the model checker,
//! state by state and step by step, is shown by a digest in `tests/generated/graphs.digests`, where
//! `scripts/model-paths` has written those of TLC's graphs, with fingerprints of the module and
//! the configuration. Paths from the first state are laid until every step is on one, and each is
//! walked on the system of `support::system`. After each step every client must have received the
//! bytes of the model, be in its state and (module Rooms) be charged for its pending entries; and
//! there must be as many rooms and members.
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

pub(crate) mod explore;
pub(crate) mod graph;
pub(crate) mod names;
pub(crate) mod rooms;

use explore::{explore, texts};
use graph::{Graph, read, root};
use std::path::Path;

/// Walks one path; says where the system first differs.
type Walk = fn(&Graph, &[(usize, usize)]) -> Result<(), String>;

/// Walks everything; returns how many steps were taken, or where the system first differs.
fn replay(name: &str, graph: &Graph, walk: Walk) -> Result<usize, String> {
    let paths = graph.paths();
    for path in &paths {
        walk(graph, path)?;
    }
    let taken = paths.iter().map(Vec::len).sum();
    println!(
        "{name}: {} states and {} steps covered by {} paths, {taken} steps in all",
        graph.states.len(),
        graph.steps(),
        paths.len()
    );
    Ok(taken)
}

/// [common/order-1] [common/order-2] [common/outbox-4] [common/outbox-5] [common/outbox-6]
/// [rooms/room-2] [common/shutdown-1] [common/shutdown-2]
#[test]
fn the_server_takes_every_step_of_the_model_in_which_evictions_cascade() {
    replay("cascade", &explore("cascade"), rooms::walk).unwrap();
}

/// [common/eos-2] [common/eos-4] [common/eos-5] [common/outbox-8] [rooms/error-3] [rooms/room-1]
/// [rooms/room-2] [common/shutdown-1]
#[test]
fn the_server_takes_every_step_of_the_model_in_which_parts_end() {
    replay("endings", &explore("endings"), rooms::walk).unwrap();
}

/// [channels/name-1] [channels/join-4] [channels/join-5] [channels/join-6] [channels/move-1]
/// [channels/move-2] [channels/leave-1] [channels/leave-2] [channels/msg-1] [channels/history-1]
/// [channels/history-2] [channels/history-4] [channels/quit-1] [common/unique-2]
#[test]
fn the_server_takes_every_step_of_the_model_in_which_clients_move() {
    replay("moves", &explore("moves"), names::walk).unwrap();
}

/// [channels/name-4] [common/unique-1] [common/unique-2] [common/tell-1] [common/tell-3]
/// [channels/tell-1] [channels/tell-2] [channels/tell-3] [channels/tell-5] [common/outbox-8]
#[test]
fn the_server_takes_every_step_of_the_model_in_which_clients_write_to_one() {
    replay("tells", &explore("tells"), names::walk).unwrap();
}

/// The other members of an evicted target's room get the notice that it left; a sender among them
/// gets it before its own reply. [common/tell-3] [common/outbox-4] [channels/leave-2]
/// [channels/tell-3]
#[test]
fn the_server_takes_every_step_of_the_model_in_which_a_private_line_evicts_a_member() {
    replay("over", &explore("over"), names::walk).unwrap();
}

/// The committed record of the model checker's graph called `name`.
fn record(name: &str) -> String {
    let records = read(&root().join("tests/generated/graphs.digests"));
    let mut found = records.lines().filter(|line| line.split(' ').next() == Some(name));
    let record = found.next().unwrap_or_else(|| panic!("no record of {name}"));
    assert_eq!(found.next(), None, "{name} has two records");
    record.to_owned()
}

const GRAPHS: [&str; 6] = ["apart", "cascade", "endings", "moves", "over", "tells"];

/// The acceptor of recorded runs takes every step that TLC found, and no other, from every state,
/// to the same states.
#[test]
fn the_acceptor_agrees_with_the_model_checker_in_every_state() {
    for name in GRAPHS {
        let graph = explore(name);
        let (found, wanted) = (graph.record(name, &texts(name)), record(name));
        let model = |record: &str| record.split(" states ").next().map(str::to_owned);
        assert_eq!(model(&found), model(&wanted), "run scripts/model-paths, please");
        if found != wanted {
            let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.graph"));
            std::fs::write(&path, graph.text()).expect("the folder is there");
            let path = path.display();
            panic!(
                "{found}, not {wanted}: {path} differs from target/model/{name}.graph, where \
                 scripts/model-paths puts the graph of the model checker"
            );
        }
        println!("{found}");
    }
}

/// The record of `name` after a change of its graph, and as it is.
fn changed(name: &str, change: impl FnOnce(&mut Graph)) -> [String; 2] {
    let mut graph = explore(name);
    change(&mut graph);
    [graph.record(name, &texts(name)), record(name)]
}

/// One step too few, one too many, one that leads elsewhere, one under another label, and a state
/// that looks different.
#[test]
fn an_acceptor_that_disagrees_is_noticed() {
    type Change = fn(&mut Graph);
    let changes: [(&str, Change); 5] = [
        ("cascade", |graph| _ = graph.states[1].steps.pop()),
        ("cascade", |graph| {
            let to = graph.states[0].steps[0].1;
            graph.states[0].steps.push(("D1".to_owned(), to));
        }),
        ("endings", |graph| {
            let steps = &mut graph.states[0].steps;
            (steps[0].1, steps[1].1) = (steps[1].1, steps[0].1);
        }),
        ("moves", |graph| {
            let steps = graph.states.iter_mut().flat_map(|state| &mut state.steps);
            let mut shown = steps.filter(|(label, _)| label.contains("i11l111"));
            let (label, _) = shown.next().expect("a client is shown a message");
            *label = label.replace("i11l111", "i11");
        }),
        ("tells", |graph| graph.states[1].look = graph.states[0].look.clone() + " "),
    ];
    for (number, (name, change)) in changes.iter().enumerate() {
        let [found, wanted] = changed(name, change);
        assert_ne!(found, wanted, "change {number} is not noticed");
    }
    for name in GRAPHS {
        let [found, wanted] = changed(name, |_| {});
        assert_eq!(found, wanted);
    }
}

/// A graph with one entry too much, with two steps exchanged, or without a member that a joiner is
/// shown, is not the server's.
#[test]
fn a_graph_that_is_not_the_models_is_noticed() {
    let mut queued = explore("endings");
    let mut looks = queued.states.iter_mut().map(|state| &mut state.look);
    let look = looks.find(|look| look.contains("oj1")).expect("1 joins");
    *look = look.replacen("oj1", "oj1.j1", 1);
    replay("one entry too much", &queued, rooms::walk).unwrap_err();
    let mut swapped = explore("endings");
    let steps = &mut swapped.states[0].steps;
    let last = steps.len() - 1;
    let (first, other) = (steps[0].1, steps[last].1);
    assert_ne!(first, other);
    (steps[0].1, steps[last].1) = (other, first);
    replay("swapped", &swapped, rooms::walk).unwrap_err();
    let mut shown = explore("moves");
    let steps = shown.states.iter_mut().flat_map(|state| &mut state.steps);
    let mut scenes = steps.filter(|(label, _)| label.contains(" i12l"));
    let (label, _) = scenes.next().expect("a client is shown a member and a message");
    *label = label.replacen(" i12l", " i1l", 1);
    replay("a member that is not shown", &shown, names::walk).unwrap_err();
}

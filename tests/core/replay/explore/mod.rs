//! The state graphs of the configurations `spec/model/replay-*.cfg`, explored by the acceptor's
//! next-state relation.

mod names;
mod rooms;

use super::graph::{Graph, read, root};
use std::collections::BTreeSet;

/// The graph of the configuration called `name`.
pub(crate) fn explore(name: &str) -> Graph {
    match module(name).as_str() {
        "Rooms" => rooms::explore(name),
        "Names" => names::explore(name),
        other => panic!("{other} is no module"),
    }
}

fn configuration(name: &str) -> String {
    read(&root().join(format!("spec/model/replay-{name}.cfg")))
}

/// The module of the configuration called `name`.
fn module(name: &str) -> String {
    let config = configuration(name);
    let module = config.lines().find_map(|line| line.strip_prefix(r"\* module: "));
    module.unwrap_or_else(|| panic!("{name} names no module")).to_owned()
}

/// The texts that the graph of the configuration called `name` depends on.
pub(crate) fn texts(name: &str) -> [String; 2] {
    [read(&root().join(format!("spec/model/{}.tla", module(name)))), configuration(name)]
}

/// A constant of the configuration called `name`.
fn constant(name: &str, key: &str) -> String {
    let config = configuration(name);
    let value = config.lines().find_map(|line| line.trim().strip_prefix(key)?.strip_prefix(" = "));
    value.unwrap_or_else(|| panic!("{name} has no {key}")).to_owned()
}

fn number(name: &str, key: &str) -> usize {
    constant(name, key).parse().expect("a number")
}

/// Its `Endings`.
fn endings(name: &str) -> BTreeSet<String> {
    constant(name, "Endings").split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

//! State graphs: what they are, their digests, and paths through them.

use std::collections::VecDeque;
use std::fmt::Write;
use std::fs;
use std::path::Path;

/// The states and steps of one configuration; state 0 is the first.
pub(crate) struct Graph {
    pub(crate) clients: usize,
    /// How many entries an outbox holds; 0 in a module without outboxes.
    pub(crate) bound: usize,
    pub(crate) states: Vec<State>,
}

pub(crate) struct State {
    /// What there is to see.
    pub(crate) look: String,
    /// What happens, in the order of the labels, and the number of the state after it.
    pub(crate) steps: Vec<(String, usize)>,
}

pub(crate) fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

pub(crate) fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

impl Graph {
    /// How many steps it has.
    pub(crate) fn steps(&self) -> usize {
        self.states.iter().map(|state| state.steps.len()).sum()
    }

    /// The whole graph, as `scripts/model-paths` writes that of the model checker.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        let wrote = "a string takes everything";
        for (number, state) in self.states.iter().enumerate() {
            writeln!(text, "{number} {}", state.look).expect(wrote);
            for (label, to) in &state.steps {
                writeln!(text, "    {label} > {to}").expect(wrote);
            }
        }
        text
    }

    /// Its record in `tests/generated/graphs.digests`, where `texts` are those of the module and
    /// the configuration.
    pub(crate) fn record(&self, name: &str, texts: &[String]) -> String {
        let (states, steps) = (self.states.len(), self.steps());
        let (model, graph) = (fingerprint(texts), fingerprint(&[self.text()]));
        format!("{name} model {model} states {states} steps {steps} graph {graph}")
    }

    /// Paths from the first state, each step as its source and its place there, such that every
    /// step of the graph is on one of them: each goes to the nearest state with a step that is on
    /// none, and from there on by such steps alone.
    pub(crate) fn paths(&self) -> Vec<Vec<(usize, usize)>> {
        let mut done: Vec<_> =
            self.states.iter().map(|state| vec![false; state.steps.len()]).collect();
        let ways = self.shortest_ways();
        let mut paths = Vec::new();
        for start in 0..self.states.len() {
            while done[start].contains(&false) {
                let mut path = Vec::new();
                let mut at = start;
                while let Some((from, step)) = ways[at] {
                    path.push((from, step));
                    done[from][step] = true;
                    at = from;
                }
                path.reverse();
                at = start;
                while let Some(step) = done[at].iter().position(|done| !done) {
                    done[at][step] = true;
                    path.push((at, step));
                    at = self.states[at].steps[step].1;
                }
                paths.push(path);
            }
        }
        paths
    }

    /// For each state the last step of a shortest way to it.
    fn shortest_ways(&self) -> Vec<Option<(usize, usize)>> {
        let mut ways = vec![None; self.states.len()];
        let mut next = VecDeque::from([0]);
        while let Some(from) = next.pop_front() {
            for (step, (_, to)) in self.states[from].steps.iter().enumerate() {
                if *to != 0 && ways[*to].is_none() {
                    ways[*to] = Some((from, step));
                    next.push_back(*to);
                }
            }
        }
        ways
    }
}

/// FNV-1a, 64 bits, as `scripts/model-paths` has it.
pub(crate) fn fingerprint(texts: &[String]) -> String {
    let hash = texts.join("\0").bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
}

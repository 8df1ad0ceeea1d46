//! State graphs of the model as `scripts/model-paths` writes them.

use std::collections::{BTreeSet, VecDeque};
use std::fs;
use std::path::Path;

/// A state graph as it stands in its file.
pub(crate) struct Graph {
    pub(crate) fingerprint: String,
    pub(crate) clients: usize,
    pub(crate) rooms: usize,
    /// How many entries an outbox holds; 0 in a module without outboxes.
    pub(crate) bound: usize,
    /// What there is to see, by number.
    pub(crate) looks: Vec<String>,
    pub(crate) states: Vec<State>,
}

pub(crate) struct State {
    pub(crate) look: usize,
    /// What happens, and the state after it.
    pub(crate) steps: Vec<(String, usize)>,
}

pub(crate) fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

pub(crate) fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A constant of the configuration that the graph called `name` was made from.
pub(crate) fn constant(name: &str, key: &str) -> String {
    let config = read(&root().join(format!("spec/model/replay-{name}.cfg")));
    let value = config.lines().find_map(|line| line.trim().strip_prefix(key)?.strip_prefix(" = "));
    value.unwrap_or_else(|| panic!("{name} has no {key}")).to_owned()
}

/// Its `Endings`.
pub(crate) fn endings(name: &str) -> BTreeSet<String> {
    constant(name, "Endings").split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

impl Graph {
    pub(crate) fn load(name: &str) -> Graph {
        let text = read(&root().join(format!("tests/core/replay/{name}.graph")));
        let (head, rest) = text.split_once("looks\n").expect("a graph has looks");
        let (looks, states) = rest.split_once("states\n").expect("a graph has states");
        let field = |key: &str| {
            let value = head.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(' '));
            value.unwrap_or_else(|| panic!("{name}: no {key}")).to_owned()
        };
        let number = |key: &str| field(key).parse().expect("a number");
        // Where labels are long they stand in a list, and the states name them by number.
        let (looks, labels) = looks.split_once("labels\n").unwrap_or((looks, ""));
        let labels: Vec<_> = labels.lines().collect();
        Graph {
            fingerprint: field("model"),
            clients: number("clients"),
            rooms: number("rooms"),
            bound: if head.contains("\nbound ") { number("bound") } else { 0 },
            looks: looks.lines().map(str::to_owned).collect(),
            states: states.lines().map(|line| State::parse(line, &labels)).collect(),
        }
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

impl State {
    /// `look step>state step>state`
    fn parse(line: &str, labels: &[&str]) -> State {
        let mut words = line.split(' ');
        let look = words.next().and_then(|word| word.parse().ok()).expect("a look");
        let steps = words.map(|word| {
            let (label, to) = word.split_once('>').expect("a step leads somewhere");
            let listed = label.parse().ok().map(|number: usize| labels[number]);
            (listed.unwrap_or(label).to_owned(), to.parse().expect("a state"))
        });
        State { look, steps: steps.collect() }
    }
}

/// FNV-1a, 64 bits, as `scripts/model-paths` has it.
pub(crate) fn fingerprint(texts: &[String]) -> String {
    let hash = texts.join("\0").bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
}

//! Goal: the sessions and the registry do what the formal model does, in every step of it that a
//! small configuration has.
//!
//! Method: `scripts/model-paths` has written the whole state graph of each `spec/model/replay-*.cfg`.
//! Paths from the first state are laid until every step is on one, and each is walked on the system
//! of `support::system`. After each step every client must have received the bytes of the model,
//! stand where it stands and be charged for what it is owed; and there must be as many rooms and
//! members. A graph carries the fingerprint of the module and the configuration it was written from.
//!
//! Limits: the bounds of the configurations; nothing runs at the same time, so that the waves of an
//! eviction are one step; a connection takes whole entries; the shell is not here.

mod support;

use parlance::limits::{ENTRY_BYTES, Limits};
use parlance::protocol::rooms::Rooms;
use parlance::time::Time;
use std::collections::VecDeque;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;
use support::system::{Seen, System};

/// A state graph as it stands in its file.
struct Graph {
    fingerprint: String,
    clients: usize,
    bound: usize,
    /// What there is to see, by number.
    looks: Vec<String>,
    states: Vec<State>,
}

struct State {
    look: usize,
    steps: Vec<(String, usize)>,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

impl Graph {
    fn load(name: &str) -> Graph {
        let text = read(&root().join(format!("tests/replay/{name}.graph")));
        let (head, rest) = text.split_once("looks\n").expect("a graph has looks");
        let (looks, states) = rest.split_once("states\n").expect("a graph has states");
        let field = |key: &str| {
            let value = head.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(' '));
            value.unwrap_or_else(|| panic!("{name}: no {key}")).to_owned()
        };
        let number = |key: &str| field(key).parse().expect("a number");
        Graph {
            fingerprint: field("model"),
            clients: number("clients"),
            bound: number("bound"),
            looks: looks.lines().map(str::to_owned).collect(),
            states: states.lines().map(State::parse).collect(),
        }
    }

    /// Paths from the first state, each step as its source and its place there, such that every
    /// step of the graph is on one of them: each goes to the nearest state with a step that is on
    /// none, and from there on by such steps alone.
    fn paths(&self) -> Vec<Vec<(usize, usize)>> {
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
    fn parse(line: &str) -> State {
        let mut words = line.split(' ');
        let look = words.next().and_then(|word| word.parse().ok()).expect("a look");
        let steps = words.map(|word| {
            let (label, to) = word.split_once('>').expect("a step leads somewhere");
            (label.to_owned(), to.parse().expect("a state"))
        });
        State { look, steps: steps.collect() }
    }
}

/// What the model calls 1 is called a.
fn name(digit: u8) -> char {
    char::from(b'a' + digit - b'1')
}

/// The bytes of an entry: `j1` is a join, `l12` the second line of 1, `d1` a departure, `e1` an error.
fn rendered(entry: &str) -> String {
    let mut bytes = String::new();
    let is_kind = |at: &usize| entry.as_bytes()[*at].is_ascii_lowercase();
    let begins: Vec<_> = (0..entry.len()).filter(is_kind).collect();
    for (index, begin) in begins.iter().enumerate() {
        let event = &entry[*begin..begins.get(index + 1).copied().unwrap_or(entry.len())];
        let who = name(event.as_bytes()[1]);
        bytes += &match &event[..1] {
            "j" => format!("{who} has joined\n"),
            "l" => format!("{who}: {}\n", &event[2..]),
            "d" => format!("{who} has left\n"),
            "e" => "ERROR\n".to_owned(),
            other => panic!("{other} is no kind of event"),
        };
    }
    bytes
}

/// The model's client in a look: how it stands, and the entries that it is owed.
fn client(look: &str, id: usize) -> (&str, Vec<&str>) {
    let word = look.split(' ').nth(id).expect("a look has every client");
    let (standing, owed) = word.split_at(1);
    (standing, owed.split('.').filter(|entry| !entry.is_empty()).collect())
}

/// One path being walked.
struct Walk {
    system: System,
    limits: Limits,
    now: Duration,
    received: Vec<String>,
    lines: Vec<usize>,
    down: bool,
}

impl Walk {
    fn new(graph: &Graph) -> Walk {
        let limits = Limits {
            // As many entries as the model's bound: the shortest has 5 bytes, the longest 22.
            outbox_bytes_max: graph.bound * (ENTRY_BYTES + 22),
            first_line: Duration::MAX,
            ..Limits::default()
        };
        assert!((graph.bound + 1) * (ENTRY_BYTES + 5) > limits.outbox_bytes_max);
        let mut system = System::new(&Rooms, limits.clone());
        for id in 0..graph.clients {
            assert_eq!(system.connect(), id);
        }
        let (received, lines) = (vec![String::new(); graph.clients], vec![0; graph.clients]);
        Walk { system, limits, now: Duration::ZERO, received, lines, down: false }
    }

    /// Does what the step `label` says; `look` is that of the state before.
    fn step(&mut self, label: &str, look: &str) {
        let digits = &label.as_bytes()[1..];
        let id = digits.first().map_or(0, |digit| usize::from(digit - b'1'));
        match label.as_bytes()[0] {
            b'J' => {
                let line = format!("JOIN {} {}\n", char::from(digits[1]), name(digits[0]));
                self.system.receive(id, line.as_bytes());
            }
            b'S' => {
                self.lines[id] += 1;
                self.system.receive(id, format!("{}\n", self.lines[id]).as_bytes());
            }
            b'D' => {
                let entry = rendered(client(look, id).1[0]);
                self.system.open_window(id, entry.len());
                self.received[id] += &entry;
            }
            b'E' => self.system.end_of_stream(id),
            b'F' => self.system.receive(id, &[b'x'; 20_000]),
            b'R' => self.system.reset(id),
            b'T' => self.time_passes_for(id, self.limits.stall),
            b'G' => self.time_passes_for(id, self.limits.drain),
            b'X' => {
                self.system.shutdown();
                self.down = true;
            }
            b'Z' => {} // the system ends a connection at once when it is owed nothing
            other => panic!("{other} is no step"),
        }
    }

    fn time_passes_for(&mut self, id: usize, time: Duration) {
        self.now += time;
        let nanos = u64::try_from(self.now.as_nanos()).expect("a path takes minutes at most");
        self.system.time_is(Time::from_nanos(nanos));
        self.system.tick(id);
    }

    /// What differs from `look`, if anything does.
    fn difference(&self, look: &str) -> Option<String> {
        let (mut members, mut rooms) = (0, 0);
        for (id, received) in self.received.iter().enumerate() {
            let (standing, owed) = client(look, id);
            let bytes = self.system.delivered(id);
            if bytes != received.as_bytes() {
                let bytes = String::from_utf8_lossy(bytes);
                return Some(format!("{id} has received {bytes:?}, not {received:?}"));
            }
            let charge: usize = owed.iter().map(|entry| rendered(entry).len() + ENTRY_BYTES).sum();
            if self.system.charge(id) != charge {
                return Some(format!("{id} is charged {}, not {charge}", self.system.charge(id)));
            }
            let seen = self.system.seen(id);
            let right = match standing {
                "n" => seen == Seen::Fresh,
                "o" => seen == Seen::Member,
                "c" if owed.is_empty() => seen == Seen::Over,
                "c" => seen == Seen::Leaving,
                "e" => seen == Seen::Evicted,
                _ => matches!(seen, Seen::Over | Seen::Evicted),
            };
            if !right {
                return Some(format!("{id} is {seen:?}"));
            }
        }
        for room in look.split_once(" / ").expect("a look has rooms").1.split(' ') {
            let ids =
                room.bytes().filter(u8::is_ascii_digit).map(|digit| usize::from(digit - b'1'));
            let there = ids.filter(|id| !self.down || !client(look, *id).1.is_empty()).count();
            members += there;
            rooms += usize::from(there > 0);
        }
        let census = self.system.census();
        let same = (census.members, census.rooms) == (members, rooms);
        (!same).then(|| format!("{census:?}, not {members} members in {rooms} rooms"))
    }
}

fn walk(graph: &Graph, path: &[(usize, usize)]) -> Result<(), String> {
    let mut walk = Walk::new(graph);
    let mut labels = Vec::new();
    for (from, step) in path {
        let (label, to) = &graph.states[*from].steps[*step];
        labels.push(label.as_str());
        walk.step(label, &graph.looks[graph.states[*from].look]);
        let look = &graph.looks[graph.states[*to].look];
        if let Some(difference) = walk.difference(look) {
            return Err(format!("after {}, in {look:?}: {difference}", labels.join(" ")));
        }
    }
    Ok(())
}

/// Walks everything; returns how many steps were taken, or where the system first differs.
fn replay(name: &str, graph: &Graph) -> Result<usize, String> {
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
    replay("cascade", &Graph::load("cascade")).unwrap();
}

/// [common/eos-2] [common/eos-4] [common/eos-5] [common/outbox-8] [rooms/error-3] [rooms/room-1]
/// [rooms/room-2] [common/shutdown-1]
#[test]
fn the_server_takes_every_step_of_the_model_in_which_parts_end() {
    replay("endings", &Graph::load("endings")).unwrap();
}

/// A graph with one entry too much, or with two steps exchanged, is not the server's.
#[test]
fn a_graph_that_is_not_the_models_is_noticed() {
    let mut owed = Graph::load("endings");
    let look = owed.looks.iter_mut().find(|look| look.contains("oj1")).expect("1 joins");
    *look = look.replacen("oj1", "oj1.j1", 1);
    replay("owed too much", &owed).unwrap_err();
    let mut swapped = Graph::load("endings");
    let steps = &mut swapped.states[0].steps;
    let last = steps.len() - 1;
    let (first, other) = (steps[0].1, steps[last].1);
    assert_ne!(first, other);
    (steps[0].1, steps[last].1) = (other, first);
    replay("swapped", &swapped).unwrap_err();
}

/// FNV-1a, 64 bits, as `scripts/model-paths` has it.
fn fingerprint(texts: &[String]) -> String {
    let hash = texts.join("\0").bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
}

#[test]
fn the_graphs_are_those_of_the_model_as_it_is() {
    let model: PathBuf = root().join("spec/model");
    for name in ["cascade", "endings"] {
        let texts = ["Rooms.tla".to_owned(), format!("replay-{name}.cfg")];
        let texts = texts.map(|file| read(&model.join(file)));
        let written = Graph::load(name).fingerprint;
        assert_eq!(written, fingerprint(&texts), "{name}: run scripts/model-paths, please");
    }
}

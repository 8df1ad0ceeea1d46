//! Module Rooms on the system: what a step is, and what must be seen after it.

use super::graph::Graph;
use crate::support::system::{Seen, System};
use parlance_core::limits::{ENTRY_BYTES, Limits};
use parlance_core::protocol::rooms::Rooms;
use parlance_core::time::Time;
use std::time::Duration;

/// What the model calls 1 is called a.
fn name(digit: u8) -> char {
    char::from(b'a' + digit - b'1')
}

/// The bytes of an entry: `j1` is a join, `l12` the second line of 1, `d1` a departure, `e1` an
/// error.
fn rendered(entry: &str) -> String {
    let is_kind = |at: &usize| entry.as_bytes()[*at].is_ascii_lowercase();
    let begins: Vec<_> = (0..entry.len()).filter(is_kind).collect();
    let ends = begins.iter().copied().skip(1).chain([entry.len()]);
    begins.iter().zip(ends).map(|(begin, end)| rendered_one(&entry[*begin..end])).collect()
}

fn rendered_one(event: &str) -> String {
    let who = name(event.as_bytes()[1]);
    match &event[..1] {
        "j" => format!("{who} has joined\n"),
        "l" => format!("{who}: {}\n", &event[2..]),
        "d" => format!("{who} has left\n"),
        "e" => "ERROR\n".to_owned(),
        other => panic!("{other} is no kind of event"),
    }
}

/// The model's client in a look: its state, and its pending entries.
fn client(look: &str, id: usize) -> (&str, Vec<&str>) {
    let word = look.split(' ').nth(id).expect("a look has every client");
    let (outbox_state, queued) = word.split_at(1);
    (outbox_state, queued.split('.').filter(|entry| !entry.is_empty()).collect())
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
            b'F' => self.system.receive(id, &vec![b'x'; 20_000]),
            b'R' => self.system.reset(id),
            b'T' => self.time_passes_for(id, self.limits.stall),
            b'G' => self.time_passes_for(id, self.limits.drain),
            b'X' => {
                self.system.shutdown();
                self.down = true;
            }
            b'Z' => {} // the system ends a connection at once when nothing is pending
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
            let (outbox_state, queued) = client(look, id);
            let bytes = self.system.delivered(id);
            if bytes != received.as_bytes() {
                let bytes = String::from_utf8_lossy(bytes);
                return Some(format!("{id} has received {bytes:?}, not {received:?}"));
            }
            let charge: usize =
                queued.iter().map(|entry| rendered(entry).len() + ENTRY_BYTES).sum();
            if self.system.charge(id) != charge {
                return Some(format!("{id} is charged {}, not {charge}", self.system.charge(id)));
            }
            let seen = self.system.seen(id);
            let right = match outbox_state {
                "n" => seen == Seen::Fresh,
                "o" => seen == Seen::Member,
                "c" if queued.is_empty() => seen == Seen::Over,
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

/// Walks one path; says where the system first differs.
pub(crate) fn walk(graph: &Graph, path: &[(usize, usize)]) -> Result<(), String> {
    let mut walk = Walk::new(graph);
    let mut labels = Vec::new();
    for (from, step) in path {
        let (label, to) = &graph.states[*from].steps[*step];
        labels.push(label.as_str());
        walk.step(label, &graph.states[*from].look);
        let look = &graph.states[*to].look;
        if let Some(difference) = walk.difference(look) {
            return Err(format!("after {}, in {look:?}: {difference}", labels.join(" ")));
        }
    }
    Ok(())
}

//! A store in memory that performs what a registry asks for when it is told to.

use parlance_core::protocol::Name;
use parlance_core::protocol::dialect::Dialect;
use parlance_core::protocol::extensions::{PastLine, Topic};
use parlance_core::registry::{Effects, Outcome, Read, Write, texts};

/// The most bytes of names and texts that are read at once. [extensions/history-3]
const BYTES_MAX: usize = 256 * 1024;

/// Everything that was stored, in order. Time is the calendar: it begins in 1970.
#[derive(Debug, Default)]
pub(crate) struct ScriptedStore {
    lines: Vec<(Name, PastLine)>,
    topics: Vec<(Name, Topic)>,
}

impl ScriptedStore {
    /// Stores first, then reads; returns the outcomes in that order.
    pub(crate) fn perform(&mut self, dialect: &dyn Dialect, effects: Effects) -> Vec<Outcome> {
        let mut outcomes = Vec::new();
        let any = !effects.writes.is_empty();
        for write in effects.writes {
            self.write(dialect, write);
        }
        if any {
            outcomes.push(Outcome::Written { stored: true });
        }
        outcomes.extend(effects.reads.into_iter().map(|read| self.read(read)));
        outcomes
    }

    fn write(&mut self, dialect: &dyn Dialect, write: Write) {
        match write {
            Write::Lines { first_id, room, sender, at, lines } => {
                let at = i64::try_from(at.as_nanos() / 1_000_000).expect("tests are short");
                let texts = texts(dialect, (&room, &sender), lines.bytes());
                for (id, text) in (first_id..).zip(texts) {
                    let last = self.lines.last().map_or(0, |(_, line)| line.id);
                    assert!(id > last, "line {id} comes after line {last}");
                    let (sender, text) = (sender.clone(), text.to_vec());
                    self.lines.push((room.clone(), PastLine { id, at, sender, text }));
                }
            }
            Write::Topic { room, sender, text, .. } => {
                self.topics.retain(|(of, _)| *of != room);
                if !text.is_empty() {
                    self.topics.push((room, Topic { sender, text }));
                }
            }
        }
    }

    fn read(&self, read: Read) -> Outcome {
        match read {
            Read::Room { room, ticket, lines } => {
                let lines = self.newest(&room, lines, u64::MAX, usize::MAX);
                let topic = self.topics.iter().find(|(of, _)| *of == room);
                let topic = topic.map(|(_, topic)| topic.clone());
                Outcome::Room { room, ticket, lines, topic }
            }
            Read::Lines { room, ticket, recall } => {
                let lines = self.newest(&room, recall.lines, recall.before, BYTES_MAX);
                Outcome::Lines { room, ticket, lines: Some(lines) }
            }
        }
    }

    fn newest(&self, room: &Name, count: usize, before: u64, bytes_max: usize) -> Vec<PastLine> {
        let of_room = self.lines.iter().filter(|(of, line)| of == room && line.id < before);
        let (mut newest, mut bytes) = (Vec::new(), 0);
        for (_, line) in of_room.rev().take(count) {
            bytes += line.sender.as_bytes().len() + line.text.len();
            if bytes > bytes_max && !newest.is_empty() {
                break;
            }
            newest.insert(0, line.clone());
        }
        newest
    }
}

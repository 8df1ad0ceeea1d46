//! Module Names on the system: what a step is, and what must be seen after it.
//!
//! A room keeps 50 lines where the model's keeps one message: a message of the model is 50 lines.

use super::graph::Graph;
use crate::support::system::{Seen, System};
use parlance_core::limits::{HISTORY_LINES_MAX, Limits};
use parlance_core::protocol::channels::Channels;
use parlance_core::time::Time;
use std::time::Duration;

/// More than all that a step of these configurations sends to one client.
const OUTBOX_BYTES: usize = 8_000;

/// What the model calls name 1 is called p.
fn name(digit: u8) -> char {
    char::from(b'p' + digit - b'1')
}

fn room(digit: u8) -> char {
    char::from(b'x' + digit - b'1')
}

/// The texts of the message that the model calls `number`.
fn texts(number: &str) -> impl Iterator<Item = String> + use<> {
    let number = number.to_owned();
    (0..HISTORY_LINES_MAX).map(move |line| format!("{number}.{line}"))
}

/// The bytes of events: `i12l121` is a client that joins room 1 and is shown name 2, and the first
/// message, which name 2 said in room 1.
fn rendered(events: &str) -> String {
    let is_kind = |at: &usize| events.as_bytes()[*at].is_ascii_lowercase();
    let begins: Vec<_> = (0..events.len()).filter(is_kind).collect();
    let ends = begins.iter().copied().skip(1).chain([events.len()]);
    begins.iter().zip(ends).map(|(begin, end)| rendered_one(&events[*begin..end])).collect()
}

fn rendered_one(event: &str) -> String {
    let (kind, digits) = event.split_at(1);
    let digits = digits.as_bytes();
    let in_room = |word| format!("{word} {} {}\r\n", room(digits[0]), name(digits[1]));
    match kind {
        "w" => format!("OK Welcome, {}!\r\n", name(digits[0])),
        "t" => "ERROR Username taken\r\n".to_owned(),
        "i" => {
            let (here, present) = (room(digits[0]), &digits[1..]);
            let mut lines = vec![format!("OK Joined {here} ({} users)\r\n", present.len())];
            lines.extend(present.iter().map(|who| format!("JOIN {here} {}\r\n", name(*who))));
            lines.concat()
        }
        "j" => in_room("JOIN"),
        "d" => in_room("LEAVE"),
        "l" => {
            let (here, author) = (room(digits[0]), name(digits[1]));
            let line = |text| format!("ROOM {here} {author} {text}\r\n");
            texts(&event[3..]).map(line).collect::<Vec<_>>().concat()
        }
        "g" => format!("OK Left {}\r\n", room(digits[0])),
        "s" => "OK Sent\r\n".to_owned(),
        "u" => "ERROR User not found\r\n".to_owned(),
        "p" => format!("PRIVMSG {} for you\r\n", name(digits[0])),
        "b" => "OK Goodbye!\r\n".to_owned(),
        other => panic!("{other} is no kind of event"),
    }
}

/// One path being walked.
struct Walk {
    system: System,
    limits: Limits,
    now: Duration,
    received: Vec<String>,
    messages: usize,
}

impl Walk {
    fn new(graph: &Graph) -> Walk {
        let limits = Limits {
            outbox_bytes_max: OUTBOX_BYTES,
            first_line: Duration::MAX,
            ..Limits::default()
        };
        let mut system = System::new(&Channels, limits.clone());
        for id in 0..graph.clients {
            assert_eq!(system.connect(), id);
            system.open_window(id, usize::MAX);
        }
        let received = vec![String::new(); graph.clients];
        Walk { system, limits, now: Duration::ZERO, received, messages: 0 }
    }

    /// Does what `step` says: a letter, a client, and a name or a room.
    fn step(&mut self, step: &str) {
        let digits = &step.as_bytes()[1..];
        let id = usize::from(digits[0] - b'1');
        let input = match step.as_bytes()[0] {
            b'N' | b'R' => format!("USERNAME {}\n", name(digits[1])),
            b'J' | b'M' => format!("JOIN {}\n", room(digits[1])),
            b'L' => "LEAVE\n".to_owned(),
            b'S' => {
                self.messages += 1;
                let texts = texts(&self.messages.to_string());
                texts.map(|text| format!("MSG {text}\n")).collect::<Vec<_>>().concat()
            }
            b'T' | b'B' => format!("PRIVMSG {} for you\n", name(digits[1])),
            b'O' => format!("PRIVMSG {} {}\n", name(digits[1]), "x".repeat(OUTBOX_BYTES)),
            b'Q' => "QUIT\n".to_owned(),
            b'V' => return self.evict(id),
            other => panic!("{other} is no step"),
        };
        self.system.receive(id, input.as_bytes());
    }

    /// It asks for something, and does not read the answer for too long.
    fn evict(&mut self, id: usize) {
        self.system.close_window(id);
        self.system.receive(id, b"ROOMS\n");
        self.now += self.limits.stall;
        let nanos = u64::try_from(self.now.as_nanos()).expect("a path takes minutes at most");
        self.system.time_is(Time::from_nanos(nanos));
        self.system.tick(id);
    }

    /// What differs from `look`, if anything does.
    fn difference(&self, look: &str) -> Option<String> {
        let (standings, rooms) = look.split_once(" / ").expect("a look has rooms");
        for (id, outbox_state) in standings.chars().enumerate() {
            let (bytes, received) = (self.system.delivered(id), &self.received[id]);
            if bytes != received.as_bytes() {
                let bytes = String::from_utf8_lossy(bytes);
                return Some(format!("{id} has received {bytes:?}, not {received:?}"));
            }
            let seen = self.system.seen(id);
            let sits = rooms.bytes().any(|digit| usize::from(digit) == usize::from(b'1') + id);
            let right = match outbox_state {
                'o' if sits => seen == Seen::Member,
                'o' => matches!(seen, Seen::Fresh | Seen::Named),
                'c' => seen == Seen::Over,
                _ => seen == Seen::Evicted,
            };
            if !right {
                return Some(format!("{id} is {seen:?}"));
            }
        }
        let members = rooms.bytes().filter(u8::is_ascii_digit).count();
        let rooms = rooms.split(' ').filter(|room| *room != "-").count();
        let census = self.system.census();
        let same = (census.members, census.rooms) == (members, rooms);
        (!same).then(|| format!("{census:?}, not {members} members in {rooms} rooms"))
    }
}

/// Walks one path; says where the system first differs.
pub(crate) fn walk(graph: &Graph, path: &[(usize, usize)]) -> Result<(), String> {
    let mut walk = Walk::new(graph);
    let mut steps = Vec::new();
    for (from, step) in path {
        let (label, to) = &graph.states[*from].steps[*step];
        let (step, sent) = label.split_once(' ').expect("a label says what is sent");
        steps.push(step);
        walk.step(step);
        for (received, events) in walk.received.iter_mut().zip(sent.split(' ')) {
            *received += &rendered(events);
        }
        let look = &graph.states[*to].look;
        if let Some(difference) = walk.difference(look) {
            return Err(format!("after {}, in {look:?}: {difference}", steps.join(" ")));
        }
    }
    Ok(())
}

//! A recorded run of module Rooms, and which of its behaviours explain it.
//!
//! A line is taken by the server after whatever its sender had heard before it sent it; everything
//! that a client has received must have been delivered to it, in that order, and nothing else.
//!
//! Limits: outboxes are unbounded here, so that an eviction is one for standing still; of the line
//! in the midst of which a connection broke nothing is judged.

use super::relation::{Bounds, Event, Id, Kind, OutboxState, State, Step};
use crate::acceptor::search::{Explained, POINTS_MAX, Rejected, Story, explain};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Join,
    Say,
    EndOfStream,
    /// A line that is too long.
    Fail,
    Reset,
}

/// What one client did and received.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) room: Id,
    /// Each with how many events it had received by then.
    pub(crate) did: Vec<(What, usize)>,
    pub(crate) received: Vec<Event>,
    /// It read up to an orderly end.
    pub(crate) whole: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub(crate) rooms: usize,
    pub(crate) parts: Vec<Part>,
    /// The server was told to stop when everything had been sent.
    pub(crate) shutdown: bool,
}

/// How client number `id` is called.
pub(crate) fn name(id: Id) -> char {
    char::from(b'a' + u8::try_from(id).expect("a run has few clients"))
}

/// What a client in `room` heard, whose text is that of whole lines and perhaps a part of one.
/// Lines are texts that are their author's count.
pub(crate) fn events(text: &str, room: Id) -> Result<Vec<Event>, String> {
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    whole.lines().map(|line| event(line, room).ok_or(format!("{line:?} is no event"))).collect()
}

fn event(line: &str, room: Id) -> Option<Event> {
    if line == "ERROR" {
        // Its client is the one that it was sent to.
        return Some(Event { kind: Kind::Error, room: 0, who: 0, n: 0 });
    }
    let (name, rest) = line.split_at_checked(1)?;
    let who = usize::from(name.as_bytes()[0].checked_sub(b'a')?);
    let (kind, n) = match rest {
        " has joined" => (Kind::Join, 0),
        " has left" => (Kind::Left, 0),
        said => (Kind::Line, said.strip_prefix(": ")?.parse().ok()?),
    };
    Some(Event { kind, room, who, n })
}

/// How far an explanation has come.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Point {
    state: State,
    /// Of each client: how much of what it did was taken.
    taken: Vec<usize>,
    /// Of each client: how much of what it received was delivered.
    delivered: Vec<usize>,
}

/// The run, and the constants that it is explained with.
struct Explaining<'run> {
    run: &'run Run,
    bounds: Bounds,
}

/// How `run` is explained, or why it is not.
pub(crate) fn accept(run: &Run) -> Result<Explained, Rejected> {
    let endings = ["end", "reset", "error", "stall", "giveup", "shutdown"];
    let bounds = Bounds {
        clients: run.parts.len(),
        rooms: run.rooms,
        lines: usize::MAX,
        bound: usize::MAX,
        endings: endings.map(str::to_owned).into(),
    };
    explain(&Explaining { run, bounds }, POINTS_MAX)
}

impl Story for Explaining<'_> {
    type Point = Point;

    fn first(&self) -> Point {
        let none = vec![0; self.run.parts.len()];
        Point { state: self.bounds.init(), taken: none.clone(), delivered: none }
    }

    fn after(&self, point: &Point) -> Vec<Point> {
        self.run.after(&self.bounds, point)
    }

    fn is_explained(&self, point: &Point) -> bool {
        self.run.is_explained(point)
    }

    fn delivered<'point>(&self, point: &'point Point) -> &'point [usize] {
        &point.delivered
    }
}

impl Run {
    fn after(&self, bounds: &Bounds, point: &Point) -> Vec<Point> {
        let mut points = Vec::new();
        let mut go = |step, client: Option<Id>, taken: usize| {
            let Some(state) = bounds.next(&point.state, step) else { return };
            let mut next = Point { state, ..point.clone() };
            if let Some(client) = client {
                next.taken[client] = taken;
            }
            if self.deliver(bounds, &mut next) {
                points.push(next);
            }
        };
        for (client, part) in self.parts.iter().enumerate() {
            let taken = point.taken[client];
            let next = part.did.get(taken).copied();
            if let Some((what, _)) = next.filter(|(_, after)| *after <= point.delivered[client]) {
                go(what.step(client, part.room), Some(client), taken + 1);
            }
            if !part.whole {
                if let Some((What::Reset, _)) = part.did.last() {
                    // What is on its way when a connection breaks may never arrive.
                    go(Step::Reset(client), Some(client), part.did.len());
                }
                go(Step::Stall(client), None, taken);
            }
        }
        if self.shutdown {
            go(Step::Shutdown, None, 0);
        }
        points
    }

    /// Delivers all that was received by now; false if somebody received something else.
    fn deliver(&self, bounds: &Bounds, point: &mut Point) -> bool {
        for (client, part) in self.parts.iter().enumerate() {
            while let Some(entry) = point.state.outbox[client].front() {
                let rest = &part.received[point.delivered[client]..];
                let wanted = entry.iter().map(|event| shown(*event));
                if rest.len() < entry.len() {
                    let begins = rest.iter().copied().eq(wanted.take(rest.len()));
                    if part.whole || !begins {
                        return false;
                    }
                    point.delivered[client] = part.received.len();
                    break;
                }
                if !rest[..entry.len()].iter().copied().eq(wanted) {
                    return false;
                }
                point.delivered[client] += entry.len();
                match bounds.next(&point.state, Step::Deliver(client)) {
                    Some(state) => point.state = state,
                    None => return false,
                }
            }
        }
        true
    }

    fn is_explained(&self, point: &Point) -> bool {
        self.parts.iter().enumerate().all(|(client, part)| {
            let outbox_state = point.state.outboxes[client];
            let ended =
                outbox_state == OutboxState::Closed && point.state.outbox[client].is_empty();
            let all_taken = point.taken[client] == part.did.len();
            let lost = matches!(outbox_state, OutboxState::Evicted | OutboxState::Cut);
            point.delivered[client] == part.received.len()
                && (ended || !part.whole)
                && (all_taken || lost || point.state.down)
                && self.shutdown == point.state.down
        })
    }
}

impl What {
    fn step(self, client: Id, room: Id) -> Step {
        match self {
            What::Join => Step::Join(client, room),
            What::Say => Step::Say(client),
            What::EndOfStream => Step::EndOfStream(client),
            What::Fail => Step::Fail(client),
            What::Reset => Step::Reset(client),
        }
    }
}

/// As it is read from the wire, where an error has no name.
fn shown(event: Event) -> Event {
    if event.kind == Kind::Error { Event { who: 0, ..event } } else { event }
}

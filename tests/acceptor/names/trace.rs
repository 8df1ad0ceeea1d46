//! A recorded run of module Names, and which of its behaviours explain it.
//!
//! A line is taken by the server after whatever its sender had heard before it sent it; everything
//! that a client has received must have been sent to it, in that order, and nothing else.
//!
//! The module has one step, `Evict`, for a departure without a farewell: here it stands for an end
//! of stream, which takes its turn among the client's lines, for a reset, which may come at any
//! moment, and for an eviction. To be evicted, a client must have been slow. (`TellOver` is such an
//! eviction, and then `TellNobody`: it is not tried for itself.)
//!
//! Where a step is certain, no other is tried in its place. It is, if every explanation from here
//! on has it, and may as well have it first: nothing that could come before has to do with it. A
//! member of a room is sent all that happens there, so that the steps of a room are known by the
//! next line to a member:
//!
//! * a message that a member is sent next, and a leave that its client is: nothing else happens in
//!   the room before;
//! * a join that the joiner and a member are sent next; the first half of a move, of a client that
//!   was not evicted, that a member is sent next;
//! * a private message that its target is sent next: neither of the two departs before; one that
//!   nobody received, and a name that is refused: they change nothing for others;
//! * that a client gets a name, or goes with it, if nobody else will ask for the name or write to
//!   it.
//!
//! `tests/network/traces/names.rs` tests that this changes no verdict.
//!
//! Limits: of the line in the midst of which a connection broke nothing is judged.

use super::lines::{Shown, rendered};
use super::relation::{Bounds, Id, Line, OutboxState, State, Step, Then};
use crate::acceptor::search::{Explained, POINTS_MAX, Rejected, Story, explain};
use std::collections::BTreeSet;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Name(Id),
    Join(Id),
    Leave,
    Say,
    Tell(Id),
    Quit,
    EndOfStream,
    Reset,
}

/// What one client did and received.
#[derive(Clone, Debug, Default)]
pub(crate) struct Part {
    /// Each with how many lines it had received by then.
    pub(crate) did: Vec<(What, usize)>,
    pub(crate) received: Vec<Shown>,
    /// It read up to an orderly end.
    pub(crate) whole: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub(crate) names: usize,
    pub(crate) rooms: usize,
    /// How many messages a room keeps.
    pub(crate) kept: usize,
    pub(crate) parts: Vec<Part>,
}

/// How far an explanation has come.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Point {
    /// Of each client: how much of what it received was sent.
    delivered: Vec<usize>,
    /// Of each client: how much of what it did was taken.
    taken: Vec<usize>,
    state: State,
}

/// The run, and the constants that it is explained with.
struct Explaining<'run> {
    run: &'run Run,
    bounds: Bounds,
    /// Whether other steps are tried where one is certain.
    all: bool,
    /// The private messages that somebody received.
    private: BTreeSet<Line>,
}

/// How `run` is explained, or why it is not.
pub(crate) fn accept(run: &Run) -> Result<Explained, Rejected> {
    search(run, false, POINTS_MAX)
}

/// The same, if it takes no more than `points_max`.
pub(crate) fn accept_within(run: &Run, points_max: usize) -> Result<Explained, Rejected> {
    search(run, false, points_max)
}

/// The same, with every step tried everywhere, if that takes no more than `points_max`.
pub(crate) fn accept_trying_all(run: &Run, points_max: usize) -> Result<Explained, Rejected> {
    search(run, true, points_max)
}

fn search(run: &Run, all: bool, points_max: usize) -> Result<Explained, Rejected> {
    let bounds = Bounds {
        clients: run.parts.len(),
        names: run.names,
        rooms: run.rooms,
        joins: usize::MAX,
        lines: usize::MAX,
        tells: usize::MAX,
        kept: run.kept,
        endings: ["quit", "evict", "over"].map(str::to_owned).into(),
        interleaved: true,
        refusals: usize::MAX,
        own_numbers: true,
    };
    let received = run.parts.iter().flat_map(|part| &part.received);
    let private = received.filter_map(|line| match line {
        Shown::Private { line, .. } => Some(*line),
        _ => None,
    });
    explain(&Explaining { run, bounds, all, private: private.collect() }, points_max)
}

impl Story for Explaining<'_> {
    type Point = Point;

    fn first(&self) -> Point {
        let none = vec![0; self.bounds.clients];
        Point { delivered: none.clone(), taken: none, state: self.bounds.init() }
    }

    fn after(&self, point: &Point) -> Vec<Point> {
        let (mut points, mut certain) = (Vec::new(), None);
        for client in 0..self.bounds.clients {
            self.steps(point, client, &mut |step, taken| {
                let Some(then) = self.bounds.next(&point.state, step) else { return };
                let Some(next) = self.deliver(point, client, taken, then) else { return };
                if !self.all && self.is_certain(point, step, &next) {
                    certain = Some(points.len());
                }
                points.push(next);
            });
        }
        match certain {
            Some(index) => vec![points.swap_remove(index)],
            None => points,
        }
    }

    fn is_explained(&self, point: &Point) -> bool {
        self.run.parts.iter().enumerate().all(|(client, part)| {
            let all_taken = point.taken[client] == part.did.len();
            point.delivered[client] == part.received.len()
                && point.state.outboxes[client] != OutboxState::Open
                && (all_taken || !part.whole)
        })
    }

    fn delivered<'point>(&self, point: &'point Point) -> &'point [usize] {
        &point.delivered
    }
}

impl Explaining<'_> {
    /// The steps of `client` that may come next, each with how much of what it did is taken by
    /// then.
    fn steps(&self, point: &Point, client: Id, go: &mut impl FnMut(Step, usize)) {
        let (part, taken) = (&self.run.parts[client], point.taken[client]);
        if !point.state.is_open(client) {
            return;
        }
        // An evicted client is sent no more.
        let all_delivered = point.delivered[client] == part.received.len();
        if !part.whole && all_delivered {
            go(Step::Evict(client), taken);
        }
        if point.state.going[client].is_some() {
            return go(Step::MoveIn(client), taken);
        }
        let next = part.did.get(taken).filter(|(_, after)| *after <= point.delivered[client]);
        let Some((what, _)) = next else { return };
        let mut go = |step| go(step, taken + 1);
        match *what {
            What::Name(name) => {
                go(Step::Name(client, name));
                go(Step::RefuseName(client, name));
            }
            What::Join(room) => {
                go(Step::Join(client, room));
                go(Step::MoveOut(client, room));
            }
            What::Leave => go(Step::Leave(client)),
            What::Say => go(Step::Say(client)),
            What::Tell(name) => {
                go(Step::Tell(client, name));
                if !self.private.contains(&next_private(&point.state, client)) {
                    go(Step::TellNobody(client, name));
                }
            }
            What::Quit => go(Step::Quit(client)),
            What::EndOfStream => go(Step::Evict(client)),
            // What is on its way when a connection breaks may never arrive: it may come before
            // that.
            What::Reset => {}
        }
    }

    /// Whether `step`, which leads from `from` to `to`, may as well come first.
    fn is_certain(&self, from: &Point, step: Step, to: &Point) -> bool {
        let hears = |client: Id| to.delivered[client] > from.delivered[client];
        let another_hears = |client| (0..self.bounds.clients).any(|id| id != client && hears(id));
        match step {
            Step::Say(client) => hears(client) || another_hears(client),
            Step::Leave(client) | Step::RefuseName(client, _) => hears(client),
            // A message that somebody receives is tried where its target is sent it.
            Step::TellNobody(..) => true,
            Step::Tell(client, name) => {
                let target_hears = from.state.taken[name].is_some_and(hears);
                target_hears || !self.private.contains(&next_private(&from.state, client))
            }
            Step::Name(client, name) => hears(client) && self.is_left_alone(from, client, name),
            Step::Quit(client) => {
                let alone = |name| self.is_left_alone(from, client, name);
                hears(client) && from.state.called[client].is_none_or(alone)
            }
            Step::Join(client, _) | Step::MoveIn(client) => hears(client) && another_hears(client),
            Step::MoveOut(client, _) => self.run.parts[client].whole && another_hears(client),
            _ => false,
        }
    }

    /// Whether nobody but `client` will ask for `name`, or write to it.
    fn is_left_alone(&self, point: &Point, client: Id, name: Id) -> bool {
        let is_about =
            |what: &What| matches!(what, What::Name(its) | What::Tell(its) if *its == name);
        self.run.parts.iter().enumerate().all(|(id, part)| {
            let rest = &part.did[point.taken[id]..];
            id == client || !point.state.is_open(id) || !rest.iter().any(|(what, _)| is_about(what))
        })
    }

    /// The point after a step of `client`, unless it sends what somebody did not receive.
    fn deliver(&self, from: &Point, client: Id, taken: usize, then: Then) -> Option<Point> {
        let mut point = Point {
            delivered: from.delivered.clone(),
            taken: from.taken.clone(),
            state: then.state,
        };
        point.taken[client] = taken;
        for (to, event) in &then.sent {
            let part = &self.run.parts[*to];
            for line in rendered(event, &point.state.called) {
                match part.received.get(point.delivered[*to]) {
                    Some(received) if *received == line => point.delivered[*to] += 1,
                    // It was evicted, or broke off, before it had read this.
                    None if !part.whole => break,
                    _ => return None,
                }
            }
        }
        Some(point)
    }
}

fn next_private(state: &State, client: Id) -> Line {
    Line { who: client, n: 1 + state.told[client] }
}

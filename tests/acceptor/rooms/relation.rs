//! The next-state relation of `spec/model/Rooms.tla`, its definitions under their names there.
//!
//! The waves of an eviction are taken together with the step that they follow from, as where the
//! model's `Interleaved` is false. `order`, `span` and `received` only record what was, and no step
//! looks at them but for how many lines were said: those numbers stand in their place.

use std::collections::{BTreeSet, VecDeque};

/// A client's or a room's number, from 0.
pub(crate) type Id = usize;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Join,
    Line,
    Left,
    Error,
}

/// What a client is sent. The room of an error and the number of all but lines are 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Event {
    pub(crate) kind: Kind,
    pub(crate) room: Id,
    pub(crate) who: Id,
    pub(crate) n: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum OutboxState {
    New,
    Open,
    Closed,
    Evicted,
    Cut,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    Join(Id, Id),
    Say(Id),
    Deliver(Id),
    EndOfStream(Id),
    Fail(Id),
    Reset(Id),
    Stall(Id),
    GiveUp(Id),
    Shutdown,
    Finish(Id),
}

/// The constants of a configuration.
#[derive(Clone, Debug)]
pub(crate) struct Bounds {
    pub(crate) clients: usize,
    pub(crate) rooms: usize,
    pub(crate) lines: usize,
    pub(crate) bound: usize,
    /// The model's `Endings`, in its words.
    pub(crate) endings: BTreeSet<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct State {
    pub(crate) outboxes: Vec<OutboxState>,
    pub(crate) place: Vec<Option<Id>>,
    pub(crate) members: Vec<Vec<Id>>,
    pub(crate) outbox: Vec<VecDeque<Vec<Event>>>,
    /// How many lines each client has said.
    pub(crate) said: Vec<usize>,
    pub(crate) down: bool,
}

/// The state after a step, and the entries that it adds to the orders of rooms.
#[derive(Clone, Debug)]
pub(crate) struct Then {
    pub(crate) state: State,
    pub(crate) posted: Vec<(Id, Vec<Event>)>,
}

impl Bounds {
    pub(crate) fn init(&self) -> State {
        State {
            outboxes: vec![OutboxState::New; self.clients],
            place: vec![None; self.clients],
            members: vec![Vec::new(); self.rooms],
            outbox: vec![VecDeque::new(); self.clients],
            said: vec![0; self.clients],
            down: false,
        }
    }

    fn may(&self, ending: &str) -> bool {
        self.endings.contains(ending)
    }

    /// The state after `step`, unless the model has no such step from `state`.
    pub(crate) fn next(&self, state: &State, step: Step) -> Option<State> {
        self.then(state, step).map(|then| then.state)
    }

    /// What follows from `step`, unless the model has no such step from `state`.
    pub(crate) fn then(&self, state: &State, step: Step) -> Option<Then> {
        let mut then = Then { state: state.clone(), posted: Vec::new() };
        let next = &mut then;
        let happens = match step {
            Step::Join(client, room) => self.join(next, client, room),
            Step::Say(client) => self.say(next, client),
            Step::Deliver(client) => deliver(&mut next.state, client),
            Step::EndOfStream(client) => {
                let may = self.may("end") && !next.state.down;
                may && self.ends(next, client, OutboxState::Closed)
            }
            Step::Fail(client) => self.fail(next, client),
            Step::Reset(client) => self.reset(next, client),
            Step::Stall(client) => self.stall(next, client),
            Step::GiveUp(client) => self.give_up(&mut next.state, client),
            Step::Shutdown => self.shutdown(&mut next.state),
            Step::Finish(client) => self.finish(next, client),
        };
        happens.then_some(then)
    }

    fn join(&self, then: &mut Then, client: Id, room: Id) -> bool {
        let state = &mut then.state;
        if state.down || state.outboxes[client] != OutboxState::New {
            return false;
        }
        state.place[client] = Some(room);
        state.members[room].push(client);
        state.outboxes[client] = OutboxState::Open;
        self.post(then, room, &[Event { kind: Kind::Join, room, who: client, n: 0 }]);
        true
    }

    fn say(&self, then: &mut Then, client: Id) -> bool {
        let state = &mut then.state;
        let all: usize = state.said.iter().sum();
        if state.down || state.outboxes[client] != OutboxState::Open || all >= self.lines {
            return false;
        }
        let Some(room) = state.place[client] else { return false };
        state.said[client] += 1;
        let n = state.said[client];
        self.post(then, room, &[Event { kind: Kind::Line, room, who: client, n }]);
        true
    }

    fn fail(&self, then: &mut Then, client: Id) -> bool {
        let state = &mut then.state;
        if !self.may("error") || state.down || state.outboxes[client] != OutboxState::Open {
            return false;
        }
        let error = Event { kind: Kind::Error, room: 0, who: client, n: 0 };
        state.outbox[client].push_back(vec![error]);
        self.ends(then, client, OutboxState::Closed)
    }

    fn reset(&self, then: &mut Then, client: Id) -> bool {
        let state = &mut then.state;
        let stands = state.outboxes[client];
        let queued = !state.outbox[client].is_empty();
        let cuts = stands == OutboxState::Open || stands == OutboxState::Closed && queued;
        if !self.may("reset") || !cuts {
            return false;
        }
        state.outboxes[client] = OutboxState::Cut;
        state.outbox[client].clear();
        if let Some(room) =
            state.place[client].filter(|room| state.members[*room].contains(&client))
        {
            self.depart(then, room, &[client]);
        }
        true
    }

    fn stall(&self, then: &mut Then, client: Id) -> bool {
        let state = &then.state;
        if !self.may("stall") || state.down || state.outbox[client].is_empty() {
            return false;
        }
        let ends = self.ends(then, client, OutboxState::Evicted);
        then.state.outbox[client].clear();
        ends
    }

    fn give_up(&self, state: &mut State, client: Id) -> bool {
        let pending =
            state.outboxes[client] == OutboxState::Closed && !state.outbox[client].is_empty();
        if !self.may("giveup") || !pending {
            return false;
        }
        state.outboxes[client] = OutboxState::Cut;
        state.outbox[client].clear();
        true
    }

    fn shutdown(&self, state: &mut State) -> bool {
        if !self.may("shutdown") || state.down {
            return false;
        }
        state.down = true;
        for outbox_state in &mut state.outboxes {
            if matches!(outbox_state, OutboxState::New | OutboxState::Open) {
                *outbox_state = OutboxState::Closed;
            }
        }
        true
    }

    fn finish(&self, then: &mut Then, client: Id) -> bool {
        let state = &then.state;
        let Some(room) = state.place[client] else { return false };
        let stays = state.members[room].contains(&client);
        if !state.down || !state.outbox[client].is_empty() || !stays {
            return false;
        }
        self.depart(then, room, &[client]);
        true
    }

    /// An open client departs, to stand as `to` from then on.
    fn ends(&self, then: &mut Then, client: Id, to: OutboxState) -> bool {
        let state = &mut then.state;
        let Some(room) = state.place[client] else { return false };
        if state.outboxes[client] != OutboxState::Open {
            return false;
        }
        state.outboxes[client] = to;
        self.depart(then, room, &[client]);
        true
    }

    /// The model's `Depart`, and then the waves.
    fn depart(&self, then: &mut Then, room: Id, gone: &[Id]) {
        let state = &mut then.state;
        let all = std::mem::take(&mut state.members[room]);
        let (left, stay): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|client| gone.contains(client));
        state.members[room] = stay;
        if !state.down {
            let left = left.iter().map(|who| Event { kind: Kind::Left, room, who: *who, n: 0 });
            self.post(then, room, &left.collect::<Vec<_>>());
        }
    }

    /// One entry for every open member; a member without space for it is evicted, and departs.
    fn post(&self, then: &mut Then, room: Id, entry: &[Event]) {
        then.posted.push((room, entry.to_vec()));
        let state = &mut then.state;
        let mut full = Vec::new();
        for client in state.members[room].clone() {
            if state.outboxes[client] != OutboxState::Open {
                continue;
            }
            if state.outbox[client].len() + 1 > self.bound {
                state.outboxes[client] = OutboxState::Evicted;
                state.outbox[client].clear();
                full.push(client);
            } else {
                state.outbox[client].push_back(entry.to_vec());
            }
        }
        if !full.is_empty() {
            self.depart(then, room, &full);
        }
    }
}

fn deliver(state: &mut State, client: Id) -> bool {
    let reads = matches!(state.outboxes[client], OutboxState::Open | OutboxState::Closed);
    reads && state.outbox[client].pop_front().is_some()
}

//! The next-state relation of `spec/model/Names.tla`, its definitions under their names there.
//!
//! What the model adds to `sent` is what a step returns. `sent`, `order` and `spans` only record
//! what was, and no step looks at them but for how many joins, lines and refusals there were: those
//! numbers stand in their place.

use std::collections::BTreeSet;

/// A client's, a name's or a room's number, from 0.
pub(crate) type Id = usize;

/// What a client is sent. Who is meant by a name is written down as the client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    Join { room: Id, who: Id },
    Line { room: Id, line: Line },
    Left { room: Id, who: Id },
    Entered { room: Id, present: Vec<Id>, lines: Vec<Line> },
    Private { from: Id, n: usize },
    Welcome(Id),
    Taken(Id),
    LeftYou(Id),
    Sent(Id),
    Nobody(Id),
    Bye,
}

/// A message of a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Line {
    pub(crate) who: Id,
    pub(crate) n: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum OutboxState {
    Open,
    Closed,
    Evicted,
}

/// A client comes first, and then a name or a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Name(Id, Id),
    RefuseName(Id, Id),
    Join(Id, Id),
    MoveOut(Id, Id),
    MoveIn(Id),
    Leave(Id),
    Say(Id),
    Tell(Id, Id),
    TellNobody(Id, Id),
    TellOver(Id, Id),
    Quit(Id),
    Evict(Id),
}

/// The constants of a configuration.
#[derive(Clone, Debug)]
pub(crate) struct Bounds {
    pub(crate) clients: usize,
    pub(crate) names: usize,
    pub(crate) rooms: usize,
    pub(crate) joins: usize,
    pub(crate) lines: usize,
    pub(crate) tells: usize,
    pub(crate) kept: usize,
    /// The model's `Endings`, in its words.
    pub(crate) endings: BTreeSet<String>,
    pub(crate) interleaved: bool,
    /// How often a name is refused in all: once in the model.
    pub(crate) refusals: usize,
    /// Each client counts its own messages, where the model counts those of all: that is as good
    /// for telling them apart, and is what a client can write into its text.
    pub(crate) own_numbers: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct State {
    pub(crate) outboxes: Vec<OutboxState>,
    pub(crate) called: Vec<Option<Id>>,
    pub(crate) taken: Vec<Option<Id>>,
    pub(crate) members: Vec<Vec<Id>>,
    pub(crate) history: Vec<Vec<Line>>,
    pub(crate) going: Vec<Option<Id>>,
    /// How often each room was joined.
    pub(crate) joined: Vec<usize>,
    /// How many messages each client has said, and how many private ones it has tried.
    pub(crate) said: Vec<usize>,
    pub(crate) told: Vec<usize>,
    pub(crate) refused: usize,
}

/// The state after a step, and the events that it sends to each client, in order.
#[derive(Clone, Debug)]
pub(crate) struct Then {
    pub(crate) state: State,
    pub(crate) sent: Vec<(Id, Event)>,
}

impl State {
    pub(crate) fn is_open(&self, client: Id) -> bool {
        self.outboxes[client] == OutboxState::Open
    }

    fn named(&self, client: Id) -> bool {
        self.is_open(client) && self.called[client].is_some()
    }

    /// The model's `PlaceOf`.
    pub(crate) fn place(&self, client: Id) -> Option<Id> {
        self.members.iter().position(|members| members.contains(&client))
    }
}

impl Then {
    /// The model's `To`.
    fn to(&mut self, audience: &[Id], event: &Event) {
        let open = audience.iter().filter(|client| self.state.is_open(**client));
        self.sent.extend(open.map(|client| (*client, event.clone())));
    }

    /// The model's `GoOut` and `Notice`.
    fn go_out(&mut self, client: Id) {
        let Some(room) = self.state.place(client) else { return };
        self.state.members[room].retain(|member| *member != client);
        let rest = self.state.members[room].clone();
        if rest.is_empty() {
            self.state.history[room].clear();
        }
        self.to(&rest, &Event::Left { room, who: client });
    }

    fn go_for_good(&mut self, client: Id, to: OutboxState) {
        self.state.outboxes[client] = to;
        for taken in &mut self.state.taken {
            taken.take_if(|holder| *holder == client);
        }
        self.state.going[client] = None;
        self.go_out(client);
    }
}

impl Bounds {
    pub(crate) fn init(&self) -> State {
        State {
            outboxes: vec![OutboxState::Open; self.clients],
            called: vec![None; self.clients],
            taken: vec![None; self.names],
            members: vec![Vec::new(); self.rooms],
            history: vec![Vec::new(); self.rooms],
            going: vec![None; self.clients],
            joined: vec![0; self.rooms],
            said: vec![0; self.clients],
            told: vec![0; self.clients],
            refused: 0,
        }
    }

    /// What follows from `step`, unless the model has no such step from `state`.
    pub(crate) fn next(&self, state: &State, step: Step) -> Option<Then> {
        let mut then = Then { state: state.clone(), sent: Vec::new() };
        let next = &mut then;
        let happens = match step {
            Step::MoveIn(client) => move_in(next, client),
            _ if !self.not_busy(state) => false,
            Step::Name(client, name) => name_client(next, client, name),
            Step::RefuseName(client, name) => self.refuse_name(next, client, name),
            Step::Join(client, room) => self.join(next, client, room),
            Step::MoveOut(client, room) => self.move_out(next, client, room),
            Step::Leave(client) => leave(next, client),
            Step::Say(client) => self.say(next, client),
            Step::Tell(client, name) => self.tell(next, client, name),
            Step::TellNobody(client, name) => self.tell_nobody(next, client, name),
            Step::TellOver(client, name) => self.tell_over(next, client, name),
            Step::Quit(client) => self.quit(next, client),
            Step::Evict(client) => self.evict(next, client),
        };
        happens.then_some(then)
    }

    /// The number of the next of `counts`, which is the client's.
    fn number(&self, counts: &[usize], client: Id) -> usize {
        1 + if self.own_numbers { counts[client] } else { counts.iter().sum() }
    }

    fn not_busy(&self, state: &State) -> bool {
        self.interleaved || state.going.iter().all(Option::is_none)
    }

    fn refuse_name(&self, then: &mut Then, client: Id, name: Id) -> bool {
        let state = &mut then.state;
        let asks = state.is_open(client) && state.called[client].is_none();
        if !asks || state.taken[name].is_none() || state.refused >= self.refusals {
            return false;
        }
        state.refused += 1;
        then.to(&[client], &Event::Taken(name));
        true
    }

    /// Whether `client` may set out for another room than it is in.
    fn may_go(&self, state: &State, client: Id) -> bool {
        let on_the_way = state.going.iter().flatten().count();
        let joins = state.joined.iter().sum::<usize>() + on_the_way;
        state.named(client) && state.going[client].is_none() && joins < self.joins
    }

    fn join(&self, then: &mut Then, client: Id, room: Id) -> bool {
        let may = self.may_go(&then.state, client) && then.state.place(client).is_none();
        if may {
            add_member(then, client, room);
        }
        may
    }

    fn move_out(&self, then: &mut Then, client: Id, room: Id) -> bool {
        let elsewhere = then.state.place(client).is_some_and(|place| place != room);
        if !elsewhere || !self.may_go(&then.state, client) {
            return false;
        }
        then.state.going[client] = Some(room);
        then.go_out(client);
        true
    }

    fn say(&self, then: &mut Then, client: Id) -> bool {
        let state = &mut then.state;
        let Some(room) = state.place(client) else { return false };
        if !state.is_open(client) || state.said.iter().sum::<usize>() >= self.lines {
            return false;
        }
        let line = Line { who: client, n: self.number(&state.said, client) };
        state.said[client] += 1;
        state.history[room].push(line);
        if state.history[room].len() > self.kept {
            state.history[room].remove(0);
        }
        let members = state.members[room].clone();
        then.to(&members, &Event::Line { room, line });
        true
    }

    /// What the three ways to tell have in common; the number of the message.
    fn tells(&self, state: &mut State, client: Id) -> Option<usize> {
        let all: usize = state.told.iter().sum();
        let may = state.named(client) && state.going[client].is_none() && all < self.tells;
        may.then(|| {
            let n = self.number(&state.told, client);
            state.told[client] += 1;
            n
        })
    }

    fn tell(&self, then: &mut Then, client: Id, name: Id) -> bool {
        let Some(target) = then.state.taken[name] else { return false };
        let Some(n) = self.tells(&mut then.state, client) else { return false };
        then.to(&[target], &Event::Private { from: client, n });
        then.to(&[client], &Event::Sent(name));
        true
    }

    fn tell_nobody(&self, then: &mut Then, client: Id, name: Id) -> bool {
        let free = then.state.taken[name].is_none();
        let told = free && self.tells(&mut then.state, client).is_some();
        if told {
            then.to(&[client], &Event::Nobody(name));
        }
        told
    }

    fn tell_over(&self, then: &mut Then, client: Id, name: Id) -> bool {
        let Some(target) = then.state.taken[name] else { return false };
        if !self.endings.contains("over") || self.tells(&mut then.state, client).is_none() {
            return false;
        }
        then.go_for_good(target, OutboxState::Evicted);
        then.to(&[client], &Event::Nobody(name));
        true
    }

    fn quit(&self, then: &mut Then, client: Id) -> bool {
        let state = &then.state;
        let stays = !state.is_open(client) || state.going[client].is_some();
        if stays || !self.endings.contains("quit") {
            return false;
        }
        then.to(&[client], &Event::Bye);
        then.go_for_good(client, OutboxState::Closed);
        true
    }

    fn evict(&self, then: &mut Then, client: Id) -> bool {
        let may = then.state.is_open(client) && self.endings.contains("evict");
        if may {
            then.go_for_good(client, OutboxState::Evicted);
        }
        may
    }
}

fn name_client(then: &mut Then, client: Id, name: Id) -> bool {
    let state = &mut then.state;
    if !state.is_open(client) || state.called[client].is_some() || state.taken[name].is_some() {
        return false;
    }
    state.called[client] = Some(name);
    state.taken[name] = Some(client);
    then.to(&[client], &Event::Welcome(name));
    true
}

fn move_in(then: &mut Then, client: Id) -> bool {
    let Some(room) = then.state.going[client].take() else { return false };
    add_member(then, client, room);
    true
}

fn add_member(then: &mut Then, client: Id, room: Id) {
    let present = then.state.members[room].clone();
    let lines = then.state.history[room].clone();
    then.state.members[room].push(client);
    then.state.joined[room] += 1;
    then.to(&[client], &Event::Entered { room, present: present.clone(), lines });
    then.to(&present, &Event::Join { room, who: client });
}

fn leave(then: &mut Then, client: Id) -> bool {
    let Some(room) = then.state.place(client).filter(|_| then.state.is_open(client)) else {
        return false;
    };
    then.to(&[client], &Event::LeftYou(room));
    then.go_out(client);
    true
}

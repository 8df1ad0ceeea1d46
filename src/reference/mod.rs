//! The reference model: a whole server of the rooms dialect, as plainly as it can be written.
//!
//! This module is the meaning of the clauses in `spec/`. It is made to be read and believed, not
//! to be fast: vectors, linear searches, everything recomputed from scratch. It shares no code
//! with the server and imports nothing but `std`. Tests run the server and the model on the same
//! operations and compare what they delivered.
//!
//! # Operations
//!
//! The model does nothing by itself. Its caller tells it what happens to the sockets, one event at
//! a time, and at what time (nanoseconds from any fixed moment; never backwards):
//!
//! | operation | event |
//! | --- | --- |
//! | [`Model::connect`] | a connection is accepted |
//! | [`Model::receive`] | one read returned exactly these bytes |
//! | [`Model::retry`] | the server tries the input of a held sender again |
//! | [`Model::end_of_stream`], [`Model::reset`] | a read returned the end of the stream, or a reset |
//! | [`Model::accept_bytes`], [`Model::refuse`] | the socket takes bytes, or a write would block |
//! | [`Model::tick`] | the server looks at one client's deadlines |
//! | [`Model::shutdown`] | the server is told to stop |
//!
//! Any sequence of operations is allowed. One that cannot happen (reading from a client that is
//! held, a refusal when nothing is owed) is refused or does nothing, as each of them says; only an
//! id that `connect` never returned is a mistake of the caller, and panics.
//!
//! # What is determined and what is not
//!
//! Given the operations everything else is determined: members, outboxes and who is evicted, in
//! which order. The following is the caller's choice, as it is the machine's in reality:
//!
//! - how input is cut into reads, and the order in which events of different clients happen;
//! - how much a socket takes, and when;
//! - which held sender retries first, and when: the model never retries by itself, not even when
//!   nothing is in the way any more [common/flow-5]. Nor does it stop another sender, whose line
//!   comes while the room is not congested, from getting ahead of a held one;
//! - when deadlines are looked at: nothing happens at a deadline without [`Model::tick`], and a
//!   line that comes after it but before the tick is in time.
//!
//! # What the model leaves out
//!
//! Limits on the number of clients [common/limit-2], failures to accept [common/limit-3], signals
//! and the exit [common/shutdown-2] [common/shutdown-3], arguments, and memory.

mod config;
mod lines;
mod outbox;
#[cfg(test)]
mod tests;

use std::time::Duration;

use config::nanos;
pub use config::{Config, ENTRY_COST, LINE_MAX, RUN_MAX};
use lines::Cut;
use outbox::Outbox;

/// Which client: 0 for the first that connected, and so on.
pub type ClientId = usize;

/// Where a client stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Connected, and no line of it was taken yet.
    Fresh,
    /// Member of a room.
    Member {
        /// The name of the room.
        room: String,
        /// The name of the user.
        name: String,
    },
    /// Done, by its own doing or by the server's orderly one.
    Departed(Parting),
    /// Closed without a line for not reading [common/close-3].
    Evicted,
    /// Its connection was reset [common/eos-5].
    Reset,
}

/// How far a departed client's connection has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parting {
    /// After the end of its stream, or on shutdown: what is owed is flushed [common/eos-4].
    Flushing,
    /// After an error: what is owed is flushed, the error last. When nothing is owed any more, the
    /// sending half is shut down and input is discarded for a while [common/close-2].
    Lingering,
    /// Either of these has ended, and the connection is closed.
    Closed,
    /// Closed without a line before it had joined [common/limit-1].
    Silent,
}

/// One client.
#[derive(Clone, Debug)]
struct Client {
    standing: Standing,
    /// When it connected.
    connected_at: u64,
    /// When it departed, if it did and is being flushed.
    departed_at: u64,
    /// When the last owed byte was written after an error.
    flushed_at: u64,
    /// Bytes discarded after that.
    discarded: usize,
    /// What was read and is neither published nor refused: an unfinished line, or, while the
    /// client is held, everything from the run that waits on.
    input: Vec<u8>,
    /// Whether its input is held [common/flow-1].
    held: bool,
    /// Whether the end of its stream was read while something had to come first.
    ended: bool,
    outbox: Outbox,
}

/// One room. It exists exactly while it has members [rooms/room-2].
#[derive(Clone, Debug)]
struct Room {
    name: String,
    /// In order of joining.
    members: Vec<ClientId>,
}

/// What a deadline is for.
#[derive(Clone, Copy, Debug)]
enum Due {
    FirstLine,
    Flush,
    Linger,
    Stall,
}

/// The server.
#[derive(Clone, Debug)]
pub struct Model {
    config: Config,
    /// All clients there ever were.
    clients: Vec<Client>,
    /// In order of creation.
    rooms: Vec<Room>,
    /// How many runs, notices and errors there were.
    numbered: u64,
}

/// What happens.
impl Model {
    /// A server without clients.
    pub fn new(config: Config) -> Self {
        Self { config, clients: Vec::new(), rooms: Vec::new(), numbered: 0 }
    }

    /// A client connects. It is sent nothing [common/framing-7].
    pub fn connect(&mut self, now: u64) -> ClientId {
        self.clients.push(Client {
            standing: Standing::Fresh,
            connected_at: now,
            departed_at: 0,
            flushed_at: 0,
            discarded: 0,
            input: Vec::new(),
            held: false,
            ended: false,
            outbox: Outbox::default(),
        });
        self.clients.len() - 1
    }

    /// The server reads exactly `bytes` from a client, in one read.
    ///
    /// Returns false, and does nothing, if a server would not read now: the client is held, its
    /// stream has ended, it is still being sent its error, or its connection is gone.
    pub fn receive(&mut self, id: ClientId, bytes: &[u8], now: u64) -> bool {
        let client = &mut self.clients[id];
        if client.held || client.ended {
            return false;
        }
        match client.standing {
            Standing::Fresh | Standing::Member { .. } => {
                client.input.extend_from_slice(bytes);
                self.take_input(id, now);
                true
            }
            Standing::Departed(Parting::Lingering) if client.outbox.owed() == 0 => {
                client.discarded += bytes.len();
                if client.discarded >= self.config.linger_bytes {
                    self.close(id, Standing::Departed(Parting::Closed));
                }
                true
            }
            _ => false,
        }
    }

    /// The server tries the input of a held client again: all of it, as far as it gets. Returns
    /// whether the client is still held. Does nothing to a client that is not.
    pub fn retry(&mut self, id: ClientId, now: u64) -> bool {
        if self.clients[id].held {
            self.take_input(id, now);
        }
        self.clients[id].held
    }

    /// The client has closed its sending half, or the connection; the server has read everything
    /// before it [common/eos-1] [common/eos-2].
    ///
    /// For a held client, or one that is still being sent its error, this is remembered and takes
    /// effect after what has to come first [common/flow-6].
    pub fn end_of_stream(&mut self, id: ClientId, now: u64) {
        let client = &mut self.clients[id];
        match client.standing {
            Standing::Member { .. } if client.held => {
                client.ended = true;
            }
            Standing::Member { .. } => {
                client.ended = true;
                self.depart(id, Parting::Flushing, now);
            }
            Standing::Departed(Parting::Lingering) if client.outbox.owed() > 0 => {
                client.ended = true;
            }
            Standing::Fresh | Standing::Departed(Parting::Lingering) => {
                self.close(id, Standing::Departed(Parting::Closed));
            }
            _ => {}
        }
    }

    /// The connection of the client is reset, which takes effect at once [common/eos-5]
    /// [common/flow-6]. Does nothing if it is closed already.
    pub fn reset(&mut self, id: ClientId, now: u64) {
        if self.is_open(id) {
            self.close_and_tell(id, Standing::Reset, now);
        }
    }

    /// The client's socket takes up to `n` of the bytes it is owed. With nothing owed, or an `n`
    /// of zero, nothing happens.
    pub fn accept_bytes(&mut self, id: ClientId, n: usize, now: u64) {
        let client = &mut self.clients[id];
        if n == 0 || client.outbox.owed() == 0 {
            return;
        }
        client.outbox.accept(n, now, &self.config);
        if client.outbox.owed() > 0 {
            return;
        }
        client.flushed_at = now;
        match client.standing {
            Standing::Departed(Parting::Lingering) if !client.ended => {}
            Standing::Departed(Parting::Flushing | Parting::Lingering) => {
                self.close(id, Standing::Departed(Parting::Closed));
            }
            _ => {}
        }
    }

    /// A write to the client's socket would block. It counts as refusing bytes until it takes one.
    /// With nothing owed there is nothing to write, and nothing happens.
    pub fn refuse(&mut self, id: ClientId, now: u64) {
        self.clients[id].outbox.refuse(now, &self.config);
    }

    /// The server looks at the deadlines of a client. A deadline has come when `now` is equal to it
    /// or later. Several that have come are acted on as if one by one, the earliest first.
    pub fn tick(&mut self, id: ClientId, now: u64) {
        while let Some((at, due)) = self.due(id) {
            if at > now {
                return;
            }
            match due {
                // [common/limit-1]
                Due::FirstLine => self.close(id, Standing::Departed(Parting::Silent)),
                // [common/eos-4] [common/close-2]
                Due::Flush | Due::Linger => self.close(id, Standing::Departed(Parting::Closed)),
                // [common/outbox-8]
                Due::Stall => self.close_and_tell(id, Standing::Evicted, now),
            }
        }
    }

    /// The server is told to stop: clients that have not joined are closed, members depart without
    /// a notice, input that is held or unfinished is dropped, and what is owed is flushed
    /// [common/shutdown-1] [common/shutdown-2].
    pub fn shutdown(&mut self, now: u64) {
        self.rooms.clear();
        for id in 0..self.clients.len() {
            match self.clients[id].standing {
                Standing::Fresh => self.close(id, Standing::Departed(Parting::Silent)),
                Standing::Member { .. } => self.part(id, Parting::Flushing, now),
                _ => {}
            }
        }
    }
}

/// What can be seen.
impl Model {
    /// How many clients ever connected; their ids are the numbers below this.
    pub fn clients(&self) -> usize {
        self.clients.len()
    }

    /// Everything the client's socket has taken.
    pub fn delivered(&self, id: ClientId) -> &[u8] {
        self.clients[id].outbox.delivered()
    }

    /// How many bytes the client is owed, an error included.
    pub fn owed(&self, id: ClientId) -> usize {
        self.clients[id].outbox.owed()
    }

    /// The charge of the client's outbox, an error included [common/outbox-3] [common/outbox-7].
    pub fn charge(&self, id: ClientId) -> usize {
        self.clients[id].outbox.charge()
    }

    /// The total of all outboxes [common/outbox-9].
    pub fn total(&self) -> usize {
        let mut entries: Vec<(u64, usize)> = Vec::new();
        for client in &self.clients {
            entries.extend(client.outbox.held_entries());
        }
        let overhead = entries.len() * ENTRY_COST;
        entries.sort_unstable();
        entries.dedup();
        overhead + entries.iter().map(|(_, length)| length).sum::<usize>()
    }

    /// Where the client stands.
    pub fn standing(&self, id: ClientId) -> &Standing {
        &self.clients[id].standing
    }

    /// Whether the client's connection is open.
    pub fn is_open(&self, id: ClientId) -> bool {
        matches!(
            self.clients[id].standing,
            Standing::Fresh
                | Standing::Member { .. }
                | Standing::Departed(Parting::Flushing | Parting::Lingering)
        )
    }

    /// Whether the client's input is held [common/flow-1].
    pub fn is_held(&self, id: ClientId) -> bool {
        self.clients[id].held
    }

    /// Whether the client is congested [common/flow-1].
    pub fn is_congested(&self, id: ClientId) -> bool {
        self.clients[id].outbox.congested(&self.config)
    }

    /// Whether the client is spent [common/flow-3].
    pub fn is_spent(&self, id: ClientId, now: u64) -> bool {
        self.clients[id].outbox.spent(now, &self.config)
    }

    /// The recipients which a run published by this member would have to wait for now, in order of
    /// joining: congested and not spent [common/flow-1]. Nobody for a client that is no member.
    pub fn waits_for(&self, id: ClientId, now: u64) -> Vec<ClientId> {
        let Standing::Member { room, .. } = &self.clients[id].standing else {
            return Vec::new();
        };
        let mut members = self.members(room);
        members.retain(|member| self.is_congested(*member) && !self.is_spent(*member, now));
        members
    }

    /// When the passing of time alone can end the wait of a held client: the time at which the last
    /// recipient it waits for is spent, if all of them refuse bytes from now on without a break.
    pub fn retry_at(&self, id: ClientId, now: u64) -> Option<u64> {
        if !self.clients[id].held {
            return None;
        }
        let left =
            |member: &ClientId| self.clients[*member].outbox.patience_left(now, &self.config);
        let longest = self.waits_for(id, now).iter().map(left).max();
        Some(now.saturating_add(longest.unwrap_or(0)))
    }

    /// The earliest time at which [`Model::tick`] does something to this client, as things are.
    pub fn deadline(&self, id: ClientId) -> Option<u64> {
        self.due(id).map(|(at, _)| at)
    }

    /// The rooms, sorted by name, with their members in order of joining.
    pub fn rooms(&self) -> Vec<(String, Vec<ClientId>)> {
        let mut rooms: Vec<(String, Vec<ClientId>)> =
            self.rooms.iter().map(|room| (room.name.clone(), room.members.clone())).collect();
        rooms.sort();
        rooms
    }
}

/// How it works.
impl Model {
    /// Takes a client's input line by line, as far as it gets: to the end of the last complete line,
    /// to an error, or to a run that has to wait.
    fn take_input(&mut self, id: ClientId, now: u64) {
        self.clients[id].held = false;
        loop {
            let progress = match self.clients[id].standing.clone() {
                Standing::Fresh => self.take_first_line(id, now),
                Standing::Member { room, name } => self.take_run(id, &room, &name, now),
                // [common/close-1] [common/outbox-4]: the rest is discarded.
                _ => false,
            };
            if !progress {
                break;
            }
        }
        let client = &self.clients[id];
        let is_member = matches!(client.standing, Standing::Member { .. });
        if is_member && client.ended && !client.held {
            self.depart(id, Parting::Flushing, now); // [common/eos-3]
        }
    }

    /// Takes the first line of a client; false if there is none.
    fn take_first_line(&mut self, id: ClientId, now: u64) -> bool {
        match lines::cut(&self.clients[id].input) {
            Cut::Unfinished => return false,
            Cut::TooLong => self.fail(id, now), // [rooms/error-2]
            Cut::Line(content, length) => {
                self.clients[id].input.drain(..length);
                match lines::join(&content) {
                    Some((room, user)) => self.join(id, &room, &user, now),
                    None => self.fail(id, now), // [rooms/error-1]
                }
            }
        }
        true
    }

    /// Takes a run of a member; false if there is none, or if it has to wait.
    fn take_run(&mut self, id: ClientId, room: &str, name: &str, now: u64) -> bool {
        let Some((rendering, used)) = lines::run(name, &self.clients[id].input) else {
            let too_long = lines::cut(&self.clients[id].input) == Cut::TooLong;
            if too_long {
                self.fail(id, now); // [rooms/error-3]
            }
            return too_long;
        };
        if !self.waits_for(id, now).is_empty() {
            self.clients[id].held = true; // [common/flow-1]
            return false;
        }
        self.clients[id].input.drain(..used);
        self.tell(room, vec![rendering], now); // [rooms/text-1]
        self.bound_total(now);
        true
    }

    /// Makes a client a member, the last in order of joining [common/flow-2], whoever else has its
    /// name [rooms/room-3]. Its join is the first thing it is sent [common/order-2].
    fn join(&mut self, id: ClientId, room: &str, name: &str, now: u64) {
        self.clients[id].standing =
            Standing::Member { room: room.to_owned(), name: name.to_owned() };
        match self.rooms.iter_mut().find(|existing| existing.name == room) {
            Some(existing) => existing.members.push(id),
            None => self.rooms.push(Room { name: room.to_owned(), members: vec![id] }),
        }
        self.tell(room, vec![lines::joined(name)], now); // [rooms/join-7]
        self.bound_total(now);
    }

    /// A client has broken the grammar: it departs, and is sent the error [rooms/error-3].
    fn fail(&mut self, id: ClientId, now: u64) {
        self.numbered += 1;
        self.clients[id].outbox.append_error(self.numbered, b"ERROR\n");
        self.depart(id, Parting::Lingering, now);
    }

    /// A client departs in an orderly way, and the others are told [common/eos-6].
    fn depart(&mut self, id: ClientId, parting: Parting, now: u64) {
        let seat = self.unseat(id);
        self.part(id, parting, now);
        self.tell_departure(seat, now);
    }

    /// A client's connection ends at once, and the others are told.
    fn close_and_tell(&mut self, id: ClientId, standing: Standing, now: u64) {
        let seat = self.unseat(id);
        self.close(id, standing);
        self.tell_departure(seat, now);
    }

    /// Tells a room that somebody who was a member of it has departed [rooms/leave-1]. An error may
    /// have been appended as well.
    fn tell_departure(&mut self, seat: Option<(String, String)>, now: u64) {
        if let Some((room, name)) = seat {
            self.tell(&room, vec![lines::left(&name)], now);
        }
        self.bound_total(now);
    }

    /// Takes a client out of its room, if it is in one: the names of the room and of the user. The
    /// room goes with its last member [rooms/room-2].
    fn unseat(&mut self, id: ClientId) -> Option<(String, String)> {
        let Standing::Member { room, name } = self.clients[id].standing.clone() else {
            return None;
        };
        for existing in &mut self.rooms {
            existing.members.retain(|member| *member != id);
        }
        self.rooms.retain(|existing| !existing.members.is_empty());
        Some((room, name))
    }

    /// A client takes no further part. Its connection stays for what it is owed.
    fn part(&mut self, id: ClientId, parting: Parting, now: u64) {
        let client = &mut self.clients[id];
        client.standing = Standing::Departed(parting);
        client.departed_at = now;
        client.input.clear();
        client.held = false;
        if client.outbox.owed() == 0 {
            client.standing = Standing::Departed(Parting::Closed);
        }
    }

    /// A client's connection ends, and what it was owed is dropped.
    fn close(&mut self, id: ClientId, standing: Standing) {
        let client = &mut self.clients[id];
        client.standing = standing;
        client.input.clear();
        client.held = false;
        client.outbox.drop_queue();
    }

    /// Delivers entries to the members of a room [common/outbox-2] [common/order-1], and announces
    /// whom that evicts, wave by wave [common/outbox-4] [common/outbox-5].
    fn tell(&mut self, room: &str, entries: Vec<Vec<u8>>, now: u64) {
        let mut entries = entries;
        while !entries.is_empty() {
            let members = self.members(room);
            let mut evicted: Vec<ClientId> = Vec::new();
            for entry in &entries {
                self.numbered += 1;
                for &member in &members {
                    let outbox = &mut self.clients[member].outbox;
                    if evicted.contains(&member) {
                        continue;
                    }
                    if !outbox.append(self.numbered, entry, now, &self.config) {
                        outbox.drop_queue();
                        evicted.push(member);
                    }
                }
            }
            // They depart all together, in order of joining [common/outbox-6].
            let mut wave: Vec<String> = Vec::new();
            for &member in members.iter().filter(|member| evicted.contains(member)) {
                let seat = self.unseat(member);
                wave.extend(seat.map(|(_, name)| name));
                self.close(member, Standing::Evicted);
            }
            entries = lines::wave(&wave);
        }
    }

    /// While the total is over its bound, evicts whoever has the largest charge, and of equals the
    /// one with the lowest id [common/outbox-9].
    fn bound_total(&mut self, now: u64) {
        while self.total() > self.config.total_bytes_max {
            let mut largest: Option<ClientId> = None;
            for id in 0..self.clients.len() {
                if self.charge(id) > largest.map_or(0, |other| self.charge(other)) {
                    largest = Some(id);
                }
            }
            let Some(id) = largest else {
                return;
            };
            let seat = self.unseat(id);
            self.close(id, Standing::Evicted);
            if let Some((room, name)) = seat {
                self.tell(&room, vec![lines::left(&name)], now);
            }
        }
    }

    /// The members of a room, in order of joining; nobody if there is no such room. Names of rooms
    /// are compared byte by byte [common/name-2], and nobody else is a recipient [rooms/room-1].
    fn members(&self, room: &str) -> Vec<ClientId> {
        let found = self.rooms.iter().find(|existing| existing.name == room);
        found.map_or(Vec::new(), |existing| existing.members.clone())
    }

    /// The earliest deadline of a client, and what it is for.
    fn due(&self, id: ClientId) -> Option<(u64, Due)> {
        let client = &self.clients[id];
        let owes = client.outbox.owed() > 0;
        let mut all: Vec<(u64, Due)> = Vec::new();
        match client.standing {
            Standing::Fresh if !self.config.first_line.is_zero() => {
                all.push((after(client.connected_at, self.config.first_line), Due::FirstLine));
            }
            Standing::Departed(Parting::Flushing | Parting::Lingering) if owes => {
                all.push((after(client.departed_at, self.config.flush), Due::Flush));
            }
            Standing::Departed(Parting::Lingering) => {
                all.push((after(client.flushed_at, self.config.linger), Due::Linger));
            }
            _ => {}
        }
        match client.outbox.refusing_since() {
            Some(since) if !self.config.stall.is_zero() => {
                all.push((after(since, self.config.stall), Due::Stall));
            }
            _ => {}
        }
        all.into_iter().min_by_key(|(at, _)| *at)
    }
}

/// The moment a time after another moment.
fn after(moment: u64, time: Duration) -> u64 {
    moment.saturating_add(nanos(time))
}

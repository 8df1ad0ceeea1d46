//! The reference model: a whole server of one dialect, in the simplest form.
//!
//! This crate is the meaning of the clauses in `spec/`. It is written for readers, not for speed:
//! vectors, linear searches, all values recomputed from scratch.
//!
//! The model is independent of the server on purpose. It shares no code with it, imports nothing
//! but `std`, and describes each dialect a second time: a mistake in shared code would be invisible
//! to every test that compares the two. Tests run the server and the model on the same operations
//! and compare the delivered bytes.
//!
//! # Operations
//!
//! The model does nothing by itself. Its caller reports the events of the sockets, one at a time,
//! with the time of each (nanoseconds from any fixed moment; never backwards):
//!
//! | operation | event |
//! | --- | --- |
//! | [`Model::connect`] | a connection is accepted |
//! | [`Model::receive`] | one read returned exactly these bytes |
//! | [`Model::retry`] | the server tries the input of a held client again |
//! | [`Model::end_of_stream`], [`Model::reset`] | a read returned end of stream, or a reset |
//! | [`Model::accept_bytes`], [`Model::refuse`] | the socket takes bytes, or a write would block |
//! | [`Model::tick`] | the server looks at one client's deadlines |
//! | [`Model::perform_store`] | the store performs what it was asked for |
//! | [`Model::shutdown`] | the server is told to stop |
//!
//! Any sequence of operations is allowed. An operation that cannot happen (reading from a held
//! client, a refusal when nothing is pending) is refused or has no effect, as documented at each
//! operation. Only an id that `connect` never returned is a mistake of the caller, and panics.
//!
//! # Determinism
//!
//! The operations determine all results: members, outboxes, and evictions with their order. The
//! following is the caller's choice, as it is the machine's in reality:
//!
//! - the segmentation of input into reads, and the order of events of different clients;
//! - the number of bytes that a socket takes, and the time;
//! - the order and time of the retries of held clients: the model never retries by itself, not even
//!   when the wait is over [common/flow-5] [common/reply-3]. Another sender, whose line comes while
//!   the room is not congested, may get ahead of a held one;
//! - the times at which deadlines are checked: nothing happens at a deadline without
//!   [`Model::tick`], and a line that comes after it but before the tick is in time
//!   [common/idle-2].
//!
//! # Files
//!
//! | file | content |
//! | --- | --- |
//! | `rooms`, `lobby`, `simple`, `login`, `channels` | the acts that lines ask for, by dialect |
//! | `dialect` | the lines that the server sends |
//! | `input` | how input becomes acts, and when an act has to wait |
//! | `effects` | the effects of acts on clients and rooms |
//! | `outbox` | pending entries, and the stall budget |
//! | `extensions`, `accounts` | commands of channels with a store, the store, and accounts |
//! | `view` | what tests see |
//!
//! # Limits
//!
//! The model leaves out:
//!
//! the turns of crowded rooms [common/flow-8], which need more members than its tests have, limits
//! on the number of clients [common/limit-2], failures to accept [common/limit-3], signals
//! and the exit [common/shutdown-2] [common/shutdown-3], arguments, and memory.

mod accounts;
mod act;
mod budget;
mod channels;
mod config;
mod dialect;
mod effects;
mod extensions;
mod holds;
mod input;
mod lines;
mod lobby;
mod login;
mod outbox;
mod pacing;
mod queue;
mod rates;
mod rooms;
mod simple;
#[cfg(test)]
mod tests;
mod view;
mod waiting;

use std::time::Duration;

pub use act::DEFAULT_ROOM;
use config::nanos;
pub use config::{
    AccountRules, CHUNK_COST, Config, ENTRY_COST, HISTORY_BYTES, HISTORY_LINES, LINE_MAX, RUN_MAX,
    Rate, Rates,
};
pub use dialect::Dialect;
use holds::Holds;
use outbox::Outbox;
use queue::Queue;
use rates::Pace;

/// The number of a client, in order of connecting, from 0.
pub type ClientId = usize;

/// The state of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OutboxState {
    /// Connected, without a name. In lobby it is in the default room already [lobby/hear-2].
    Fresh,
    /// Named, in no room.
    Named {
        /// The name of the user.
        name: String,
    },
    /// Named, in a room.
    Member {
        /// The name of the room; [`DEFAULT_ROOM`] in dialects without rooms.
        room: String,
        /// The name of the user.
        name: String,
    },
    /// Departed by itself, or closed by the server in an orderly way.
    Departed(Parting),
    /// Closed without a line, as a slow consumer [common/close-3].
    Evicted,
    /// Its connection was reset [common/eos-5].
    Reset,
}

impl OutboxState {
    /// Whether the server acts on what the client sends.
    fn is_served(&self) -> bool {
        matches!(self, OutboxState::Fresh | OutboxState::Named { .. } | OutboxState::Member { .. })
    }

    /// The name of the user.
    fn name(&self) -> Option<&str> {
        match self {
            OutboxState::Named { name } | OutboxState::Member { name, .. } => Some(name),
            _ => None,
        }
    }
}

/// The progress of a departed client's connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parting {
    /// After the end of its stream, or on shutdown: pending lines are flushed [common/eos-4].
    Flushing,
    /// After a fatal error or a farewell: pending lines are flushed, the farewell last. Then the
    /// sending half is shut down and input is discarded for a bounded time [common/close-2].
    Lingering,
    /// Flushing or lingering has ended, and the connection is closed.
    Closed,
    /// Closed without a line before it had a name [common/limit-1].
    Silent,
}

/// One client.
#[derive(Clone, Debug)]
struct Client {
    outbox_state: OutboxState,
    /// The time of connecting.
    connected_at: u64,
    /// The time at which the last complete line was first tried, or of connecting [common/idle-1].
    line_at: u64,
    /// The time of the departure, while the client is being flushed.
    departed_at: u64,
    /// The time at which the last pending byte was written after that.
    flushed_at: u64,
    /// Bytes discarded after that.
    discarded: usize,
    /// Input that was read and not acted on: an unfinished line, or, while the client is held, all
    /// input from the waiting line on.
    input: Vec<u8>,
    /// Whether its input is held [common/flow-1] [common/reply-2].
    held: bool,
    /// Whether the end of its stream was read while held input or a last line had to come first.
    ended: bool,
    outbox: Outbox,
    pace: Pace,
    /// The account of which it has shown the password [extensions/account-3].
    proof: Option<String>,
    /// Whether another client has ended it, which has its name now [extensions/account-3].
    is_ghost: bool,
}

/// One room. It exists exactly while it has members [rooms/room-2] [channels/room-2].
#[derive(Clone, Debug)]
struct Room {
    name: String,
    /// In order of joining.
    members: Vec<ClientId>,
    /// Its history, oldest line first; empty in dialects without one [channels/history-4].
    history: Vec<Vec<u8>>,
    holds: Holds,
}

/// The kind of a deadline.
#[derive(Clone, Copy, Debug)]
enum Due {
    FirstLine,
    Idle,
    Flush,
    Linger,
    Stall,
}

/// The server.
#[derive(Clone, Debug)]
pub struct Model {
    config: Config,
    dialect: Dialect,
    /// All clients that ever connected.
    clients: Vec<Client>,
    /// In order of creation.
    rooms: Vec<Room>,
    /// In order of creation.
    queues: Vec<Queue>,
    /// Clients that are closed while another acts. They keep their positions in the queues until
    /// it has finished, because a client leaves its queue by itself [common/flow-5].
    closed_meanwhile: Option<Vec<ClientId>>,
    /// The number of runs, private lines, notices and replies so far.
    numbered: u64,
    /// What is kept of rooms, if it is.
    store: extensions::Store,
    /// Names that have an account.
    accounts: accounts::Accounts,
}

/// Operations.
impl Model {
    /// A server without clients.
    pub fn new(config: Config, dialect: Dialect) -> Self {
        Self {
            config,
            dialect,
            clients: Vec::new(),
            rooms: Vec::new(),
            queues: Vec::new(),
            closed_meanwhile: None,
            numbered: 0,
            store: extensions::Store::default(),
            accounts: accounts::Accounts::default(),
        }
    }

    /// A client connects. No line is sent to it [common/framing-7].
    pub fn connect(&mut self, now: u64) -> ClientId {
        self.clients.push(Client {
            outbox_state: OutboxState::Fresh,
            connected_at: now,
            line_at: now,
            departed_at: 0,
            flushed_at: 0,
            discarded: 0,
            input: Vec::new(),
            held: false,
            ended: false,
            outbox: Outbox::default(),
            pace: Pace::default(),
            proof: None,
            is_ghost: false,
        });
        let id = self.clients.len() - 1;
        if self.dialect.hears_from_connection() {
            self.add_to_room(id, DEFAULT_ROOM); // [lobby/hear-1]
        }
        id
    }

    /// The server reads exactly `bytes` from a client, in one read.
    ///
    /// Returns false, and does nothing, if a server would not read now: the client is held, its
    /// stream has ended, its last line is still being flushed, or its connection is gone.
    pub fn receive(&mut self, id: ClientId, bytes: &[u8], now: u64) -> bool {
        let client = &mut self.clients[id];
        if client.held || client.ended {
            return false;
        }
        match client.outbox_state {
            OutboxState::Fresh | OutboxState::Named { .. } | OutboxState::Member { .. } => {
                client.input.extend_from_slice(bytes);
                self.take_input(id, now);
                true
            }
            OutboxState::Departed(Parting::Lingering) if client.outbox.queued() == 0 => {
                client.discarded += bytes.len();
                if client.discarded >= self.config.linger_bytes {
                    self.close(id, OutboxState::Departed(Parting::Closed), now);
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
    /// For a held client, or one whose last line is still being flushed, the event is remembered
    /// and takes effect after that [common/flow-6].
    pub fn end_of_stream(&mut self, id: ClientId, now: u64) {
        let client = &mut self.clients[id];
        match client.outbox_state {
            OutboxState::Fresh | OutboxState::Named { .. } | OutboxState::Member { .. } => {
                client.ended = true;
                if !client.held {
                    self.depart(id, Parting::Flushing, &[], now);
                }
            }
            OutboxState::Departed(Parting::Lingering) if client.outbox.queued() > 0 => {
                client.ended = true;
            }
            OutboxState::Departed(Parting::Lingering) => {
                self.close(id, OutboxState::Departed(Parting::Closed), now);
            }
            _ => {}
        }
    }

    /// The connection of the client is reset, which takes effect at once [common/eos-5]
    /// [common/flow-6]. Does nothing if it is closed already.
    pub fn reset(&mut self, id: ClientId, now: u64) {
        if self.is_open(id) {
            self.close_and_tell(id, OutboxState::Reset, now);
            self.bound_total(now);
        }
    }

    /// An operator ends the client: at once, whether or not it is held. Its pending lines and then
    /// the dialect's word for it are flushed [common/kick-1] [common/kick-2]. Does nothing to a
    /// client that has departed.
    pub fn kick(&mut self, id: ClientId, now: u64) {
        if self.clients[id].outbox_state.is_served() {
            self.depart(id, Parting::Flushing, &self.dialect.kicked(), now);
        }
    }

    /// The client's socket takes up to `n` of the pending bytes. With nothing pending, or an `n` of
    /// zero, nothing happens.
    pub fn accept_bytes(&mut self, id: ClientId, n: usize, now: u64) {
        let client = &mut self.clients[id];
        if n == 0 || client.outbox.queued() == 0 {
            return;
        }
        client.outbox.accept(n, now, &self.config);
        if client.outbox.queued() > 0 {
            return;
        }
        client.flushed_at = now;
        match client.outbox_state {
            OutboxState::Departed(Parting::Lingering) if !client.ended => {}
            OutboxState::Departed(Parting::Flushing | Parting::Lingering) => {
                self.close(id, OutboxState::Departed(Parting::Closed), now);
            }
            _ => {}
        }
    }

    /// A write to the client's socket would block. It counts as refusing bytes until it takes one.
    /// With nothing pending nothing happens.
    pub fn refuse(&mut self, id: ClientId, now: u64) {
        self.clients[id].outbox.refuse(now, &self.config);
    }

    /// The server looks at the deadlines of a client. A deadline has come when `now` is equal to it
    /// or later. Several deadlines are acted on one by one, the earliest first, but a stall before
    /// a late line.
    pub fn tick(&mut self, id: ClientId, now: u64) {
        while let Some(due) = self.has_come(id, now) {
            match due {
                // [common/limit-1]
                Due::FirstLine => {
                    self.close_and_tell(id, OutboxState::Departed(Parting::Silent), now);
                }
                // [common/idle-1] [login/idle-1]
                Due::Idle => self.depart(id, Parting::Lingering, &self.dialect.idle(), now),
                // [common/eos-4] [common/close-2]
                Due::Flush | Due::Linger => {
                    self.close(id, OutboxState::Departed(Parting::Closed), now);
                }
                // [common/outbox-8]
                Due::Stall => self.close_and_tell(id, OutboxState::Evicted, now),
            }
            self.bound_total(now);
        }
    }

    /// The server shuts down: clients without a name and without pending lines are closed, the
    /// others depart without a notice, held or unfinished input is dropped, and pending lines are
    /// flushed [common/shutdown-1] [common/shutdown-2].
    pub fn shutdown(&mut self, now: u64) {
        self.rooms.clear();
        for id in 0..self.clients.len() {
            let client = &self.clients[id];
            if client.outbox_state == OutboxState::Fresh && client.outbox.queued() == 0 {
                self.close(id, OutboxState::Departed(Parting::Silent), now);
            } else if client.outbox_state.is_served() {
                self.part(id, Parting::Flushing, now);
            }
        }
    }

    /// The deadline of a client that is acted on first, of those that have come.
    fn has_come(&self, id: ClientId, now: u64) -> Option<Due> {
        let late = self.line_due(id).filter(|(at, _)| *at <= now);
        let other = self.dues(id).into_iter().filter(|(at, _)| *at <= now);
        other.min_by_key(|(at, _)| *at).or(late).map(|(_, due)| due)
    }

    /// The deadlines of a client with their kinds, except that of its next line.
    fn dues(&self, id: ClientId) -> Vec<(u64, Due)> {
        let client = &self.clients[id];
        let pending = client.outbox.queued() > 0;
        let mut all: Vec<(u64, Due)> = Vec::new();
        match client.outbox_state {
            OutboxState::Departed(Parting::Flushing | Parting::Lingering) if pending => {
                all.push((after(client.departed_at, self.config.flush), Due::Flush));
            }
            OutboxState::Departed(Parting::Lingering) => {
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
        all
    }

    /// The deadline of a client's next line, or of its name. There is none while it is held.
    fn line_due(&self, id: ClientId) -> Option<(u64, Due)> {
        self.line_limit(id).filter(|_| !self.clients[id].held)
    }

    /// As above, held or not.
    fn line_limit(&self, id: ClientId) -> Option<(u64, Due)> {
        let client = &self.clients[id];
        if !client.outbox_state.is_served() {
            return None;
        }
        let (since, time, due) = if self.dialect.forbids_idleness() {
            (client.line_at, self.config.idle, Due::Idle) // [common/idle-1]
        } else if client.outbox_state == OutboxState::Fresh {
            (client.connected_at, self.config.first_line, Due::FirstLine) // [common/limit-1]
        } else {
            return None;
        };
        if time.is_zero() { None } else { Some((after(since, time), due)) }
    }
}

/// The moment a time after another moment.
fn after(moment: u64, time: Duration) -> u64 {
    moment.saturating_add(nanos(time))
}

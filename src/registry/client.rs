//! A connection's own handle on the registry.

use super::outbox::{Entry, Standing};
use super::peer::Peer;
use super::room::{Members, Room, Seat};
use super::turn::Turn;
use super::{Registry, Shared};
use crate::protocol::{Answer, Name, Request};
use crate::sync::{Arc, lock};
use crate::time::Time;
use std::task::Waker;

/// The most entries taken for one write; as many slices as one vectored write is given.
pub const BATCH_ENTRIES_MAX: usize = 64;

/// One client of a [`Registry`], in the hands of the connection that serves it.
///
/// # Contract
///
/// * [`submit`](Client::submit) performs a request of the session. It appends to outboxes, the caller's
///   own included, but does not wake the caller: look at the outbox before going to sleep.
/// * [`take`](Client::take) moves what is owed into a batch; every batch that is not empty is given
///   back with [`settle`](Client::settle) before the next is taken. An empty batch means that the caller's
///   waker was registered and will be woken once there is more.
/// * [`expire`](Client::expire) is due at [`deadline`](Client::deadline).
/// * Wakers collected in the [`Turn`] are woken by the caller when no lock is held.
///
/// Dropping the handle is a departure: whatever ends a connection, a panic included, nobody stays
/// behind as a ghost.
#[derive(Debug)]
pub struct Client {
    shared: Arc<Shared>,
    peer: Arc<Peer>,
    /// Where this client entered; it may have been evicted from there since.
    seat: Option<Seat>,
    /// When the registry was last called, for the departure that a drop makes.
    now: Time,
}

impl Client {
    pub(super) fn new(registry: &Registry, peer: Arc<Peer>) -> Client {
        Client { shared: Arc::clone(&registry.0), peer, seat: None, now: Time::ZERO }
    }

    /// Unique in its registry, in order of connecting.
    pub fn id(&self) -> u64 {
        self.peer.id
    }

    /// Performs `request` at once, or answers that it must wait or that it is too late.
    pub fn submit(&mut self, request: Request, turn: &mut Turn<'_>) -> Answer {
        self.now = turn.now;
        let answer = match request {
            // Joins and departures never wait. [common/flow-2]
            Request::Enter { room, name } => self.enter(&room, name, turn),
            Request::Publish { lines } => self.publish(lines, turn),
            Request::Depart { farewell } => {
                self.depart(farewell, turn);
                match self.standing() {
                    Standing::Evicted => Answer::Gone,
                    Standing::Open | Standing::Closed => Answer::Departed,
                }
            }
        };
        self.shared.relieve(turn);
        answer
    }

    /// Moves what is owed into `batch`, which must be empty, in the order it is owed. If nothing is,
    /// the caller is woken when that changes. Returns how the client stands.
    pub fn take(&self, batch: &mut Vec<Entry>, caller: &Waker) -> Standing {
        debug_assert!(batch.is_empty(), "the batch before was not settled");
        let mut outbox = self.peer.outbox();
        outbox.take(batch, BATCH_ENTRIES_MAX);
        if batch.is_empty() {
            outbox.park(caller);
        }
        outbox.standing()
    }

    /// Gives `batch` back after the connection has accepted its first `accepted` bytes. With
    /// `refused`, it accepts no more at the moment: the caller is woken if the client is closed or
    /// evicted meanwhile. That may have happened since the batch was taken: look at
    /// [`standing`](Client::standing) before going to sleep.
    pub fn settle(
        &self,
        batch: &mut Vec<Entry>,
        accepted: usize,
        refused: bool,
        turn: &mut Turn<'_>,
    ) {
        self.peer.settle(batch, accepted, refused, &self.shared.ledger, turn);
    }

    /// How the client stands.
    pub fn standing(&self) -> Standing {
        self.peer.outbox().standing()
    }

    /// Bytes owed and not yet accepted, each entry charged [`ENTRY_BYTES`](crate::limits::ENTRY_BYTES) more.
    pub fn charge(&self) -> usize {
        self.peer.outbox().charge()
    }

    /// When [`expire`](Client::expire) must be called; it may be called earlier.
    pub fn deadline(&self) -> Time {
        let refusing_since = self.peer.outbox().refusing_since();
        refusing_since.map_or(Time::NEVER, |since| since + self.shared.limits.stall)
    }

    /// Evicts the client if it has accepted nothing for too long. [common/outbox-8]
    pub fn expire(&mut self, turn: &mut Turn<'_>) {
        if self.peer.outbox().stalled(self.shared.limits.stall, turn.now) {
            self.shared.evict(&self.peer, turn);
            self.shared.relieve(turn);
        }
    }

    fn enter(&mut self, room: &Name, name: Name, turn: &mut Turn<'_>) -> Answer {
        debug_assert!(self.seat.is_none(), "a client is in one room at a time");
        let mut notice = Vec::new();
        self.shared.dialect.joined(room, &name, &mut notice);
        loop {
            let mut directory = lock(&self.shared.directory);
            if directory.closing {
                return Answer::Gone;
            }
            if let Some(found) = directory.room(room).cloned() {
                // A busy room's lock is not awaited under the directory's.
                drop(directory);
                let mut members = found.lock();
                if !members.is_dead() {
                    self.sit_down(&found, &mut members, name, notice, turn);
                    return Answer::Entered;
                }
                drop(members);
                lock(&self.shared.directory).remove_room(&found);
                continue;
            }
            let created = Room::new(room.clone());
            let mut members = created.lock();
            directory.add_room(&created);
            drop(directory);
            self.sit_down(&created, &mut members, name, notice, turn);
            return Answer::Entered;
        }
    }

    /// The join takes its place in the room's order, and everyone hears of it. [rooms/join-7] [common/order-2]
    fn sit_down(
        &mut self,
        room: &Arc<Room>,
        members: &mut Members,
        name: Name,
        notice: Vec<u8>,
        turn: &mut Turn<'_>,
    ) {
        let number = members.add(name, Arc::clone(&self.peer));
        let seat = Seat { room: Arc::clone(room), number };
        self.peer.set_seat(Some(seat.clone()));
        self.seat = Some(seat);
        if !notice.is_empty() {
            members.fan_out(&self.shared.chunk(notice), None, self.id(), &self.shared, turn);
        }
    }

    fn publish(&mut self, lines: Vec<u8>, turn: &mut Turn<'_>) -> Answer {
        let Some(seat) = &self.seat else {
            debug_assert!(false, "only a member publishes");
            return Answer::Gone;
        };
        let mut members = seat.room.lock();
        if !members.contains(seat.number) || self.standing() != Standing::Open {
            return Answer::Gone;
        }
        if let Some(until) = members.holds_until(turn) {
            return Answer::Wait { request: Request::Publish { lines }, until };
        }
        let skip = (!self.shared.dialect.policy().sender_hears_itself).then_some(self.peer.id);
        members.fan_out(&self.shared.chunk(lines), skip, self.id(), &self.shared, turn);
        let (dead, still_here) = (members.is_dead(), members.contains(seat.number));
        drop(members);
        if dead {
            lock(&self.shared.directory).remove_room(&seat.room);
        }
        if still_here { Answer::Published } else { Answer::Gone }
    }

    /// Membership is given back first, then the client and the others are told. [common/eos-6] [rooms/error-3]
    fn depart(&mut self, farewell: &'static [u8], turn: &mut Turn<'_>) {
        let seat = self.seat.take();
        if let Some(seat) = &seat {
            self.shared.stand_up(seat, self.id(), turn, |turn| {
                self.say_farewell(farewell, turn);
            });
        } else {
            self.say_farewell(farewell, turn);
        }
    }

    fn say_farewell(&self, farewell: &'static [u8], turn: &mut Turn<'_>) {
        let mut outbox = self.peer.outbox();
        if !farewell.is_empty() && outbox.standing() == Standing::Open {
            outbox.append_reply(self.shared.chunk(farewell.to_vec()));
            self.shared.ledger.entries_appended(1);
        }
        outbox.close(turn);
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let mut turn = Turn::new(self.now, Waker::noop());
        self.depart(b"", &mut turn);
        self.peer.evict(&self.shared.ledger, &mut turn);
        self.shared.relieve(&mut turn);
        lock(&self.shared.directory).disconnect(self.peer.id);
    }
}

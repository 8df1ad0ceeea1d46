//! A connection's own handle on the registry.

use super::account_state::AccountState;
use super::awaited::Awaited;
use super::call_context::CallContext;
use super::chunk::Chunk;
use super::figures::{LastFigures, Sent};
use super::kept_room::Kept;
use super::outbox::OutboxState;
use super::outlet::Outlet;
use super::peer::Peer;
use super::remote::Remote;
use super::room::Membership;
use super::shared::{Removal, Shared};
use super::turns::{OwnTurns, Queue};
use super::wait_queue::cost;
use crate::limits::{READ_BYTES_MAX, SMALL_READ_BYTES_MAX};
use crate::protocol::{Answer, CloseReason, Request};
use crate::rate::{Meter, Rate, Rates};
use crate::sync::{Arc, lock};
use crate::time::Time;
use std::task::Waker;

/// One client of a [`Registry`](super::Registry), owned by the connection that serves it.
///
/// # Contract
///
/// * [`submit`](Client::submit) performs a request of the session. It appends to outboxes, the
///   caller's own included, but does not wake the caller: the caller looks at its outbox before it
///   sleeps.
/// * Any request may be answered later. [`Answer::Wait`] returns the request, and the registry
///   keeps a *ticket*: the waker of the caller, registered with every outbox that the request waits
///   for. The waker arrives in the [`CallContext`] of the call that ends the wait, and the caller
///   submits the request again.
/// * A request that was performed in a crowded room may leave the client with its turn. The caller
///   calls [`pass_turn`](Client::pass_turn) once other tasks have run, at the latest before it
///   sleeps: until then the other clients of the room wait. [common/flow-8]
/// * Pending lines are written through an [`Outlet`], by the connection's task or by others.
/// * [`expire`](Client::expire) is due at [`deadline`](Client::deadline).
/// * [`gone`](Client::gone) is due when the outbox is found closed by the registry.
/// * The caller wakes the wakers collected in the [`CallContext`] when it holds no lock.
///
/// Dropping the handle is a departure: whatever ends a connection, a panic included, no member
/// stays behind.
#[derive(Debug)]
pub struct Client {
    pub(super) shared: Arc<Shared>,
    pub(super) peer: Arc<Peer>,
    /// The membership that this client obtained last; an eviction may have ended it since.
    pub(super) membership: Option<Membership>,
    /// The turns of crowded rooms that the client holds, and the queue that it waits in.
    pub(super) turns: OwnTurns,
    /// The time of the last call, for the departure that a drop makes.
    pub(super) now: Time,
    /// Bytes of input that the connection holds.
    held_input: usize,
    /// How many rooms the client may create, and has, if there is a rule. [common/rate-4]
    pub(super) rooms: Option<Box<(Rate, Meter)>>,
    /// See [`waits_to_create`](Client::waits_to_create).
    pub(super) waits_to_create: bool,
    /// What the store, or the accounts, were asked for.
    pub(super) awaited: Option<Box<Awaited>>,
    /// Where there are accounts.
    pub(super) account: Option<Box<AccountState>>,
}

impl Client {
    pub(super) fn new(shared: &Arc<Shared>, peer: Arc<Peer>) -> Client {
        Client {
            shared: Arc::clone(shared),
            peer,
            membership: None,
            turns: None,
            now: Time::ZERO,
            held_input: 0,
            rooms: None,
            waits_to_create: false,
            awaited: None,
            account: None,
        }
    }

    /// Has the client wait while it creates rooms faster than these rates. [common/rate-4]
    pub fn limit_rates(&mut self, rates: &Rates) {
        self.rooms = (!rates.rooms.is_off()).then(|| Box::new((rates.rooms, Meter::default())));
    }

    /// Whether the client's request waits because it creates rooms too fast. [common/rate-4]
    pub fn waits_to_create(&self) -> bool {
        self.waits_to_create
    }

    /// A number unique in the registry, in order of connecting.
    pub fn id(&self) -> u64 {
        self.peer.id
    }

    /// Notes the time, for the departure that a drop of the handle makes; a caller that does not
    /// lets the client depart at the time of its last request.
    pub fn time_is(&mut self, now: Time) {
        self.now = self.now.max(now);
    }

    /// Performs `request` at once, or answers [`Answer::Wait`] (the caller makes the request again
    /// later) or [`Answer::Gone`] (the client was evicted, or the server shuts down).
    pub fn submit(&mut self, request: Request, call: &mut CallContext<'_>) -> Answer {
        self.time_is(call.now);
        call.appended += 1; // a refusal is work as well
        call.caller_id = Some(self.peer.id);
        self.pass_turn(call);
        let answer = match request {
            // Departures never wait. [common/flow-2]
            Request::Depart { farewell } => self.depart(farewell, call),
            // Replies are not bounded, so a client that does not read gets no more.
            // [common/reply-2]
            request if self.peer.outbox().wait_for_replies(call) => {
                // Others must not wait behind a client that waits for itself.
                self.yield_turn(true, call);
                Answer::Wait { request, until: Time::NEVER }
            }
            // [common/ban-2]
            Request::Name { name }
            | Request::Enter { name, .. }
            | Request::LogIn { name, .. }
            | Request::Ghost { name }
            | Request::Register { name, .. }
                if self.is_banned(&name, call) =>
            {
                Answer::Gone
            }
            Request::Name { name } => self.take_free_name(&name, call),
            Request::LogIn { name, password } => self.log_in(&name, password, call),
            Request::Ghost { name } => self.ghost(&name, call),
            Request::Register { name, password } => self.register(name, password, call),
            Request::ChangePassword { secrets } => self.change_password(secrets, call),
            Request::LogOut => self.log_out(call),
            Request::Enter { room, name } => self.enter(room, name, call),
            Request::Leave => self.leave(call),
            Request::Publish { lines } => self.publish(lines, call),
            Request::Tell { to, line } => self.tell(to, line, call),
            Request::List(listing) => self.list(listing, call),
            Request::History(recall) => self.recall(recall, call),
            Request::Topic => self.topic(),
            Request::SetTopic { text } => self.set_topic(text, call),
            Request::Reply { lines } => self.reply(lines, Answer::Done),
        };
        let waits = matches!(answer, Answer::Wait { .. });
        if !waits && self.turns.as_ref().is_some_and(|own| own.waiting.is_some()) {
            self.yield_turn(true, call);
        }
        if !waits && self.awaited.is_some() {
            self.awaits_nothing();
        }
        self.shared.enforce_total(call);
        answer
    }

    /// The registry has ended this client: nobody waits behind it any longer, and it holds no
    /// input.
    ///
    /// Its connection calls this as soon as it knows, because it may stay for its pending lines.
    /// [common/kick-1]
    pub fn gone(&mut self, call: &mut CallContext<'_>) {
        debug_assert!(self.outbox_state() != OutboxState::Open, "only a client that was ended");
        self.yield_turn(true, call);
        if self.awaited.is_some() {
            self.awaits_nothing();
        }
        self.holds_input(0, call);
    }

    /// Whether the client has the turn in a crowded room, and [`pass_turn`](Client::pass_turn) is
    /// due once other tasks have run.
    pub fn has_turn(&self) -> bool {
        self.turns.as_ref().is_some_and(|own| !own.held.is_empty())
    }

    /// Passes the turn in a crowded room on to the next sender that waits. [common/flow-8]
    ///
    /// The client gets the turn by a request that the room performed. The next request and the drop
    /// of the client pass it on as well; a caller that passes it on only after other tasks have run
    /// keeps a crowd of senders from delaying other rooms.
    pub fn pass_turn(&mut self, call: &mut CallContext<'_>) {
        self.yield_turn(false, call);
    }

    /// Passes the turn on; with `leaves` the client does not wait in a crowd any longer either.
    pub(super) fn yield_turn(&mut self, leaves: bool, call: &mut CallContext<'_>) {
        let Some(own) = &mut self.turns else { return };
        for room in std::mem::take(&mut own.held) {
            let mut members = room.lock();
            members.pass_turn(&self.shared.delivery, call);
            self.shared.close_up(&room, members);
        }
        match own.waiting.take_if(|_| leaves) {
            Some((Queue::Room(room), position)) => room.lock().leave_queue(position, call),
            Some((Queue::Private(peer), position)) => {
                peer.private_wait_ends(position, false, call);
            }
            None => {}
        }
        drop(self.turns.take_if(|own| own.waiting.is_none()));
    }

    /// The handle that writes this client's outbox; other tasks may have one too.
    pub fn outlet(&self) -> Outlet {
        Outlet { peer: Arc::clone(&self.peer) }
    }

    /// The handle by which others than the connection reach this client.
    pub fn remote(&self) -> Remote {
        Remote::new(&self.shared, &self.peer)
    }

    /// Whether the outbox is open, closed or evicted.
    pub fn outbox_state(&self) -> OutboxState {
        self.peer.outbox().state()
    }

    /// Why the registry ended the client: a stall, an overflow, the total bound, the shutdown, a
    /// kick or a ban, whichever came first. `None` while the client is open, and if it departed by
    /// itself.
    pub fn close_reason(&self) -> Option<CloseReason> {
        self.peer.outbox().close_reason()
    }

    /// How the client stood when the registry ended it for a stall, an overflow or the total bound;
    /// `None` if it has not.
    pub fn last_figures(&self) -> Option<LastFigures> {
        self.peer.outbox().last_figures()
    }

    /// What the connection has accepted so far.
    pub fn sent(&self) -> Sent {
        self.peer.outbox().sent()
    }

    /// The charge of the outbox: unsent bytes, and
    /// [`ENTRY_BYTES`](crate::limits::ENTRY_BYTES) for each entry. [common/outbox-3]
    pub fn charge(&self) -> usize {
        self.peer.outbox().charge()
    }

    /// The connection holds `bytes` bytes of input of this client, which count towards the total.
    /// [common/outbox-9]
    pub fn holds_input(&mut self, bytes: usize, call: &mut CallContext<'_>) {
        if bytes != self.held_input {
            self.held_input = bytes;
            self.peer.outbox().hold_input(bytes, &self.shared.delivery.ledger);
            self.shared.enforce_total(call);
        }
    }

    /// How many bytes of input to read at once: less while memory is short, because the rest of a
    /// read is kept while the client is held. [common/outbox-9]
    pub fn read_bytes_max(&self) -> usize {
        let delivery = &self.shared.delivery;
        let short = delivery.ledger.total() > delivery.bounds.total_bytes_max() / 2;
        if short { SMALL_READ_BYTES_MAX } else { READ_BYTES_MAX }
    }

    /// When [`expire`](Client::expire) must be called; it may be called earlier.
    pub fn deadline(&self) -> Time {
        // NEVER plus the limit is NEVER.
        self.peer.outbox().refusing_since() + self.shared.delivery.bounds.stall()
    }

    /// Evicts the client if it has accepted no byte for the stall limit. [common/outbox-8]
    pub fn expire(&mut self, call: &mut CallContext<'_>) {
        call.caller_id = Some(self.peer.id);
        if self.peer.outbox().stalled(self.shared.delivery.bounds.stall(), call.now) {
            self.shared.evict(&self.peer, CloseReason::Stalled, call);
            self.shared.enforce_total(call);
        }
    }

    fn publish(&mut self, lines: Vec<u8>, call: &mut CallContext<'_>) -> Answer {
        let Some(membership) = &self.membership else {
            debug_assert!(false, "only a member publishes");
            return Answer::Gone;
        };
        let delivery = &self.shared.delivery;
        let policy = delivery.dialect.policy();
        let mut members = membership.room.lock();
        if !members.contains(membership.number) || self.outbox_state() != OutboxState::Open {
            return Answer::Gone;
        }
        let own = (&membership.room, membership.number);
        let wait = |lines, until| Answer::Wait { request: Request::Publish { lines }, until };
        let archive = delivery.archive.as_deref().filter(|_| policy.keeps_history);
        let stored = archive.and_then(|archive| {
            members.is_stored(own, &mut self.turns, lines.len(), archive, call)
        });
        let held_until = match stored {
            Some(Kept::Wait(until)) => Some(until),
            // It has had its turn.
            Some(Kept::Send) => members.congested_until(call),
            None => members.holds_until(own.0, &mut self.turns, cost(lines.len()), call),
        };
        if let Some(until) = held_until {
            return wait(lines, until);
        }
        let chunk = delivery.chunk(lines);
        if let (Some(archive), None) = (archive, stored)
            && let Kept::Wait(until) = members.keep(own, &mut self.turns, &chunk, archive, call)
        {
            return wait(chunk.bytes().to_vec(), until);
        }
        members.ends_storing();
        if policy.keeps_history {
            members.remember(chunk.bytes(), delivery);
        }
        let skip = (!policy.sender_hears_itself).then_some(self.peer.id);
        members.fan_out(&chunk, skip, delivery, call);
        members.take_turn(&membership.room, &mut self.turns, call);
        let still_here = members.contains(membership.number);
        self.shared.close_up(&membership.room, members);
        if still_here { Answer::Published } else { Answer::Gone }
    }

    /// Ends the membership and releases the name first, and then tells the client and the others.
    /// [common/eos-6] [rooms/error-3] [common/unique-2] [simple/leave-2]
    fn depart(&mut self, farewell: Vec<u8>, call: &mut CallContext<'_>) -> Answer {
        self.yield_turn(true, call);
        let silent = farewell.is_empty();
        let delivery = &self.shared.delivery;
        let say_farewell = |call: &mut CallContext<'_>| {
            self.peer.append_reply(delivery.chunk(farewell), &delivery.ledger, call.now);
            self.peer.outbox().close(None, call);
        };
        if let Some(Membership { room, number }) = &self.membership {
            let departure = Removal::departure(silent, &mut self.turns);
            self.shared.remove_member(room, *number, &self.peer, departure, call, say_farewell);
        } else if self.peer.place().is_none() {
            delivery.names.release(&self.peer);
            say_farewell(call);
        } else {
            say_farewell(call); // the name is released with the membership
        }
        self.membership = None;
        match self.outbox_state() {
            OutboxState::Evicted => Answer::Gone,
            OutboxState::Open | OutboxState::Closed => Answer::Departed,
        }
    }

    /// Queues `lines`, if any, for this client and returns `answer`, or [`Answer::Gone`] if the
    /// outbox takes nothing more.
    pub(super) fn reply(&self, lines: Vec<u8>, answer: Answer) -> Answer {
        self.reply_with(self.shared.delivery.chunk(lines), answer)
    }

    /// As [`reply`](Client::reply), with lines that other clients may share.
    pub(super) fn reply_with(&self, lines: Chunk, answer: Answer) -> Answer {
        self.peer.append_reply(lines, &self.shared.delivery.ledger, self.now);
        if self.outbox_state() == OutboxState::Open { answer } else { Answer::Gone }
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let mut call = CallContext::new(self.now, Waker::noop());
        call.caller_id = Some(self.peer.id);
        self.awaits_nothing();
        self.depart(Vec::new(), &mut call);
        self.yield_turn(true, &mut call); // the departure itself may have taken the turn
        self.peer.evict(None, &self.shared.delivery.ledger, &mut call);
        self.shared.enforce_total(&mut call);
        lock(&self.shared.directory).disconnect(self.peer.id);
    }
}

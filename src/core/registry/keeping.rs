//! Requests of a client that concern the store of its registry.

use super::archive::{Archive, Pushed, Write};
use super::awaited::Awaited;
use super::call_context::CallContext;
use super::chunk::Chunk;
use super::client::Client;
use super::kept_room::{Kept, Loading, Storing};
use super::outbox::OutboxState;
use super::room::{Members, Membership, Room};
use super::turns::OwnTurns;
use super::wait_queue::cost;
use crate::limits::HELD_INTERVAL;
use crate::protocol::extensions::{Recall, Topic};
use crate::protocol::{Answer, Fault, Name, Request};
use crate::sync::Arc;
use crate::time::Time;

impl Client {
    /// Until when the client waits before it enters `room`, at most: what is kept of a room without
    /// members has to be read first. It stays in its old room meanwhile. [extensions/history-4]
    pub(super) fn awaits_room(&mut self, room: &Name, call: &mut CallContext<'_>) -> Option<Time> {
        let shared = Arc::clone(&self.shared);
        let archive = shared.delivery.archive.as_deref()?;
        let mut waits = false;
        self.in_room(room, |client, room, members| {
            let Some(kept) = &mut members.kept else { return Answer::Done };
            if matches!(kept.loading, Loading::Unasked) {
                let ticket = archive.ask_for_room(&room.name, call);
                kept.loading = Loading::Asked(ticket, super::ticket::Tickets::default());
            }
            if let Loading::Asked(_, tickets) = &mut kept.loading {
                tickets.register(call);
                waits = true;
                if client.awaited.is_none() {
                    kept.awaited += 1;
                    client.awaited = Some(Box::new(Awaited::Room(Arc::clone(room))));
                }
            }
            Answer::Done
        });
        waits.then(|| call.now + HELD_INTERVAL)
    }

    /// The client waits for nothing that was asked for any longer.
    pub(super) fn awaits_nothing(&mut self) {
        match self.awaited.take().map(|awaited| *awaited) {
            Some(Awaited::Room(room)) => {
                let mut members = room.lock();
                if let Some(kept) = &mut members.kept {
                    kept.awaited -= 1;
                }
                self.shared.close_up(&room, members);
            }
            Some(Awaited::Lines(ticket)) => {
                if let Some(archive) = &self.shared.delivery.archive {
                    archive.forget(ticket);
                }
            }
            Some(Awaited::Verdict(ticket)) => {
                if let Some(inquiries) = &self.shared.inquiries {
                    inquiries.forget(ticket);
                }
            }
            None => {}
        }
    }

    /// Answers with lines that were said in the room, once they were read. [extensions/history-1]
    pub(super) fn recall(&mut self, recall: Recall, call: &mut CallContext<'_>) -> Answer {
        let Some(archive) = &self.shared.delivery.archive else {
            return self.refuse(&Fault::UnknownCommand);
        };
        let Some(Membership { room, .. }) = &self.membership else {
            return self.refuse(&Fault::NotInRoom);
        };
        let wait =
            |now| Answer::Wait { request: Request::History(recall), until: now + HELD_INTERVAL };
        if self.awaited.is_none() {
            let ticket = archive.ask_for_lines((&self.peer, &room.name), recall, call);
            self.awaited = Some(Box::new(Awaited::Lines(ticket)));
            return wait(call.now);
        }
        let reply = self.peer.outbox().take_recalled();
        match reply {
            None if self.outbox_state() == OutboxState::Open => wait(call.now),
            None => Answer::Gone,
            Some(reply) => self.reply_with(reply, Answer::Done),
        }
    }

    /// Answers with the topic of the room. [extensions/topic-1]
    pub(super) fn topic(&self) -> Answer {
        let Some(Membership { room, .. }) = &self.membership else {
            return self.refuse(&Fault::NotInRoom);
        };
        let members = room.lock();
        let topic = members.kept.as_ref().and_then(|kept| kept.topic.as_ref());
        let mut lines = Vec::new();
        self.shared.delivery.dialect.topic(&room.name, topic, &mut lines);
        // Under the lock: nothing of the room comes between.
        self.reply(lines, Answer::Done)
    }

    /// Changes the topic of the room, at its place in the room's order. Like a line it waits for
    /// congested members. [extensions/topic-2]
    pub(super) fn set_topic(&mut self, text: Vec<u8>, call: &mut CallContext<'_>) -> Answer {
        let Some(Membership { room, number }) = self.membership.clone() else {
            return self.refuse(&Fault::NotInRoom);
        };
        let delivery = &self.shared.delivery;
        let mut members = room.lock();
        if !members.contains(number) || self.outbox_state() != OutboxState::Open {
            return Answer::Gone;
        }
        let wait = |text, until| Answer::Wait { request: Request::SetTopic { text }, until };
        if let Some(until) = members.holds_until(&room, &mut self.turns, cost(text.len()), call) {
            return wait(text, until);
        }
        let (Some(archive), Some(sender)) = (&delivery.archive, members.name_of(number)) else {
            drop(members);
            return self.refuse(&Fault::UnknownCommand);
        };
        let at = call.now;
        let write = |_| {
            let (room, text) = (room.name.clone(), text.clone());
            Write::Topic { room, sender: sender.clone(), at, text }
        };
        if archive.push(0, call, write) == Pushed::Full {
            return wait(text, call.now + HELD_INTERVAL);
        }
        let topic = (!text.is_empty()).then_some(Topic { sender, text });
        let mut notice = Vec::new();
        delivery.dialect.topic(&room.name, topic.as_ref(), &mut notice);
        if let Some(kept) = &mut members.kept {
            kept.topic = topic;
        }
        members.fan_out(&delivery.chunk(notice), None, delivery, call);
        members.take_turn(&room, &mut self.turns, call);
        let still_here = members.contains(number);
        self.shared.close_up(&room, members);
        if still_here { Answer::Done } else { Answer::Gone }
    }
}

impl Members {
    /// The name of member `number`.
    fn name_of(&self, number: u64) -> Option<Name> {
        self.list[self.index_of(number).ok()?].name.clone()
    }

    /// Whether the line of member `number` is stored already and only has to be sent, or until when
    /// it waits, at most: until then it is being stored, or another line of its room is. `None` if
    /// it has to be stored first. [extensions/store-2]
    pub(super) fn is_stored(
        &mut self,
        (room, number): (&Arc<Room>, u64),
        own: &mut OwnTurns,
        bytes: usize,
        archive: &Archive,
        call: &mut CallContext<'_>,
    ) -> Option<Kept> {
        let storing = self.kept.as_ref()?.storing?;
        if storing.member == number {
            let written = archive.has_written(storing.until, call);
            return Some(if written { Kept::Send } else { Kept::Wait(call.now + HELD_INTERVAL) });
        }
        if self.contains(storing.member) {
            return Some(Kept::Wait(self.enqueue(room, own, cost(bytes), call)));
        }
        self.ends_storing(); // it has departed meanwhile
        None
    }

    /// The line that was stored is sent, or never will be.
    pub(super) fn ends_storing(&mut self) {
        if let Some(kept) = &mut self.kept {
            kept.storing = None;
        }
    }

    /// Puts lines of member `number` into the queue of the store.
    pub(super) fn keep(
        &mut self,
        (room, number): (&Arc<Room>, u64),
        own: &mut OwnTurns,
        lines: &Chunk,
        archive: &Archive,
        call: &mut CallContext<'_>,
    ) -> Kept {
        let Some(sender) = self.name_of(number) else { return Kept::Send };
        let at = call.now;
        let write = |first_id| {
            let (room, lines) = (room.name.clone(), lines.clone());
            Write::Lines { first_id, room, sender, at, lines }
        };
        match archive.push(lines.lines(), call, write) {
            Pushed::Full => Kept::Wait(call.now + HELD_INTERVAL),
            Pushed::Queued(until) if archive.options.stores_first => {
                if let Some(kept) = &mut self.kept {
                    kept.storing = Some(Storing { member: number, until });
                }
                archive.has_written(until, call); // it has not, and the caller has a ticket
                // The others wait behind it.
                Kept::Wait(self.enqueue(room, own, cost(lines.bytes().len()), call))
            }
            Pushed::Queued(_) => Kept::Send,
        }
    }
}

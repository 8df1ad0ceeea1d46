//! What the registry asks of a store: a bounded queue of effects, and their outcomes.
//!
//! The registry does no I/O. What is to be stored and what has to be read are values in this queue,
//! in the one order of each room. The shell takes them, performs them on its store, and gives the
//! outcomes back. Requests that need an outcome are answered
//! [`Answer::Wait`](crate::protocol::Answer::Wait) meanwhile, and so are lines while the queue is
//! full: nothing is dropped on the way. [extensions/store-3]
//!
//! Its lock comes after a room's, and nothing is locked under it.

use super::call_context::CallContext;
use super::chunk::Chunk;
use super::peer::Peer;
use super::ticket::Tickets;
use crate::limits::{ARCHIVE_BYTES_MAX, ARCHIVE_STEP_BYTES_MAX, ENTRY_BYTES};
use crate::protocol::Name;
use crate::protocol::dialect::Dialect;
use crate::protocol::extensions::{PastLine, Recall, Topic};
use crate::sync::{Arc, AtomicBool, Mutex, MutexGuard, Ordering, lock};
use crate::time::Time;
use std::collections::{BTreeMap, VecDeque};
use std::task::Waker;

/// How a registry keeps its rooms in a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArchiveOptions {
    /// How many lines a joiner is sent. [extensions/history-4]
    pub lines: usize,
    /// The number of the next line.
    pub next_id: u64,
    /// Whether a line is sent to members only once it is stored. [extensions/store-2]
    pub stores_first: bool,
}

/// Something to store.
#[derive(Clone, Debug)]
pub enum Write {
    /// Lines of one client in one room.
    Lines {
        /// The number of the first; the others have those that follow.
        first_id: u64,
        /// The room.
        room: Name,
        /// The client's name.
        sender: Name,
        /// When they were said.
        at: Time,
        /// The lines as rendered; [`texts`] has what was said.
        lines: Chunk,
    },
    /// The topic of a room from now on.
    Topic {
        /// The room.
        room: Name,
        /// The client that set it.
        sender: Name,
        /// When.
        at: Time,
        /// The topic; empty if there is none.
        text: Vec<u8>,
    },
}

impl Write {
    /// Its part of the bytes that wait, as an outbox charges an entry.
    fn charge(&self) -> usize {
        let bytes = match self {
            Write::Lines { lines, .. } => lines.bytes().len(),
            Write::Topic { text, .. } => text.len(),
        };
        bytes + ENTRY_BYTES
    }

    /// The number of the line behind it; of no line if it has none.
    fn next_id(&self) -> u64 {
        match self {
            Write::Lines { first_id, lines, .. } => first_id + u64::from(lines.lines()),
            Write::Topic { .. } => 0,
        }
    }
}

/// Something to read. It is performed after every write that was taken before or with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Read {
    /// What is kept of a room that has no members at the moment.
    Room {
        /// The room.
        room: Name,
        /// Goes back with the outcome.
        ticket: u64,
        /// So many lines, the newest.
        lines: usize,
    },
    /// Lines of a room.
    Lines {
        /// The room.
        room: Name,
        /// Goes back with the outcome.
        ticket: u64,
        /// Which lines.
        recall: Recall,
    },
}

/// What the shell has to perform, the writes first.
#[derive(Debug, Default)]
pub struct Effects {
    /// In the order in which they are to be stored.
    pub writes: Vec<Write>,
    /// In any order.
    pub reads: Vec<Read>,
}

/// How an effect has ended. What cannot be stored or read is no reason for anybody to wait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All writes taken last are stored, or they are lost.
    Written {
        /// Whether they are stored.
        stored: bool,
    },
    /// The outcome of [`Read::Room`].
    Room {
        /// As it was asked for.
        room: Name,
        /// As it was asked with.
        ticket: u64,
        /// The last lines, oldest first; none if they cannot be read.
        lines: Vec<PastLine>,
        /// The topic.
        topic: Option<Topic>,
    },
    /// The outcome of [`Read::Lines`].
    Lines {
        /// As it was asked for.
        room: Name,
        /// As it was asked with.
        ticket: u64,
        /// The lines, oldest first; `None` if they cannot be read.
        lines: Option<Vec<PastLine>>,
    },
}

/// The texts of rendered `lines` of one client in one room.
pub fn texts<'a>(
    dialect: &dyn Dialect,
    (room, sender): (&Name, &Name),
    lines: &'a [u8],
) -> impl Iterator<Item = &'a [u8]> {
    // What is around the text depends on the names alone: it is that of a text of one sign.
    let mut sample = Vec::new();
    dialect.said(room, sender, b"\n", &mut sample);
    let before = sample.iter().position(|byte| *byte == b'\n').unwrap_or(0);
    let after = sample.len() - before - 1;
    let lines = lines.split_inclusive(|byte| *byte == b'\n');
    lines.map(move |line| line.get(before..line.len() - after).unwrap_or_default())
}

/// The queue, and what waits for outcomes.
#[derive(Debug)]
pub(super) struct Archive {
    pub(super) options: ArchiveOptions,
    /// Whether the last writes were stored. [extensions/store-4]
    keeps: AtomicBool,
    queue: Mutex<Queue>,
}

#[derive(Debug, Default)]
struct Queue {
    next_id: u64,
    next_ticket: u64,
    writes: VecDeque<Write>,
    reads: VecDeque<Read>,
    /// The charge of `writes`, and of those taken and not written yet.
    bytes: usize,
    bytes_taken: usize,
    /// All lines with smaller numbers are stored or lost; those taken last end before the second.
    written: u64,
    taken: u64,
    /// The task of the shell that performs effects, while it sleeps until there are any, or until
    /// there are some that do not wait for others.
    performer: Option<(Waker, Sleep)>,
    /// The requests that wait until something was written.
    senders: Tickets,
    /// The requests that wait for lines, by their tickets.
    recalls: BTreeMap<u64, (Waker, Arc<Peer>)>,
}

/// What ends the sleep of the performer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sleep {
    /// Any effect.
    UntilAny,
    /// One that somebody waits for, or so many that more would have to wait.
    UntilUrgent,
}

/// What became of something to store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pushed {
    /// It is in the queue; the number of the line behind it.
    Queued(u64),
    /// There is no place, and the caller has a ticket.
    Full,
}

impl Queue {
    fn is_urgent(&self, options: &ArchiveOptions) -> bool {
        let waited_for = options.stores_first && !self.writes.is_empty();
        waited_for || !self.reads.is_empty() || self.bytes > ARCHIVE_BYTES_MAX / 2
    }

    fn ends(&self, sleep: Sleep, options: &ArchiveOptions) -> bool {
        let any = !self.writes.is_empty() || !self.reads.is_empty();
        any && (sleep == Sleep::UntilAny || self.is_urgent(options))
    }

    /// Has the performer go on, if it sleeps and there is what it waits for.
    fn notify(&mut self, options: &ArchiveOptions, call: &mut CallContext<'_>) {
        let sleep = self.performer.as_ref().map(|(_, sleep)| *sleep);
        if sleep.is_some_and(|sleep| self.ends(sleep, options)) {
            call.effects = self.performer.take().map(|(waker, _)| waker);
        }
    }
}

impl Archive {
    pub(super) fn new(options: ArchiveOptions) -> Archive {
        let ids = Queue { next_id: options.next_id, ..Queue::default() };
        Archive { options, keeps: AtomicBool::new(true), queue: Mutex::new(ids) }
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        lock(&self.queue)
    }

    /// Whether lines are stored, as far as is known. [extensions/store-4]
    pub(super) fn keeps(&self) -> bool {
        self.keeps.load(Ordering::Relaxed)
    }

    /// The charge of what is not stored yet, in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.queue().bytes
    }

    /// Queues what `write` makes of the number of its first line, if there is place.
    pub(super) fn push(
        &self,
        lines: u32,
        call: &mut CallContext<'_>,
        write: impl FnOnce(u64) -> Write,
    ) -> Pushed {
        let mut queue = self.queue();
        if queue.bytes > ARCHIVE_BYTES_MAX {
            queue.senders.register(call);
            return Pushed::Full;
        }
        let first_id = queue.next_id;
        queue.next_id += u64::from(lines);
        let write = write(first_id);
        queue.bytes += write.charge();
        queue.writes.push_back(write);
        queue.notify(&self.options, call);
        Pushed::Queued(queue.next_id)
    }

    /// Whether all lines with numbers below `id` are stored or lost; if not, the caller has a
    /// ticket.
    pub(super) fn has_written(&self, id: u64, call: &CallContext<'_>) -> bool {
        let mut queue = self.queue();
        let written = queue.written >= id;
        if !written {
            queue.senders.register(call);
        }
        written
    }

    /// Asks for what is kept of `room`; returns the ticket.
    pub(super) fn ask_for_room(&self, room: &Name, call: &mut CallContext<'_>) -> u64 {
        let mut queue = self.queue();
        let ticket = queue.take_ticket();
        let lines = self.options.lines;
        queue.reads.push_back(Read::Room { room: room.clone(), ticket, lines });
        queue.notify(&self.options, call);
        ticket
    }

    /// Asks for lines of `room` on behalf of `peer`; returns the ticket.
    pub(super) fn ask_for_lines(
        &self,
        (peer, room): (&Arc<Peer>, &Name),
        recall: Recall,
        call: &mut CallContext<'_>,
    ) -> u64 {
        let mut queue = self.queue();
        let ticket = queue.take_ticket();
        queue.recalls.insert(ticket, (call.caller.clone(), Arc::clone(peer)));
        queue.reads.push_back(Read::Lines { room: room.clone(), ticket, recall });
        queue.notify(&self.options, call);
        ticket
    }

    /// Nobody waits for these lines any more.
    pub(super) fn forget(&self, ticket: u64) {
        let mut queue = self.queue();
        queue.recalls.remove(&ticket);
        queue
            .reads
            .retain(|read| !matches!(read, Read::Lines { ticket: own, .. } if *own == ticket));
    }

    /// Has `performer` woken at the end of this sleep; true if it is over already.
    pub(super) fn sleep(&self, sleep: Sleep, performer: &Waker) -> bool {
        let mut queue = self.queue();
        let over = queue.ends(sleep, &self.options);
        queue.performer = (!over).then(|| (performer.clone(), sleep));
        over
    }

    /// Takes the first writes, and reads if these are all.
    pub(super) fn take(&self, reads_max: usize) -> Effects {
        let mut queue = self.queue();
        let (mut count, mut bytes) = (0, 0);
        while let Some(write) = queue.writes.get(count)
            && bytes < ARCHIVE_STEP_BYTES_MAX
        {
            (count, bytes) = (count + 1, bytes + write.charge());
        }
        queue.bytes_taken = bytes;
        let writes: Vec<_> = queue.writes.drain(..count).collect();
        queue.taken = writes.iter().map(Write::next_id).fold(queue.taken, u64::max);
        // A read is to see everything that was said before it was asked for.
        let reads = if queue.writes.is_empty() { queue.reads.len().min(reads_max) } else { 0 };
        Effects { writes, reads: queue.reads.drain(..reads).collect() }
    }

    /// The writes taken last have ended.
    pub(super) fn written(&self, stored: bool, call: &mut CallContext<'_>) {
        self.keeps.store(stored, Ordering::Relaxed);
        let mut queue = self.queue();
        queue.bytes -= std::mem::take(&mut queue.bytes_taken);
        queue.written = queue.taken;
        queue.senders.resume(call);
    }

    /// What `ticket` asked for was read: this is the reply.
    pub(super) fn read(&self, ticket: u64, reply: Chunk, call: &mut CallContext<'_>) {
        let asked = self.queue().recalls.remove(&ticket);
        if let Some((client, peer)) = asked {
            peer.outbox().keep_recalled(reply);
            call.senders.push(client);
        }
    }
}

impl Queue {
    fn take_ticket(&mut self) -> u64 {
        self.next_ticket += 1;
        self.next_ticket
    }
}

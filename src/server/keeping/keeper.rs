//! A store, and how it fares.

use crate::service::Service;
use crate::transport::Clock;
use parlance_core::limits::RECALL_BYTES_MAX;
use parlance_core::protocol::extensions::{PastLine, Topic};
use parlance_core::protocol::{Dialect, Name};
use parlance_core::registry::{CallContext, Effects, Outcome, Read, Write, texts};
use parlance_core::time::Time;
use parlance_store::{Failure, Line, Millis, Recall, Record, Retention, Store};
use std::task::Waker;
use std::time::Duration;

/// The most reads between two times of writing: what clients ask for must not keep lines from being
/// stored.
pub const READS_MAX: usize = 16;

/// How long a store that has failed is left alone before it is tried again. [extensions/store-4]
const RETRY: Duration = Duration::from_secs(1);

/// A moment of the clock of sessions, and what the calendar says at that moment.
#[derive(Clone, Copy, Debug)]
pub struct Wall {
    /// The moment.
    pub now: Time,
    /// The same moment, in milliseconds since 1970 in UTC.
    pub millis: Millis,
}

impl Wall {
    /// What the calendar said at `at`, which is not later.
    fn at(self, at: Time) -> Millis {
        let ago = Millis::try_from(self.now.since(at).as_millis()).unwrap_or(Millis::MAX);
        self.millis.saturating_sub(ago)
    }
}

/// Performs effects on a store, and notices when it fails.
pub struct Keeper {
    store: Box<dyn Store>,
    retention: Retention,
    /// When a store that has failed is tried again; `None` while it works.
    retry_at: Option<Time>,
    /// Lines that were lost since it has failed.
    lost: u64,
    /// Told when the store fails, and when it works again.
    on_change: Box<dyn Fn(bool) + Send>,
}

impl Keeper {
    /// A keeper of `store`. `on_change` is told whether the store has failed when that changes.
    pub fn new(
        store: Box<dyn Store>,
        retention: Retention,
        on_change: impl Fn(bool) + Send + 'static,
    ) -> Keeper {
        Keeper { store, retention, retry_at: None, lost: 0, on_change: Box::new(on_change) }
    }

    /// Performs `effects` of the registry of `service`, and gives the outcomes back.
    pub fn perform<C: Clock>(&mut self, service: &Service<C>, effects: Effects, wall: Wall) {
        let Effects { writes, reads } = effects;
        let mut call = CallContext::new(wall.now, Waker::noop());
        if !writes.is_empty() {
            let stored = self.write(service, &writes, wall);
            // They count as memory until their outcome is known, and no longer.
            drop(writes);
            service.registry().performed(Outcome::Written { stored }, &mut call);
        }
        call.wake();
        for read in reads {
            let outcome = self.read(read);
            service.registry().performed(outcome, &mut call);
            call.wake();
        }
    }

    /// Stores `writes`, or loses them; says which.
    fn write<C: Clock>(&mut self, service: &Service<C>, writes: &[Write], wall: Wall) -> bool {
        let lines = writes.iter().map(lines_of).sum();
        let waits = self.retry_at.is_some_and(|at| wall.now < at);
        let written = (!waits).then(|| {
            let mut records = writes.iter().flat_map(|write| records(service.dialect, write, wall));
            self.store.append(&mut records)
        });
        let stored = matches!(written, Some(Ok(())));
        service.figures.stored(lines, stored);
        match written {
            Some(Ok(())) => self.works(),
            Some(Err(failure)) => self.fails(&failure, wall.now),
            None => {}
        }
        if !stored {
            self.lost += lines;
        }
        stored
    }

    fn works(&mut self) {
        if self.retry_at.take().is_some() {
            let lost = std::mem::take(&mut self.lost);
            tracing::warn!(lost, "history is kept again; the lines said meanwhile are lost");
            (self.on_change)(false);
        }
    }

    fn fails(&mut self, failure: &Failure, now: Time) {
        if self.retry_at.replace(now + RETRY).is_none() {
            let why = parlance_printable::escape(&failure.message);
            tracing::error!(%why, "history is not kept until this is mended; chat goes on");
            (self.on_change)(true);
        }
    }

    fn read(&mut self, read: Read) -> Outcome {
        match read {
            Read::Room { room, ticket, lines } => {
                let asked = Recall { before: u64::MAX, lines_max: lines, bytes_max: usize::MAX };
                let kept = self.store.kept(room.as_bytes(), &asked).unwrap_or_else(|failure| {
                    unread(&failure);
                    parlance_store::Kept::default()
                });
                let topic = kept.topic.and_then(|topic| {
                    Some(Topic { sender: name(&topic.sender)?, text: topic.text })
                });
                let lines = kept.lines.into_iter().filter_map(past).collect();
                Outcome::Room { room, ticket, lines, topic }
            }
            Read::Lines { room, ticket, recall } => {
                let asked = Recall {
                    before: recall.before,
                    lines_max: recall.lines,
                    bytes_max: RECALL_BYTES_MAX,
                };
                let lines = self.store.recall(room.as_bytes(), &asked);
                let lines = lines.inspect_err(unread).ok();
                let lines = lines.map(|lines| lines.into_iter().filter_map(past).collect());
                Outcome::Lines { room, ticket, lines }
            }
        }
    }

    /// Forgets some of the lines that are not to be kept any longer; true if there are more.
    pub fn prune(&mut self, millis: Millis) -> bool {
        if self.retention == Retention::default() {
            return false;
        }
        self.store.prune(&self.retention, millis).unwrap_or_else(|failure| {
            let why = parlance_printable::escape(&failure.message);
            tracing::error!(%why, "old lines cannot be forgotten");
            false
        })
    }
}

fn unread(failure: &Failure) {
    let why = parlance_printable::escape(&failure.message);
    tracing::error!(%why, "history cannot be read");
}

fn lines_of(write: &Write) -> u64 {
    match write {
        Write::Lines { lines, .. } => u64::from(lines.lines()),
        Write::Topic { .. } => 0,
    }
}

/// What the store is given for one write.
fn records<'a>(
    dialect: &'static dyn Dialect,
    write: &'a Write,
    wall: Wall,
) -> Box<dyn Iterator<Item = Record<'a>> + 'a> {
    match write {
        Write::Lines { first_id, room, sender, at, lines } => {
            let at = wall.at(*at);
            let texts = texts(dialect, (room, sender), lines.bytes());
            let (room, sender) = (room.as_bytes(), sender.as_bytes());
            let numbered = (*first_id..).zip(texts);
            Box::new(numbered.map(move |(id, text)| Record::Line { id, room, sender, at, text }))
        }
        Write::Topic { room, sender, at, text } => {
            let (room, sender, at) = (room.as_bytes(), sender.as_bytes(), wall.at(*at));
            Box::new(std::iter::once(Record::Topic { room, sender, at, text }))
        }
    }
}

/// A line as the registry has it; none if its sender has no name that could be sent.
fn past(line: Line) -> Option<PastLine> {
    let Line { id, at, sender, text } = line;
    let is_line = !text.contains(&b'\n');
    Some(PastLine { id, at, sender: name(&sender)?, text }).filter(|_| is_line)
}

fn name(bytes: &[u8]) -> Option<Name> {
    Name::new(bytes, usize::MAX)
}

//! The state behind the one lock: the model, the connections, and the bytes between them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::conn::{Conn, Mark, Next};
use crate::mutants::fault::{Fate, Fault, Manner};
use crate::mutants::scene::{Cause, Event, Memory, Own, Scene};
use parlance_model::{ClientId, Config, Dialect, LINE_MAX, Model, OutboxState, Parting};

/// Maximum bytes that are moved from the model to a connection at a time: as many as a small buffer
/// of the system would take.
const PORTION: usize = 16_384;

/// The server, without its threads.
pub(super) struct Service {
    dialect: Dialect,
    pub(super) model: Model,
    faults: Vec<Fault>,
    pub(super) memory: Memory,
    pub(super) conns: BTreeMap<ClientId, Conn>,
    /// Members whose connection is gone without the model being told.
    ghosts: Vec<ClientId>,
    /// When held clients are tried again.
    retries: BTreeMap<ClientId, u64>,
    started: Instant,
    /// Time that has passed for the deadlines alone.
    pub(super) skipped: Duration,
    /// No further connection is accepted.
    pub(super) deaf: bool,
}

impl Service {
    pub(super) fn new(dialect: Dialect, mut config: Config, faults: &[Fault]) -> Service {
        for fault in faults {
            if let Fault::Config(change) = fault {
                change(&mut config);
            }
        }
        Service {
            dialect,
            model: Model::new(config, dialect),
            faults: faults.to_vec(),
            memory: Memory::default(),
            conns: BTreeMap::new(),
            ghosts: Vec::new(),
            retries: BTreeMap::new(),
            started: Instant::now(),
            skipped: Duration::ZERO,
            deaf: false,
        }
    }

    pub(super) fn now(&self) -> u64 {
        u64::try_from((self.started.elapsed() + self.skipped).as_nanos()).unwrap_or(u64::MAX)
    }

    /// Maximum length of a line.
    fn line_limit(&self) -> usize {
        let limit = |fault: &Fault| match fault {
            Fault::Manner(Manner::LineLimit(bytes)) => Some(*bytes),
            _ => None,
        };
        self.faults.iter().find_map(limit).unwrap_or(LINE_MAX)
    }

    /// The delay of every write.
    pub(super) fn delay(&self) -> Option<Duration> {
        self.faults.iter().find_map(|fault| match fault {
            Fault::Manner(Manner::Delay(time)) => Some(*time),
            _ => None,
        })
    }

    /// Whether connections are treated in this manner.
    pub(super) fn has(&self, wanted: impl Fn(&Manner) -> bool) -> bool {
        self.faults.iter().any(|fault| matches!(fault, Fault::Manner(one) if wanted(one)))
    }

    /// Processes an event of one client; all bytes that are then pending in the model are marked as
    /// its consequence.
    fn happen(&mut self, actor: ClientId, event: Event, act: impl FnOnce(&mut Model, u64)) {
        let now = self.now();
        let before = self.model.outbox_state(actor).clone();
        let state = |model: &Model, id| {
            (model.queued(id), model.is_held(id), model.outbox_state(id).clone())
        };
        let states: Vec<_> = self.conns.keys().map(|id| (*id, state(&self.model, *id))).collect();
        act(&mut self.model, now);
        self.model.perform_store(now);
        for ghost in &self.ghosts {
            self.model.accept_bytes(*ghost, usize::MAX, now);
            drop(self.model.take_delivered(*ghost)); // it goes nowhere
        }
        let after = self.model.outbox_state(actor).clone();
        let fresh = |id: &ClientId| *self.model.outbox_state(*id) == OutboxState::Fresh;
        let unnamed = self.conns.keys().copied().filter(fresh).collect();
        let cause = Arc::new(Cause { actor, event, before, after, unnamed });
        for (id, earlier) in states {
            let now = state(&self.model, id);
            let length = now.0.saturating_sub(earlier.0);
            let Some(conn) = self.conns.get_mut(&id) else { continue };
            if length > 0 {
                conn.marks.push_back(Mark::Queued(length, Arc::clone(&cause)));
            }
            // Ringing for all of a crowd at each event would be most of what this server does.
            if id == actor || now != earlier {
                conn.bell.notify_all();
            }
        }
    }

    /// Shows an event to every fault at a seam.
    fn at_seam<T>(
        &mut self,
        id: ClientId,
        mut value: T,
        mut each: impl FnMut(&Fault, &mut Scene<'_>, T) -> T,
    ) -> T {
        let mut own =
            self.conns.get_mut(&id).map_or(Own::default(), |c| std::mem::take(&mut c.own));
        let mut also = Vec::new();
        for fault in &self.faults {
            let mut scene = Scene {
                dialect: self.dialect,
                id,
                model: &self.model,
                memory: &mut self.memory,
                own: &mut own,
                also: &mut also,
            };
            value = each(fault, &mut scene, value);
        }
        if let Some(conn) = self.conns.get_mut(&id) {
            conn.own = own;
        }
        for (to, bytes) in also {
            if let Some(conn) = self.conns.get_mut(&to) {
                conn.marks.push_back(Mark::Also(bytes));
                conn.bell.notify_all();
            }
        }
        value
    }
}

/// Input.
impl Service {
    pub(super) fn connect(&mut self, mut conn: Conn) -> ClientId {
        let id = self.model.connect(self.now());
        if self.has(|one| *one == Manner::Greet) {
            conn.marks.push_back(Mark::Also(b"Welcome!\n".to_vec()));
        }
        self.conns.insert(id, conn);
        id
    }

    /// Whether the connection is to be read; nothing if it is gone.
    pub(super) fn wants(&self, id: ClientId) -> Option<bool> {
        let conn = self.conns.get(&id)?;
        let waits = self.model.is_held(id) || !conn.pieces.is_empty() || self.memory.stuck;
        match self.model.outbox_state(id) {
            OutboxState::Fresh | OutboxState::Named { .. } | OutboxState::Member { .. } => {
                Some(!waits)
            }
            OutboxState::Departed(Parting::Lingering) => Some(conn.shut),
            _ => Some(false),
        }
    }

    /// Processes the bytes of one read.
    pub(super) fn read(&mut self, id: ClientId, bytes: &[u8]) {
        if conn_is_lingering(self.model.outbox_state(id)) {
            return self.happen(id, Event::Line, |model, now| {
                model.receive(id, bytes, now);
            });
        }
        let taken = self.at_seam(id, bytes.to_vec(), |fault, scene, bytes| match fault {
            Fault::Read(change) => change(scene, bytes),
            _ => bytes,
        });
        // The model cuts the input into lines, unless a fault has to look at each line.
        let whole = self.faults.is_empty();
        let limit = self.line_limit();
        let Some(conn) = self.conns.get_mut(&id) else { return };
        // The tail that was there has no LF.
        let new = taken.iter().rposition(|byte| *byte == b'\n');
        let complete = new.map_or(0, |at| conn.tail.len() + at + 1);
        conn.tail.extend_from_slice(&taken);
        let lines: Vec<u8> = conn.tail.drain(..complete).collect();
        if whole && complete > 0 {
            conn.pieces.push_back(lines);
        } else {
            conn.pieces.extend(lines.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec));
        }
        if conn.tail.len() >= limit {
            conn.pieces.push_back(std::mem::take(&mut conn.tail));
        }
        self.pump(id);
        self.retry_held();
    }

    /// Tells the model of the input, as far as it takes it.
    fn pump(&mut self, id: ClientId) {
        while !self.model.is_held(id) {
            let Some(piece) = self.conns.get_mut(&id).and_then(|conn| conn.pieces.pop_front())
            else {
                break;
            };
            // A line that is too long is shown only to the faults about long lines.
            let seen = (piece.len() <= LINE_MAX && piece.ends_with(b"\n"))
                || self.has(|one| matches!(one, Manner::LineLimit(_)));
            let told = self.at_seam(id, piece, |fault, scene, piece| match fault {
                Fault::Line(change) if seen && !piece.is_empty() => change(scene, piece),
                _ => piece,
            });
            self.happen(id, Event::Line, |model, now| {
                model.receive(id, &told, now);
            });
        }
        let over = self.conns.get_mut(&id).is_some_and(|conn| conn.ended && conn.pieces.is_empty());
        if over && !self.model.is_held(id) {
            self.event(id, Event::End);
        }
    }

    /// The end of a stream was read.
    pub(super) fn end(&mut self, id: ClientId) {
        let Some(conn) = self.conns.get_mut(&id) else { return };
        if conn.ended {
            return;
        }
        conn.ended = true;
        let tail = std::mem::take(&mut conn.tail);
        let last = self.at_seam(id, (tail, Vec::new()), |fault, scene, (tail, mut last)| {
            if let Fault::Last(change) = fault {
                last = change(scene, tail.clone());
            }
            (tail, last)
        });
        if let Some(conn) = self.conns.get_mut(&id).filter(|_| !last.1.is_empty()) {
            conn.pieces.push_back(last.1);
        }
        self.pump(id);
        self.retry_held();
    }

    /// The connection was reset.
    pub(super) fn reset(&mut self, id: ClientId) {
        if self.conns.contains_key(&id) {
            let fresh = *self.model.outbox_state(id) == OutboxState::Fresh;
            self.deaf |= fresh && self.has(|one| *one == Manner::DeafAfterReset);
            self.event(id, Event::Reset);
            self.conns.remove(&id);
            self.retry_held();
        }
    }

    fn event(&mut self, id: ClientId, event: Event) {
        let fate = self.at_seam(id, Fate::Told, |fault, scene, fate| match fault {
            Fault::Event(change) if fate == Fate::Told => change(scene, event),
            _ => fate,
        });
        match (fate, event) {
            (Fate::Told, Event::End) => self.happen(id, event, |m, now| m.end_of_stream(id, now)),
            (Fate::Told, _) => self.happen(id, event, |model, now| model.reset(id, now)),
            (Fate::Ghost, _) => {
                self.ghosts.push(id);
                if let Some(conn) = self.conns.get_mut(&id) {
                    conn.ghost = true;
                    conn.bell.notify_all();
                }
            }
        }
    }
}

fn conn_is_lingering(outbox_state: &OutboxState) -> bool {
    *outbox_state == OutboxState::Departed(Parting::Lingering)
}

/// Time.
impl Service {
    /// Acts on the deadlines that have passed.
    pub(super) fn tick(&mut self) {
        let now = self.now();
        let ids: Vec<ClientId> = self.conns.keys().copied().collect();
        for id in ids {
            if self.model.deadline(id).is_some_and(|at| at <= now) {
                self.happen(id, Event::Server, |model, now| model.tick(id, now));
            }
        }
        self.retry_held();
    }

    /// Retries the input of clients that need not wait any more, or whose time has come: a budget
    /// is used from one try to the next.
    fn retry_held(&mut self) {
        loop {
            let now = self.now();
            let held =
                |id: &ClientId| self.model.is_held(*id) && !self.model.waits_for_replies(*id);
            let held: Vec<ClientId> = self.conns.keys().copied().filter(held).collect();
            let ready = held.into_iter().find(|id| {
                let at = *self
                    .retries
                    .entry(*id)
                    .or_insert_with(|| self.model.retry_at(*id, now).unwrap_or(now));
                at <= now || self.model.waits_for(*id, now).is_empty()
            });
            let Some(id) = ready else { return };
            self.retries.remove(&id);
            self.happen(id, Event::Server, |model, now| {
                model.retry(id, now);
            });
            self.pump(id);
        }
    }
}

/// Output.
impl Service {
    /// The next action of the writer of a connection.
    pub(super) fn next(&mut self, id: ClientId) -> Next {
        // A connection that is gone waits for no bell: nothing would ring it any more.
        if !self.conns.contains_key(&id) {
            return Next::Close;
        }
        if self.memory.crashed {
            return Next::Abort;
        }
        if self.memory.stuck {
            return Next::Wait;
        }
        self.fill(id);
        let Some(conn) = self.conns.get_mut(&id) else { return Next::Close };
        let outbox_state = self.model.outbox_state(id);
        if *outbox_state == OutboxState::Evicted {
            return Next::Close;
        }
        let last = conn_is_lingering(outbox_state) && self.model.queued(id) == 0;
        let in_vain = conn.blocked && is_closed(outbox_state);
        if !conn.pending.is_empty() && !in_vain {
            return Next::Write(std::mem::take(&mut conn.pending));
        }
        if conn.ghost {
            return Next::Close;
        }
        let stays = self.has(|one| *one == Manner::StayAfterLastLine);
        match self.model.outbox_state(id) {
            OutboxState::Departed(Parting::Lingering | Parting::Closed) if stays => Next::Wait,
            OutboxState::Departed(Parting::Lingering) if last => {
                if self.has(|one| *one == Manner::AbortAfterLastLine) {
                    return Next::Abort;
                }
                let Some(conn) = self.conns.get_mut(&id) else { return Next::Close };
                if std::mem::replace(&mut conn.shut, true) { Next::Wait } else { Next::Shut }
            }
            outbox_state if is_closed(outbox_state) => Next::Close,
            _ => Next::Wait,
        }
    }

    /// Moves the model's pending bytes to a connection, unless it has enough to write.
    fn fill(&mut self, id: ClientId) {
        loop {
            self.release(id);
            let Some(conn) = self.conns.get_mut(&id) else { return };
            if conn.ghost || !conn.pending.is_empty() || self.model.queued(id) == 0 {
                return;
            }
            let now = self.now();
            let held = self.model.is_held(id);
            self.model.accept_bytes(id, PORTION, now);
            let released = held && !self.model.is_held(id);
            let taken = self.model.take_delivered(id);
            if let Some(conn) = self.conns.get_mut(&id) {
                conn.raw.extend_from_slice(&taken);
                if released {
                    conn.bell.notify_all();
                }
            }
        }
    }

    /// Releases complete output: all bytes for one event, once all of them are there.
    fn release(&mut self, id: ClientId) {
        while let Some(conn) = self.conns.get_mut(&id) {
            let there = match conn.marks.front() {
                Some(Mark::Queued(length, _)) => conn.raw.len() >= *length,
                Some(Mark::Also(_)) => true,
                None => false,
            };
            let mark = if there { conn.marks.pop_front() } else { None };
            let bytes = match mark {
                None => return,
                Some(Mark::Also(bytes)) => bytes,
                Some(Mark::Queued(length, cause)) => {
                    let bytes: Vec<u8> = conn.raw.drain(..length).collect();
                    self.at_seam(id, bytes, |fault, scene, bytes| match fault {
                        Fault::Said(change) => change(scene, &cause, bytes),
                        _ => bytes,
                    })
                }
            };
            let bytes = self.memory.aliases.expand(bytes);
            if let Some(conn) = self.conns.get_mut(&id) {
                conn.pending.extend_from_slice(&bytes);
            }
        }
    }

    /// A write took all but these bytes, or would block.
    pub(super) fn wrote(&mut self, id: ClientId, rest: Vec<u8>) {
        let now = self.now();
        if let Some(conn) = self.conns.get_mut(&id) {
            conn.blocked = !rest.is_empty();
            if conn.blocked {
                let newer = std::mem::replace(&mut conn.pending, rest);
                conn.pending.extend_from_slice(&newer);
                self.model.refuse(id, now);
            }
        }
        self.retry_held();
    }
}

/// Whether the model is done with the connection.
fn is_closed(outbox_state: &OutboxState) -> bool {
    matches!(
        outbox_state,
        OutboxState::Departed(Parting::Closed | Parting::Silent)
            | OutboxState::Evicted
            | OutboxState::Reset
    )
}

//! One room under load: its members, their pending lines, and its senders.
//!
//! In a closed loop the poller watches only one member, the driver. The others are read when it has
//! moved on, a batch later: waiting for each delivery would cost more system calls than reading it,
//! and would charge the server for waking the generator. In an open loop the poller watches all
//! members, because the arrival time of a line is the measurement.

use super::connection::{Connection, Deadline, Interest, LIMIT, Progress};
use super::error::LoadError;
use super::member::Member;
use super::publisher::Publisher;
use super::run_context::RunContext;
use super::sender::Sender;
use super::stream::Stream;
use super::wire::Wire;

/// Maximum unread bytes of the slowest member of a room, or unsent bytes of a sender, in bytes.
/// More means that the server has stopped serving it.
const MOST_HELD: usize = 64 * 1024 * 1024;

/// One room under load.
pub(super) struct Room {
    /// Its index among the rooms.
    number: u64,
    wire: &'static dyn Wire,
    pub(super) members: Vec<Member>,
    pub(super) publishers: Vec<Publisher>,
    /// Connections of members that do not read, kept open.
    pub(super) stalled: Vec<Connection>,
    pub(super) senders: Vec<Sender>,
    pub(super) stream: Stream,
    /// The number of lines that the driver has received, in total and of each sender.
    driven: u64,
    heard: Vec<u64>,
    /// The position of the driver at the last tick.
    ticked: u64,
}

impl Room {
    /// A room without senders, whose members have all received the whole `stream`.
    pub(super) fn new(
        number: u64,
        wire: &'static dyn Wire,
        members: Vec<Member>,
        stream: Stream,
    ) -> Room {
        Room {
            number,
            wire,
            members,
            publishers: Vec::new(),
            stalled: Vec::new(),
            senders: Vec::new(),
            stream,
            driven: 0,
            heard: Vec::new(),
            ticked: 0,
        }
    }

    /// Adds a sender.
    pub(super) fn add_sender(&mut self, sender: Sender) {
        self.senders.push(sender);
        self.heard.push(0);
    }

    /// The number of lines received by all members together.
    pub(super) fn deliveries(&self) -> u64 {
        self.members.iter().map(|member| member.lines(&self.stream)).sum()
    }

    /// The number of lines that at least one member has received.
    pub(super) fn lines(&self) -> u64 {
        self.stream.lines_until(self.stream.end())
    }

    /// Whether all members have received all composed lines, and all receipts have arrived.
    pub(super) fn is_drained(&self) -> bool {
        let sent: u64 = self.senders.iter().map(Sender::sent).sum();
        let receipts: u64 = self.publishers.iter().map(Publisher::receipts).sum();
        self.senders.iter().all(|sender| sender.backlog() == 0)
            && self.stream.is_complete()
            && self.members.iter().all(|member| member.is_level(&self.stream))
            && (self.publishers.is_empty() || receipts >= sent)
    }

    /// Fails if a drained room has received anything more: a sender's own line, where the server
    /// does not echo, is judged by what other members hear, and there is nothing more to hear.
    pub(super) fn expect_nothing_more(&self) -> Result<(), LoadError> {
        let sent: u64 = self.senders.iter().map(Sender::sent).sum();
        let receipts: u64 = self.publishers.iter().map(Publisher::receipts).sum();
        let unjudged = self.members.iter().find(|member| !member.is_level(&self.stream));
        let (who, expected, received) = match (unjudged, self.publishers.first()) {
            (Some(member), _) => {
                (member.connection().who(), "nothing".to_owned(), member.unjudged())
            }
            (None, Some(publisher)) if receipts != sent => {
                let who = publisher.connection().who();
                (who, format!("{sent} receipts"), format!("{receipts}"))
            }
            _ => return Ok(()),
        };
        Err(LoadError::Mismatch { who: who.to_owned(), expected, received })
    }

    /// Registers the events of a closed loop.
    pub(super) fn watch_driver(&self, run_context: &RunContext) -> Result<(), LoadError> {
        self.watch(self.driver(), run_context, Interest { read: true, write: false })
    }

    /// Registers the events of an open loop.
    pub(super) fn watch_all(&self, run_context: &RunContext) -> Result<(), LoadError> {
        (0..self.members.len() + self.publishers.len()).try_for_each(|slot| {
            self.watch(slot, run_context, Interest { read: true, write: false })
        })
    }

    /// Keeps `window` lines of each sender in flight, as far as the driver's receipts allow.
    pub(super) fn fill(&mut self, window: u64, run_context: &RunContext) -> Result<(), LoadError> {
        let now = run_context.now();
        for index in 0..self.senders.len() {
            while self.senders[index].sent() < self.heard[index] + window {
                self.senders[index].compose();
                self.stream.expected_lines(index).send(now);
            }
        }
        self.flush(run_context)
    }

    /// Queues a line of the sender with this index, intended for `due`, for the next flush.
    pub(super) fn say(&mut self, index: usize, due: u64) {
        self.senders[index].compose();
        self.stream.expected_lines(index).send(due);
    }

    /// Writes queued lines until the senders' sockets are full. A full socket is watched. Its
    /// member goes on reading, because a server may stop reading from a client that does not read.
    pub(super) fn flush(&mut self, run_context: &RunContext) -> Result<(), LoadError> {
        for index in 0..self.senders.len() {
            let slot = if self.publishers.is_empty() { index } else { self.members.len() + index };
            let connection = connection(&self.members, &self.publishers, slot);
            let before = connection.interest.get();
            let sender = &mut self.senders[index];
            if sender.backlog() == 0 && !before.write {
                continue;
            }
            let done =
                sender.flush(connection.writer()).map_err(LoadError::io(connection.who()))?
                    && connection.push()?;
            if sender.backlog() > MOST_HELD {
                let (who, bytes) = (connection.who().to_owned(), sender.backlog() as u64);
                return Err(LoadError::Behind { who, bytes });
            }
            self.watch(slot, run_context, Interest { write: !done, ..before })?;
        }
        Ok(())
    }

    /// Handles the driver of a closed loop: reads for it, sends further lines if `window` gives a
    /// limit, then reads for the others.
    pub(super) fn drive(
        &mut self,
        window: Option<u64>,
        run_context: &mut RunContext,
    ) -> Result<(), LoadError> {
        let driver = self.driver();
        loop {
            let before = self.members[driver].at();
            let progress = self.read(driver, run_context)?;
            self.hear(run_context);
            if let Some(window) = window {
                self.fill(window, run_context)?;
            }
            if self.members[driver].at() > before {
                // The others have the lines that the driver had before. The server may still be
                // fanning out the newest ones, and an early read costs a call for each member.
                self.sweep(before, run_context)?;
                self.trim()?;
            }
            if progress == Progress::Drained {
                return Ok(());
            }
        }
    }

    /// Reads for all but the driver if the driver is stalled since the last call: no other event
    /// reads for them then, and the server may be waiting for one of them.
    pub(super) fn tick(&mut self, run_context: &mut RunContext) -> Result<(), LoadError> {
        let at = self.members[self.driver()].at();
        if std::mem::replace(&mut self.ticked, at) == at {
            self.sweep(u64::MAX, run_context)?;
        }
        Ok(())
    }

    /// Reads all arrived bytes of a connection in an open loop, and records the time.
    pub(super) fn listen(
        &mut self,
        slot: usize,
        run_context: &mut RunContext,
    ) -> Result<(), LoadError> {
        loop {
            let before = self.members.get(slot).map(|member| self.stream.lines_until(member.at()));
            let progress = self.read(slot, run_context)?;
            if let Some(before) = before {
                let now = run_context.now();
                let after = self.stream.lines_until(self.members[slot].at());
                for line in self.stream.lines(before, after) {
                    run_context.latency.record(line.sent, now);
                }
                self.trim()?;
            }
            if progress == Progress::Drained {
                return Ok(());
            }
        }
    }

    /// Reads for all members of a closed loop that sends no more, and records the time.
    pub(super) fn drive_all(&mut self, run_context: &mut RunContext) -> Result<(), LoadError> {
        self.read_all(run_context)?;
        self.hear(run_context);
        Ok(())
    }

    /// Reads for all members of an open loop, and records the time.
    pub(super) fn listen_to_all(&mut self, run_context: &mut RunContext) -> Result<(), LoadError> {
        (0..self.members.len()).try_for_each(|slot| self.listen(slot, run_context))?;
        self.read_all(run_context)
    }

    /// Reads once for each connection, without a record of the time.
    pub(super) fn read_all(&mut self, run_context: &mut RunContext) -> Result<(), LoadError> {
        for slot in 0..self.members.len() + self.publishers.len() {
            self.read(slot, run_context)?;
        }
        // The position of a member that was unknown may be known now.
        for member in &mut self.members {
            member.catch_up(&mut self.stream, self.wire)?;
        }
        self.flush(run_context)
    }

    /// Reads for the members, other than the driver, that have not reached `goal`, and for the
    /// publishers.
    ///
    /// The driver is excluded: its own event reads for it and sends further lines.
    fn sweep(&mut self, goal: u64, run_context: &mut RunContext) -> Result<(), LoadError> {
        let driver = self.driver();
        for slot in (0..self.members.len()).filter(|&slot| slot != driver) {
            self.members[slot].catch_up(&mut self.stream, self.wire)?;
            while self.members[slot].at() < goal && self.read(slot, run_context)? == Progress::More
            {
            }
        }
        for publisher in &mut self.publishers {
            while publisher.read(&mut run_context.buffer)? == Progress::More {}
        }
        Ok(())
    }

    fn read(&mut self, slot: usize, run_context: &mut RunContext) -> Result<Progress, LoadError> {
        let Some(member) = self.members.get_mut(slot) else {
            return self.publishers[slot - self.members.len()].read(&mut run_context.buffer);
        };
        let progress = member.read(&mut self.stream, self.wire, &mut run_context.buffer)?;
        if member.takes_reply() {
            self.reply(slot)?;
        }
        Ok(progress)
    }

    /// Answers an interjection of the server.
    fn reply(&mut self, slot: usize) -> Result<(), LoadError> {
        let Some((_, reply)) = self.wire.interjection() else { return Ok(()) };
        // A sender may be in the middle of a line, which must be finished first.
        if let Some(sender) = self.senders.get_mut(slot).filter(|_| self.publishers.is_empty()) {
            sender.append(reply);
            return Ok(());
        }
        let deadline = Deadline::new("a reply", LIMIT);
        self.members[slot].connection().send(reply, deadline)
    }

    /// Counts the lines that the driver has received, and records the time.
    fn hear(&mut self, run_context: &mut RunContext) {
        let until = self.stream.lines_until(self.members[self.driver()].at());
        if until == self.driven {
            return;
        }
        let now = run_context.now();
        for line in self.stream.lines(self.driven, until) {
            self.heard[line.expected_lines] += 1;
            run_context.latency.record(line.sent, now);
        }
        self.driven = until;
    }

    /// The member whose receipts move the window: the first that does not send, because a server
    /// might treat a sender's own copy differently.
    fn driver(&self) -> usize {
        let senders = if self.publishers.is_empty() { self.senders.len() } else { 0 };
        senders.min(self.members.len() - 1)
    }

    fn watch(
        &self,
        slot: usize,
        run_context: &RunContext,
        wanted: Interest,
    ) -> Result<(), LoadError> {
        let number = self.number << 32 | slot as u64;
        run_context.poller.watch(connection(&self.members, &self.publishers, slot), number, wanted)
    }

    /// Discards the bytes that all members have received.
    fn trim(&mut self) -> Result<(), LoadError> {
        if !self.stream.wants_trim() {
            return Ok(());
        }
        for member in &mut self.members {
            member.catch_up(&mut self.stream, self.wire)?;
        }
        let slowest = self.members.iter().min_by_key(|member| member.at());
        let slowest = slowest.expect("a room has members");
        self.stream.trim(slowest.at());
        if self.stream.held() > MOST_HELD as u64 {
            let who = slowest.connection().who().to_owned();
            return Err(LoadError::Behind { who, bytes: self.stream.held() });
        }
        Ok(())
    }
}

/// The connection with this number: members first, then publishers.
fn connection<'a>(
    members: &'a [Member],
    publishers: &'a [Publisher],
    slot: usize,
) -> &'a Connection {
    match members.get(slot) {
        Some(member) => member.connection(),
        None => publishers[slot - members.len()].connection(),
    }
}

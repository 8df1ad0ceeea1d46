//! One room under load: its members, what they are owed, and its senders.
//!
//! In a closed loop only one member, the driver, is waited for. The others are read when it has moved on, a
//! batch later: waiting for each delivery would cost more system calls than reading it, and would bill
//! the server for waking the generator. In an open loop everybody is waited for, because when a line
//! arrives is what is measured.

use super::connection::{Connection, Deadline, Interest, LIMIT, Progress};
use super::error::LoadError;
use super::member::Member;
use super::publisher::Publisher;
use super::run_context::RunContext;
use super::sender::Sender;
use super::stream::Stream;
use super::wire::Wire;

/// The most that is remembered for the slowest member of a room, or for a sender whose socket is full; more
/// is a server that has stopped serving it.
const MOST_HELD: usize = 64 * 1024 * 1024;

/// One room under load.
pub(super) struct Room {
    /// Its place among the rooms.
    number: u64,
    wire: &'static dyn Wire,
    pub(super) members: Vec<Member>,
    pub(super) publishers: Vec<Publisher>,
    /// Members that do not read: they are here to keep their connections open.
    pub(super) stalled: Vec<Connection>,
    pub(super) senders: Vec<Sender>,
    pub(super) stream: Stream,
    /// How many lines the driver has received, and how many of each sender.
    driven: u64,
    heard: Vec<u64>,
    /// Where the driver was at the last tick.
    ticked: u64,
}

impl Room {
    /// A room without senders, all of whose members have received all of `stream`.
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

    /// Lines received by all members together.
    pub(super) fn deliveries(&self) -> u64 {
        self.members.iter().map(|member| member.lines(&self.stream)).sum()
    }

    /// Lines that somebody has received.
    pub(super) fn lines(&self) -> u64 {
        self.stream.lines_until(self.stream.end())
    }

    /// Whether all that was composed has been received by all members, and all receipts are in.
    pub(super) fn is_drained(&self) -> bool {
        let sent: u64 = self.senders.iter().map(Sender::sent).sum();
        let receipts: u64 = self.publishers.iter().map(Publisher::receipts).sum();
        self.senders.iter().all(|sender| sender.backlog() == 0)
            && self.stream.is_complete()
            && self.members.iter().all(|member| member.is_level(&self.stream))
            && (self.publishers.is_empty() || receipts == sent)
    }

    /// Asks for what a closed loop waits for.
    pub(super) fn watch_driver(&self, run_context: &RunContext) -> Result<(), LoadError> {
        self.watch(self.driver(), run_context, Interest { read: true, write: false })
    }

    /// Asks for what an open loop waits for.
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

    /// Sends a line of the sender with this index, intended for `due`, with the next flush.
    pub(super) fn say(&mut self, index: usize, due: u64) {
        self.senders[index].compose();
        self.stream.expected_lines(index).send(due);
    }

    /// Hands the senders' sockets what they take. One that is full is watched; its member goes on
    /// reading, as a server is entitled to stop reading from those who do not.
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
                sender.flush(connection.socket()).map_err(LoadError::io(connection.who()))?;
            if sender.backlog() > MOST_HELD {
                let (who, bytes) = (connection.who().to_owned(), sender.backlog() as u64);
                return Err(LoadError::Behind { who, bytes });
            }
            self.watch(slot, run_context, Interest { write: !done, ..before })?;
        }
        Ok(())
    }

    /// Serves the driver of a closed loop: reads for it, sends what that allows if `window` says how much
    /// may be in flight, then reads for the others.
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
                // What the driver had before, the others have by now. What it has just received the server
                // may still be handing out, and asking too early costs a call for each member.
                self.sweep(before, run_context)?;
                self.trim()?;
            }
            if progress == Progress::Drained {
                return Ok(());
            }
        }
    }

    /// Reads for all but the driver if it has stood still since the last call: then nothing else does,
    /// and the server may be waiting for one of them.
    pub(super) fn tick(&mut self, run_context: &mut RunContext) -> Result<(), LoadError> {
        let at = self.members[self.driver()].at();
        if std::mem::replace(&mut self.ticked, at) == at {
            self.sweep(u64::MAX, run_context)?;
        }
        Ok(())
    }

    /// Reads all that has arrived at a connection of an open loop, and records when.
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

    /// Reads once for each connection, owed something or not.
    pub(super) fn read_all(&mut self, run_context: &mut RunContext) -> Result<(), LoadError> {
        for slot in 0..self.members.len() + self.publishers.len() {
            self.read(slot, run_context)?;
        }
        // Whose place among the others' lines was not known may know it now.
        for member in &mut self.members {
            member.catch_up(&mut self.stream, self.wire)?;
        }
        self.flush(run_context)
    }

    /// Reads what has arrived for the members, other than the driver, that have not come to `goal`, and
    /// for those that only send.
    ///
    /// Never for the driver: in its turn it is told what it received, and answers with further lines.
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

    /// Answers what the server said between two lines.
    fn reply(&mut self, slot: usize) -> Result<(), LoadError> {
        let Some((_, reply)) = self.wire.interjection() else { return Ok(()) };
        // Those who send may be in the middle of a line, which has to be finished first.
        if let Some(sender) = self.senders.get_mut(slot).filter(|_| self.publishers.is_empty()) {
            sender.append(reply);
            return Ok(());
        }
        let deadline = Deadline::new("a reply", LIMIT);
        self.members[slot].connection().send(reply, deadline)
    }

    /// Counts what the driver has received, and records when.
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

    /// The member whose receipts let the senders go on: the first that does not send, as a server
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

    /// Forgets what all members have received.
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

/// The connection with this number: the members', then those that only send.
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

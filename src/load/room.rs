//! One room under load: its members, what they are owed, and the sender.
//!
//! Only one member, the driver, waits for its socket to become readable. The others are read when it has
//! moved on, a batch later: waiting for each delivery would cost more system calls than reading it
//! (arming the poller, waiting, being woken), and would bill the server for waking the generator.

use std::cell::{Cell, RefCell};
use std::task::{Context, Poll, ready};

use super::error::LoadError;
use super::member::{Buffer, Member, Progress};
use super::sender::Sender;
use super::stream::Stream;

/// The member that sends.
const SENDER: usize = 0;

/// The most that a room remembers for its slowest member; more is a server that has stopped serving it.
const MOST_HELD: u64 = 64 * 1024 * 1024;

/// One room under load.
pub(super) struct Room {
    members: Vec<Member>,
    stream: RefCell<Stream>,
    sender: RefCell<Sender>,
    /// Where the driver was at the last tick.
    ticked: Cell<u64>,
}

impl Room {
    /// A room all of whose members have received all of `stream`: the lines of their joining.
    pub(super) fn new(members: Vec<Member>, stream: RefCell<Stream>, sender: Sender) -> Room {
        Room { members, stream, sender: RefCell::new(sender), ticked: Cell::new(0) }
    }

    /// Lines received by all members together.
    pub(super) fn deliveries(&self) -> u64 {
        let sender = self.sender.borrow();
        self.members.iter().map(|member| sender.lines_until(member.at())).sum()
    }

    /// Lines that have made the round from the sender to the driver.
    pub(super) fn lines(&self) -> u64 {
        self.sender.borrow().lines_until(self.members[self.driver()].at())
    }

    /// Sends no further lines.
    pub(super) fn stop(&self) {
        self.sender.borrow_mut().stop();
    }

    /// Whether all that was composed has been received by all members.
    pub(super) fn is_drained(&self) -> bool {
        let end = self.stream.borrow().end();
        self.sender.borrow().is_flushed() && self.members.iter().all(|member| member.at() == end)
    }

    /// Serves the driver until it must wait; never ready but with an error.
    pub(super) fn poll_driver(&self, buffer: &Buffer, cx: &mut Context<'_>) -> Poll<LoadError> {
        let driver = &self.members[self.driver()];
        loop {
            match self.advance(driver, buffer, cx) {
                Err(error) => return Poll::Ready(error),
                Ok(Progress::More) => continue,
                Ok(Progress::Drained) => {}
            }
            if let Err(error) = ready!(driver.socket().poll_readable(cx)) {
                return Poll::Ready(LoadError::io(driver.who())(error));
            }
        }
    }

    /// Reads for all but the driver if it has stood still since the last call: then nothing else does,
    /// and the server may be waiting for one of them.
    pub(super) fn tick(&self, buffer: &Buffer) -> Result<(), LoadError> {
        let at = self.members[self.driver()].at();
        if self.ticked.replace(at) == at {
            self.sweep(self.stream.borrow().end(), buffer)?;
        }
        Ok(())
    }

    /// Reads once for each member, owed something or not, to find what nobody sent.
    pub(super) fn check_silence(&self, buffer: &Buffer) -> Result<(), LoadError> {
        self.members.iter().try_for_each(|member| member.read(&self.stream, buffer).map(drop))
    }

    /// Reads for the driver, sends what that allows, then reads for the others.
    fn advance(
        &self,
        driver: &Member,
        buffer: &Buffer,
        cx: &mut Context<'_>,
    ) -> Result<Progress, LoadError> {
        let before = driver.at();
        let read = driver.read(&self.stream, buffer)?;
        let sent = self.send(cx)?;
        if driver.at() > before {
            // What the driver had before, the others have by now. What it has just received the server
            // may still be handing out, and asking too early costs a system call for each member.
            self.sweep(before, buffer)?;
            self.trim()?;
        }
        Ok(if sent == Progress::More { sent } else { read })
    }

    /// Reads what has arrived for the members, other than the driver, that have not come to `goal`.
    ///
    /// Never for the driver: its task may be waiting for just those bytes, and once they are gone nothing
    /// would wake it to send more.
    fn sweep(&self, goal: u64, buffer: &Buffer) -> Result<(), LoadError> {
        let driver = self.driver();
        for (index, member) in self.members.iter().enumerate() {
            while index != driver
                && member.at() < goal
                && member.read(&self.stream, buffer)? == Progress::More
            {}
        }
        Ok(())
    }

    /// The member whose receipts let the sender go on: the first that is not the sender itself, as a
    /// server might treat a sender's own copy differently.
    fn driver(&self) -> usize {
        (SENDER + 1).min(self.members.len() - 1)
    }

    /// Sends what the window allows. The driver's task does this, so that a sender whose socket is full
    /// keeps reading: a server is entitled to stop reading from those that do not.
    fn send(&self, cx: &mut Context<'_>) -> Result<Progress, LoadError> {
        let member = &self.members[SENDER];
        let mut sender = self.sender.borrow_mut();
        sender.fill_window(self.members[self.driver()].at(), &mut self.stream.borrow_mut());
        sender.flush(member.socket().get_ref()).map_err(LoadError::io(member.who()))?;
        if sender.is_flushed() {
            return Ok(Progress::Drained);
        }
        match member.socket().poll_writable(cx) {
            Poll::Pending => Ok(Progress::Drained),
            Poll::Ready(Ok(())) => Ok(Progress::More),
            Poll::Ready(Err(error)) => Err(LoadError::io(member.who())(error)),
        }
    }

    /// Forgets what all members have received.
    fn trim(&self) -> Result<(), LoadError> {
        let mut stream = self.stream.borrow_mut();
        if !stream.wants_trim() {
            return Ok(());
        }
        let slowest = self.members.iter().min_by_key(|member| member.at());
        let slowest = slowest.expect("a room has members");
        stream.trim(slowest.at());
        if stream.held() > MOST_HELD {
            let who = slowest.who().to_owned();
            return Err(LoadError::Behind { who, bytes: stream.held() });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::io::Write as _;
    use std::net::TcpListener;

    use super::Room;
    use crate::load::member::{Buffer, Member};
    use crate::load::sender::Sender;
    use crate::load::stream::Stream;

    #[test]
    fn ticks_read_for_others_and_leave_the_driver_its_receipts() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback can be bound");
        let target = listener.local_addr().expect("bound");
        let mut stream = Stream::default();
        stream.push(b"a: 1\n");
        let mut members = Vec::new();
        for who in ["sender", "driver", "other"] {
            let member = smol::block_on(Member::connect(target, who.to_owned(), 0));
            members.push(member.expect("the listener is there"));
            let (mut peer, _) = listener.accept().expect("connected");
            peer.write_all(b"a: 1\n").expect("connected");
            std::mem::forget(peer); // an end of stream would be an error of its own
        }
        let room = Room::new(members, RefCell::new(stream), Sender::new("a", 2, 1, 0));
        let buffer = Buffer::new();
        while room.members[2].at() == 0 {
            room.tick(&buffer).expect("what arrives is right");
        }
        for _ in 0..3 {
            room.tick(&buffer).expect("what arrives is right");
        }
        let at: Vec<_> = room.members.iter().map(Member::at).collect();
        assert_eq!(at, [5, 0, 5]);
    }
}

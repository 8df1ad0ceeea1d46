//! Connecting and joining: rooms whose members have all seen the joins of each other.

use super::connection::{Connection, Deadline, Progress};
use super::error::LoadError;
use super::expected_lines::ExpectedLines;
use super::layered::Route;
use super::line::Line;
use super::member::Member;
use super::publisher::Publisher;
use super::room::Room;
use super::sender::Sender;
use super::stream::Stream;
use super::wire::{Place, Wire};

/// Joins between two reads of earlier members, so that their socket buffers do not fill.
const READ_EVERY: u32 = 256;

/// Receive buffer of a member that does not read, in bytes; small, so that the server stalls on it
/// soon.
const STALLED_BUFFER: usize = 4096;

/// The rooms to open.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) target: Route,
    pub(super) wire: &'static dyn Wire,
    /// Maximum rooms and members, which determine the length of names.
    pub(super) rooms: u32,
    pub(super) members: u32,
    /// Further members of each room that do not read.
    pub(super) stalled: u32,
    /// Members of each room that send.
    pub(super) senders: u32,
    /// Length of each text in bytes.
    pub(super) text: usize,
}

/// The name of a room. The process number keeps the lines of an earlier run out of this one.
pub(super) fn room_name(room: u32) -> String {
    format!("r{}x{room}", std::process::id())
}

/// Two letters that the 675 processes before this one do not have: a server may still be about to
/// free the names of an earlier run.
fn letters(process: u32) -> [char; 2] {
    [process / 26 % 26, process % 26]
        .map(|place| char::from_digit(10 + place, 36).expect("a letter"))
}

impl Plan {
    /// The name of a member: unique across rooms, for servers that require that, and of one length,
    /// so that all lines of a room have one length.
    pub(super) fn user_name(&self, room: u32, member: u32) -> String {
        let digits = |count: u32| count.max(1).ilog10() as usize + 1;
        let (rooms, members) = (digits(self.rooms - 1), digits(self.members + self.stalled));
        let [first, second] = letters(std::process::id());
        format!("{first}{room:0rooms$}{second}{member:0members$}")
    }

    /// Opens the room with this number, for `members` members besides those that do not read.
    ///
    /// The members join one by one, each after the answer to the one before. The order of the
    /// notices is then known, and they can be checked.
    pub(super) fn open_room(
        &self,
        room: u32,
        members: u32,
        buffer: &mut [u8],
        deadline: Deadline,
    ) -> Result<Room, LoadError> {
        let mut opening = Opening {
            plan: self,
            number: room,
            room: room_name(room),
            names: Vec::new(),
            members: Vec::new(),
            stream: Stream::default(),
            buffer,
            deadline,
        };
        (0..members).try_for_each(|member| opening.join(member, None))?;
        let stalled = (members..members + self.stalled)
            .map(|member| {
                opening.join(member, Some(STALLED_BUFFER))?;
                opening.set_aside()
            })
            .collect::<Result<Vec<_>, LoadError>>()?;
        opening.catch_up_all()?;
        opening.finish(stalled)
    }
}

/// A room that is being filled.
struct Opening<'a> {
    plan: &'a Plan,
    number: u32,
    room: String,
    names: Vec<String>,
    members: Vec<Member>,
    stream: Stream,
    buffer: &'a mut [u8],
    deadline: Deadline,
}

impl Opening<'_> {
    /// Lets the member with this number join and waits for its answer.
    fn join(&mut self, index: u32, receive_buffer: Option<usize>) -> Result<(), LoadError> {
        let Plan { target, wire, .. } = self.plan;
        let user = self.plan.user_name(self.number, index);
        let place = Place { room: &self.room, user: &user };
        let who = format!("{user} in {}", self.room);
        let connection = Connection::open(target, who, receive_buffer)?;
        connection.send(&wire.enter(place), self.deadline)?;
        let mut at = self.stream.end();
        if let Some(arrival) = wire.joined(place) {
            self.stream.push_notice(&arrival.line);
            at = if arrival.own { at } else { self.stream.end() };
        }
        let member = Member::new(connection, wire.answer(place, &self.names), at);
        self.members.push(member);
        self.names.push(user);
        self.catch_up(self.members.len() - 1)?;
        if index.is_multiple_of(READ_EVERY) {
            self.catch_up_all()?;
        }
        Ok(())
    }

    fn catch_up_all(&mut self) -> Result<(), LoadError> {
        (0..self.members.len()).try_for_each(|index| self.catch_up(index))
    }

    /// Reads until a member has received the whole stream.
    fn catch_up(&mut self, index: usize) -> Result<(), LoadError> {
        let member = &mut self.members[index];
        while !member.is_level(&self.stream) {
            let progress = member.read(&mut self.stream, self.plan.wire, self.buffer)?;
            if progress == Progress::Drained && !member.is_level(&self.stream) {
                member.connection().wait_readable(self.deadline)?;
            }
        }
        Ok(())
    }

    /// Removes the last member from those that read. The server may evict it.
    fn set_aside(&mut self) -> Result<Connection, LoadError> {
        self.catch_up_all()?;
        let (member, user) = (self.members.pop(), self.names.last());
        let (member, user) = member.zip(user).expect("a member has just joined");
        let left = self.plan.wire.left(Place { room: &self.room, user });
        if let Some(notice) = left {
            self.stream.expect_notice(notice);
        }
        Ok(member.into_connection())
    }

    fn finish(self, stalled: Vec<Connection>) -> Result<Room, LoadError> {
        let Plan { ref target, wire, senders, text, .. } = *self.plan;
        let mut room = Room::new(self.number.into(), wire, self.members, self.stream);
        room.stalled = stalled;
        for (index, user) in (0..senders).zip(&self.names) {
            let place = Place { room: &self.room, user };
            let (first, step) = (index.into(), senders.into());
            let line = Line::new(wire.hear(place, text), text);
            room.stream.add_sender(ExpectedLines::new(line, first, step));
            let line = Line::new(wire.say(place, text), text);
            room.add_sender(Sender::new(line, first, step));
            if let Some(receipt) = wire.receipt() {
                let who = format!("the sender {index} of {}", self.room);
                let connection = Connection::open(target, who, None)?;
                room.publishers.push(Publisher::new(connection, receipt));
            } else if !wire.echoes() {
                room.members[index as usize].hears_all_but(index as usize);
            }
        }
        Ok(room)
    }
}

#[cfg(test)]
mod tests {
    use super::letters;
    use std::collections::BTreeSet;

    #[test]
    fn runs_right_after_each_other_have_names_of_their_own() {
        let all: BTreeSet<[char; 2]> = (4_000..4_676).map(letters).collect();
        assert_eq!(all.len(), 676);
        assert!(all.iter().flatten().all(char::is_ascii_lowercase));
    }
}

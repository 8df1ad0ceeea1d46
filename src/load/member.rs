//! One member of a room: a connection, its position in the room's stream, and a check of every
//! received byte.

use std::collections::VecDeque;

use super::connection::{Connection, Progress};
use super::difference::{Difference, abridged, difference};
use super::error::LoadError;
use super::stream::Stream;
use super::wire::{Part, Wire};

/// One member of a room.
pub(super) struct Member {
    connection: Connection,
    /// Its position in its room's stream.
    at: u64,
    /// The parts that it alone receives before the room's stream begins.
    private: VecDeque<Part>,
    /// The notice at which its part of the stream begins, while the position of that is unknown.
    entry: Option<Entry>,
    /// The sender whose lines it does not receive: itself, where the server does not echo.
    own: Option<usize>,
    /// The number of its own lines that it has skipped.
    unheard: u64,
    /// Bytes that cannot be judged yet.
    carry: Vec<u8>,
    /// Whether the server expects the answer to an interjection.
    reply_pending: bool,
}

/// The start of a member's part of the stream.
pub(super) struct Entry {
    /// The notice of its join.
    pub(super) notice: Vec<u8>,
    /// Whether it receives that notice too.
    pub(super) own: bool,
}

impl Member {
    /// A member that receives `private` and then the room's stream from position `at` on.
    pub(super) fn new(connection: Connection, private: Vec<Part>, at: u64) -> Member {
        Member {
            connection,
            at,
            private: private.into(),
            entry: None,
            own: None,
            unheard: 0,
            carry: Vec::new(),
            reply_pending: false,
        }
    }

    /// A member whose part of the stream begins at a notice that has not arrived yet.
    pub(super) fn entering(connection: Connection, private: Vec<Part>, entry: Entry) -> Member {
        Member { entry: Some(entry), ..Member::new(connection, private, 0) }
    }

    /// Marks it as the sender with this index, whose lines it does not receive.
    pub(super) fn hears_all_but(&mut self, own: usize) {
        self.own = Some(own);
    }

    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Its connection, which is no longer checked.
    pub(super) fn into_connection(self) -> Connection {
        self.connection
    }

    /// Its position in its room's stream.
    pub(super) fn at(&self) -> u64 {
        self.at
    }

    /// The number of lines it has received.
    pub(super) fn lines(&self, stream: &Stream) -> u64 {
        stream.lines_until(self.at) - self.unheard
    }

    /// Whether it has received the whole `stream` and nothing else.
    pub(super) fn is_level(&self, stream: &Stream) -> bool {
        self.at == stream.end() && self.is_ordinary()
    }

    /// The bytes that could not be judged, abridged.
    pub(super) fn unjudged(&self) -> String {
        abridged(&self.carry)
    }

    /// Whether it must answer an interjection; asking clears the flag.
    pub(super) fn takes_reply(&mut self) -> bool {
        std::mem::take(&mut self.reply_pending)
    }

    fn is_ordinary(&self) -> bool {
        self.carry.is_empty() && self.private.is_empty() && self.entry.is_none()
    }

    /// Reads once without blocking and checks the bytes.
    pub(super) fn read(
        &mut self,
        stream: &mut Stream,
        wire: &dyn Wire,
        buffer: &mut [u8],
    ) -> Result<Progress, LoadError> {
        let (count, progress) = self.connection.read(buffer)?;
        let received = &buffer[..count];
        let comparable = self.is_ordinary() && self.own.is_none();
        if comparable && stream.holds(self.at, received) {
            self.at += count as u64;
        } else {
            self.judge(received, stream, wire)?;
        }
        Ok(progress)
    }

    /// Skips its own lines and checks again the bytes that could not be judged before.
    pub(super) fn catch_up(
        &mut self,
        stream: &mut Stream,
        wire: &dyn Wire,
    ) -> Result<(), LoadError> {
        if self.private.is_empty() && self.has_entered(stream) {
            self.skip_own(stream);
        }
        if self.carry.is_empty() { Ok(()) } else { self.judge(&[], stream, wire) }
    }

    fn judge(
        &mut self,
        received: &[u8],
        stream: &mut Stream,
        wire: &dyn Wire,
    ) -> Result<(), LoadError> {
        let mut carried = std::mem::take(&mut self.carry);
        let rest = if carried.is_empty() {
            received
        } else {
            carried.extend_from_slice(received);
            &carried[..]
        };
        let judged = self.take(rest, stream, wire).map_err(|found| LoadError::Mismatch {
            who: self.connection.who().to_owned(),
            expected: found.expected,
            received: found.received,
        })?;
        self.carry = rest[judged..].to_vec();
        Ok(())
    }

    /// Takes correct bytes from the front of `all`; returns their number. The rest must wait.
    fn take(
        &mut self,
        all: &[u8],
        stream: &mut Stream,
        wire: &dyn Wire,
    ) -> Result<usize, Difference> {
        let mut taken = 0;
        while taken < all.len() {
            let rest = &all[taken..];
            let step = if let Some(part) = self.private.front() {
                let step = take_private(part, rest)?;
                if step > 0 {
                    self.private.pop_front();
                }
                step
            } else if self.has_entered(stream) {
                self.take_common(rest, stream, wire)?
            } else {
                0
            };
            if step == 0 {
                break;
            }
            taken += step;
        }
        Ok(taken)
    }

    /// Whether the start of its part of the stream is known.
    fn has_entered(&mut self, stream: &Stream) -> bool {
        let Some(entry) = &self.entry else { return true };
        let Some(place) = stream.place_of(&entry.notice) else { return false };
        self.at = if entry.own { place } else { place + entry.notice.len() as u64 };
        self.entry = None;
        true
    }

    fn take_common(
        &mut self,
        rest: &[u8],
        stream: &mut Stream,
        wire: &dyn Wire,
    ) -> Result<usize, Difference> {
        self.skip_own(stream);
        let known = stream.from(self.at);
        if known.is_empty() {
            if self.own.is_some() {
                return Ok(0); // only the other members show where its own lines belong
            }
            let step = match stream.extend(rest) {
                Ok(step) => step,
                Err(found) => return self.take_interjection(rest, wire).ok_or(found),
            };
            self.at += step as u64;
            return Ok(step);
        }
        let mut most = known.len().min(rest.len());
        if self.own.is_some() {
            most = most.min(usize::try_from(stream.left_of_unit(self.at)).unwrap_or(most));
        }
        if known[..most] == rest[..most] {
            self.at += most as u64;
            return Ok(most);
        }
        let same = known.iter().zip(rest).take_while(|(a, b)| a == b).count();
        let found = difference(known, rest);
        let step = self.take_interjection(&rest[same..], wire).ok_or(found)?;
        self.at += same as u64;
        Ok(same + step)
    }

    /// Takes an interjection of the server; `None` if `rest` is none.
    fn take_interjection(&mut self, rest: &[u8], wire: &dyn Wire) -> Option<usize> {
        let (said, _) = wire.interjection()?;
        if rest.starts_with(said) {
            self.reply_pending = true;
            return Some(said.len());
        }
        said.starts_with(rest).then_some(0)
    }

    fn skip_own(&mut self, stream: &Stream) {
        let Some(own) = self.own else { return };
        while let Some((_, length)) =
            stream.line_at(self.at).filter(|&(expected_lines, _)| expected_lines == own)
        {
            self.at += length;
            self.unheard += 1;
        }
    }
}

/// The length of `part` at the start of `rest`; `None` if it is incomplete.
fn take_private(part: &Part, rest: &[u8]) -> Result<usize, Difference> {
    match part {
        Part::Exact(bytes) if rest.starts_with(bytes) => Ok(bytes.len()),
        Part::Exact(bytes) if bytes.starts_with(rest) => Ok(0),
        Part::Exact(bytes) => Err(difference(bytes, rest)),
        Part::Line(start) => {
            let length = rest.iter().position(|&byte| byte == b'\n').map_or(0, |lf| lf + 1);
            let seen = rest.len().min(start.len());
            if rest[..seen] == start[..seen] {
                return Ok(length);
            }
            let expected = format!("a line that begins with {}", abridged(start));
            Err(Difference { expected, received: abridged(rest) })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Connection, Entry, Member, Part, Stream};
    use crate::expected_lines::ExpectedLines;
    use crate::layered::Route;
    use crate::line::Line;
    use crate::wire::{Frame, Protocol};
    use std::net::TcpListener;

    fn connection() -> Connection {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback can be bound");
        let target = listener.local_addr().expect("bound");
        Connection::open(&Route::plain(target), "m".to_owned(), None)
            .expect("the listener is there")
    }

    fn stream() -> Stream {
        let mut stream = Stream::default();
        for name in ["a", "b"] {
            let frame = Frame { before: format!("{name}: ").into(), after: b"\n".to_vec() };
            let mut expected_lines = ExpectedLines::new(Line::new(frame, 1), 0, 1);
            (0..3).for_each(|sent| expected_lines.send(sent));
            stream.add_sender(expected_lines);
        }
        stream
    }

    fn judge(member: &mut Member, text: &str, stream: &mut Stream) -> Result<(), String> {
        let wire = Protocol::by_name("nats").expect("it is there").0;
        member.judge(text.as_bytes(), stream, wire).map_err(|error| error.to_string())
    }

    #[test]
    fn private_parts_come_first_however_they_are_cut() {
        let parts = vec![Part::Line(b"INFO "), Part::Exact(b"PONG\r\n".to_vec())];
        let mut stream = stream();
        let mut member = Member::new(connection(), parts, 0);
        for cut in ["IN", "FO x", "\nPO", "NG\r\na", ": 0\n"] {
            judge(&mut member, cut, &mut stream).expect("right");
        }
        assert!(member.is_level(&stream));
        assert_eq!(member.lines(&stream), 1);
        let mut other = Member::new(connection(), vec![Part::Line(b"INFO ")], 0);
        let error = judge(&mut other, "ERR", &mut stream).expect_err("something else");
        assert!(error.contains("INFO"), "{error}");
    }

    #[test]
    fn a_sender_without_echo_skips_its_own_lines() {
        let mut stream = stream();
        let mut member = Member::new(connection(), Vec::new(), 0);
        member.hears_all_but(0);
        judge(&mut member, "b: 0\nb: 1\n", &mut stream).expect("it cannot be judged yet");
        assert!(!member.is_level(&stream));
        stream.extend(b"a: 0\nb: 0\na: 1\nb: 1\na: 2\n").expect("right");
        judge(&mut member, "", &mut stream).expect("right");
        member.skip_own(&stream);
        assert!(member.is_level(&stream));
        assert_eq!(member.lines(&stream), 2);
        assert!(judge(&mut member, "a: 0\n", &mut stream).is_ok(), "waits for others' word");
        stream.extend(b"b: 2\n").expect("right");
        assert!(judge(&mut member, "", &mut stream).is_err(), "its own line");
    }

    #[test]
    fn interjections_are_answered_between_lines() {
        let mut stream = stream();
        let mut first = Member::new(connection(), Vec::new(), 0);
        judge(&mut first, "a: 0\nPI", &mut stream).expect("right");
        judge(&mut first, "NG\r\na: 1\n", &mut stream).expect("right");
        assert!(first.takes_reply() && !first.takes_reply());
        let mut second = Member::new(connection(), Vec::new(), 0);
        judge(&mut second, "a: 0\nPING\r\na: 1\n", &mut stream).expect("right");
        assert!(second.takes_reply());
        assert!(first.is_level(&stream) && second.is_level(&stream));
    }

    #[test]
    fn a_joiner_waits_until_its_position_is_known() {
        let mut stream = stream();
        stream.expect_notice(b"z has joined\n".to_vec());
        let entry = Entry { notice: b"z has joined\n".to_vec(), own: true };
        let mut member = Member::entering(connection(), Vec::new(), entry);
        judge(&mut member, "z has joined\nb: 0\n", &mut stream).expect("waits");
        stream.extend(b"a: 0\nz has joined\nb: 0\n").expect("right");
        judge(&mut member, "", &mut stream).expect("right");
        assert!(member.is_level(&stream));
    }
}

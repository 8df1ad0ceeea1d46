//! What can happen to a server: operations on a small fixed cast, and their readable encoding.
//!
//! An operation names a slot, and a slot holds the client that connected in it last. Whether the
//! operation is possible at that moment is none of its business: the check refuses what is not,
//! on both sides alike.
//!
//! Encoded, every operation is a record of five bytes: a letter, the slot, two parameters and a
//! byte that is ignored, so that a scenario is a text file of short lines. Any other bytes are a
//! scenario too, which is what a fuzzer needs. `fuzz/README.md` lists the letters.

use super::words::{ACCOUNTS, EXTENSIONS, words};
use arbitrary::{Arbitrary, Result, Unstructured};
use parlance_core::protocol::Extensions;
use parlance_model::Dialect;
use std::time::Duration;

/// The dialects in the order of their numbers in the encoding.
pub(crate) const DIALECTS: [Dialect; 5] =
    [Dialect::Rooms, Dialect::Lobby, Dialect::Simple, Dialect::Login, Dialect::Channels];

/// How many clients there are at a time.
pub(crate) const SLOTS: usize = 6;

/// How many lines one payload of commands can have, times 64.
const COMMANDS_TIMES: usize = 16;

/// Lengths of what is told to one client.
const TOLD: [usize; 7] = [2, 0, 100, 1_000, 9_000, 19_900, 1];

/// Around the longest line there may be, terminator not included.
const LONG_LINES: [usize; 6] = [19_998, 19_999, 20_000, 5_000, 19_997, 30_000];

const LINE_ENDS: [&[u8]; 3] = [b"\n", b"\r\n", b""];

const FLOOD_LINES: [usize; 7] = [1, 10, 100, 1_000, 9_000, 19_990, 0];

const FLOOD_UNIT: usize = 4096;
const FLOOD_UNITS: usize = 16;

const READS: [usize; 8] = [1, 5, 70, 1_000, 4_096, 20_000, 65_536, 131_072];

const TIMES_MS: [u64; 10] = [1, 100, 249, 250, 999, 4_750, 5_000, 29_999, 30_000, 40_000];

const OUTBOX_BYTES_MAX: [usize; 6] = [140_000, 4_096, 70_000, 200_000, 300, 1024 * 1024];

const TOTAL_BYTES_MAX: [usize; 5] = [usize::MAX, 300_000, 100_000, 5_000, 0];

/// Something that happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    /// A client connects in the slot, unless the one before is still connected.
    Connect { slot: usize },
    /// Bytes arrive, in reads of at most `segment` bytes.
    Send { slot: usize, payload: Payload, segment: usize },
    /// The client closes its sending half.
    EndOfStream { slot: usize },
    /// The client's connection is reset.
    Reset { slot: usize },
    /// An operator ends the client.
    Kick { slot: usize },
    /// The task that serves the client ends without a word, as one that panicked does.
    Dropped { slot: usize },
    /// The socket will take this many bytes more.
    Reads { slot: usize, bytes: usize },
    /// The socket takes everything from now on.
    ReadsAll { slot: usize },
    /// The socket takes nothing from now on.
    StopsReading { slot: usize },
    /// The task that serves the client gets no processor, and so writes nothing, until it does.
    Starves { slot: usize, starves: bool },
    /// The server tries a held sender again.
    Retry { slot: usize },
    /// The server tries all held senders again, lowest slot first, until none gets any further.
    RetryAll,
    /// Time passes; the server looks at its deadlines then, or is too busy to.
    Passes { time: Duration, looked_at: bool },
    /// The store performs everything that it was asked for.
    Store,
    /// The server is told to stop.
    Shutdown,
}

/// What a client sends, in the words of the scenario's dialect. Never more than one read can bring.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Payload {
    /// All that it takes to be in a room under a name.
    Join { room: usize, name: usize },
    /// All that it takes to have a name.
    Name { name: usize },
    /// Into another room.
    Move { room: usize },
    /// A line that is not plainly right at first, if at all.
    Odd { line: usize },
    /// One of a few texts, several times.
    Text { line: usize, times: usize },
    /// One line of this many bytes, LF not included.
    Line { length: usize },
    /// A line about as long as a line can be.
    Long { length: usize, end: usize },
    /// As many lines of one length as there is place for.
    Flood { length: usize, units: usize },
    /// A text for one client, once or as often as there is place for.
    Tell { name: usize, length: usize, units: usize },
    /// A command of an extension.
    Extension { line: usize },
    /// A command that concerns accounts.
    Account { line: usize },
    /// One of the dialect's other commands, several times.
    Command { line: usize, times: usize },
}

impl Payload {
    pub(crate) fn bytes(&self, dialect: Dialect) -> Vec<u8> {
        let words = words(dialect);
        match *self {
            Payload::Join { room, name } => words.join(room, name),
            Payload::Name { name } => words.name(name),
            Payload::Move { room } => words.to_room(room),
            Payload::Odd { line } => pick(words.odd, line).to_vec(),
            Payload::Text { line, times } => words.text(line).repeat(times % 16 + 1),
            Payload::Line { length } => words.say(&vec![b'n'; length % 5_000], b"\n"),
            Payload::Long { length, end } => {
                let text = vec![b'x'; pick(&LONG_LINES, length) - words.say.len()];
                words.say(&text, pick(&LINE_ENDS, end))
            }
            Payload::Flood { length, units } => {
                let line = words.say(&vec![b'f'; pick(&FLOOD_LINES, length)], b"\n");
                fill(&line, units)
            }
            Payload::Tell { name, length, units: 0 } => words.tell(name, pick(&TOLD, length)),
            Payload::Tell { name, length, units } => {
                fill(&words.tell(name, pick(&TOLD, length)), units)
            }
            Payload::Extension { line } => pick(&EXTENSIONS, line).to_vec(),
            Payload::Account { line } => pick(&ACCOUNTS, line).to_vec(),
            Payload::Command { line, times } => {
                let line = pick(words.commands, line);
                line.repeat(if times == 0 { 1 } else { times % COMMANDS_TIMES * 64 })
            }
        }
    }
}

/// `line` as often as `units` leave place for.
fn fill(line: &[u8], units: usize) -> Vec<u8> {
    line.repeat((units % FLOOD_UNITS + 1) * FLOOD_UNIT / line.len())
}

/// Bounds of a server and what happens to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Scenario {
    pub(crate) dialect: Dialect,
    pub(crate) outbox_bytes_max: usize,
    pub(crate) total_bytes_max: usize,
    /// Whether clients may be no faster than a few lines a second.
    pub(crate) rates: bool,
    /// Whether rooms are kept in a store; only those of channels can be.
    pub(crate) keeps: bool,
    /// Whether names can have accounts, which channels alone can, and have to have one.
    pub(crate) accounts: Option<bool>,
    pub(crate) operations: Vec<Operation>,
}

impl Scenario {
    /// A scenario with bounds out of the two lists that the encoding knows.
    pub(crate) fn new(
        dialect: Dialect,
        outbox: usize,
        total: usize,
        operations: Vec<Operation>,
    ) -> Scenario {
        Scenario {
            dialect,
            outbox_bytes_max: pick(&OUTBOX_BYTES_MAX, outbox),
            total_bytes_max: pick(&TOTAL_BYTES_MAX, total),
            rates: false,
            keeps: false,
            accounts: None,
            operations,
        }
    }

    /// What its clients may use.
    pub(crate) fn extensions(&self) -> Extensions {
        let accounts = self.accounts.is_some();
        Extensions { kept_rooms: self.keeps, accounts, registration: accounts, ..Extensions::OFF }
    }

    /// The scenario that `text` encodes.
    pub(crate) fn decode(text: &[u8]) -> Scenario {
        let mut text = Unstructured::new(text);
        Scenario::arbitrary(&mut text).expect("what is missing at the end is filled up")
    }
}

impl<'a> Arbitrary<'a> for Scenario {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Scenario> {
        let [dialect, outbox, total, manner, _] = u.arbitrary::<[u8; 5]>()?;
        // A scenario may also begin like a comment: then it is one of rooms.
        let dialect = if dialect == b'#' { 0 } else { digit(dialect) };
        let mut operations = Vec::new();
        while !u.is_empty() {
            operations.push(Operation::arbitrary(u)?);
        }
        let bounds = (digit(outbox), digit(total));
        let scenario = Scenario::new(pick(&DIALECTS, dialect), bounds.0, bounds.1, operations);
        let keeps = manner == b'K' && scenario.dialect == Dialect::Channels;
        let accounts = match (manner, scenario.dialect) {
            (b'A', Dialect::Channels) => Some(false),
            (b'B', Dialect::Channels) => Some(true),
            _ => None,
        };
        Ok(Scenario { rates: manner == b'R', keeps, accounts, ..scenario })
    }
}

impl<'a> Arbitrary<'a> for Operation {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Operation> {
        let [letter, slot, a, b, _] = u.arbitrary::<[u8; 5]>()?;
        Ok(Operation::from_record(letter, usize::from(slot) % SLOTS, digit(a), digit(b)))
    }
}

/// Every letter of the encoding; any other byte stands for one of them.
const LETTERS: &[u8] = b"cjotnulfexdrasgGpPqzwihvVmMkKXb";

impl Operation {
    fn from_record(letter: u8, slot: usize, a: usize, b: usize) -> Operation {
        let send = |payload, segment| Operation::Send { slot, payload, segment };
        let time = Duration::from_millis(pick(&TIMES_MS, a));
        match letter {
            b'c' => Operation::Connect { slot },
            b'j' => send(Payload::Join { room: a, name: b }, usize::MAX),
            b'o' => send(Payload::Odd { line: a }, usize::MAX),
            b't' => send(Payload::Text { line: a, times: b }, usize::MAX),
            b'n' => send(Payload::Line { length: 10 * a + b }, usize::MAX),
            b'u' => send(Payload::Text { line: a, times: 3 }, b + 1),
            b'l' => send(Payload::Long { length: a, end: b }, [usize::MAX, 4096][b / 3 % 2]),
            b'f' => send(Payload::Flood { length: a, units: b }, usize::MAX),
            b'i' => send(Payload::Name { name: a }, usize::MAX),
            b'h' => send(Payload::Move { room: a }, usize::MAX),
            b'v' => send(Payload::Tell { name: a, length: b, units: 0 }, usize::MAX),
            b'V' => send(Payload::Tell { name: a, length: b, units: 15 }, usize::MAX),
            b'm' => send(Payload::Command { line: a, times: 0 }, usize::MAX),
            b'M' => send(Payload::Command { line: a, times: b + 1 }, usize::MAX),
            b'k' => send(Payload::Extension { line: a }, usize::MAX),
            b'b' => send(Payload::Account { line: a }, usize::MAX),
            b'K' => Operation::Store,
            b'e' => Operation::EndOfStream { slot },
            b'x' => Operation::Reset { slot },
            b'X' => Operation::Kick { slot },
            b'd' => Operation::Dropped { slot },
            b'r' => Operation::Reads { slot, bytes: pick(&READS, a) + b },
            b'a' => Operation::ReadsAll { slot },
            b's' => Operation::StopsReading { slot },
            b'z' => Operation::Starves { slot, starves: true },
            b'w' => Operation::Starves { slot, starves: false },
            b'g' => Operation::Retry { slot },
            b'G' => Operation::RetryAll,
            b'p' => Operation::Passes { time, looked_at: true },
            b'P' => Operation::Passes { time, looked_at: false },
            b'q' => Operation::Shutdown,
            other => {
                Operation::from_record(LETTERS[usize::from(other) % LETTERS.len()], slot, a, b)
            }
        }
    }
}

/// '0' is 0, and so on through all bytes.
fn digit(byte: u8) -> usize {
    usize::from(byte.wrapping_sub(b'0'))
}

fn pick<T: Copy>(list: &[T], index: usize) -> T {
    list[index % list.len()]
}

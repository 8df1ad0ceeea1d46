//! Records: what a layer makes of bytes. No two records of a direction are alike, so that bytes
//! cannot be sealed twice, and a record that is lost, cut or repeated does not open.

use super::super::random::Random;

/// What a record is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The first one of each direction; its content makes the keys.
    Hello = 1,
    Data,
    /// Sent once by the server after the handshake, for nothing.
    Ticket,
    Ping,
    /// The content of the latest ping.
    Pong,
    /// The last one of a direction.
    Close,
}

const KINDS: [Kind; 6] =
    [Kind::Hello, Kind::Data, Kind::Ticket, Kind::Ping, Kind::Pong, Kind::Close];

/// The maximum of a record's content, in bytes.
pub(crate) const CONTENT_BYTES_MAX: usize = 1000;

/// The length of the content, then the kind and the content, masked, then a checksum.
const HEAD_BYTES: usize = 2;
const CHECK_BYTES: usize = 4;

/// The place of a direction in its sequence of records.
#[derive(Clone, Debug)]
pub(crate) struct Sequence {
    key: u64,
    number: u64,
}

impl Sequence {
    pub(crate) fn new(key: u64) -> Sequence {
        Sequence { key, number: 0 }
    }

    /// Of the next record.
    fn next_mask(&mut self) -> Random {
        self.number += 1;
        Random::new(self.key ^ self.number)
    }

    pub(crate) fn seal(&mut self, kind: Kind, content: &[u8], sealed: &mut Vec<u8>) {
        assert!(content.len() <= CONTENT_BYTES_MAX);
        let mut mask = self.next_mask();
        let length = u16::try_from(content.len()).expect("it is bounded");
        sealed.extend(length.to_be_bytes());
        sealed.push(kind as u8 ^ byte(&mut mask));
        sealed.extend(content.iter().map(|each| each ^ byte(&mut mask)));
        sealed.extend(checksum(mask, kind, content));
    }

    /// Takes the first record off `sealed`, if it is whole.
    pub(crate) fn open(
        &mut self,
        sealed: &mut Vec<u8>,
    ) -> Option<Result<(Kind, Vec<u8>), Garbled>> {
        let head = sealed.first_chunk::<HEAD_BYTES>()?;
        let length = usize::from(u16::from_be_bytes(*head));
        let whole = HEAD_BYTES + 1 + length + CHECK_BYTES;
        if length > CONTENT_BYTES_MAX {
            return Some(Err(Garbled));
        }
        if sealed.len() < whole {
            return None;
        }
        let mut mask = self.next_mask();
        let record: Vec<u8> = sealed.drain(..whole).collect();
        let kind = record[HEAD_BYTES] ^ byte(&mut mask);
        let content = &record[HEAD_BYTES + 1..whole - CHECK_BYTES];
        let content: Vec<u8> = content.iter().map(|each| each ^ byte(&mut mask)).collect();
        let kind = KINDS.into_iter().find(|each| *each as u8 == kind);
        let kind = kind.filter(|kind| record.ends_with(&checksum(mask, *kind, &content)));
        Some(kind.map(|kind| (kind, content)).ok_or(Garbled))
    }
}

/// A record that does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Garbled;

fn byte(mask: &mut Random) -> u8 {
    mask.draw().to_le_bytes()[0]
}

fn checksum(mut mask: Random, kind: Kind, content: &[u8]) -> [u8; CHECK_BYTES] {
    let mut sum = mask.draw() ^ kind as u64;
    for each in content {
        sum = Random::new(sum ^ u64::from(*each)).draw();
    }
    *sum.to_be_bytes().first_chunk().expect("eight bytes")
}

/// The keys of both directions, the client's first, from the number in its hello.
pub(crate) fn keys(hello: u64) -> [u64; 2] {
    let mut random = Random::new(hello);
    [random.draw(), random.draw()]
}

/// The number in the server's hello.
pub(crate) fn answer(hello: u64) -> u64 {
    hello.rotate_left(32)
}

/// The content of a hello or a ping.
pub(crate) fn number(content: &[u8]) -> Option<u64> {
    content.try_into().ok().map(u64::from_be_bytes)
}

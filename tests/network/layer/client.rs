//! The client's end of a layer of records.

use super::super::random::Random;
use super::ClientEnd;
use super::records::{CONTENT_BYTES_MAX, Kind, Sequence, answer, keys, number};

/// How many of 100 posts are followed by a ping.
const PINGS_PERCENT: usize = 20;

pub(crate) struct ClientLayer {
    hello: u64,
    /// Absent until the client may send: half of the clients wait for the server's hello.
    sends: Option<Sequence>,
    receives: Sequence,
    /// The server's hello has come.
    shaken: bool,
    sealed: Vec<u8>,
    /// Posted before the handshake was over.
    early: Vec<u8>,
    ends_early: bool,
    last_ping: u64,
    last_pong: u64,
    tickets: usize,
    closed: bool,
}

impl ClientLayer {
    /// A client, whose hello is put into `out`.
    pub(crate) fn new(hello: u64, out: &mut Vec<u8>) -> ClientLayer {
        Sequence::new(0).seal(Kind::Hello, &hello.to_be_bytes(), out);
        let waits = hello.is_multiple_of(2);
        ClientLayer {
            hello,
            sends: (!waits).then(|| Sequence::new(keys(hello)[0])),
            receives: Sequence::new(0),
            shaken: false,
            sealed: Vec::new(),
            early: Vec::new(),
            ends_early: false,
            last_ping: 0,
            last_pong: 0,
            tickets: 0,
            closed: false,
        }
    }
}

impl ClientEnd for ClientLayer {
    /// Seals `bytes` in records of any size, and a ping now and then.
    fn post(&mut self, bytes: &[u8], random: &mut Random, out: &mut Vec<u8>) {
        let Some(sends) = &mut self.sends else { return self.early.extend(bytes) };
        let mut rest = bytes;
        while !rest.is_empty() {
            let most = rest.len().min(CONTENT_BYTES_MAX);
            let (content, after) = rest.split_at(random.between(1, most));
            sends.seal(Kind::Data, content, out);
            rest = after;
        }
        if random.percent(PINGS_PERCENT) {
            self.ping(out);
        }
    }

    fn ping(&mut self, out: &mut Vec<u8>) -> u64 {
        self.last_ping += 1;
        let sends = self.sends.as_mut().expect("a client pings after the handshake");
        sends.seal(Kind::Ping, &self.last_ping.to_be_bytes(), out);
        self.last_ping
    }

    fn last_pong(&self) -> u64 {
        self.last_pong
    }

    /// That is possible after the handshake.
    fn end(&mut self, out: &mut Vec<u8>) -> bool {
        self.ends_early = self.sends.is_none();
        if let Some(sends) = &mut self.sends {
            sends.seal(Kind::Close, &[], out);
        }
        !self.ends_early
    }

    fn take(
        &mut self,
        sealed: &[u8],
        random: &mut Random,
        out: &mut Vec<u8>,
        received: &mut Vec<u8>,
    ) -> bool {
        self.sealed.extend(sealed);
        let mut ends = false;
        while let Some(record) = self.receives.open(&mut self.sealed) {
            let (kind, content) = record.expect("the client is sent whole records, in order");
            assert!(!self.closed, "a record comes after the last");
            match (kind, self.shaken) {
                (Kind::Hello, false) => {
                    assert_eq!(number(&content), Some(answer(self.hello)));
                    let [own, servers] = keys(self.hello);
                    self.shaken = true;
                    self.sends.get_or_insert_with(|| Sequence::new(own));
                    self.receives = Sequence::new(servers);
                    let early = std::mem::take(&mut self.early);
                    self.post(&early, random, out);
                    ends = self.ends_early && self.end(out);
                }
                (Kind::Data, true) => received.extend(content),
                (Kind::Ticket, true) => self.tickets += 1,
                (Kind::Pong, true) => self.last_pong = number(&content).expect("as a ping"),
                (Kind::Close, true) => self.closed = true,
                (kind, _) => panic!("the server sends {kind:?} out of turn"),
            }
        }
        ends
    }

    fn early(&self) -> usize {
        self.early.len()
    }

    fn reset(&mut self) {
        self.early.clear();
    }

    fn assert_flushed(&self) {
        let tickets = usize::from(self.shaken);
        assert_eq!(self.tickets, tickets, "the layer's own output stays: the ticket");
        let answered = self.last_pong == self.last_ping || !self.shaken;
        assert!(answered, "the layer's own output stays: a pong");
    }

    fn assert_closed(&self) {
        assert!(self.closed, "the direction below ended before the layer's");
    }
}

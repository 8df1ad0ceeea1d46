//! The client's end of telnet, written from RFC 854: it asks for options and sends commands all the
//! time, and takes nothing from the server but what the clauses allow.

use super::super::random::Random;
use super::ClientEnd;
use std::collections::VecDeque;

const IAC: u8 = 0xFF;
const DONT: u8 = 0xFE;
const DO: u8 = 0xFD;
const WONT: u8 = 0xFC;
const WILL: u8 = 0xFB;
const SB: u8 = 0xFA;
const SE: u8 = 0xF0;
const TIMING_MARK: u8 = 6;

/// Of 100 bytes posted, at how many something else than data comes first.
const NOISE_PERCENT: usize = 3;

/// A line that is longer ends in LF alone, so that it is no longer on the wire than it was posted.
const LONG_LINE: usize = 15_000;

/// How a CR LF from the server is shown: as what the dialect has for the end of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LineEnd {
    Lf,
    CrLf,
}

pub(crate) struct TelnetClient {
    shows: LineEnd,
    /// Answers that have to come, in this order.
    expected: VecDeque<[u8; 2]>,
    answered: u64,
    asked: u64,
    line_length: usize,
    last_posted: u8,
    /// What has come and has no meaning before more has come.
    begun: Vec<u8>,
}

impl TelnetClient {
    pub(crate) fn new(shows: LineEnd) -> TelnetClient {
        TelnetClient {
            shows,
            expected: VecDeque::new(),
            answered: 0,
            asked: 0,
            line_length: 0,
            last_posted: 0,
            begun: Vec::new(),
        }
    }

    fn ask(&mut self, verb: u8, option: u8, out: &mut Vec<u8>) {
        out.extend([IAC, verb, option]);
        if let Some(answer) = [(DO, WONT), (WILL, DONT)].iter().find(|(ask, _)| *ask == verb) {
            self.expected.push_back([answer.1, option]);
            self.asked += 1;
        }
    }

    /// Something that is no data: a request, a command, or a subnegotiation with anything in it.
    fn noise(&mut self, random: &mut Random, out: &mut Vec<u8>) {
        match random.below(3) {
            0 => {
                let verb = [DO, DONT, WILL, WONT][random.below(4)];
                self.ask(verb, byte(random), out);
            }
            1 => out.extend([IAC, byte(random) % (SB - SE) + SE]),
            _ => {
                out.extend([IAC, SB]);
                for _ in 0..random.below(30) {
                    let within = byte(random);
                    out.extend(std::iter::repeat_n(within, 1 + usize::from(within == IAC)));
                }
                out.extend([IAC, SE]);
            }
        }
    }

    /// The end of a line as some terminal sends it.
    fn end_line(&mut self, random: &mut Random, out: &mut Vec<u8>) {
        let short = self.line_length < LONG_LINE;
        match random.below(3) {
            1 if short && self.last_posted != b'\r' => out.extend(b"\r\n"),
            2 if short && self.last_posted != b'\r' => out.extend(b"\r\0"),
            _ => out.push(b'\n'),
        }
        self.line_length = 0;
    }

    /// Takes the first thing off `begun`, if it is whole.
    fn take_one(&mut self, received: &mut Vec<u8>) -> bool {
        let used = match *self.begun {
            [] | [IAC | b'\r'] | [IAC, WONT | DONT] | [b'\r', IAC] | [b'\r', IAC, WONT | DONT] => {
                return false;
            }
            // A CR may be the last byte of a write.
            [b'\r', IAC, WONT | DONT, ..] => {
                self.begun.remove(0);
                let taken = self.take_one(received);
                self.begun.insert(0, b'\r');
                return taken;
            }
            [IAC, IAC, ..] => {
                received.push(IAC);
                2
            }
            [IAC, verb @ (WONT | DONT), option, ..] => {
                assert_eq!(self.expected.pop_front(), Some([verb, option]), "another answer");
                self.answered += 1;
                3
            }
            [IAC, command, ..] => panic!("the server sends the command {command:x}"),
            [b'\r', b'\n', ..] => {
                received.extend(if self.shows == LineEnd::Lf { &b"\n"[..] } else { b"\r\n" });
                2
            }
            [b'\r', 0, ..] => {
                received.push(b'\r');
                2
            }
            [b'\r', other, ..] => panic!("a CR comes before {other:x}"),
            [b'\n', ..] => panic!("a line ends without a CR"),
            [data, ..] => {
                received.push(data);
                1
            }
        };
        self.begun.drain(..used);
        true
    }
}

fn byte(random: &mut Random) -> u8 {
    random.draw().to_le_bytes()[0]
}

impl ClientEnd for TelnetClient {
    /// Something else than data comes at any place, between CR and LF too.
    fn post(&mut self, bytes: &[u8], random: &mut Random, out: &mut Vec<u8>) {
        for byte in bytes {
            if random.percent(NOISE_PERCENT) {
                self.noise(random, out);
            }
            self.line_length += 1;
            match *byte {
                IAC => out.extend([IAC, IAC]),
                b'\n' => self.end_line(random, out),
                data => out.push(data),
            }
            self.last_posted = *byte;
        }
    }

    /// As a Linux telnet does after Ctrl-C.
    fn ping(&mut self, out: &mut Vec<u8>) -> u64 {
        self.ask(DO, TIMING_MARK, out);
        self.asked
    }

    /// The number of answers: they come in order.
    fn last_pong(&self) -> u64 {
        self.answered
    }

    fn end(&mut self, _: &mut Vec<u8>) -> bool {
        true
    }

    fn take(
        &mut self,
        wire: &[u8],
        _: &mut Random,
        _: &mut Vec<u8>,
        received: &mut Vec<u8>,
    ) -> bool {
        for byte in wire {
            if self.begun.is_empty() && !matches!(*byte, IAC | b'\r' | b'\n') {
                received.push(*byte);
                continue;
            }
            self.begun.push(*byte);
            while self.take_one(received) {}
        }
        false
    }

    fn early(&self) -> usize {
        0
    }

    fn reset(&mut self) {}

    fn assert_flushed(&self) {
        assert!(self.expected.is_empty(), "the layer's own output stays: {:x?}", self.expected);
    }

    /// Telnet has no last word.
    fn assert_closed(&self) {}
}

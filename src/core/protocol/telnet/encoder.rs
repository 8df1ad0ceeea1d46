//! From the dialect to the wire.

use super::{CR, IAC, LF, NUL};
use memchr::memchr3;

/// Makes a stream of bytes fit for telnet: each line ends in CR LF, every other CR is CR NUL, and
/// 0xFF is doubled. [common/telnet-5]
///
/// ```
/// use parlance_core::protocol::telnet::Encoder;
///
/// let mut wire = Vec::new();
/// Encoder::default().encode(b"joe: hi\nann: \xff\r\n", &mut wire);
/// assert_eq!(wire, b"joe: hi\r\nann: \xff\xff\r\n");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Encoder {
    /// The last byte was a CR. What has to follow it is known only with the next byte.
    after_cr: bool,
}

/// How much of some encoded data was accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accepted {
    /// How many bytes of the data were accepted whole.
    pub whole: usize,
    /// Whether the byte behind them was begun.
    pub begun: bool,
    /// What has to be accepted next, without anything before it: the rest of the byte that was
    /// begun, or what completes a CR.
    pub rest: Encoded,
}

/// The bytes that one byte of data becomes, or the last of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Encoded {
    bytes: [u8; 2],
    first: usize,
}

impl Encoded {
    const NOTHING: Encoded = Encoded { bytes: [0; 2], first: 2 };

    const fn one(byte: u8) -> Encoded {
        Encoded { bytes: [0, byte], first: 1 }
    }

    const fn two(bytes: [u8; 2]) -> Encoded {
        Encoded { bytes, first: 0 }
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes[self.first..]
    }
}

impl Encoder {
    /// Adds the encoding of `data`, which continues the stream, to `wire`.
    pub fn encode(&mut self, data: &[u8], wire: &mut Vec<u8>) {
        let mut rest = data;
        loop {
            let run = if self.after_cr { 0 } else { plain_run(rest) };
            wire.extend_from_slice(&rest[..run]);
            let Some(byte) = rest.get(run) else { return };
            if self.completes_cr(*byte) {
                wire.push(NUL);
            }
            wire.extend_from_slice(self.take(*byte).bytes());
            rest = &rest[run + 1..];
        }
    }

    /// Of the encoding of `data` the first `count` bytes were accepted: the stream goes on behind
    /// them and the rest that this returns. A CR is not left alone while there is more data: an
    /// answer may stand behind one, but not every client expects that.
    pub fn accept(&mut self, data: &[u8], count: usize) -> Accepted {
        let mut left = count;
        for (whole, byte) in data.iter().enumerate() {
            if self.completes_cr(*byte) {
                self.after_cr = false;
                if left == 0 {
                    return Accepted { whole, begun: false, rest: Encoded::one(NUL) };
                }
                left -= 1;
            }
            if left == 0 && !self.after_cr {
                return Accepted { whole, begun: false, rest: Encoded::NOTHING };
            }
            let encoded = self.take(*byte);
            let length = encoded.bytes().len();
            if left < length {
                let rest = Encoded { first: encoded.first + left, ..encoded };
                return Accepted { whole, begun: true, rest };
            }
            left -= length;
        }
        Accepted { whole: data.len(), begun: false, rest: Encoded::NOTHING }
    }

    /// Whether a NUL has to come before `byte`: the CR before it is no line end's.
    fn completes_cr(&self, byte: u8) -> bool {
        self.after_cr && byte != LF
    }

    /// What `byte` becomes, behind what completes a CR.
    fn take(&mut self, byte: u8) -> Encoded {
        let after_cr = std::mem::replace(&mut self.after_cr, byte == CR);
        match byte {
            LF if !after_cr => Encoded::two([CR, LF]),
            IAC => Encoded::two([IAC, IAC]),
            byte => Encoded::one(byte),
        }
    }
}

/// The length of the data at the beginning of `data` that means itself.
fn plain_run(data: &[u8]) -> usize {
    memchr3(LF, CR, IAC, data).unwrap_or(data.len())
}

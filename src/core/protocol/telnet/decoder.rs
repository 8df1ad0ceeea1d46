//! From the wire to the dialect.

use super::{CR, DO, DONT, IAC, LF, NUL, SB, SE, WILL, WONT};
use crate::limits::TELNET_ANSWERS_MAX;
use memchr::memchr2;

/// The length of an answer: IAC, the verb and the option.
const ANSWER_BYTES: usize = 3;

/// Takes telnet out of a stream of bytes and answers its requests.
///
/// No byte becomes more than one, so that a read is decoded where it is; nothing of the stream is
/// kept but the place in it. [common/telnet-3]
///
/// ```
/// use parlance_core::protocol::telnet::Decoder;
///
/// // Ctrl-C in a Linux telnet: interrupt, and DO TIMING-MARK, without whose answer it shows
/// // nothing any more.
/// let (mut decoder, mut answers) = (Decoder::default(), Vec::new());
/// let mut read = *b"he\xff\xf4\xff\xfd\x06llo\r\0";
/// let length = decoder.decode(&mut read, &mut answers);
/// assert_eq!(&read[..length], b"hello\r\n");
/// assert_eq!(answers, b"\xff\xfc\x06");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decoder {
    place: Place,
    /// The last byte of data was a CR.
    after_cr: bool,
}

/// Where in the stream the next byte stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    #[default]
    Data,
    /// Behind IAC.
    Command,
    /// Behind a verb: the option is next. A request has the verb of its answer.
    Option(Option<u8>),
    Subnegotiation,
    /// Behind IAC in a subnegotiation.
    SubnegotiationCommand,
}

/// How many bytes may be decoded while so many bytes of answers wait, so that no more than
/// [`TELNET_ANSWERS_MAX`] answers wait afterwards. [common/telnet-6]
pub fn input_bytes_max(waiting: usize) -> usize {
    let room = TELNET_ANSWERS_MAX.saturating_sub(waiting.div_ceil(ANSWER_BYTES));
    // A request has three bytes, and two of the first may have been decoded before.
    (ANSWER_BYTES * room).saturating_sub(2)
}

impl Decoder {
    /// Decodes `bytes` in place, which continue the stream: its first bytes are then data, as many
    /// as returned. Adds the answers to requests to `answers`.
    pub fn decode(&mut self, bytes: &mut [u8], answers: &mut Vec<u8>) -> usize {
        let (mut from, mut to) = (0, 0);
        while from < bytes.len() {
            let run = self.plain_run(&bytes[from..]);
            bytes.copy_within(from..from + run, to);
            (from, to) = (from + run, to + run);
            let Some(byte) = bytes.get(from) else { break };
            if let Some(data) = self.take(*byte, answers) {
                bytes[to] = data;
                to += 1;
            }
            from += 1;
        }
        to
    }

    /// The length of the data at the beginning of `bytes` that means itself.
    fn plain_run(&self, bytes: &[u8]) -> usize {
        if self.place != Place::Data || self.after_cr {
            return 0;
        }
        memchr2(IAC, CR, bytes).unwrap_or(bytes.len())
    }

    /// The data that the next byte is, if it is any.
    fn take(&mut self, byte: u8, answers: &mut Vec<u8>) -> Option<u8> {
        let (next, data) = match (self.place, byte) {
            (Place::Data, IAC) => (Place::Command, None),
            (Place::Data, byte) | (Place::Command, byte @ IAC) => (Place::Data, Some(byte)),
            (Place::Command, DO) => (Place::Option(Some(WONT)), None),
            (Place::Command, WILL) => (Place::Option(Some(DONT)), None),
            // The option is off already, and an answer could be answered for ever.
            (Place::Command, WONT | DONT) => (Place::Option(None), None),
            (Place::Option(answer), option) => {
                if let Some(verb) = answer {
                    answers.extend([IAC, verb, option]);
                }
                (Place::Data, None)
            }
            (Place::Command, SB) => (Place::Subnegotiation, None),
            (Place::Subnegotiation, IAC) => (Place::SubnegotiationCommand, None),
            (Place::SubnegotiationCommand, SE) | (Place::Command, _) => (Place::Data, None),
            // IAC is doubled here too, and a command within is no command.
            (Place::Subnegotiation | Place::SubnegotiationCommand, _) => {
                (Place::Subnegotiation, None)
            }
        };
        self.place = next;
        data.map(|byte| self.data(byte))
    }

    /// CR NUL is the Enter key, as CR LF is. [common/telnet-4]
    fn data(&mut self, byte: u8) -> u8 {
        let enter = self.after_cr && byte == NUL;
        self.after_cr = byte == CR;
        if enter { LF } else { byte }
    }
}

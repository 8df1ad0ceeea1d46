//! Telnet (RFC 854) between a dialect and its client: what a terminal adds to the bytes that are
//! typed, and what it wants of the bytes that it shows. Pure: bytes in, bytes out.
//!
//! Every option is refused and none is ever asked for, so there is no state of options: a terminal
//! stays what RFC 854 calls a network virtual terminal, which edits and echoes its own lines.
//! [common/telnet-1]

mod decoder;
mod encoder;

pub use decoder::{Decoder, input_bytes_max};
pub use encoder::{Accepted, Encoded, Encoder};

/// *Interpret as command*: begins everything that is not data.
const IAC: u8 = 255;
const DONT: u8 = 254;
const DO: u8 = 253;
const WONT: u8 = 252;
const WILL: u8 = 251;
/// Begins a subnegotiation.
const SB: u8 = 250;
/// Ends a subnegotiation.
const SE: u8 = 240;

const NUL: u8 = 0;
const LF: u8 = b'\n';
const CR: u8 = b'\r';

//! WebSocket (RFC 6455) between a dialect and its client: frames out of a client's bytes, and
//! frames around a dialect's lines. Pure: bytes in, bytes out. No extension is ever agreed on.
//! [common/ws-1]

mod control;
mod decoder;
mod encoder;
mod header;
mod text;

pub use control::{Answers, close_frame, ping_frame};
pub use decoder::{Closing, Decoder, End};
pub use encoder::{Encoder, Frame, HEADER_BYTES_MAX, Header};

/// What a message is, or a frame by itself. [common/ws-3]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Opcode {
    Continuation,
    Text,
    Binary,
    Close,
    Ping,
    Pong,
}

impl Opcode {
    const ALL: [Opcode; 6] = [
        Opcode::Continuation,
        Opcode::Text,
        Opcode::Binary,
        Opcode::Close,
        Opcode::Ping,
        Opcode::Pong,
    ];

    /// The number of RFC 6455, 11.8.
    const fn number(self) -> u8 {
        match self {
            Opcode::Continuation => 0,
            Opcode::Text => 1,
            Opcode::Binary => 2,
            Opcode::Close => 8,
            Opcode::Ping => 9,
            Opcode::Pong => 10,
        }
    }

    /// Nothing for a number that is reserved.
    fn numbered(number: u8) -> Option<Opcode> {
        Opcode::ALL.into_iter().find(|opcode| opcode.number() == number)
    }

    const fn is_control(self) -> bool {
        self.number() >= 8
    }
}

/// Why a connection is closed, as the number in a Close frame (RFC 6455, 7.4).
/// [common/ws-8]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseCode {
    /// The purpose of the connection is fulfilled.
    Normal = 1000,
    /// The server shuts down.
    GoingAway = 1001,
    /// The peer broke a rule of RFC 6455.
    Protocol = 1002,
    /// Text was not UTF-8.
    NotText = 1007,
    /// The peer broke a rule of the server.
    Policy = 1008,
    /// A message was too long.
    TooLong = 1009,
    /// The server failed.
    Internal = 1011,
    /// There are too many clients.
    TryAgainLater = 1013,
}

const LF: u8 = b'\n';

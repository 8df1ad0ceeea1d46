//! Frames as bytes.

/// The meaning of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opcode {
    Continuation,
    Text,
    Binary,
    Close,
    Ping,
    Pong,
}

impl Opcode {
    pub(super) const ALL: [(u8, Opcode); 6] = [
        (0x0, Opcode::Continuation),
        (0x1, Opcode::Text),
        (0x2, Opcode::Binary),
        (0x8, Opcode::Close),
        (0x9, Opcode::Ping),
        (0xa, Opcode::Pong),
    ];

    pub(super) fn of(number: u8) -> Option<Opcode> {
        Opcode::ALL.iter().find(|(known, _)| *known == number).map(|(_, opcode)| *opcode)
    }

    pub(super) fn number(self) -> u8 {
        let known = Opcode::ALL.iter().find(|(_, opcode)| *opcode == self);
        known.map_or(0, |(number, _)| *number)
    }

    pub(super) fn is_control(self) -> bool {
        matches!(self, Opcode::Close | Opcode::Ping | Opcode::Pong)
    }
}

/// In the second byte: the bit of a mask, and the numbers that announce a longer length.
const MASKED: u8 = 0x80;
const MEDIUM: u8 = 126;
const LONG: u8 = 127;

/// Appends a client's frame, which is masked.
pub(super) fn push(out: &mut Vec<u8>, opcode: Opcode, last: bool, payload: &[u8], mask: [u8; 4]) {
    out.push(u8::from(last) << 7 | opcode.number());
    let length = payload.len();
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(short @ ..MEDIUM), _) => out.push(MASKED | short),
        (_, Ok(medium)) => {
            out.push(MASKED | MEDIUM);
            out.extend(medium.to_be_bytes());
        }
        _ => {
            out.push(MASKED | LONG);
            out.extend((length as u64).to_be_bytes());
        }
    }
    out.extend(mask);
    out.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
}

/// The first bytes of a server's frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) opcode: Opcode,
    pub(super) last: bool,
    /// Bytes of the header itself, and of the payload behind it.
    pub(super) length: usize,
    pub(super) payload: u64,
}

impl Header {
    /// Reads a header; `None` if it is incomplete.
    pub(super) fn read(bytes: &[u8]) -> Result<Option<Header>, String> {
        let &[first, second, ref rest @ ..] = bytes else { return Ok(None) };
        if first & 0x70 != 0 {
            return Err(format!("a frame has reserved bits: its first byte is {first:#04x}"));
        }
        let opcode = Opcode::of(first & 0xf)
            .ok_or_else(|| format!("a frame has the unknown opcode {:#x}", first & 0xf))?;
        if second & MASKED != 0 {
            return Err("a frame of the server is masked".to_owned());
        }
        let last = first & 0x80 != 0;
        let (length, payload) = match second {
            MEDIUM => {
                let Some(bytes) = rest.first_chunk() else { return Ok(None) };
                (4, u16::from_be_bytes(*bytes).into())
            }
            LONG => {
                let Some(bytes) = rest.first_chunk() else { return Ok(None) };
                (10, u64::from_be_bytes(*bytes))
            }
            short => (2, short.into()),
        };
        let wasteful = match length {
            4 => payload < MEDIUM.into(),
            10 => u16::try_from(payload).is_ok() || payload >> 63 != 0,
            _ => false,
        };
        if wasteful {
            return Err(format!("a frame's length, {payload}, is not written as it should be"));
        }
        if opcode.is_control() && (!last || payload > 125) {
            return Err("a control frame is in fragments, or longer than 125 bytes".to_owned());
        }
        Ok(Some(Header { opcode, last, length, payload }))
    }
}

//! The header of a client's frame.

use super::{CloseCode, Opcode};

/// The longest header: two bytes, a length of eight, a mask of four.
const HEADER_BYTES_MAX: usize = 14;

/// The longest content of a control frame. [common/ws-4]
pub(super) const CONTROL_BYTES_MAX: usize = 125;

/// A header that comes byte by byte.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Gathering {
    bytes: [u8; HEADER_BYTES_MAX],
    count: u8,
}

/// What a header says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ClientHeader {
    /// The frame is the last of its message.
    pub(super) fin: bool,
    pub(super) opcode: Opcode,
    /// The bytes of content that follow.
    pub(super) length: u64,
    pub(super) mask: [u8; 4],
}

impl Gathering {
    /// Takes the next byte: the header, once that is whole, and the next one is begun.
    ///
    /// # Errors
    /// The peer broke a rule.
    pub(super) fn take(&mut self, byte: u8) -> Result<Option<ClientHeader>, CloseCode> {
        self.bytes[usize::from(self.count)] = byte;
        self.count += 1;
        let begun = &self.bytes[..usize::from(self.count)];
        if begun.len() < 2 {
            return Ok(None);
        }
        let opcode = first_two(begun[0], begun[1])?;
        let extended = match begun[1] & 0x7F {
            126 => 2,
            127 => 8,
            _ => 0,
        };
        let Some(length) = begun.get(2..2 + extended) else { return Ok(None) };
        let length = match length {
            [] => u64::from(begun[1] & 0x7F),
            bytes => extended_length(bytes)?,
        };
        let Some(mask) = begun[2 + extended..].first_chunk() else { return Ok(None) };
        let header = ClientHeader { fin: begun[0] & 0x80 != 0, opcode, length, mask: *mask };
        *self = Gathering::default();
        Ok(Some(header))
    }
}

/// [common/ws-2] [common/ws-3] [common/ws-4]
fn first_two(first: u8, second: u8) -> Result<Opcode, CloseCode> {
    let reserved = first & 0x70 != 0;
    let opcode = Opcode::numbered(first & 0x0F).filter(|_| !reserved);
    let opcode = opcode.ok_or(CloseCode::Protocol)?;
    let (is_masked, length, fin) = (second & 0x80 != 0, second & 0x7F, first & 0x80 != 0);
    let fits = !opcode.is_control() || (fin && usize::from(length) <= CONTROL_BYTES_MAX);
    if is_masked && fits { Ok(opcode) } else { Err(CloseCode::Protocol) }
}

/// A length is as short as it can be. [common/ws-2]
fn extended_length(bytes: &[u8]) -> Result<u64, CloseCode> {
    let length = bytes.iter().fold(0, |length, byte| length << 8 | u64::from(*byte));
    let least = if bytes.len() == 2 { 126 } else { 0x1_0000 };
    let in_range = length >= least && length < 1 << 63;
    if in_range { Ok(length) } else { Err(CloseCode::Protocol) }
}

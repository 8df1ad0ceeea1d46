//! What a client that speaks TLS sends first.

/// What the first record of TLS begins with: its type, a part of the handshake, and the first byte
/// of its version, which is the same in all of them. [common/tls-9]
pub const BEGINNING: [u8; 2] = [0x16, 0x03];

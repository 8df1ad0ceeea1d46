//! The header of the PROXY protocol, versions 1 and 2, out of the first bytes of a connection.

use parlance_core::limits::PROXY_HEADER_BYTES_MAX;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// What a header of version 2 begins with.
const SIGNATURE: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";

/// The signature, version and command, family, and the length of the rest.
const FIXED_BYTES: usize = 16;

/// The longest header of version 1, its CR LF included.
const LINE_BYTES_MAX: usize = 107;

/// What a header of version 1 begins with.
const WORD: &[u8] = b"PROXY ";

/// The beginnings of every header: a line of chat that happens to begin with `PROXY` is none.
const BEGINNINGS: [&[u8]; 4] = [SIGNATURE, b"PROXY TCP4 ", b"PROXY TCP6 ", b"PROXY UNKNOWN"];

/// The longest of the beginnings.
pub(super) const BEGINNING_BYTES_MAX: usize = 13;

/// A header: where the client comes from, if the header says so. Otherwise it is the proxy's own
/// connection, or one of a kind that has no such address. [common/proxy-3]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// The client's address and port.
    pub source: Option<SocketAddr>,
    /// How many bytes the header has.
    pub length: usize,
}

/// The header that `bytes` begins with; nothing while more has to come. [common/proxy-1]
///
/// # Errors
/// What is wrong with it, for the log, as soon as it cannot become a header any more.
/// [common/proxy-2]
///
/// ```
/// use parlance_server::proxy::read_header;
///
/// let bytes = b"PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\nJOIN den joe\n";
/// let header = read_header(bytes).unwrap().expect("all of it is there");
/// assert_eq!(header.source, Some("192.0.2.1:56324".parse().unwrap()));
/// assert_eq!(&bytes[header.length..], b"JOIN den joe\n");
/// assert_eq!(read_header(&bytes[..20]), Ok(None));
/// assert!(read_header(b"JOIN den joe\n").is_err());
/// ```
pub fn read_header(bytes: &[u8]) -> Result<Option<Header>, &'static str> {
    if begins_alike(bytes, SIGNATURE) {
        return read_binary(bytes);
    }
    if begins_alike(bytes, WORD) {
        return read_line(bytes);
    }
    Err("the connection does not begin with a header")
}

/// Whether one of the two begins with the other.
fn begins_alike(bytes: &[u8], beginning: &[u8]) -> bool {
    let common = bytes.len().min(beginning.len());
    bytes[..common] == beginning[..common]
}

/// Whether a connection that begins with `bytes` begins with a header; nothing while that is open.
pub(crate) fn begins_with_header(bytes: &[u8]) -> Option<bool> {
    if BEGINNINGS.iter().any(|beginning| bytes.starts_with(beginning)) {
        return Some(true);
    }
    let open = BEGINNINGS.iter().any(|beginning| begins_alike(bytes, beginning));
    if open { None } else { Some(false) }
}

/// A header of version 1: words in a line.
fn read_line(bytes: &[u8]) -> Result<Option<Header>, &'static str> {
    let most = &bytes[..bytes.len().min(LINE_BYTES_MAX)];
    let Some(end) = most.iter().position(|byte| *byte == b'\n') else {
        let open = most.len() < LINE_BYTES_MAX;
        return if open { Ok(None) } else { Err("the header of version 1 is too long") };
    };
    let line = most[..end].strip_suffix(b"\r").ok_or("the header does not end in CR LF")?;
    let line = str::from_utf8(line).map_err(|_| "the header of version 1 is no text")?;
    let words: Vec<&str> = line.split(' ').collect();
    let source = match words[..] {
        // What stands behind it has no meaning.
        [_, "UNKNOWN", ..] => None,
        [_, family @ ("TCP4" | "TCP6"), source, target, port, target_port] => {
            let is_6 = family == "TCP6";
            let both = address(is_6, source).zip(address(is_6, target));
            let ports = port_of(port).zip(port_of(target_port));
            let ((source, _), (port, _)) =
                both.zip(ports).ok_or("the header of version 1 has a wrong address or port")?;
            Some(SocketAddr::new(source, port))
        }
        _ => return Err("the header of version 1 has other words than it should"),
    };
    Ok(Some(Header { source, length: end + 1 }))
}

fn address(is_6: bool, text: &str) -> Option<IpAddr> {
    if is_6 {
        text.parse::<Ipv6Addr>().ok().map(IpAddr::V6)
    } else {
        text.parse::<Ipv4Addr>().ok().map(IpAddr::V4)
    }
}

/// Digits only, and no zeros before them.
fn port_of(text: &str) -> Option<u16> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let shortest = text == "0" || !text.starts_with('0');
    (digits && shortest).then(|| text.parse().ok()).flatten()
}

/// A header of version 2: a fixed part, addresses, then what else the proxy knows, which is
/// skipped.
fn read_binary(bytes: &[u8]) -> Result<Option<Header>, &'static str> {
    // What is known to be wrong is not waited for.
    let version_and_command = bytes.get(12).copied();
    if version_and_command.is_some_and(|byte| byte >> 4 != 2) {
        return Err("the header is of a version other than 1 and 2");
    }
    let is_local = match version_and_command.map(|byte| byte & 0x0f) {
        None => return Ok(None),
        Some(0) => true,
        Some(1) => false,
        Some(_) => return Err("the header of version 2 has an unknown command"),
    };
    let family = bytes.get(13).copied();
    if family.is_some_and(|byte| byte >> 4 > 3 || byte & 0x0f > 2) {
        return Err("the header of version 2 has an unknown family or transport");
    }
    let (Some(family), Some(&[high, low])) = (family, bytes.get(14..FIXED_BYTES)) else {
        return Ok(None);
    };
    let length = FIXED_BYTES + usize::from(u16::from_be_bytes([high, low]));
    if length > PROXY_HEADER_BYTES_MAX {
        return Err("the header of version 2 is too long");
    }
    let address_bytes = match family >> 4 {
        1 => 12,
        2 => 36,
        3 => 216,
        _ => 0,
    };
    if !is_local && length - FIXED_BYTES < address_bytes {
        return Err("the header of version 2 is too short for its addresses");
    }
    let Some(rest) = bytes.get(FIXED_BYTES..length) else { return Ok(None) };
    // Only streams of IPv4 and IPv6 are connections like ours.
    let source = match (is_local, family) {
        (false, 0x11) => socket_address::<4>(rest),
        (false, 0x21) => socket_address::<16>(rest),
        _ => None,
    };
    Ok(Some(Header { source, length }))
}

/// The source out of two addresses of so many bytes and two ports.
fn socket_address<const BYTES: usize>(rest: &[u8]) -> Option<SocketAddr>
where
    IpAddr: From<[u8; BYTES]>,
{
    let (source, behind) = rest.split_first_chunk::<BYTES>()?;
    let port = behind.get(BYTES..)?.first_chunk::<2>()?;
    Some(SocketAddr::new(IpAddr::from(*source), u16::from_be_bytes(*port)))
}

#[cfg(test)]
#[path = "header_tests.rs"]
mod tests;

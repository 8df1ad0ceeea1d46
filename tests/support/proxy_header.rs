//! The body of the fuzz target `proxy_header`: a header means the same however it is cut, and what
//! is read of it is what a second reader of simpler rules finds, and can be written again.

use parlance_server::proxy::{Header, read_header};
use std::net::{IpAddr, SocketAddr};

/// The first line of the input says how the rest is cut: each of its bytes, modulo 64, plus one,
/// is the length of a read, in turn.
pub(crate) fn proxy_header(input: &[u8]) {
    let end = input.iter().position(|byte| *byte == b'\n').unwrap_or(input.len());
    let (lengths, stream) = (&input[..end], input.get(end + 1..).unwrap_or_default());
    let whole = read_header(stream);
    let mut come = 0;
    for length in lengths.iter().cycle().take(10_000) {
        come = (come + usize::from(length % 64) + 1).min(stream.len());
        let outcome = read_header(&stream[..come]);
        if outcome != Ok(None) || come == stream.len() {
            // Which of several faults is named may depend on what has come.
            assert_eq!(outcome.map_err(|_| ()), whole.map_err(|_| ()), "{come} bytes have come");
            break;
        }
    }
    assert_eq!(whole.map_or(None, |header| header), obvious(stream), "as the other reader has it");
    match whole {
        Ok(Some(header)) => {
            assert!(header.length <= 4096 && header.length <= stream.len());
            assert_eq!(
                read_header(&stream[..header.length]),
                whole,
                "what is behind has no effect"
            );
            assert_eq!(read_header(&stream[..header.length - 1]), Ok(None));
        }
        Ok(None) => assert!(stream.len() < 4096, "a header is not waited for without end"),
        Err(why) => assert!(!why.is_empty()),
    }
}

/// The header that a stream begins with, if it is whole and right.
fn obvious(stream: &[u8]) -> Option<Header> {
    if let Some(rest) = stream.strip_prefix(b"\r\n\r\n\0\r\nQUIT\n") {
        return obvious_binary(rest);
    }
    let length = 2 + stream.windows(2).position(|two| two == b"\r\n")?;
    let line = String::from_utf8(stream[..length - 2].to_vec()).ok()?;
    if length > 107 || line.contains('\n') {
        return None;
    }
    if line == "PROXY UNKNOWN" || line.starts_with("PROXY UNKNOWN ") {
        return Some(Header { source: None, length });
    }
    let is_4 = line.starts_with("PROXY TCP4 ");
    let words: Vec<&str> = line.split(' ').collect();
    let address = |at: usize| words.get(at)?.parse::<IpAddr>().ok();
    let port = |at: usize| words.get(at)?.parse::<u16>().ok();
    let (source, target) = (address(2)?, address(3)?);
    let written = format!("PROXY {} {} {} {} {}", words[1], words[2], words[3], port(4)?, port(5)?);
    let of_one_family = [source, target].iter().all(|address| address.is_ipv4() == is_4);
    let right = (is_4 || line.starts_with("PROXY TCP6 ")) && of_one_family && line == written;
    right.then(|| Header { source: Some(SocketAddr::new(source, port(4)?)), length }.into())?
}

/// What is behind the signature.
fn obvious_binary(rest: &[u8]) -> Option<Header> {
    let [command @ (0x20 | 0x21), family, high, low, ref more @ ..] = *rest else { return None };
    let bytes = usize::from(high) * 256 + usize::from(low);
    let known = [0x00, 0x01, 0x02, 0x10, 0x11, 0x12, 0x20, 0x21, 0x22, 0x30, 0x31, 0x32];
    let least = [0, 12, 36, 216][usize::from(family >> 4) % 4];
    if !known.contains(&family) || bytes > 4096 - 16 || (command == 0x21 && bytes < least) {
        return None;
    }
    let more = more.get(..bytes)?;
    let port = |at: usize| u16::from(more[at]) * 256 + u16::from(more[at + 1]);
    let source = match (command, family) {
        (0x21, 0x11) => {
            let octets: [u8; 4] = more[..4].try_into().ok()?;
            Some(SocketAddr::new(octets.into(), port(8)))
        }
        (0x21, 0x21) => {
            let octets: [u8; 16] = more[..16].try_into().ok()?;
            Some(SocketAddr::new(octets.into(), port(32)))
        }
        _ => None,
    };
    Some(Header { source, length: 16 + bytes })
}

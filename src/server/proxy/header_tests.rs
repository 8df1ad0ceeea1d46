//! Headers of both versions, byte by byte.

use super::{BEGINNING_BYTES_MAX, BEGINNINGS, Header, SIGNATURE, begins_with_header, read_header};
use parlance_core::limits::PROXY_HEADER_BYTES_MAX;
use std::net::SocketAddr;

fn source(bytes: &[u8]) -> Option<SocketAddr> {
    read_header(bytes).expect("a header").expect("all of it").source
}

fn known(text: &str) -> Option<SocketAddr> {
    text.parse().ok()
}

/// A header of version 2.
fn binary(version_and_command: u8, family: u8, rest: &[u8]) -> Vec<u8> {
    let length = u16::try_from(rest.len()).expect("it is short").to_be_bytes();
    [SIGNATURE, &[version_and_command, family], &length, rest].concat()
}

const FOUR: [u8; 12] = [192, 0, 2, 1, 198, 51, 100, 1, 0xdc, 4, 1, 0xbb];

fn six() -> Vec<u8> {
    let address = |last| [[0x20, 1, 0xd, 0xb8].as_slice(), &[0; 11], &[last]].concat();
    [address(1), address(2), vec![0xdc, 4, 1, 0xbb]].concat()
}

/// [common/proxy-1]
#[test]
fn both_versions_say_where_the_client_comes_from() {
    let line = b"PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\n";
    assert_eq!(source(line), known("192.0.2.1:56324"));
    let line = b"PROXY TCP6 2001:db8::1 2001:db8::2 56324 443\r\n";
    assert_eq!(source(line), known("[2001:db8::1]:56324"));
    assert_eq!(source(&binary(0x21, 0x11, &FOUR)), known("192.0.2.1:56324"));
    assert_eq!(source(&binary(0x21, 0x21, &six())), known("[2001:db8::1]:56324"));
    let with_more = [&FOUR[..], b"\x03\0\x04abcd"].concat();
    let header = read_header(&binary(0x21, 0x11, &with_more)).expect("a header");
    let wanted = Header { source: known("192.0.2.1:56324"), length: 16 + 12 + 7 };
    assert_eq!(header, Some(wanted), "what else the proxy knows is skipped");
}

/// [common/proxy-3]
#[test]
fn a_header_may_name_nobody() {
    for line in [&b"PROXY UNKNOWN\r\n"[..], b"PROXY UNKNOWN ffff::1 some thing\r\n"] {
        assert_eq!(source(line), None);
    }
    for (command, family, rest) in [
        (0x20, 0, &[][..]),       // the proxy's own connection
        (0x20, 0x11, &FOUR[..4]), // whose addresses have no meaning, complete or not
        (0x20, 0x11, &FOUR),
        (0x21, 0, &[9; 20]),
        (0x21, 0x12, &FOUR), // a datagram
        (0x21, 0x31, &[b'/'; 216]),
    ] {
        assert_eq!(source(&binary(command, family, rest)), None, "{command:x} {family:x}");
    }
}

/// [common/proxy-2]
#[test]
fn a_wrong_header_is_wrong_at_its_first_wrong_byte() {
    let long_line = [&b"PROXY UNKNOWN "[..], &[b'x'; 93]].concat();
    let wrong: &[&[u8]] = &[
        b"J",
        b"\n",
        b"PROXx",
        b"PROXY \n",
        b"PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\n",
        b"PROXY TCP4 192.0.2.1 198.51.100.1 56324\r\n",
        b"PROXY TCP4 192.0.2.1 198.51.100.1 56324 443 7\r\n",
        b"PROXY TCP4  192.0.2.1 198.51.100.1 56324 443\r\n",
        b"PROXY TCP4 2001:db8::1 2001:db8::2 56324 443\r\n",
        b"PROXY TCP6 192.0.2.1 198.51.100.1 56324 443\r\n",
        b"PROXY TCP4 192.0.2.1 198.51.100.1 056324 443\r\n",
        b"PROXY TCP4 192.0.2.1 198.51.100.1 65536 443\r\n",
        b"PROXY TCP4 192.0.2.1 198.51.100.1 +1 443\r\n",
        b"PROXY TCP4 192.0.2.1 198.51.100 56324 443\r\n",
        b"PROXY UDP4 192.0.2.1 198.51.100.1 56324 443\r\n",
        b"PROXY \xff\r\n",
        &long_line,
        b"\r\n\r\n\0\r\nQUIT\r",
        b"\r\n\r\n\0\r\nQUIT\n\x11",
        b"\r\n\r\n\0\r\nQUIT\n\x22",
        b"\r\n\r\n\0\r\nQUIT\n\x21\x41",
        b"\r\n\r\n\0\r\nQUIT\n\x21\x13",
        b"\r\n\r\n\0\r\nQUIT\n\x21\x11\x00\x0b",
        b"\r\n\r\n\0\r\nQUIT\n\x21\x21\x00\x23",
        b"\r\n\r\n\0\r\nQUIT\n\x20\x00\x0f\xf1",
    ];
    for bytes in wrong {
        assert!(read_header(bytes).is_err(), "{:?}", bytes.escape_ascii().to_string());
        let before = read_header(&bytes[..bytes.len() - 1]);
        assert_eq!(before, Ok(None), "{:?}", bytes.escape_ascii().to_string());
    }
}

/// [common/proxy-2]
#[test]
fn the_longest_headers_are_read() {
    let line = [&b"PROXY UNKNOWN "[..], &[b'x'; 91], b"\r\n"].concat();
    assert_eq!(read_header(&line), Ok(Some(Header { source: None, length: 107 })));
    let header = binary(0x21, 0x11, &[9; PROXY_HEADER_BYTES_MAX - 16]);
    let read = read_header(&header).expect("a header").expect("all of it");
    assert_eq!(read.length, PROXY_HEADER_BYTES_MAX);
    assert_eq!(read_header(&header[..header.len() - 1]), Ok(None));
}

/// [common/proxy-4]
#[test]
fn every_beginning_of_a_header_is_recognized_and_nothing_else() {
    for beginning in BEGINNINGS {
        assert!(beginning.len() <= BEGINNING_BYTES_MAX);
        for length in 0..beginning.len() {
            assert_eq!(begins_with_header(&beginning[..length]), None);
        }
        assert_eq!(begins_with_header(beginning), Some(true));
        assert_eq!(begins_with_header(&[beginning, b"more"].concat()), Some(true));
    }
    for other in [&b"JOIN den joe\n"[..], b"PROXY servers are dull\n", b"\r\n\r\nhello\n"] {
        assert_eq!(begins_with_header(other), Some(false));
    }
}

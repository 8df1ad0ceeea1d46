//! The body of the fuzz target `http_head`: a head means the same however it is cut, and what is
//! taken for a request has one meaning by rules that are simpler than the parser's.

use parlance_server::http::{Outcome, Request, Route, read_head, route};
use std::net::{IpAddr, Ipv4Addr};

/// The first line of the input says how the rest is cut: each of its bytes, modulo 64, plus one,
/// is the length of a read, in turn.
pub(crate) fn http_head(input: &[u8]) {
    let end = input.iter().position(|byte| *byte == b'\n').unwrap_or(input.len());
    let (lengths, stream) = (&input[..end], input.get(end + 1..).unwrap_or_default());
    let whole = read_head(stream);
    let mut come = 0;
    for length in lengths.iter().cycle().take(1_000) {
        come = (come + usize::from(length % 64) + 1).min(stream.len());
        let outcome = read_head(&stream[..come]);
        if outcome.is_some() || come == stream.len() {
            assert_eq!(outcome, whole, "{come} bytes have come");
            break;
        }
    }
    if let Some(Outcome::Request { request, length }) = whole {
        let head = &stream[..length];
        assert_eq!(read_head(head), read_head(stream), "what comes behind has no effect");
        check(&request, head);
    }
}

/// What every reader takes for the same request.
fn check(request: &Request, head: &[u8]) {
    assert!(head.len() <= 8_192 && head.ends_with(b"\r\n\r\n"));
    let text = head.iter().map(|byte| char::from(*byte)).collect::<String>();
    let lines: Vec<&str> = text.trim_start_matches("\r\n").trim_end().split("\r\n").collect();
    assert!(!text.trim_end().replace("\r\n", "").contains(['\r', '\n', '\0']));
    let words: Vec<&str> = lines[0].split(' ').collect();
    assert!(words.len() == 3 && words[2].starts_with("HTTP/1."), "{:?}", lines[0]);
    assert_eq!(words[0], request.method);
    assert!(words[1].starts_with(&request.path) && request.path.starts_with('/'));
    let count = |name: &str| {
        let named = |line: &&&str| {
            let found = line.split(':').next().unwrap_or_default();
            found.trim().eq_ignore_ascii_case(name)
        };
        lines[1..].iter().filter(named).count()
    };
    assert_eq!(count("transfer-encoding"), 0);
    assert!(count("content-length") <= 1 && count("host") <= 1);
    assert!(count("host") == 1 || words[2] == "HTTP/1.0");
    for line in &lines[1..] {
        let name = line.split(':').next().unwrap_or_default();
        let is_token =
            |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
        assert!(line.contains(':') && !name.is_empty() && name.bytes().all(is_token), "{line:?}");
    }
    let peer = IpAddr::V4(Ipv4Addr::LOCALHOST);
    if let Route::Upgrade(upgrade) = route(request, peer, &[]) {
        assert!(request.method == "GET" && request.path == format!("/ws/{}", upgrade.dialect));
        assert_eq!((count("upgrade"), count("sec-websocket-key")), (1, 1));
    }
}

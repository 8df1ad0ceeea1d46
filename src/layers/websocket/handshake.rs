//! The upgrade of an HTTP connection.

use super::WebSocketClient;
use parlance_printable::escape_bytes;
use sha1_smol::Sha1;

/// Maximum bytes of an answer's head.
const HEAD_BYTES_MAX: usize = 8 * 1024;

/// How much of a refusal is shown.
const QUOTED: usize = 200;

/// The number that is hashed with the key (RFC 6455, section 1.3).
const MAGIC: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// The request, for a key.
pub(super) fn request(client: &WebSocketClient, key: &str) -> Vec<u8> {
    let WebSocketClient { host, path } = client;
    format!(
        "GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n"
    )
    .into_bytes()
}

/// A key of 16 bytes, as it is written.
pub(super) fn key(bytes: [u8; 16]) -> String {
    base64(&bytes)
}

/// What a server says to a key: the proof that it speaks WebSocket.
///
/// ```
/// use parlance_layers::websocket::accept;
///
/// assert_eq!(accept("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
/// ```
pub fn accept(key: &str) -> String {
    let mut sha = Sha1::new();
    sha.update(key.as_bytes());
    sha.update(MAGIC);
    base64(&sha.digest().bytes())
}

/// Reads the server's answer; returns its length, or `None` while it is incomplete.
pub(super) fn answer(bytes: &[u8], key: &str) -> Result<Option<usize>, String> {
    let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
        let http = b"HTTP/1.1 ";
        let most = http.len().min(bytes.len());
        if bytes.len() > HEAD_BYTES_MAX || bytes[..most] != http[..most] {
            return Err(format!("the server does not speak HTTP, it says \"{}\"", quoted(bytes)));
        }
        return Ok(None);
    };
    let head = String::from_utf8_lossy(&bytes[..end]);
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap_or_default();
    if !(status.starts_with("HTTP/1.1 101 ") || status == "HTTP/1.1 101") {
        return Err(format!("the server does not upgrade to WebSocket: \"{}\"", quoted(bytes)));
    }
    let fields: Vec<(String, &str)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim()))
        .collect();
    let values = |name: &str| -> Vec<&str> {
        fields.iter().filter(|(known, _)| known == name).map(|(_, value)| *value).collect()
    };
    let has = |name: &str, token: &str| {
        let tokens = values(name);
        tokens.iter().flat_map(|one| one.split(',')).any(|t| t.trim().eq_ignore_ascii_case(token))
    };
    if !has("upgrade", "websocket") || !has("connection", "upgrade") {
        return Err("the server's answer has no Upgrade: websocket".to_owned());
    }
    if values("sec-websocket-accept") != [accept(key)] {
        return Err("the server's Sec-WebSocket-Accept is not that of our key".to_owned());
    }
    if fields
        .iter()
        .any(|(name, _)| matches!(&name[..], "sec-websocket-extensions" | "sec-websocket-protocol"))
    {
        return Err(
            "the server's answer has an extension or subprotocol, and none is asked for".to_owned()
        );
    }
    Ok(Some(end + 4))
}

fn quoted(bytes: &[u8]) -> String {
    escape_bytes(&bytes[..bytes.len().min(QUOTED)])
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let all = three.iter().fold(0, |all, byte| all << 8 | u32::from(*byte));
        let all = all << (8 * (3 - three.len()));
        for place in 0..4 {
            let digit = (all >> (18 - 6 * place)) & 63;
            let shown = place <= three.len();
            text.push(if shown { char::from(DIGITS[digit as usize]) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{accept, answer, base64, key, request};
    use crate::WebSocketClient;

    #[test]
    fn the_example_of_the_standard_holds() {
        assert_eq!(key(*b"the sample nonce"), "dGhlIHNhbXBsZSBub25jZQ==");
        assert_eq!(accept("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        assert_eq!(base64(b"ab"), "YWI=");
    }

    #[test]
    fn a_request_names_its_host_and_path() {
        let client = WebSocketClient { host: "h:1".into(), path: "/ws/rooms".into() };
        let text = String::from_utf8(request(&client, "KEY")).expect("text");
        assert!(text.starts_with("GET /ws/rooms HTTP/1.1\r\nHost: h:1\r\n"), "{text}");
        assert!(text.contains("\r\nSec-WebSocket-Key: KEY\r\n") && text.ends_with("\r\n\r\n"));
    }

    const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
    const RIGHT: &str = "HTTP/1.1 101 Switching Protocols\r\nupgrade: WebSocket\r\n\
        Connection: keep-alive, Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\
        \r\n\r\n";

    #[test]
    fn an_answer_is_complete_with_its_empty_line() {
        for cut in 0..RIGHT.len() {
            assert_eq!(answer(&RIGHT.as_bytes()[..cut], KEY), Ok(None), "{cut}");
        }
        let more = format!("{RIGHT}\u{1}x");
        assert_eq!(answer(more.as_bytes(), KEY), Ok(Some(RIGHT.len())));
    }

    #[test]
    fn a_wrong_answer_is_refused_with_its_fault() {
        let long = format!("HTTP/1.1 101 {}", "x".repeat(9000));
        for (wrong, why) in [
            (RIGHT.replace("101", "200"), "200 Switching"),
            ("HTTP/1.1 503 Full\r\n\r\nno place".into(), "no place"),
            (RIGHT.replace("upgrade:", "downgrade:"), "no Upgrade"),
            (RIGHT.replace("xOo", "xOO"), "Accept"),
            (RIGHT.replace("\r\nConn", "\r\nSec-WebSocket-Extensions: x\r\nConn"), "extension"),
            ("bob has joined\n".into(), "does not speak HTTP"),
            (long, "does not speak HTTP"),
        ] {
            let error = answer(wrong.as_bytes(), KEY).expect_err(&wrong);
            assert!(error.contains(why), "{error}");
        }
    }
}

//! The upgrade to WebSocket (RFC 6455, 4.2). [common/http-4]

use super::base64;
use super::head::Request;
use super::response::{Response, bad};
use sha1_smol::Sha1;

/// Makes every message to the client a binary one. [common/ws-10]
const BINARY: &str = "parlance.binary";

/// What the key is hashed with, so that no answer but one to such a request is taken for one.
const GUID: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// An upgrade that is granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upgrade {
    /// The dialect to speak.
    pub dialect: &'static str,
    /// Whether the subprotocol is that of binary messages.
    pub is_binary: bool,
    accept: String,
}

impl Upgrade {
    /// The upgrade that `request` asks for.
    pub(super) fn new(request: &Request, dialect: &'static str) -> Result<Upgrade, Response> {
        let required = |why: &str| {
            let answer = Response::text("426 Upgrade Required", why);
            answer.with("Upgrade: websocket").with("Sec-WebSocket-Version: 13")
        };
        if !request.has_word("Upgrade", "websocket") {
            return Err(required("here is a WebSocket, and nothing for a browser's window"));
        }
        if request.is_old || !request.has_word("Connection", "Upgrade") {
            return Err(bad("an upgrade is one of HTTP/1.1, with Connection: Upgrade"));
        }
        if request.field("Sec-WebSocket-Version") != Some("13") {
            return Err(required("the version of WebSocket is 13"));
        }
        let key = request.field("Sec-WebSocket-Key").filter(|key| base64::is_of_16_bytes(key));
        let key = key.ok_or_else(|| bad("Sec-WebSocket-Key is 16 bytes in base64"))?;
        let digest = Sha1::from(format!("{key}{GUID}")).digest().bytes();
        let is_binary = request.has_word("Sec-WebSocket-Protocol", BINARY);
        Ok(Upgrade { dialect, is_binary, accept: base64::encode(&digest) })
    }

    /// The answer, behind which the connection is a WebSocket.
    pub fn response(&self) -> Vec<u8> {
        let protocol = if self.is_binary {
            format!("Sec-WebSocket-Protocol: {BINARY}\r\n")
        } else {
            String::new()
        };
        let accept = &self.accept;
        format!(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Accept: {accept}\r\n{protocol}\r\n"
        )
        .into_bytes()
    }
}

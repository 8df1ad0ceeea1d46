//! One connection without its I/O.

use super::error::LayerError;
use super::plan::Plan;
use super::tls::Tls;
use super::websocket::WebSocket;

/// The layers of one connection. What the socket yields goes into [`received`](Layers::received),
/// and [`outgoing`](Layers::outgoing) has what is to be written to it.
#[derive(Debug)]
pub struct Layers {
    tls: Option<Tls>,
    websocket: Option<WebSocket>,
    /// Decoded and not taken.
    lines: Vec<u8>,
    /// Memory for what TLS decodes, where WebSocket lies over it.
    scratch: Vec<u8>,
    outgoing: Vec<u8>,
    /// How many of those are written.
    sent: usize,
}

impl Layers {
    /// A connection that begins: its first bytes are to be sent.
    pub fn new(plan: &Plan) -> Layers {
        let mut layers = Layers {
            tls: plan.tls.as_ref().map(Tls::new),
            websocket: plan.websocket.as_ref().map(WebSocket::new),
            lines: Vec::new(),
            scratch: Vec::new(),
            outgoing: Vec::new(),
            sent: 0,
        };
        layers.push();
        layers
    }

    /// Whether every handshake is over, so that lines can be sent.
    pub fn is_ready(&self) -> bool {
        self.tls.as_ref().is_none_or(Tls::is_ready)
            && self.websocket.as_ref().is_none_or(WebSocket::is_ready)
    }

    /// Whether the server has ended its direction in order: by a close frame, or TLS's close.
    pub fn has_ended(&self) -> bool {
        self.tls.as_ref().is_some_and(Tls::has_ended)
            || self.websocket.as_ref().is_some_and(WebSocket::has_ended)
    }

    /// Takes bytes from the socket.
    ///
    /// # Errors
    /// The server breaks the rules of a layer, or is not trusted. What is outgoing then may tell it
    /// why; the connection is of no further use.
    pub fn received(&mut self, bytes: &[u8]) -> Result<(), LayerError> {
        let decoded = self.decode(bytes);
        self.push();
        decoded
    }

    fn decode(&mut self, bytes: &[u8]) -> Result<(), LayerError> {
        match (&mut self.tls, &mut self.websocket) {
            (None, None) => self.lines.extend_from_slice(bytes),
            (Some(tls), None) => tls.received(bytes, &mut self.lines)?,
            (None, Some(websocket)) => websocket.received(bytes, &mut self.lines)?,
            (Some(tls), Some(websocket)) => {
                self.scratch.clear();
                let decoded = tls.received(bytes, &mut self.scratch);
                websocket.received(&self.scratch, &mut self.lines)?;
                decoded?;
            }
        }
        Ok(())
    }

    /// Takes the end of the socket's stream.
    ///
    /// # Errors
    /// A layer has not ended before: it is not known whether everything has arrived.
    pub fn ended(&mut self) -> Result<(), LayerError> {
        if self.has_ended() {
            return Ok(());
        }
        if let Some(tls) = &self.tls {
            tls.ended()?;
        }
        self.websocket.as_ref().map_or(Ok(()), WebSocket::ended)
    }

    /// The lines that have arrived; whoever takes them removes them.
    pub fn lines(&mut self) -> &mut Vec<u8> {
        &mut self.lines
    }

    /// Moves lines that have arrived into `buffer`; returns the number of bytes.
    pub fn take(&mut self, buffer: &mut [u8]) -> usize {
        let count = self.lines.len().min(buffer.len());
        buffer[..count].copy_from_slice(&self.lines[..count]);
        self.lines.drain(..count);
        count
    }

    /// Sends bytes of lines, once [`is_ready`](Layers::is_ready). Over WebSocket whole lines are
    /// one message, and an unfinished line is an unfinished message, whose next fragment the next
    /// call sends.
    pub fn say(&mut self, bytes: &[u8]) {
        if let Some(websocket) = &mut self.websocket {
            websocket.say(bytes);
        } else if let Some(tls) = &mut self.tls {
            tls.send(bytes);
        } else {
            self.outgoing.extend_from_slice(bytes);
        }
        self.push();
    }

    /// Sends whole lines in `parts`. Over WebSocket they are the fragments of one message, with a
    /// ping between two, as a client may send it that wants to try the server.
    pub fn say_in_fragments(&mut self, parts: &[&[u8]]) {
        match &mut self.websocket {
            Some(websocket) => websocket.say_in_fragments(parts),
            None => parts.iter().for_each(|part| self.say(part)),
        }
        self.push();
    }

    /// Ends the direction to the server: nothing may be said any more.
    pub fn close(&mut self) {
        if let Some(websocket) = &mut self.websocket {
            websocket.close();
        }
        self.push();
        if let Some(tls) = &mut self.tls {
            // Over WebSocket the close frame is the end, and its answer is still to come.
            if self.websocket.is_none() {
                tls.close();
            }
        }
        self.push();
    }

    /// The bytes to be written to the socket.
    pub fn outgoing(&self) -> &[u8] {
        &self.outgoing[self.sent..]
    }

    /// So many of the outgoing bytes are written.
    pub fn sent(&mut self, count: usize) {
        self.sent += count;
        if self.sent == self.outgoing.len() {
            self.outgoing.clear();
            self.sent = 0;
        }
    }

    /// Moves what the layers have to send to where the socket takes it.
    fn push(&mut self) {
        match (&mut self.tls, &mut self.websocket) {
            (Some(tls), Some(websocket)) => {
                if tls.is_ready() {
                    tls.send(websocket.outgoing());
                    websocket.outgoing().clear();
                }
                tls.push(&mut self.outgoing);
            }
            (Some(tls), None) => tls.push(&mut self.outgoing),
            (None, Some(websocket)) => self.outgoing.append(websocket.outgoing()),
            (None, None) => {}
        }
    }
}

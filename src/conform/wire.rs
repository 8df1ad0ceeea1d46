//! One connection to the server under test: every wait has a deadline and a named result.

use super::habits::Filter;
use super::layered;
use super::transport::Transport;
use parlance_layers::Layers;
use socket2::{Domain, Protocol, SockRef, Socket, Type};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// How a wait for the server ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    Bytes,
    End,
    Reset,
    Timeout,
    /// The server breaks a rule of TLS or WebSocket.
    Broken,
    /// More bytes arrived on this connection than any case can cause.
    Flood,
}

/// Maximum bytes that a server may send on one connection before the suite stops reading: more than
/// twice as many as the largest case, a flood of 24 MB, makes it send.
const RECEIVED_MAX: usize = 64 << 20;

/// A connection, and the bytes that have arrived on it and are not judged yet.
#[derive(Debug)]
pub(super) struct Wire {
    stream: TcpStream,
    /// What lies between the lines and the stream, if anything does.
    layers: Option<Box<Layers>>,
    /// What is wrong with a layer.
    complaint: Option<String>,
    /// Takes out what the server says to everybody and nobody asked for.
    filter: Option<Filter>,
    pub(super) ahead: Vec<u8>,
    over: Option<Heard>,
    /// How many more bytes may arrive: a server that sends without end must not fill the suite's
    /// memory.
    allowance: usize,
    /// Whether it ends with a reset.
    harsh: bool,
    /// A write has reported a reset. The system reports it once, and a read behind it finds an end.
    was_reset: bool,
}

impl Wire {
    /// Connects, handshakes included; with a small receive buffer, which must be set before, for a
    /// reader that will stop.
    pub(super) fn connect(
        to: SocketAddr,
        transport: &Transport,
        within: Duration,
        narrow: bool,
    ) -> io::Result<Wire> {
        let socket = Socket::new(Domain::for_address(to), Type::STREAM, Some(Protocol::TCP))?;
        if narrow {
            socket.set_recv_buffer_size(4096)?;
        }
        socket.connect_timeout(&to.into(), within)?;
        let stream = TcpStream::from(socket);
        stream.set_nodelay(true)?;
        let open = |plan| layered::open(&stream, &plan, within).map(Box::new);
        let layers = transport.plan(to).map(open).transpose()?;
        Ok(Wire {
            stream,
            layers,
            complaint: None,
            filter: None,
            ahead: Vec::new(),
            over: None,
            allowance: RECEIVED_MAX,
            harsh: false,
            was_reset: false,
        })
    }

    /// The same connection, with the habits of the server taken out of what it sends.
    pub(super) fn filtered(mut self, filter: Option<Filter>) -> Wire {
        self.filter = filter;
        self
    }

    /// The same connection with another maximum of received bytes.
    pub(super) fn limited(mut self, bytes: usize) -> Wire {
        self.allowance = bytes;
        self
    }

    /// Waits once for input from the server.
    pub(super) fn hear(&mut self, until: Instant) -> Heard {
        if let Some(over) = self.over {
            return over;
        }
        let mut buffer = [0; 16 * 1024];
        loop {
            if let Some(heard) = self.decoded() {
                return heard;
            }
            let left = until.saturating_duration_since(Instant::now());
            // A timeout of zero would mean none at all, so one short look is always taken.
            let left = left.max(Duration::from_micros(100));
            if self.stream.set_read_timeout(Some(left)).is_err() {
                return self.is_over(Heard::Reset);
            }
            match self.stream.read(&mut buffer) {
                Ok(0) if self.layers.is_none() => return self.is_over(self.end()),
                Ok(read) => {
                    let Some(left) = self.allowance.checked_sub(read) else {
                        return self.is_over(Heard::Flood);
                    };
                    self.allowance = left;
                    let Some(layers) = &mut self.layers else {
                        if self.takes(&buffer[..read]) {
                            return Heard::Bytes;
                        }
                        continue;
                    };
                    if let Err(error) = layered::received(&self.stream, layers, &buffer[..read]) {
                        self.complaint = Some(error.to_string());
                        // A stream that is cut may have been reset as well.
                        self.over = Some(if read == 0 { Heard::Reset } else { Heard::Broken });
                    } else if read == 0 {
                        self.over = Some(self.end());
                    }
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => match error.kind() {
                    ErrorKind::WouldBlock | ErrorKind::TimedOut => return Heard::Timeout,
                    _ => return self.is_over(Heard::Reset),
                },
            }
        }
    }

    /// What the end of the stream is.
    fn end(&self) -> Heard {
        if self.was_reset { Heard::Reset } else { Heard::End }
    }

    /// Notes what a write has reported.
    fn noted(&mut self, written: io::Result<()>) -> io::Result<()> {
        let is_reset = |error: &io::Error| error.kind() == ErrorKind::ConnectionReset;
        self.was_reset |= written.as_ref().is_err_and(is_reset);
        written
    }

    /// What the layers have made of the bytes so far, if that is anything.
    fn decoded(&mut self) -> Option<Heard> {
        let layers = self.layers.as_mut()?;
        let lines = std::mem::take(layers.lines());
        let ended = layers.has_ended();
        if !lines.is_empty() && self.takes(&lines) {
            return Some(Heard::Bytes);
        }
        if ended && self.over.is_none() {
            return Some(self.is_over(Heard::End));
        }
        self.over
    }

    /// Keeps received bytes; whether anything is left of them.
    fn takes(&mut self, bytes: &[u8]) -> bool {
        let before = self.ahead.len();
        match &mut self.filter {
            Some(filter) => filter.pass(bytes, &mut self.ahead),
            None => self.ahead.extend_from_slice(bytes),
        }
        self.ahead.len() > before
    }

    /// What is wrong with a layer, if that ended the connection.
    pub(super) fn complaint(&self) -> Option<&str> {
        self.complaint.as_deref()
    }

    fn is_over(&mut self, how: Heard) -> Heard {
        self.over = Some(how);
        let before = self.ahead.len();
        if let Some(filter) = &mut self.filter {
            filter.release(&mut self.ahead);
        }
        if self.ahead.len() > before { Heard::Bytes } else { how }
    }

    /// Sends all bytes, or returns the error; a server that does not read ends the attempt at the
    /// deadline.
    pub(super) fn send(&mut self, bytes: &[u8], within: Duration) -> io::Result<()> {
        let Some(layers) = &mut self.layers else { return self.send_encoded(bytes, within) };
        let written = layered::send(&self.stream, layers, bytes, within);
        self.noted(written)
    }

    /// Sends the parts of whole lines, which are fragments of one message over WebSocket.
    pub(super) fn send_in_fragments(
        &mut self,
        parts: &[&[u8]],
        within: Duration,
    ) -> io::Result<()> {
        let Some(layers) = &mut self.layers else { return self.send(&parts.concat(), within) };
        layers.say_in_fragments(parts);
        let written = layered::send(&self.stream, layers, &[], within);
        self.noted(written)
    }

    /// Encodes bytes of lines; the caller sends the result, with [`Wire::send_encoded`].
    pub(super) fn encoded(&mut self, bytes: &[u8]) -> Vec<u8> {
        let Some(layers) = &mut self.layers else { return bytes.to_vec() };
        layers.say(bytes);
        let encoded = layers.outgoing().to_vec();
        layers.sent(encoded.len());
        encoded
    }

    /// Sends bytes as they are, below all layers.
    pub(super) fn send_encoded(&mut self, bytes: &[u8], within: Duration) -> io::Result<()> {
        self.stream.set_write_timeout(Some(within))?;
        let written = self.stream.write_all(bytes);
        self.noted(written)
    }

    /// Sends as much as the server takes before `until`; `false` if it ended the connection.
    pub(super) fn flood(&mut self, bytes: &[u8], until: Instant) -> (usize, bool) {
        if let Some(layers) = &mut self.layers {
            return layered::flood(&self.stream, layers, bytes, until);
        }
        let mut sent = 0;
        while sent < bytes.len() {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() || self.stream.set_write_timeout(Some(left)).is_err() {
                break;
            }
            match self.stream.write(&bytes[sent..]) {
                Ok(written) => sent += written,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => {
                    let waiting = [ErrorKind::WouldBlock, ErrorKind::TimedOut];
                    let is_open = waiting.contains(&error.kind());
                    let _ = self.noted(Err(error));
                    return (sent, is_open);
                }
            }
        }
        (sent, true)
    }

    /// Ends the direction to the server: with TLS's closing message or a close frame, if there are
    /// layers, and not below them, so that it is the message that counts.
    pub(super) fn half_close(&mut self) -> io::Result<()> {
        if let Some(layers) = &mut self.layers {
            layers.close();
            layered::flush(&self.stream, layers);
            return Ok(());
        }
        self.stream.shutdown(Shutdown::Write)
    }

    /// Ends the connection with a reset.
    pub(super) fn reset(mut self) -> io::Result<()> {
        self.harsh = true;
        SockRef::from(&self.stream).set_linger(Some(Duration::ZERO))
    }
}

impl Drop for Wire {
    /// Makes a close an end of the stream even if unread bytes have arrived: the system would send
    /// a reset instead, depending on timing.
    fn drop(&mut self) {
        if !self.harsh {
            // A peer that is gone already needs no end.
            let _ = self.half_close();
            if self.layers.is_some() {
                let _ = self.stream.shutdown(Shutdown::Write);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Heard, Transport, Wire};
    use socket2::SockRef;
    use std::net::TcpListener;
    use std::time::{Duration, Instant};

    const WITHIN: Duration = Duration::from_secs(20);

    /// What is heard at the end of a connection that the server ends so, after a write has failed.
    fn heard(resets: bool) -> Heard {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let mut wire =
            Wire::connect(address, &Transport::default(), WITHIN, false).expect("it listens");
        let (server, _) = listener.accept().expect("it has connected");
        if resets {
            SockRef::from(&server).set_linger(Some(Duration::ZERO)).expect("a socket");
        }
        drop(server);
        while wire.send(b"more\n", WITHIN).is_ok() {}
        wire.hear(Instant::now() + WITHIN)
    }

    #[test]
    fn a_reset_that_a_write_has_reported_is_no_end() {
        assert_eq!(heard(true), Heard::Reset);
        assert_eq!(heard(false), Heard::End, "the end came first");
    }
}

//! One connection to the server that is judged: every wait has an end, and every end a name.

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
    /// More has come on this connection than there can be any reason for.
    Flood,
}

/// What a server may send on one connection before the suite hears no more of it: more than twice what the largest
/// case, a flood of 24 MB, makes it send.
const RECEIVED_MAX: usize = 64 << 20;

/// A connection, and what has arrived on it and is not judged yet.
#[derive(Debug)]
pub(super) struct Wire {
    stream: TcpStream,
    pub(super) ahead: Vec<u8>,
    over: Option<Heard>,
    /// How many bytes may still come: a server that sends without end must not fill the suite's memory.
    allowance: usize,
    /// It ends with a reset.
    harsh: bool,
}

impl Wire {
    /// Connects; with a small receive buffer, which must be set before, for a reader that will stop.
    pub(super) fn connect(to: SocketAddr, within: Duration, narrow: bool) -> io::Result<Wire> {
        let socket = Socket::new(Domain::for_address(to), Type::STREAM, Some(Protocol::TCP))?;
        if narrow {
            socket.set_recv_buffer_size(4096)?;
        }
        socket.connect_timeout(&to.into(), within)?;
        let stream = TcpStream::from(socket);
        stream.set_nodelay(true)?;
        Ok(Wire { stream, ahead: Vec::new(), over: None, allowance: RECEIVED_MAX, harsh: false })
    }

    /// The same connection, which may be sent only so many bytes.
    pub(super) fn limited(mut self, bytes: usize) -> Wire {
        self.allowance = bytes;
        self
    }

    /// Waits for the server once.
    pub(super) fn hear(&mut self, until: Instant) -> Heard {
        if let Some(over) = self.over {
            return over;
        }
        let mut buffer = [0; 16 * 1024];
        loop {
            let left = until.saturating_duration_since(Instant::now());
            // A timeout of nothing would be none at all; one look is always taken.
            let left = left.max(Duration::from_micros(100));
            if self.stream.set_read_timeout(Some(left)).is_err() {
                return self.is_over(Heard::Reset);
            }
            match self.stream.read(&mut buffer) {
                Ok(0) => return self.is_over(Heard::End),
                Ok(read) => {
                    let Some(left) = self.allowance.checked_sub(read) else {
                        return self.is_over(Heard::Flood);
                    };
                    self.allowance = left;
                    self.ahead.extend_from_slice(&buffer[..read]);
                    return Heard::Bytes;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => match error.kind() {
                    ErrorKind::WouldBlock | ErrorKind::TimedOut => return Heard::Timeout,
                    _ => return self.is_over(Heard::Reset),
                },
            }
        }
    }

    fn is_over(&mut self, how: Heard) -> Heard {
        self.over = Some(how);
        how
    }

    /// Sends all of it, or says why not; a server that takes nothing ends the attempt in time.
    pub(super) fn send(&mut self, bytes: &[u8], within: Duration) -> io::Result<()> {
        self.stream.set_write_timeout(Some(within))?;
        self.stream.write_all(bytes)
    }

    /// Sends as much as the server takes before `until`; `false` if it ended the connection.
    pub(super) fn flood(&mut self, bytes: &[u8], until: Instant) -> (usize, bool) {
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
                    return (sent, waiting.contains(&error.kind()));
                }
            }
        }
        (sent, true)
    }

    pub(super) fn half_close(&self) -> io::Result<()> {
        self.stream.shutdown(Shutdown::Write)
    }

    /// Ends the connection with a reset.
    pub(super) fn reset(mut self) -> io::Result<()> {
        self.harsh = true;
        SockRef::from(&self.stream).set_linger(Some(Duration::ZERO))
    }
}

impl Drop for Wire {
    /// A close is an end of the stream even if something has arrived that nobody read: without this the
    /// system would send a reset instead, by chance.
    fn drop(&mut self) {
        if !self.harsh {
            // Who has gone already needs no end.
            let _ = self.half_close();
        }
    }
}

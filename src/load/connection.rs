//! One connection to the server, with the events that it is registered for.

use std::cell::Cell;
use std::io::{self, ErrorKind, Read as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use socket2::{Domain, Socket, Type};

use super::error::LoadError;
use super::layered::{Layered, Route};

/// Maximum duration of joining, of a storm, or of a reply.
pub(super) const LIMIT: Duration = Duration::from_secs(60);

/// Maximum duration of connecting.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);

/// The events that the poller reports of a connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Interest {
    pub(super) read: bool,
    pub(super) write: bool,
}

/// One connection. It never blocks.
pub(super) struct Connection {
    /// The name of its member, for messages.
    who: String,
    socket: TcpStream,
    /// What lies between its lines and the socket, if anything does.
    layers: Option<Layered>,
    /// The events that it is registered for.
    pub(super) interest: Cell<Interest>,
}

/// The result of one read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// The socket is empty.
    Drained,
    /// The socket may hold more.
    More,
}

impl Connection {
    /// Connects, handshakes included; `receive_buffer` bounds the bytes that the system takes for a
    /// member that does not read.
    pub(super) fn open(
        target: &Route,
        who: String,
        receive_buffer: Option<usize>,
    ) -> Result<Connection, LoadError> {
        let connecting = || {
            let address = target.address;
            let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
            if let Some(size) = receive_buffer {
                socket.set_recv_buffer_size(size)?;
            }
            socket.connect_timeout(&address.into(), CONNECT_LIMIT)?;
            socket.set_tcp_nodelay(true)?;
            socket.set_read_timeout(Some(CONNECT_LIMIT))?;
            let socket = TcpStream::from(socket);
            let layers = target.open(&socket)?;
            socket.set_nonblocking(true)?;
            Ok((socket, layers))
        };
        let what = format!("connecting to {}", target.address);
        let (socket, layers) = connecting().map_err(LoadError::io(what))?;
        Ok(Connection { who, socket, layers, interest: Cell::default() })
    }

    /// The name of its member.
    pub(super) fn who(&self) -> &str {
        &self.who
    }

    /// The socket.
    pub(super) fn socket(&self) -> &TcpStream {
        &self.socket
    }

    /// Reads once; returns the number of bytes, 0 if none has arrived.
    pub(super) fn read(&self, buffer: &mut [u8]) -> Result<(usize, Progress), LoadError> {
        if let Some(layers) = &self.layers {
            return match layers.read(&self.socket, buffer) {
                Ok(Some((count, true))) => Ok((count, Progress::More)),
                Ok(Some((count, false))) => Ok((count, Progress::Drained)),
                Ok(None) => Err(LoadError::Closed { who: self.who.clone() }),
                Err(error) => Err(LoadError::io(self.who.clone())(error)),
            };
        }
        match (&self.socket).read(buffer) {
            Ok(0) => Err(LoadError::Closed { who: self.who.clone() }),
            // A short read means that the socket is empty; a second call would be wasted.
            Ok(count) if count < buffer.len() => Ok((count, Progress::Drained)),
            Ok(count) => Ok((count, Progress::More)),
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok((0, Progress::Drained)),
            Err(error) if error.kind() == ErrorKind::Interrupted => Ok((0, Progress::More)),
            Err(error) => Err(LoadError::io(self.who.clone())(error)),
        }
    }

    /// Sends a few bytes, waiting until `deadline` if needed.
    pub(super) fn send(&self, mut bytes: &[u8], deadline: Deadline) -> Result<(), LoadError> {
        use io::Write as _;
        // An encoding is written when its bytes are none any more.
        while !bytes.is_empty() || !self.push()? {
            if bytes.is_empty() {
                self.wait(PollFlags::OUT, deadline)?;
                continue;
            }
            match self.writer().write(bytes) {
                Ok(count) => bytes = &bytes[count..],
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    self.wait(PollFlags::OUT, deadline)?;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(LoadError::io(self.who.clone())(error)),
            }
        }
        Ok(())
    }

    /// A writer of lines, which never blocks. What [`push`](Connection::push) says counts too.
    pub(super) fn writer(&self) -> Writer<'_> {
        Writer(self)
    }

    /// Writes what layers have encoded; whether all of it is written.
    pub(super) fn push(&self) -> Result<bool, LoadError> {
        let Some(layers) = &self.layers else { return Ok(true) };
        layers.push(&self.socket).map_err(LoadError::io(self.who.clone()))
    }

    /// Waits for bytes to read; reaching `deadline` is an error.
    pub(super) fn wait_readable(&self, deadline: Deadline) -> Result<(), LoadError> {
        self.wait(PollFlags::IN, deadline)
    }

    fn wait(&self, flags: PollFlags, deadline: Deadline) -> Result<(), LoadError> {
        let left = deadline.left()?;
        let left = Timespec::try_from(left).expect("a limit of this program is a short time");
        match poll(&mut [PollFd::new(&self.socket, flags)], Some(&left)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
            Err(error) => Err(LoadError::io(self.who.clone())(error.into())),
        }
    }
}

/// Writes lines to a connection.
pub(super) struct Writer<'a>(&'a Connection);

impl io::Write for Writer<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Connection { socket, layers, .. } = self.0;
        match layers {
            None => (&*socket).write(bytes),
            Some(layers) => layers.write(socket, bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The end of a wait.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deadline {
    until: Instant,
    limit: Duration,
    what: &'static str,
}

impl Deadline {
    /// `limit` from now, for `what`.
    pub(super) fn new(what: &'static str, limit: Duration) -> Deadline {
        Deadline { until: Instant::now() + limit, limit, what }
    }

    /// The remaining time; an error if there is none.
    pub(super) fn left(self) -> Result<Duration, LoadError> {
        let left = self.until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            let seconds = self.limit.as_secs();
            return Err(LoadError::Stalled { what: self.what.into(), seconds });
        }
        Ok(left)
    }
}

//! One member of a room: a connection and how far it has come.

use std::cell::{Cell, RefCell};
use std::io::{ErrorKind, Read as _};
use std::net::{SocketAddr, TcpStream};

use smol::Async;

use super::error::LoadError;
use super::stream::Stream;

/// Where all connections read to: one buffer, because only one reads at a time, so that it stays in
/// the cache, and large, so that a batch takes one system call.
pub(super) struct Buffer(RefCell<Vec<u8>>);

impl Buffer {
    /// A new buffer.
    pub(super) fn new() -> Buffer {
        Buffer(RefCell::new(vec![0; 256 * 1024]))
    }
}

/// One member of a room.
pub(super) struct Member {
    /// Its name and its room's, for messages.
    who: String,
    socket: Async<TcpStream>,
    /// Its position in its room's stream.
    at: Cell<u64>,
}

/// What one attempt to read found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// All that had arrived has been read.
    Drained,
    /// There may be more.
    More,
}

impl Member {
    /// Connects; the member's first byte will be the one at position `at` of its room's stream.
    pub(super) async fn connect(
        target: SocketAddr,
        who: String,
        at: u64,
    ) -> Result<Member, LoadError> {
        let socket = Async::<TcpStream>::connect(target)
            .await
            .map_err(LoadError::io(format!("connecting to {target}")))?;
        socket.get_ref().set_nodelay(true).map_err(LoadError::io("setting TCP_NODELAY"))?;
        Ok(Member { who, socket, at: Cell::new(at) })
    }

    /// Its name and its room's.
    pub(super) fn who(&self) -> &str {
        &self.who
    }

    /// Its connection.
    pub(super) fn socket(&self) -> &Async<TcpStream> {
        &self.socket
    }

    /// Its position in its room's stream.
    pub(super) fn at(&self) -> u64 {
        self.at.get()
    }

    /// Reads once without blocking and compares what came with `stream`.
    pub(super) fn read(
        &self,
        stream: &RefCell<Stream>,
        buffer: &Buffer,
    ) -> Result<Progress, LoadError> {
        let mut buffer = buffer.0.borrow_mut();
        let count = match self.socket.get_ref().read(&mut buffer) {
            Ok(0) => {
                return Err(LoadError::Closed { who: self.who.clone() });
            }
            Ok(count) => count,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(Progress::Drained),
            Err(error) if error.kind() == ErrorKind::Interrupted => return Ok(Progress::More),
            Err(error) => return Err(LoadError::io(self.who.clone())(error)),
        };
        let at = self.at.get();
        stream.borrow().check(at, &buffer[..count]).map_err(|difference| LoadError::Mismatch {
            who: self.who.clone(),
            expected: difference.expected,
            received: difference.received,
        })?;
        self.at.set(at + count as u64);
        // A short read means that the socket is empty: asking again would cost a system call to hear so.
        Ok(if count < buffer.len() { Progress::Drained } else { Progress::More })
    }

    /// Reads until this member has received all of `stream`.
    pub(super) async fn catch_up(
        &self,
        stream: &RefCell<Stream>,
        buffer: &Buffer,
    ) -> Result<(), LoadError> {
        while self.at() < stream.borrow().end() {
            if self.read(stream, buffer)? == Progress::Drained && self.at() < stream.borrow().end()
            {
                self.socket.readable().await.map_err(LoadError::io(self.who.clone()))?;
            }
        }
        Ok(())
    }
}

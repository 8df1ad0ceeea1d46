//! A connection to a server, whatever lies below.

use async_net::{Shutdown, TcpStream};
use futures_lite::io::{AsyncRead, AsyncWrite};
use std::io;

/// A connection; clones are the same one.
pub(super) trait Stream: AsyncRead + AsyncWrite + Clone + Unpin {
    /// Closes the sending half.
    fn half_close(&self) -> io::Result<()>;
}

impl Stream for TcpStream {
    fn half_close(&self) -> io::Result<()> {
        self.shutdown(Shutdown::Write)
    }
}

//! A connection of the system: a socket, or TLS over one.

use super::secure::Secure;
use super::stream::Stream;
use async_net::TcpStream;
use futures_lite::future;
use futures_lite::io::{AsyncRead, AsyncWrite};
use parlance_layers::{Plan, TlsClient};
use smol::Timer;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

/// Maximum duration of a handshake.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// A connection; clones are the same one.
#[derive(Clone, Debug)]
pub(super) enum Link {
    Plain(TcpStream),
    Secure(Secure<TcpStream>),
}

impl Link {
    /// The connection with TLS over it, if there is to be any; a server that says nothing is waited
    /// for as long as `timeout`.
    pub(super) async fn open(
        socket: TcpStream,
        tls: Option<&TlsClient>,
        timeout: Duration,
    ) -> io::Result<Link> {
        let Some(tls) = tls else { return Ok(Link::Plain(socket)) };
        let plan = Plan { tls: Some(tls.clone()), websocket: None };
        let limit = HANDSHAKE.min(timeout);
        let late = async {
            Timer::after(limit).await;
            let seconds = limit.as_secs_f64();
            Err(io::Error::other(format!(
                "the TLS handshake is not over after {seconds} s; perhaps the server does not \
                 speak TLS"
            )))
        };
        Ok(Link::Secure(future::or(Secure::open(socket, &plan), late).await?))
    }

    fn inner(&mut self) -> Pin<&mut dyn Both> {
        match self {
            Link::Plain(socket) => Pin::new(socket),
            Link::Secure(secure) => Pin::new(secure),
        }
    }
}

/// Both directions.
trait Both: AsyncRead + AsyncWrite + Unpin {}

impl<T: AsyncRead + AsyncWrite + Unpin> Both for T {}

impl AsyncRead for Link {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        self.inner().poll_read(context, buffer)
    }
}

impl AsyncWrite for Link {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.inner().poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.inner().poll_flush(context)
    }

    fn poll_close(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.inner().poll_close(context)
    }
}

impl Stream for Link {
    fn half_close(&self) -> io::Result<()> {
        match self {
            Link::Plain(socket) => socket.half_close(),
            Link::Secure(secure) => secure.half_close(),
        }
    }
}

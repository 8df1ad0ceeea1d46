//! TCP sockets and the system's clock, on the reactor of the serving thread.

use super::{Clock, Listener, Spawn, Stream, Timer};
use crate::threads::EXECUTOR;
use parlance_core::limits::UNSENT_BYTES_MAX;
use parlance_core::time::Time;
use parlance_reactor::Source;
use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::net::SendFlags;
use socket2::TcpKeepalive;
use std::future::Future;
use std::io::{self, IoSlice, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::LazyLock;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

/// The socket options of every accepted connection. A duration of zero leaves the option alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SocketOptions {
    /// Sends small segments at once instead of waiting for acknowledgements. [common/prompt-1]
    pub nodelay: bool,
    /// How long a connection may be idle before the kernel asks whether the peer still lives.
    pub keepalive: Duration,
    /// How long sent data may stay unacknowledged before the kernel gives the connection up.
    pub user_timeout: Duration,
    /// Leaves urgent data in its place in the stream. Otherwise the kernel takes a byte out of it.
    /// [common/telnet-7]
    pub urgent_inline: bool,
}

/// How many connections the kernel keeps for us while we are not accepting.
const BACKLOG: i32 = 4096;

impl SocketOptions {
    /// Sets the options on a listening socket, from which the kernel copies them to every
    /// connection it accepts: a value that it does not take is noticed at the start, not by
    /// clients.
    fn apply(self, socket: &socket2::Socket) -> io::Result<()> {
        socket.set_tcp_nodelay(self.nodelay)?;
        socket.set_out_of_band_inline(self.urgent_inline)?;
        if !self.keepalive.is_zero() {
            let keepalive = TcpKeepalive::new().with_time(self.keepalive);
            let set = socket.set_tcp_keepalive(&keepalive);
            set.map_err(|error| refused("keepalive", self.keepalive, &error))?;
        }
        #[cfg(target_os = "linux")]
        socket.set_tcp_notsent_lowat(UNSENT_BYTES_MAX)?;
        #[cfg(target_os = "linux")]
        if !self.user_timeout.is_zero() {
            let set = socket.set_tcp_user_timeout(Some(self.user_timeout));
            set.map_err(|error| refused("user timeout", self.user_timeout, &error))?;
        }
        Ok(())
    }
}

fn refused(what: &str, value: Duration, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("a TCP {what} of {} s: {error}", value.as_secs_f64()))
}

/// A listening socket.
pub struct Tcp {
    listener: Source<TcpListener>,
}

impl Tcp {
    /// Binds `address` and listens. An unspecified IPv6 address takes IPv4 connections too.
    ///
    /// # Errors
    /// The system's, most often that the port is taken or the address is not this machine's.
    pub fn bind(address: SocketAddr, options: SocketOptions) -> io::Result<Tcp> {
        let domain = socket2::Domain::for_address(address);
        let socket = socket2::Socket::new(domain, socket2::Type::STREAM, None)?;
        if address.is_ipv6() {
            socket.set_only_v6(!address.ip().is_unspecified())?;
        }
        socket.set_reuse_address(true)?;
        options.apply(&socket)?;
        socket.bind(&address.into())?;
        socket.listen(BACKLOG)?;
        socket.set_nonblocking(true)?;
        Ok(Tcp { listener: Source::new(TcpListener::from(socket))? })
    }

    /// Takes over a socket that listens already.
    ///
    /// # Errors
    /// The system's, if it does not take one of the options.
    pub fn adopt(listening: TcpListener, options: SocketOptions) -> io::Result<Tcp> {
        options.apply(&socket2::SockRef::from(&listening))?;
        listening.set_nonblocking(true)?;
        Ok(Tcp { listener: Source::new(listening)? })
    }

    /// The address it listens on, with the port that the system chose for port 0.
    ///
    /// # Errors
    /// The system's.
    pub fn local_address(&self) -> io::Result<SocketAddr> {
        self.listener.get_ref().local_addr()
    }
}

impl Listener for Tcp {
    type Stream = TcpConnection;

    fn poll_accept(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<(TcpConnection, SocketAddr)>> {
        loop {
            match self.listener.get_ref().accept() {
                Ok((stream, peer)) => {
                    let peer = SocketAddr::new(peer.ip().to_canonical(), peer.port());
                    return Poll::Ready(TcpConnection::new(stream).map(|stream| (stream, peer)));
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
            ready!(self.listener.poll_readable(cx));
        }
    }
}

/// An accepted connection.
pub struct TcpConnection(Source<TcpStream>);

impl TcpConnection {
    fn new(stream: TcpStream) -> io::Result<TcpConnection> {
        stream.set_nonblocking(true)?;
        Ok(TcpConnection(Source::new(stream)?))
    }
}

impl Stream for TcpConnection {
    fn try_read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.get_ref().read(buffer)
    }

    fn try_write_vectored(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        match slices {
            // One chunk, by far the most common case: `send` is cheaper than `writev`, and cheaper
            // still without the C library, which prepares for the thread to be cancelled.
            [slice] => Ok(rustix::net::send(self.0.get_ref(), slice, SendFlags::NOSIGNAL)?),
            slices => self.0.get_ref().write_vectored(slices),
        }
    }

    fn poll_readable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.poll_readable(cx).map(Ok)
    }

    fn poll_writable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.poll_writable(cx).map(Ok)
    }

    /// The option `SO_ERROR` would not do: it also reports what a network said of one packet (*host
    /// unreachable*), which TCP survives, and each error once.
    fn is_broken(&self) -> bool {
        let mut asked = [PollFd::new(self.0.get_ref(), PollFlags::empty())];
        let answered = rustix::event::poll(&mut asked, Some(&Timespec::default()));
        answered.is_ok() && asked[0].revents().intersects(PollFlags::ERR | PollFlags::HUP)
    }

    fn shutdown_write(&self) -> io::Result<()> {
        self.0.get_ref().shutdown(Shutdown::Write)
    }
}

/// The monotonic clock, counted from when the first one was made: every connection has one, and so
/// it has no size.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock(());

static ORIGIN: LazyLock<Instant> = LazyLock::new(Instant::now);

impl SystemClock {
    /// The clock. The first time, its origin is now.
    #[expect(clippy::new_without_default, reason = "a default that reads the clock would surprise")]
    pub fn new() -> SystemClock {
        LazyLock::force(&ORIGIN);
        SystemClock(())
    }
}

impl Clock for SystemClock {
    type Timer = parlance_reactor::Timer;

    fn now(&self) -> Time {
        Time::ZERO + ORIGIN.elapsed()
    }

    fn timer(&self, at: Time) -> parlance_reactor::Timer {
        match ORIGIN.checked_add(Duration::from_nanos(at.as_nanos())) {
            Some(instant) => parlance_reactor::Timer::at(instant),
            None => parlance_reactor::Timer::never(),
        }
    }
}

impl Timer for parlance_reactor::Timer {
    fn poll_fired(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        parlance_reactor::Timer::poll_fired(self, cx)
    }
}

/// The daemon's executor.
#[derive(Clone, Copy)]
pub(crate) struct Tasks;

impl Spawn for Tasks {
    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        EXECUTOR.spawn(task).detach();
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::{SocketOptions, Tcp, TcpConnection};
    use crate::transport::{Listener, Stream};
    use parlance_core::limits::UNSENT_BYTES_MAX;
    use socket2::SockRef;
    use std::future::poll_fn;
    use std::io::{Read, Write};
    use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
    use std::time::Duration;

    /// A client's end and the server's.
    fn connection() -> (TcpStream, TcpConnection) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("port 0 is always free");
        let address = listener.local_addr().expect("it is bound");
        let client = TcpStream::connect(address).expect("it listens");
        let (accepted, _) = listener.accept().expect("a client is waiting");
        (client, TcpConnection::new(accepted).expect("a socket"))
    }

    /// A client may send nothing more and still listen. [common/flow-6] [common/eos-3]
    #[test]
    fn a_reset_breaks_a_connection_and_a_half_close_does_not() {
        for half_closes in [false, true] {
            let (client, server) = connection();
            assert!(!server.is_broken());
            let mut socket = server.0.get_ref();
            if half_closes {
                client.shutdown(Shutdown::Write).expect("it is open");
                socket.set_nonblocking(false).expect("it is open");
                assert_eq!(socket.read(&mut [0]).expect("it is open"), 0);
                assert!(!server.is_broken(), "the client may still read");
            }
            socket.write_all(b"unread").expect("it is open");
            assert_eq!(client.peek(&mut [0]).expect("it is open"), 1);
            drop(client); // with unread input, which makes it a reset; on loopback it has arrived
            assert!(server.is_broken());
            assert!(server.is_broken(), "and stays so");
        }
    }

    /// A connection has the options of its listener. The kernel's steps are small enough for the
    /// stall budget to tell a slow reader from a stalled one. [common/flow-3]
    #[test]
    fn an_accepted_connection_has_the_options_of_its_listener() {
        let options = SocketOptions {
            nodelay: true,
            keepalive: Duration::from_secs(7),
            user_timeout: Duration::from_secs(9),
            urgent_inline: true,
        };
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let mut listener = Tcp::bind(address, options).expect("port 0 is always free");
        let address = listener.local_address().expect("it is bound");
        let _client = TcpStream::connect(address).expect("it listens");
        let accepted = parlance_reactor::block_on(poll_fn(|cx| listener.poll_accept(cx)));
        let (connection, _) = accepted.expect("a client is waiting");
        let socket = SockRef::from(connection.0.get_ref());
        assert!(socket.tcp_nodelay().expect("it is a TCP socket"));
        assert_eq!(socket.tcp_keepalive_time().expect("as above"), Duration::from_secs(7));
        assert_eq!(socket.tcp_user_timeout().expect("as above"), Some(Duration::from_secs(9)));
        assert!(socket.out_of_band_inline().expect("as above"));
        assert_eq!(socket.tcp_notsent_lowat().expect("as above"), UNSENT_BYTES_MAX);
    }
}

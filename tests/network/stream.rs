//! The shell's network traits over scripted wires.

use super::lock;
use super::wire::{Client, Wire};
use parlance_server::transport::{Listener, Stream};
use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

/// The server's end of a wire; dropping it closes the connection.
pub(crate) struct ScriptedStream(Arc<Wire>);

impl Stream for ScriptedStream {
    fn try_read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.server_reads(buffer)
    }

    fn try_write_vectored(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        self.0.server_writes(slices)
    }

    fn poll_readable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.server_polls_readable(cx)
    }

    fn poll_writable(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.server_polls_writable(cx)
    }

    fn is_broken(&self) -> bool {
        self.0.is_reset()
    }

    fn shutdown_write(&self) -> io::Result<()> {
        self.0.server_half_closes()
    }
}

impl Drop for ScriptedStream {
    fn drop(&mut self) {
        self.0.server_closes();
    }
}

/// Where clients knock.
#[derive(Clone, Default)]
pub(crate) struct Door(Arc<Mutex<Queue>>);

#[derive(Default)]
struct Queue {
    knocks: VecDeque<Knock>,
    /// How many attempts to accept fail from now on, for want of descriptors.
    shortage: usize,
    attempts: usize,
    closed: bool,
    waker: Option<Waker>,
}

enum Knock {
    Client(Client, IpAddr),
    /// A connection that is gone before it is accepted.
    Aborted,
}

/// "Too many open files".
const EMFILE: i32 = 24;

/// More attempts than any scenario has reason for: the accept loop spins.
const ATTEMPTS_MAX: usize = 10_000;

impl Door {
    pub(crate) fn knock(&self, client: &Client, address: IpAddr) {
        self.change(|queue| queue.knocks.push_back(Knock::Client(Arc::clone(client), address)));
    }

    pub(crate) fn knock_and_go(&self) {
        self.change(|queue| queue.knocks.push_back(Knock::Aborted));
    }

    /// The next `attempts` to accept fail because there are no descriptors.
    pub(crate) fn run_short(&self, attempts: usize) {
        self.change(|queue| queue.shortage = attempts);
    }

    /// How often the server tried to accept.
    pub(crate) fn attempts(&self) -> usize {
        lock(&self.0).attempts
    }

    /// The server has dropped its listener.
    pub(crate) fn is_closed(&self) -> bool {
        lock(&self.0).closed
    }

    fn change(&self, act: impl FnOnce(&mut Queue)) {
        let mut queue = lock(&self.0);
        act(&mut queue);
        let waker = queue.waker.take();
        drop(queue);
        waker.into_iter().for_each(Waker::wake);
    }
}

pub(crate) struct ScriptedListener(pub(crate) Door);

impl Listener for ScriptedListener {
    type Stream = ScriptedStream;

    fn poll_accept(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<(ScriptedStream, SocketAddr)>> {
        let mut queue = lock(&self.0.0);
        queue.attempts += 1;
        assert!(queue.attempts < ATTEMPTS_MAX, "the accept loop spins");
        if queue.shortage > 0 {
            queue.shortage -= 1;
            return Poll::Ready(Err(io::Error::from_raw_os_error(EMFILE)));
        }
        match queue.knocks.pop_front() {
            Some(Knock::Client(client, address)) => {
                let peer = SocketAddr::new(address, 4_242);
                Poll::Ready(Ok((ScriptedStream(client), peer)))
            }
            Some(Knock::Aborted) => Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into())),
            None => {
                queue.waker = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl Drop for ScriptedListener {
    fn drop(&mut self) {
        let mut queue = lock(&self.0.0);
        queue.closed = true;
        queue.waker = None;
    }
}

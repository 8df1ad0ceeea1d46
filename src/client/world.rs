//! What surrounds the client: the user, a clock, chance and the network.
//!
//! The program has those of the system; a test has its own, in which hours pass at once.

use super::connect::connect;
use super::input::Typed;
use super::render::Shown;
use super::terminal::Wants;
use super::vocabulary::Vocabulary;
use async_net::{Shutdown, TcpStream};
use futures_lite::future::pending;
use futures_lite::io::{AsyncRead, AsyncWrite};
use parlance_core::time::Time;
use smol::Timer;
use std::io;
use std::time::{Duration, Instant};

/// A clock, chance and the network.
pub(super) trait World {
    /// A connection.
    type Stream: Stream;

    /// The time since the program began.
    fn now(&self) -> Time;

    /// Waits until it is `at`; for [`Time::NEVER`] without end.
    fn until(&self, at: Time) -> impl Future<Output = ()>;

    /// A random number, at least 0 and below 1.
    fn chance(&self) -> f64;

    /// Connects to a server, whose silence may last as long as `timeout`.
    fn connect(
        &self,
        host: &str,
        port: u16,
        timeout: Duration,
    ) -> impl Future<Output = io::Result<Self::Stream>>;
}

/// A connection; clones are the same one.
pub(super) trait Stream: AsyncRead + AsyncWrite + Clone + Unpin {
    /// Closes the sending half.
    fn half_close(&self) -> io::Result<()>;
}

/// The source of commands and the sink of lines to show.
pub(super) trait Person {
    /// Whether a person looks, who sees every error.
    fn is_at_a_terminal(&self) -> bool;

    /// The next input; dropping the wait loses nothing.
    fn next(&mut self, wants: Wants, words: &Vocabulary)
    -> impl Future<Output = io::Result<Typed>>;

    /// Shows lines.
    fn show(&mut self, shown: &[Shown]) -> io::Result<()>;

    /// Shows the room and the number of unread private lines, where there is a prompt.
    fn set_prompt(&mut self, room: Option<&[u8]>, unread: usize) -> io::Result<()>;

    /// Lines that were typed and not taken.
    fn left_over(&self) -> Vec<String>;
}

/// The clock, chance and the network of the system.
pub(super) struct System {
    origin: Instant,
}

impl System {
    /// A world that begins now.
    pub(super) fn new() -> System {
        System { origin: Instant::now() }
    }
}

impl World for System {
    type Stream = TcpStream;

    fn now(&self) -> Time {
        Time::ZERO + self.origin.elapsed()
    }

    async fn until(&self, at: Time) {
        match self.origin.checked_add(Duration::from_nanos(at.as_nanos())) {
            Some(due) if at != Time::NEVER => drop(Timer::at(due).await),
            _ => pending().await,
        }
    }

    fn chance(&self) -> f64 {
        fastrand::f64()
    }

    async fn connect(&self, host: &str, port: u16, timeout: Duration) -> io::Result<TcpStream> {
        connect(host, port, timeout).await
    }
}

impl Stream for TcpStream {
    fn half_close(&self) -> io::Result<()> {
        self.shutdown(Shutdown::Write)
    }
}

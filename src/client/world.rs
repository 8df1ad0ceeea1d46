//! What surrounds the client: the user, a clock, chance and the network.
//!
//! The program has those of the system; a test has its own, in which hours pass at once.

use super::connect::connect;
use super::input::Typed;
use super::link::Link;
use super::render::Shown;
use super::stream::Stream;
use super::terminal::Wants;
use super::vocabulary::Vocabulary;
use futures_lite::future::pending;
use parlance_core::time::Time;
use parlance_layers::TlsClient;
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
    /// TLS over every connection.
    tls: Option<TlsClient>,
}

impl System {
    /// A world that begins now.
    pub(super) fn new(tls: Option<TlsClient>) -> System {
        System { origin: Instant::now(), tls }
    }
}

impl World for System {
    type Stream = Link;

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

    async fn connect(&self, host: &str, port: u16, timeout: Duration) -> io::Result<Link> {
        let socket = connect(host, port, timeout).await?;
        Link::open(socket, self.tls.as_ref(), timeout).await
    }
}

//! The state of a connection, and what its parts tell each other.

use super::readiness::Readiness;
use super::tally::Tally;
use super::writer::Writer;
use crate::permit::ConnectionPermit;
use crate::run_queue::Place;
use crate::transport::{Clock, Stream};
use parlance_core::protocol::Session;
use parlance_core::registry::{Client, OutboxState};
use parlance_core::time::Time;
use std::sync::Arc;
use std::task::Waker;

/// From so many recipients on, a line is written in the next poll. Tasks that are ready run first,
/// and their lines go out in the same write. For fewer recipients a second poll costs more than
/// the shared write saves.
pub(super) const YIELD_FROM: usize = 8;

/// Maximum entries appended for others per poll, whether or not they can be written to: one read
/// may hold hundreds of runs, each for a whole room. [common/prompt-2]
pub(super) const ENTRIES_MAX: usize = 1024;

/// Serves one client from its first byte to the close of its socket, and sends nothing before the
/// client does. [common/framing-7]
///
/// Each poll makes rounds until nothing moves: it takes input, writes the outbox, and closes if
/// nothing else is left to do. The session decides, the registry performs, and the connection
/// carries values between them.
///
/// Between polls a connection owns no memory except: a timer while a deadline is pending, an
/// unfinished line (in the session), the list of recipients still to be written to, the rest of
/// one read while other tasks run or the sender is held, and then the held run (in the session).
pub(crate) struct Connection<S: Stream, C: Clock> {
    pub(super) session: Session,
    /// Dropped before the stream: when a client sees the end of its connection, its departure is
    /// announced...
    pub(super) client: Client,
    /// ... and its place is free.
    pub(super) permit: ConnectionPermit<C>,
    pub(super) writer: Arc<Writer<S, C>>,
    pub(super) phase: Phase,
    /// Present while there is something to keep from one poll to the next.
    pub(super) kept: Option<Box<Kept>>,
    /// Whether a read may bring input.
    pub(super) input: Readiness,
    /// Where it is among those that are ready.
    pub(super) place: Place,
    /// Whether there was input on which nobody acts because the server shuts down.
    pub(super) read_in_vain: bool,
    /// Whether a write may be accepted. Not [`Ready`](Readiness::Ready) once a write left bytes
    /// over.
    pub(super) output: Readiness,
    pub(super) timer: Option<Box<C::Timer>>,
    pub(super) timer_at: Time,
    pub(super) tally: Tally,
}

/// State of an active connection between polls. An idle connection has no memory for it.
#[derive(Default)]
pub(super) struct Kept {
    /// Input that waits until the session takes some again, or until other tasks have run. At
    /// most one read.
    pub(super) leftover: Vec<u8>,
    /// How many bytes of it the session has taken.
    pub(super) taken: usize,
    /// Writers of the recipients of this client's last lines, in reverse order. The connection
    /// calls all of them, `WRITES_MAX` per poll, before it does anything else.
    pub(super) due: Vec<Waker>,
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.due.drain(..).for_each(Waker::wake); // every recipient is written to
    }
}

/// The result of one round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Round {
    /// Something moved: make another round.
    Again,
    /// Something moved, and that was the share of this poll: other tasks run before the next round.
    Enough,
    /// Nothing can move before a wake.
    Sleep,
    /// Close the connection.
    Done,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Serving,
    /// Writes what is queued, until the deadline.
    Flushing {
        until: Time,
        then: After,
    },
    /// Discards input, so that closing sends no reset. [common/close-2]
    Lingering {
        until: Time,
        bytes_left: u32,
    },
    /// Closes once the recipients of the last lines have been written to.
    Over,
}

/// What follows a flush.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum After {
    Linger,
    /// As `Linger` if input has arrived that nobody acts on. Otherwise the connection closes: a
    /// silent client does not delay the end of the server.
    LingerIfUnread,
}

/// The result of a flush.
pub(super) enum Flushed {
    /// Nothing is queued.
    Empty(OutboxState),
    /// The socket accepts no more at the moment.
    Blocked(OutboxState),
    /// There is more to write.
    More,
    Broken,
    Evicted,
}

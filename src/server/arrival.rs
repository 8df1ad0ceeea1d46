//! What stands between accept and session: the seam for whatever a connection has to do first.

use super::connection::scratch::with_scratch;
use super::transport::Stream;
use parlance_core::protocol::CloseReason;
use std::future::{Future, Ready, ready};
use std::io::IoSlice;
use std::net::IpAddr;

/// Makes the stream of a session out of an accepted one: a header to read, a handshake to make.
///
/// # Contract
///
/// * An arrival that waits has tried its stream first and has arranged to be woken: it is polled
///   again before its deadline is judged.
/// * Bytes behind what the arrival needed belong to the session. They stay in the accepted stream,
///   or inside the stream that the arrival makes of it.
/// * The arrival bounds what it keeps, whatever the peer sends.
pub trait Arrival<S: Stream>: Send + 'static {
    /// What the session runs on.
    type Stream: Stream;

    /// One arrival.
    type Arriving: Future<Output = Result<Arrived<Self::Stream>, ArrivalError>>
        + Send
        + Unpin
        + 'static;

    /// Begins the arrival of a connection whose socket comes from `address`. It has a permit.
    fn arrive(&self, stream: S, address: IpAddr) -> Self::Arriving;

    /// Tells a connection without a permit why it is closed, without a task and without waiting.
    /// An arrival that cannot say anything before it is made says nothing.
    fn turn_away(&self, stream: S, farewell: &Farewell);

    /// Whether a socket from `address` is no client's own: the arrival finds out another address.
    fn replaces(&self, _address: IpAddr) -> bool {
        false
    }

    /// The peer's address, if the arrival has just found it out and is pending only until it is
    /// polled again: it goes on if there is a place for that address. [common/proxy-5]
    fn found(_: &Self::Arriving) -> Option<IpAddr> {
        None
    }

    /// There is no place for the address that was [found](Arrival::found). The connection is told
    /// as one that is turned away, and closed.
    fn decline(_: &mut Self::Arriving, _farewell: &Farewell) {}
}

/// What a connection without a place is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Farewell {
    /// Why there is no place.
    pub reason: CloseReason,
    /// The line that its dialect has for that; empty if it has none or the dialect is not known.
    pub line: Vec<u8>,
}

/// The end of an arrival.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrived<S> {
    /// The stream of the session.
    pub stream: S,
    /// The peer's address: the socket's, or the one that the arrival found.
    pub address: IpAddr,
    /// The name of the dialect that the peer has asked for, where that is not the listener's.
    pub dialect: Option<&'static str>,
}

/// Why an arrival ended without a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ArrivalError {
    /// The connection is broken.
    Reset,
    /// The peer did not do its part: a wrong header, no common cipher, the end of the stream.
    Failed,
    /// As above, with what was wrong in words for the log.
    FailedFor(Box<str>),
    /// The peer wanted no session: it has its answer.
    Answered,
}

impl ArrivalError {
    /// A call on `stream` has failed for good.
    pub(super) fn broken(stream: &impl Stream) -> ArrivalError {
        stream.refusal().map_or(ArrivalError::Reset, |why| ArrivalError::FailedFor(why.into()))
    }

    pub(super) fn close_reason(&self) -> CloseReason {
        match self {
            ArrivalError::Reset => CloseReason::Reset,
            ArrivalError::Failed | ArrivalError::FailedFor(_) => CloseReason::ArrivalFailed,
            ArrivalError::Answered => CloseReason::EndOfStream,
        }
    }

    /// What was wrong, in words for the log.
    pub(super) fn why(self) -> Option<Box<str>> {
        match self {
            ArrivalError::FailedFor(why) => Some(why),
            ArrivalError::Reset | ArrivalError::Failed | ArrivalError::Answered => None,
        }
    }
}

/// The arrival of a connection that has nothing to do first.
#[derive(Clone, Copy, Debug)]
pub struct Plain;

impl<S: Stream> Arrival<S> for Plain {
    type Stream = S;
    type Arriving = Ready<Result<Arrived<S>, ArrivalError>>;

    fn arrive(&self, stream: S, address: IpAddr) -> Self::Arriving {
        ready(Ok(Arrived { stream, address, dialect: None }))
    }

    fn turn_away(&self, stream: S, farewell: &Farewell) {
        turn_away(&stream, farewell);
    }
}

/// Says why and closes, without a task: whoever comes in numbers must cost next to nothing. What
/// has arrived already is read, so that closing does not destroy the line. [common/limit-2]
/// [common/ban-1]
pub(super) fn turn_away(stream: &impl Stream, farewell: &Farewell) {
    let _ = stream.try_write_vectored(&[IoSlice::new(&farewell.line)]);
    stream.ends_for(farewell.reason);
    let _ = stream.shutdown_write();
    with_scratch(|scratch| stream.try_read(&mut scratch.input).unwrap_or(0));
}

//! The header of one connection, then the arrival of what is behind it.

use super::discard;
use super::header::read_header;
use super::stream::Behind;
use crate::arrival::{Arrival, ArrivalError, Arrived, Farewell};
use crate::connection::scratch::with_scratch;
use crate::transport::Stream;
use parlance_core::limits::PROXY_HEADER_BYTES_MAX;
use std::future::Future;
use std::io::{self, ErrorKind};
use std::net::IpAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// A header, then the arrival of what is behind it.
pub struct Arriving<S: Stream, A: Arrival<Behind<S>>>(Step<S, A>);

enum Step<S: Stream, A: Arrival<Behind<S>>> {
    /// Boxed, so that the task of a connection is no larger for it.
    Reading(Box<Reading<S, A>>),
    /// The header is read, and the client waits for a place of its own address. [common/proxy-5]
    Found(Box<Found<S, A>>),
    Arriving(A::Arriving),
    Over,
}

struct Reading<S, A> {
    below: S,
    /// The proxy's.
    address: IpAddr,
    head: Vec<u8>,
    then: A,
}

struct Found<S, A> {
    stream: Behind<S>,
    address: IpAddr,
    then: A,
}

impl<S: Stream, A: Arrival<Behind<S>>> Arriving<S, A> {
    /// The arrival of a connection that a proxy at `address` has made.
    pub(super) fn reading(below: S, address: IpAddr, then: A) -> Self {
        let reading = Reading { below, address, head: Vec::new(), then };
        Arriving(Step::Reading(Box::new(reading)))
    }

    /// The arrival of a connection without a header.
    pub(super) fn none(arriving: A::Arriving) -> Self {
        Arriving(Step::Arriving(arriving))
    }

    pub(super) fn found(&self) -> Option<IpAddr> {
        match &self.0 {
            Step::Found(found) => Some(found.address),
            _ => None,
        }
    }

    pub(super) fn decline(&mut self, farewell: &Farewell) {
        if let Step::Found(found) = std::mem::replace(&mut self.0, Step::Over) {
            found.then.turn_away(found.stream, farewell);
        }
    }
}

impl<S: Stream, A> Reading<S, A> {
    /// Ready with the client's address and the length of the header.
    fn poll_header(&mut self, cx: &mut Context<'_>) -> Poll<Result<(IpAddr, usize), ArrivalError>> {
        loop {
            match read_header(&self.head) {
                Ok(None) => {}
                Ok(Some(header)) => {
                    let source = header.source.map_or(self.address, |source| source.ip());
                    return Poll::Ready(Ok((source, header.length)));
                }
                Err(why) => return Poll::Ready(Err(self.fail(why))),
            }
            // No header is longer, so that there is always room for more.
            let most = PROXY_HEADER_BYTES_MAX - self.head.len();
            let read = with_scratch(|scratch| {
                let count = self.below.try_read(&mut scratch.input[..most])?;
                self.head.extend_from_slice(&scratch.input[..count]);
                io::Result::Ok(count)
            });
            match read {
                Ok(0) => return Poll::Ready(Err(self.fail("the connection ends before it"))),
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    let _ = ready!(self.below.poll_readable(cx)); // an error shows in the read
                }
                Err(_) => return Poll::Ready(Err(ArrivalError::Reset)),
            }
        }
    }

    /// What is behind the header, whose client and length are known.
    fn behind(self, (address, length): (IpAddr, usize)) -> Found<S, A> {
        let Reading { below, head, then, .. } = self;
        Found { stream: Behind::header(below, &head[length..]), address, then }
    }

    /// Closes without a byte. [common/proxy-2]
    fn fail(&self, why: &str) -> ArrivalError {
        let _ = self.below.shutdown_write();
        discard(&self.below);
        ArrivalError::FailedFor(format!("no PROXY header: {why}").into())
    }
}

impl<S, A> Future for Arriving<S, A>
where
    S: Stream + Unpin,
    A: Arrival<Behind<S>> + Unpin,
{
    type Output = Result<Arrived<A::Stream>, ArrivalError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Arriving(step) = self.get_mut();
        let mut arriving = match std::mem::replace(step, Step::Over) {
            Step::Reading(mut reading) => {
                *step = match reading.poll_header(cx) {
                    Poll::Ready(found) => {
                        let found = found?;
                        Step::Found(Box::new((*reading).behind(found)))
                    }
                    Poll::Pending => Step::Reading(reading),
                };
                return Poll::Pending;
            }
            Step::Found(found) => {
                let Found { stream, address, then } = *found;
                then.arrive(stream, address)
            }
            Step::Arriving(arriving) => arriving,
            Step::Over => return Poll::Ready(Err(ArrivalError::Failed)),
        };
        let polled = Pin::new(&mut arriving).poll(cx);
        if polled.is_pending() {
            *step = Step::Arriving(arriving);
        }
        polled
    }
}

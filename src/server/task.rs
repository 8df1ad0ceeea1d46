//! One connection from accept to close, as one task: its arrival, then its session.

use super::arrival::{Arrival, Arrived, turn_away};
use super::connection::Connection;
use super::entrance::ArrivalPermit;
use super::run_queue::{Cause, Key, Place};
use super::transport::{Clock, Stream, Timer};
use futures_lite::Stream as _;
use parlance_core::limits::ARRIVAL;
use parlance_core::protocol::CloseReason;
use smol::channel::Receiver;
use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// The arrival `A`, then the connection on the stream that it made. An arrival that is ready at
/// once becomes a connection in the first poll, and needs no timer and no memory.
#[expect(clippy::large_enum_variant, reason = "it is a connection almost from the beginning")]
pub(super) enum ConnectionTask<A: Arrival<S>, S: Stream, C: Clock> {
    Arriving(Arriving<A, S, C>),
    Serving(Connection<A::Stream, C>),
}

/// An arrival under its permit and its deadline.
pub(super) struct Arriving<A: Arrival<S>, S: Stream, C: Clock> {
    /// Declared before the arrival, which has the stream: the place is free before the client sees
    /// the end of its connection. Taken when the arrival ends.
    permit: Option<ArrivalPermit<C>>,
    arrival: A::Arriving,
    /// Present once the arrival has to wait.
    wait: Option<Box<Wait<C>>>,
}

/// What ends an arrival that does not end by itself, and when it goes on.
struct Wait<C: Clock> {
    deadline: C::Timer,
    shutdown: Pin<Box<Receiver<Infallible>>>,
    /// Where it is among the connections that are ready.
    place: Place,
}

impl<C: Clock> Wait<C> {
    fn new(permit: &ArrivalPermit<C>) -> Wait<C> {
        let deadline = permit.clock().timer(permit.clock().now() + ARRIVAL);
        Wait { deadline, shutdown: Box::pin(permit.shuts_down()), place: Place::Idle }
    }

    /// No two arrivals have the same while both live.
    fn key(&self) -> Key {
        std::ptr::from_ref(self).addr()
    }

    /// Ready when the others have run. A handshake costs as much as the share of a poll, so that
    /// each of its steps is one. [common/prompt-2]
    fn poll_turn(&mut self, permit: &ArrivalPermit<C>, cx: &mut Context<'_>) -> Poll<()> {
        let (run_queue, key) = (permit.run_queue(), self.key());
        if self.place == Place::Idle {
            self.place = run_queue.enter(key, permit.address(), Cause::Busy, cx.waker());
            return Poll::Pending;
        }
        run_queue.poll_left(key, &mut self.place)
    }

    /// Ready when the arrival has to end, and why.
    fn poll_over(&mut self, cx: &mut Context<'_>) -> Poll<CloseReason> {
        if self.shutdown.as_mut().poll_next(cx).is_ready() {
            return Poll::Ready(CloseReason::Shutdown);
        }
        self.deadline.poll_fired(cx).map(|()| CloseReason::ArrivalLate)
    }
}

impl<A: Arrival<S>, S: Stream, C: Clock> ConnectionTask<A, S, C> {
    pub(super) fn new(arrival: A::Arriving, permit: ArrivalPermit<C>) -> Self {
        ConnectionTask::Arriving(Arriving { permit: Some(permit), arrival, wait: None })
    }
}

impl<A: Arrival<S>, S: Stream, C: Clock> Arriving<A, S, C> {
    /// Ready with the connection, or with nothing if the arrival came to nothing.
    fn poll_connection(&mut self, cx: &mut Context<'_>) -> Poll<Option<Connection<A::Stream, C>>> {
        let permit = self.permit.as_ref().expect("a task is not polled after its end");
        if let Some(wait) = &mut self.wait {
            ready!(wait.poll_turn(permit, cx));
        }
        // The arrival is tried first: what has come in is not late.
        let end = loop {
            let arrived = Pin::new(&mut self.arrival).poll(cx);
            let permit = self.permit.as_mut().expect("a task is not polled after its end");
            match (arrived, A::found(&self.arrival)) {
                (Poll::Ready(end), _) => {
                    break end.map_err(|error| (error.close_reason(), error.why()));
                }
                (Poll::Pending, Some(address)) => match permit.moves_to(address) {
                    Ok(()) => permit.connected(),
                    Err(farewell) => {
                        self.permit = None; // the place is given back before the stream is closed
                        A::decline(&mut self.arrival, &farewell);
                        return Poll::Ready(None);
                    }
                },
                (Poll::Pending, None) => {
                    let new = || Box::new(Wait::new(permit));
                    let over = ready!(self.wait.get_or_insert_with(new).poll_over(cx));
                    break Err((over, None));
                }
            }
        };
        Poll::Ready(self.permit.take().and_then(|permit| connect(end, permit)))
    }
}

impl<A: Arrival<S>, S: Stream, C: Clock> Drop for Arriving<A, S, C> {
    fn drop(&mut self) {
        // The permit is gone once the arrival has ended, in a poll of its own.
        if let (Some(wait), Some(permit)) = (&self.wait, &self.permit) {
            permit.run_queue().dropped(wait.key(), wait.place);
        }
    }
}

/// Why an arrival has ended, and what only it knows of that.
type Failure = (CloseReason, Option<Box<str>>);

/// The connection of an arrival that has ended well, if there is a place for its address.
fn connect<S: Stream, C: Clock>(
    end: Result<Arrived<S>, Failure>,
    mut permit: ArrivalPermit<C>,
) -> Option<Connection<S, C>> {
    match end {
        // The place is given back before the stream is closed.
        Ok(arrived) => match permit.of_client(&arrived) {
            Ok(permit) => Some(Connection::new(arrived.stream, permit)),
            Err(farewell) => {
                turn_away(&arrived.stream, &farewell);
                None
            }
        },
        Err((reason, why)) => {
            permit.ends_for(reason, why);
            None
        }
    }
}

impl<A: Arrival<S>, S: Stream, C: Clock> Future for ConnectionTask<A, S, C> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.get_mut();
        loop {
            let connection = match this {
                ConnectionTask::Serving(connection) => return Pin::new(connection).poll(cx),
                ConnectionTask::Arriving(arriving) => ready!(arriving.poll_connection(cx)),
            };
            let Some(connection) = connection else { return Poll::Ready(()) };
            *this = ConnectionTask::Serving(connection);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ConnectionTask;
    use crate::arrival::Plain;
    use crate::connection::Connection;
    use crate::transport::tcp::{SystemClock, TcpConnection};

    /// There is one task for each client, so its size is what an idle client costs.
    #[test]
    fn the_arrival_of_a_plain_connection_adds_nothing_to_its_task() {
        assert_eq!(
            size_of::<ConnectionTask<Plain, TcpConnection, SystemClock>>(),
            size_of::<Connection<TcpConnection, SystemClock>>()
        );
    }
}

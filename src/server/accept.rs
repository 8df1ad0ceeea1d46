//! The accept loop.

use super::arrival::Arrival;
use super::permit::ConnectionPermit;
use super::service::Service;
use super::task::ConnectionTask;
use super::transport::{Clock, Listener, Spawn, Stream, Timer};
use futures_lite::future::yield_now;
use parlance_core::protocol::CloseReason;
use std::future::poll_fn;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

/// How long to wait before the next attempt when accepting failed for want of something: long
/// enough not to spin, short enough that nobody notices once there are descriptors again.
const ACCEPT_RETRY: Duration = Duration::from_millis(50);

/// How many connections are accepted before others get their turn. [common/prompt-2]
const ACCEPTS_MAX: usize = 32;

/// Accepts connections and spawns one task for each, for ever: no error ends it. [common/limit-3]
/// Each begins with its `arrival`.
///
/// Dropping the future stops accepting and closes the listener.
pub async fn serve<L, A, C, X>(mut listener: L, arrival: A, service: Arc<Service<C>>, tasks: X)
where
    L: Listener,
    A: Arrival<L::Stream>,
    C: Clock,
    X: Spawn,
{
    let mut short = false;
    for count in 1_usize.. {
        if count.is_multiple_of(ACCEPTS_MAX) {
            // A crowd at the door must not keep those inside from being served.
            yield_now().await;
        }
        match poll_fn(|cx| listener.poll_accept(cx)).await {
            Ok((stream, address)) => {
                short = false;
                welcome(stream, address, &arrival, &service, &tasks);
            }
            Err(error) if concerns_one_connection(&error) => {
                tracing::debug!(%error, "a connection was lost before it was accepted");
            }
            Err(error) => {
                if !std::mem::replace(&mut short, true) {
                    // Once, not for every attempt: a shortage can last.
                    tracing::warn!(%error, "cannot accept; trying again until it is possible");
                }
                let mut timer = service.clock.timer(service.clock.now() + ACCEPT_RETRY);
                poll_fn(|cx| timer.poll_fired(cx)).await;
            }
        }
    }
}

fn welcome<S, A, C, X>(
    stream: S,
    address: IpAddr,
    arrival: &A,
    service: &Arc<Service<C>>,
    tasks: &X,
) where
    S: Stream,
    A: Arrival<S>,
    C: Clock,
    X: Spawn,
{
    // Before the arrival too, so that unfinished ones are bounded.
    // [common/limit-2] [common/limit-4]
    let permit = service.headroom.admits().then(|| ConnectionPermit::new(service, address));
    if let Some(permit) = permit.flatten() {
        tracing::debug!(%address, dialect = service.dialect.name(), "connected");
        tasks.spawn(ConnectionTask::new(arrival.arrive(stream, address), permit));
    } else {
        arrival.turn_away(&stream, &service.farewell());
        service.closed(CloseReason::TooManyClients, address);
    }
}

/// Errors of a connection that was gone before we got to it; the next one may be there already.
fn concerns_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::Interrupted
            | io::ErrorKind::InvalidInput // a socket option refused because the peer is gone
            | io::ErrorKind::NotConnected
            | io::ErrorKind::BrokenPipe
    )
}

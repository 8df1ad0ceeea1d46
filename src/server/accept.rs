//! The accept loop.

use super::connection::Connection;
use super::connection::scratch::with_scratch;
use super::service::Service;
use super::transport::{Clock, Listener, Spawn, Stream, Timer};
use futures_lite::future::yield_now;
use parlance_core::protocol::Fault;
use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

/// How long to wait before the next attempt when accepting failed for want of something: long
/// enough not to spin, short enough that nobody notices once there are descriptors again.
const ACCEPT_RETRY: Duration = Duration::from_millis(50);

/// How many connections are accepted before others get their turn.
const ACCEPTS_MAX: usize = 32;

/// Accepts connections and spawns one task for each, for ever: no error ends it. [common/limit-3]
///
/// Dropping the future stops accepting and closes the listener.
pub async fn serve<L, C, X>(mut listener: L, service: Arc<Service<C>>, tasks: X)
where
    L: Listener,
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
                welcome(stream, address, &service, &tasks);
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

fn welcome<S, C, X>(stream: S, address: IpAddr, service: &Arc<Service<C>>, tasks: &X)
where
    S: Stream,
    C: Clock,
    X: Spawn,
{
    if let Some(permit) = service.permit(address) {
        tracing::debug!(%address, dialect = service.dialect.name(), "connected");
        tasks.spawn(Connection::new(stream, permit));
    } else {
        let dialect = service.dialect.name();
        tracing::debug!(%address, dialect, "turned away: too many clients");
        let mut farewell = Vec::new();
        service.dialect.fault(&Fault::TooManyClients, &mut farewell);
        turn_away(&stream, &farewell);
    }
}

/// Says why and closes, without a task: whoever comes in numbers must cost next to nothing. What
/// has arrived already is read, so that closing does not destroy the line. [common/limit-2]
fn turn_away(stream: &impl Stream, farewell: &[u8]) {
    let _ = stream.try_write_vectored(&[IoSlice::new(farewell)]);
    let _ = stream.shutdown_write();
    with_scratch(|scratch| stream.try_read(&mut scratch.input).unwrap_or(0));
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

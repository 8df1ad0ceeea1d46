//! The accept loop.

use super::arrival::Arrival;
use super::entrance::Entrance;
use super::task::ConnectionTask;
use super::transport::{Clock, Listener, Spawn, Stream, Timer};
use futures_lite::future::yield_now;
use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

/// How long to wait before the next attempt when accepting failed for want of something: long
/// enough not to spin, short enough that nobody notices once there are descriptors again.
const ACCEPT_RETRY: Duration = Duration::from_millis(50);

/// How many connections are accepted before others get their turn. [common/prompt-2]
const ACCEPTS_MAX: usize = 32;

/// Accepts connections and spawns one task for each, for ever: no error ends it. [common/limit-3]
/// Each begins with its `arrival`, and goes on to where `entrance` leads: most often that is one
/// service.
///
/// Dropping the future stops accepting and closes the listener.
pub async fn serve<L, A, C, X>(
    mut listener: L,
    arrival: A,
    entrance: impl Into<Entrance<C>>,
    tasks: X,
) where
    L: Listener,
    A: Arrival<L::Stream>,
    C: Clock,
    X: Spawn,
{
    let entrance = entrance.into();
    let mut short = false;
    for count in 1_usize.. {
        if count.is_multiple_of(ACCEPTS_MAX) {
            // A crowd at the door must not keep those inside from being served.
            yield_now().await;
        }
        match poll_fn(|cx| listener.poll_accept(cx)).await {
            Ok((stream, peer)) => {
                if std::mem::take(&mut short) {
                    tracing::info!("connections are accepted again");
                }
                welcome(stream, peer, &arrival, &entrance, &tasks);
            }
            Err(error) if concerns_one_connection(&error) => {
                tracing::debug!(%error, "a connection was lost before it was accepted");
            }
            Err(error) => {
                entrance.listener().failed();
                if !std::mem::replace(&mut short, true) {
                    // Once, not for every attempt: a shortage can last.
                    tracing::warn!(%error, "cannot accept; trying again until it is possible");
                }
                let clock = entrance.clock();
                let mut timer = clock.timer(clock.now() + ACCEPT_RETRY);
                poll_fn(|cx| timer.poll_fired(cx)).await;
            }
        }
    }
}

fn welcome<S, A, C, X>(stream: S, peer: SocketAddr, arrival: &A, entrance: &Entrance<C>, tasks: &X)
where
    S: Stream,
    A: Arrival<S>,
    C: Clock,
    X: Spawn,
{
    match entrance.admit(peer, arrival.replaces(peer.ip())) {
        Ok(permit) => {
            let arriving = arrival.arrive(stream, peer.ip());
            tasks.spawn(ConnectionTask::<A, S, C>::new(arriving, permit));
        }
        Err(refusal) => {
            arrival.turn_away(stream, &entrance.farewell(&refusal));
            entrance.turned_away(&refusal);
        }
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

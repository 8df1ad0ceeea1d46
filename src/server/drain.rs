//! A drain: nobody is let in any more, and the clients may go on for a while. [common/drain-1]

use super::entrance::Reception;
use super::service::Service;
use super::transport::{Clock, Timer};
use futures_lite::{Stream, StreamExt, future};
use parlance_core::time::Time;
use std::future::{Future, poll_fn};
use std::sync::Arc;
use std::time::Duration;

/// What a signal asks the daemon for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// The end.
    Stop,
    /// The end once the clients have gone by themselves. [common/drain-1]
    Drain,
}

/// Everybody who is connected, and for how long they may stay.
pub struct Clients<'a, C: Clock> {
    /// The dialects.
    pub services: &'a [Arc<Service<C>>],
    /// Where visitors become their clients, if that is somewhere.
    pub reception: Option<&'a Reception<C>>,
    /// How long they may go on in a drain that begins now; [`Duration::MAX`] is for ever.
    pub drain_time: &'a (dyn Fn() -> Duration + Sync),
}

impl<C: Clock> Clients<'_, C> {
    fn count(&self) -> usize {
        let visitors = self.reception.map_or(0, Reception::visitors);
        visitors + self.services.iter().map(|service| service.connections()).sum::<usize>()
    }

    /// Returns once everybody has gone, if nobody is let in.
    async fn gone(&self) {
        // Visitors become clients, and not the other way round.
        if let Some(reception) = self.reception {
            reception.empty().await;
        }
        for service in self.services {
            service.empty().await;
        }
    }

    /// Returns when the time of a drain that begins now is over.
    async fn over(&self) {
        let Some(service) = self.services.first() else { return };
        let end = service.clock.now() + (self.drain_time)();
        if end == Time::NEVER {
            return future::pending().await;
        }
        let mut timer = service.clock.timer(end);
        poll_fn(|cx| timer.poll_fired(cx)).await;
    }
}

/// Closes the listeners, and returns when the last client has gone, when the time is over or when
/// one of the `requests` is to stop.
pub(super) async fn until_gone<C: Clock>(
    requests: &mut (impl Stream<Item = Asked> + Unpin),
    close: impl Future<Output = ()>,
    clients: &Clients<'_, C>,
) {
    let time = Some((clients.drain_time)()).filter(|time| *time != Duration::MAX);
    tracing::info!(clients = clients.count(), ?time, "draining: no more clients are let in");
    let stop = async {
        while requests.next().await == Some(Asked::Drain) {
            tracing::info!("ignored: the drain has begun already");
        }
        "it was asked to stop"
    };
    let gone = async {
        close.await;
        clients.gone().await;
        "the last client has gone"
    };
    let over = async {
        clients.over().await;
        "its time is over"
    };
    let why = future::or(stop, future::or(gone, over)).await;
    tracing::info!(why, clients = clients.count(), "the drain has ended");
}

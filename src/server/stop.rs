//! The end of the daemon: what asks for it, and what happens then.

use super::drain::{Asked, Clients, until_gone};
use super::service::Service;
use super::transport::{Clock, Timer};
use async_signal::Signal;
use futures_lite::{Stream, StreamExt, future};
use parlance_core::limits::LINGER;
use parlance_core::time::Time;
use std::future::{Future, poll_fn};
use std::io;
use std::pin::pin;
use std::sync::Arc;

/// How a server has stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// Everything that was pending has been flushed, or its time was over.
    Drained,
    /// A second request came first.
    Hurried,
}

/// Waits for the first of the `requests`, drains first if it asks for that, and then flushes what
/// is pending; gives that up at the second request to stop or when the time for it is over. `close`
/// closes every listener. It begins before the connections are told, so that none is accepted to be
/// sent away, but it is not waited for: in a busy server it may take long.
/// [common/shutdown-2] [common/shutdown-3]
pub async fn until_stopped<C: Clock>(
    mut requests: impl Stream<Item = Asked> + Unpin,
    close: impl Future<Output = ()>,
    clients: &Clients<'_, C>,
) -> Stopped {
    let mut close = pin!(close);
    let mut is_closed = false;
    if requests.next().await == Some(Asked::Drain) {
        let closed = async {
            close.as_mut().await;
            is_closed = true;
        };
        until_gone(&mut requests, closed, clients).await;
    }
    tracing::info!("stopping: flushing what is pending");
    let services = clients.services;
    let drained = async {
        // All are told before the first is waited for: they drain at the same time.
        for service in services {
            service.shutdown();
        }
        for service in services {
            service.drained().await;
        }
    };
    let closed = async {
        if !is_closed {
            close.await;
        }
    };
    let drain = async {
        let drained = future::zip(closed, drained);
        future::or(
            async {
                drained.await;
            },
            over_time(services),
        )
        .await;
        Stopped::Drained
    };
    let hurried = async {
        // A drain is over already.
        while requests.next().await == Some(Asked::Drain) {}
        let connections = services.iter().map(|service| service.connections()).sum::<usize>();
        let unsent_bytes = services.iter().map(|service| service.registry().census().charge);
        let unsent_bytes = unsent_bytes.sum::<usize>();
        tracing::warn!(connections, unsent_bytes, "stopping at once: the rest is not sent");
        Stopped::Hurried
    };
    future::or(drain, hurried).await
}

/// The end of the time for a drain, from now on. A connection counts its own time from its next
/// poll, which may come late in a busy server. [common/shutdown-2]
async fn over_time<C: Clock>(services: &[Arc<Service<C>>]) {
    let Some(service) = services.first() else { return };
    let end = service.clock.now() + service.limits().drain + LINGER;
    if end == Time::NEVER {
        return future::pending().await; // no limit
    }
    let mut timer = service.clock.timer(end);
    poll_fn(|cx| timer.poll_fired(cx)).await;
}

/// The signals that the daemon does not leave to the system.
pub(super) const SIGNALS: [Signal; 6] =
    [Signal::Int, Signal::Term, Signal::Hup, Signal::Usr1, Signal::Usr2, Signal::Xfsz];

/// The requests among `signals`. `at_terminal` says whether a person started the daemon at a
/// terminal, whose end ends it too; SIGHUP comes twice then, from the system and from the shell,
/// and is no reason to hurry. Otherwise SIGHUP calls `load_anew`. [common/shutdown-4]
/// [common/reload-1]
pub(super) fn requests(
    signals: impl Stream<Item = io::Result<Signal>> + Unpin,
    at_terminal: bool,
    mut load_anew: impl FnMut() + Unpin,
) -> impl Stream<Item = Asked> + Unpin {
    let mut stopping = false;
    signals.filter_map(move |signal| {
        let asks = match signal {
            Ok(Signal::Hup) if at_terminal => (!stopping).then_some(Asked::Stop),
            Ok(Signal::Hup) => {
                load_anew();
                None
            }
            Ok(Signal::Usr1) => {
                tracing::info!("ignored: SIGUSR1, there is nothing to reopen");
                None
            }
            Ok(Signal::Usr2) => Some(Asked::Drain),
            // The log is as long as a limit of files allows: the write that failed says so.
            Ok(Signal::Xfsz) => None,
            _ => Some(Asked::Stop),
        };
        stopping |= asks == Some(Asked::Stop);
        asks
    })
}

#[cfg(test)]
mod tests {
    use super::requests;
    use crate::drain::Asked;
    use async_signal::Signal;
    use futures_lite::{StreamExt, future, stream};

    /// After which of the signals a request comes.
    fn asking(at_terminal: bool, signals: &[Signal]) -> Vec<usize> {
        let counts = (1..=signals.len()).map(|count| {
            let first = stream::iter(signals[..count].iter().map(|signal| Ok(*signal)));
            let asked = requests(first, at_terminal, || ());
            future::block_on(asked.filter(|asked| *asked == Asked::Stop).count())
        });
        let counts: Vec<usize> = std::iter::once(0).chain(counts).collect();
        (0..signals.len()).filter(|index| counts[index + 1] > counts[*index]).collect()
    }

    /// [common/shutdown-4]
    #[test]
    fn other_signals_than_int_and_term_are_no_requests_to_stop() {
        use Signal::{Hup, Int, Term, Usr1, Usr2};
        assert_eq!(asking(false, &[Hup, Usr1, Usr2, Term, Hup, Usr1, Usr2, Int]), [3, 7]);
    }

    /// [common/shutdown-4]
    #[test]
    fn the_end_of_a_terminal_is_one_request_to_stop() {
        use Signal::{Hup, Term, Usr1, Usr2};
        assert_eq!(asking(true, &[Usr1, Usr2, Hup, Hup, Usr1, Term]), [2, 5]);
        assert_eq!(asking(true, &[Term, Hup, Term]), [0, 2], "draining goes on");
    }
}

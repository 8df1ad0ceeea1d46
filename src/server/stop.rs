//! The end of the daemon: what asks for it, and what happens then.

use super::service::Service;
use super::transport::{Clock, Timer};
use async_signal::Signal;
use futures_lite::{Stream, StreamExt, future};
use parlance_core::limits::LINGER;
use parlance_core::time::Time;
use std::future::{Future, poll_fn};
use std::io;
use std::sync::Arc;

/// How a server has stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// Everything that was pending has been flushed, or its time was over.
    Drained,
    /// A second request came first.
    Hurried,
}

/// Drains at the first of the `requests`, and gives up draining at the second or when the time for
/// it is over. `close` closes every listener. It begins before the connections are told, so that
/// none is accepted to be sent away, but it is not waited for: in a busy server it may take long.
/// [common/shutdown-2] [common/shutdown-3]
pub async fn until_stopped<C: Clock>(
    mut requests: impl Stream<Item = ()> + Unpin,
    close: impl Future<Output = ()>,
    services: &[Arc<Service<C>>],
) -> Stopped {
    requests.next().await;
    tracing::info!("stopping: flushing what is pending");
    let drained = async {
        // All are told before the first is waited for: they drain at the same time.
        for service in services {
            service.shutdown();
        }
        for service in services {
            service.drained().await;
        }
    };
    let drain = async {
        let drained = future::zip(close, drained);
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
        requests.next().await;
        Stopped::Hurried
    };
    future::or(drain, hurried).await
}

/// The end of the time for a drain, from now on. A connection counts its own time from its next
/// poll, which may come late in a busy server. [common/shutdown-2]
async fn over_time<C: Clock>(services: &[Arc<Service<C>>]) {
    let Some(service) = services.first() else { return };
    let end = service.clock.now() + service.limits.drain + LINGER;
    if end == Time::NEVER {
        return future::pending().await; // no limit
    }
    let mut timer = service.clock.timer(end);
    poll_fn(|cx| timer.poll_fired(cx)).await;
}

/// The signals that the daemon does not leave to the system.
pub(super) const SIGNALS: [Signal; 5] =
    [Signal::Int, Signal::Term, Signal::Hup, Signal::Usr1, Signal::Usr2];

/// The requests to stop among `signals`. `at_terminal` says whether a person started the daemon at
/// a terminal, whose end ends it too; SIGHUP comes twice then, from the system and from the shell,
/// and is no reason to hurry. Otherwise SIGHUP calls `load_anew`, which returns whether there is
/// anything to load. [common/shutdown-4] [common/tls-7]
pub(super) fn requests(
    signals: impl Stream<Item = io::Result<Signal>> + Unpin,
    at_terminal: bool,
    mut load_anew: impl FnMut() -> bool + Unpin,
) -> impl Stream<Item = ()> + Unpin {
    let mut stopping = false;
    signals.filter_map(move |signal| {
        let asks = match signal {
            Ok(Signal::Hup) if at_terminal => !stopping,
            Ok(Signal::Hup) if load_anew() => false,
            Ok(signal @ (Signal::Hup | Signal::Usr1 | Signal::Usr2)) => {
                tracing::info!(?signal, "ignored: there is nothing to reload or to reopen");
                false
            }
            _ => true,
        };
        stopping |= asks;
        asks.then_some(())
    })
}

#[cfg(test)]
mod tests {
    use super::requests;
    use async_signal::Signal;
    use futures_lite::{StreamExt, future, stream};

    /// After which of the signals a request comes.
    fn asking(at_terminal: bool, signals: &[Signal]) -> Vec<usize> {
        let counts = (1..=signals.len()).map(|count| {
            let first = stream::iter(signals[..count].iter().map(|signal| Ok(*signal)));
            future::block_on(requests(first, at_terminal, || false).count())
        });
        let counts: Vec<usize> = std::iter::once(0).chain(counts).collect();
        (0..signals.len()).filter(|index| counts[index + 1] > counts[*index]).collect()
    }

    /// [common/shutdown-4]
    #[test]
    fn other_signals_than_int_and_term_ask_for_nothing() {
        use Signal::{Hup, Int, Term, Usr1, Usr2};
        assert_eq!(asking(false, &[Hup, Usr1, Usr2, Term, Hup, Usr1, Int]), [3, 6]);
    }

    /// [common/shutdown-4]
    #[test]
    fn the_end_of_a_terminal_is_one_request_to_stop() {
        use Signal::{Hup, Term, Usr1, Usr2};
        assert_eq!(asking(true, &[Usr1, Usr2, Hup, Hup, Usr1, Term]), [2, 5]);
        assert_eq!(asking(true, &[Term, Hup, Term]), [0, 2], "draining goes on");
    }
}

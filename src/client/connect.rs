//! Connections to the first address of a host that answers.

use async_net::TcpStream;
use futures_lite::future;
use smol::{Async, Timer};
use socket2::{SockRef, TcpKeepalive};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs as _};
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

/// Maximum duration of connecting, all addresses together.
const CONNECTING: Duration = Duration::from_secs(10);

/// The head start of an address: the connection attempt delay of RFC 8305.
const HEAD_START: Duration = Duration::from_millis(250);

/// The number of keepalive probes within the time after which a server is lost.
const PROBES: u32 = 3;

/// Connects to the first address of `host` that answers, as RFC 8305 has it: both families in turn,
/// each attempt a moment after the one before, so that an address that swallows packets delays the
/// others by a moment alone. A connection whose peer falls silent is lost after `timeout`.
pub(super) async fn connect(host: &str, port: u16, timeout: Duration) -> io::Result<TcpStream> {
    let late = async {
        Timer::after(CONNECTING.min(timeout)).await;
        Err(io::ErrorKind::TimedOut.into())
    };
    let name = host.to_owned();
    let connecting = async {
        let found = smol::unblock(move || (name.as_str(), port).to_socket_addrs()).await?;
        let addresses = interleaved(found.collect());
        let attempt = |address| Async::<std::net::TcpStream>::connect(address);
        let pause = || async {
            Timer::after(HEAD_START).await;
        };
        let none = || io::Error::new(io::ErrorKind::NotFound, "it has no address");
        first(addresses, attempt, pause).await.map_err(|error| error.unwrap_or_else(none))
    };
    let stream = future::or(connecting, late).await?;
    watch(&stream, timeout)?;
    Ok(stream.into())
}

/// Lets the kernel notice that the peer is gone, although nothing is sent, or nothing arrives.
fn watch(stream: &Async<std::net::TcpStream>, timeout: Duration) -> io::Result<()> {
    let socket = SockRef::from(stream.get_ref());
    // A line is not delayed to be sent with the next one.
    socket.set_tcp_nodelay(true)?;
    // Whole seconds, at least one, and half of the time for the first probe.
    let seconds = |part: Duration| Duration::from_secs(part.as_secs().max(1));
    let keepalive = TcpKeepalive::new()
        .with_time(seconds(timeout / 2))
        .with_interval(seconds(timeout / (2 * PROBES)))
        .with_retries(PROBES);
    socket.set_tcp_keepalive(&keepalive)?;
    socket.set_tcp_user_timeout(Some(timeout))
}

/// The addresses with both families in turn, beginning with the family that the system prefers.
fn interleaved(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let first_is_v6 = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (mut first, mut second): (VecDeque<_>, VecDeque<_>) =
        addresses.into_iter().partition(|address| address.is_ipv6() == first_is_v6);
    let mut sorted = Vec::new();
    while !first.is_empty() || !second.is_empty() {
        sorted.extend(first.pop_front());
        sorted.extend(second.pop_front());
    }
    sorted
}

/// The first success of an attempt; the next one begins after a pause, or at once when one fails.
/// The error is that of the last attempt that failed, if there was any attempt.
async fn first<A, T, E, F, P>(
    addresses: Vec<A>,
    attempt: impl Fn(A) -> F,
    pause: impl Fn() -> P,
) -> Result<T, Option<E>>
where
    F: Future<Output = Result<T, E>>,
    P: Future<Output = ()>,
{
    let mut addresses = addresses.into_iter();
    let mut running: Vec<Pin<Box<F>>> = Vec::new();
    let mut pausing: Option<Pin<Box<P>>> = None;
    let mut failure = None;
    poll_fn(|context| {
        loop {
            let paused = match &mut pausing {
                Some(pause) => pause.as_mut().poll(context).is_ready(),
                None => true,
            };
            if paused {
                pausing = None;
                if let Some(address) = addresses.next() {
                    running.push(Box::pin(attempt(address)));
                    pausing = Some(Box::pin(pause()));
                    continue; // which lets the pause begin
                }
            }
            let mut failed = false;
            let mut index = 0;
            while index < running.len() {
                match running[index].as_mut().poll(context) {
                    Poll::Pending => index += 1,
                    Poll::Ready(Ok(value)) => return Poll::Ready(Ok(value)),
                    Poll::Ready(Err(error)) => {
                        failure = Some(error);
                        drop(running.swap_remove(index));
                        failed = true;
                    }
                }
            }
            if failed && addresses.len() > 0 {
                pausing = None;
            } else if running.is_empty() && addresses.len() == 0 {
                return Poll::Ready(Err(failure.take()));
            } else {
                return Poll::Pending;
            }
        }
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::{PROBES, connect, first, interleaved};
    use futures_lite::future::{block_on, pending, poll_once};
    use socket2::SockRef;
    use std::cell::RefCell;
    use std::net::SocketAddr;
    use std::pin::pin;
    use std::time::Duration;

    #[test]
    fn the_kernel_looks_for_a_silent_peer_within_the_timeout() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("loopback can be bound");
        let port = listener.local_addr().expect("it is bound").port();
        let timeout = Duration::from_secs(30);
        let stream = block_on(connect("127.0.0.1", port, timeout)).expect("it listens");
        let socket = SockRef::from(&stream);
        let probes = socket.tcp_keepalive_interval().expect("an option") * PROBES;
        assert_eq!(socket.tcp_keepalive_time().expect("an option") + probes, timeout);
        assert_eq!(socket.tcp_keepalive_retries().expect("an option"), PROBES);
        assert_eq!(socket.tcp_user_timeout().expect("an option"), Some(timeout));
        assert!(socket.keepalive().expect("an option") && socket.tcp_nodelay().expect("an option"));
    }

    #[test]
    fn both_families_take_turns() {
        let addresses = |text: &str| -> Vec<SocketAddr> {
            text.split(' ').map(|address| address.parse().expect("an address")).collect()
        };
        let given = addresses("[::1]:1 [::2]:1 [::3]:1 1.1.1.1:1 2.2.2.2:1");
        let wanted = addresses("[::1]:1 1.1.1.1:1 [::2]:1 2.2.2.2:1 [::3]:1");
        assert_eq!(interleaved(given), wanted);
        assert_eq!(interleaved(Vec::new()), Vec::new());
    }

    /// An attempt for 0 never ends, one for an odd number fails.
    async fn attempt(number: u8) -> Result<u8, u8> {
        match number {
            0 => pending().await,
            odd if odd % 2 == 1 => Err(odd),
            even => Ok(even),
        }
    }

    #[test]
    fn a_black_hole_delays_the_next_address_by_one_pause() {
        let (sender, pauses) = smol::channel::unbounded::<()>();
        let pause = || async {
            let _ = pauses.recv().await;
        };
        let mut connecting = pin!(first(vec![0, 0, 2], attempt, pause));
        assert_eq!(block_on(poll_once(connecting.as_mut())), None);
        sender.try_send(()).expect("it is read");
        assert_eq!(block_on(poll_once(connecting.as_mut())), None, "the second is one too");
        sender.try_send(()).expect("it is read");
        assert_eq!(block_on(poll_once(connecting.as_mut())), Some(Ok(2)));
    }

    #[test]
    fn a_refusal_delays_nothing() {
        let begun = RefCell::new(Vec::new());
        let noted = |number| {
            begun.borrow_mut().push(number);
            attempt(number)
        };
        assert_eq!(block_on(first(vec![1, 3, 4, 6], noted, pending::<()>)), Ok(4));
        assert_eq!(*begun.borrow(), [1, 3, 4]);
    }

    #[test]
    fn the_last_failure_is_reported_when_nothing_is_left() {
        assert_eq!(block_on(first(vec![1, 3], attempt, pending::<()>)), Err(Some(3)));
        assert_eq!(block_on(first(Vec::new(), attempt, pending::<()>)), Err(None));
    }
}

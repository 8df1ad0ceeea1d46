//! HTTP/1.1 as far as a browser needs it to get to a dialect: the page, a sign of life, and the
//! upgrade to WebSocket. One request a connection. [common/http-2]

mod base64;
mod head;
mod origin;
mod page;
mod response;
mod route;
mod upgrade;

pub use self::head::{Outcome, Request, read_head};
pub use self::origin::{Origin, Origins};
pub use self::response::Response;
pub(crate) use self::route::allowed;
pub use self::route::{Route, route};
pub use self::upgrade::Upgrade;

use super::arrival::{Arrival, ArrivalError, Arrived, Farewell, turn_away};
use super::connection::scratch::with_scratch;
use super::transport::{Clock, Stream, Timer};
use super::websocket::{Alarms, WebSocket};
use futures_lite::future::yield_now;
use parlance_core::limits::{HTTP_HEAD_BYTES_MAX, LINGER, LINGER_BYTES_MAX};
use parlance_core::protocol::CloseReason;
use std::future::{Future, poll_fn};
use std::io::{self, ErrorKind, IoSlice};
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};

/// The arrival of a connection that begins with a request of HTTP. It becomes a client of the
/// dialect that the request names, over WebSocket.
#[derive(Clone)]
pub struct OverHttp<C: Clock> {
    alarms: Arc<Alarms<C>>,
    origins: Origins,
}

impl<C: Clock> OverHttp<C> {
    /// Lets web pages of these origins in, or, if there are none, those of the server itself.
    /// [common/http-5]
    pub fn new(clock: C, origins: &[Origin]) -> OverHttp<C> {
        OverHttp { alarms: Alarms::new(clock), origins: Origins::new(origins) }
    }

    /// The origins, to change them.
    pub fn origins(&self) -> Origins {
        self.origins.clone()
    }
}

type Arriving<T> = Pin<Box<dyn Future<Output = Result<Arrived<T>, ArrivalError>> + Send>>;

impl<S: Stream, C: Clock> Arrival<S> for OverHttp<C> {
    type Stream = WebSocket<S, C>;
    type Arriving = Arriving<WebSocket<S, C>>;

    fn arrive(&self, stream: S, address: IpAddr) -> Self::Arriving {
        Box::pin(answer(stream, address, self.clone()))
    }

    /// Nobody has asked anything yet, but a request is on its way.
    fn turn_away(&self, stream: S, farewell: &Farewell) {
        let answer = match farewell.reason {
            CloseReason::Banned => response::banned(),
            _ => response::full(),
        };
        turn_away(&stream, &Farewell { line: answer.bytes(true), ..*farewell });
    }
}

/// Reads the request and answers it.
async fn answer<S: Stream, C: Clock>(
    stream: S,
    address: IpAddr,
    over: OverHttp<C>,
) -> Result<Arrived<WebSocket<S, C>>, ArrivalError> {
    let mut head = Vec::new();
    let outcome = loop {
        read_more(&stream, &mut head).await?;
        if let Some(outcome) = read_head(&head) {
            break outcome;
        }
    };
    let origins = over.origins.current();
    let (response, with_body) = match &outcome {
        Outcome::Request { request, length } => match route(request, address, &origins) {
            Route::Upgrade(upgrade) => {
                let path = upgrade.dialect;
                let behind = head.split_off(*length);
                write_all(&stream, &upgrade.response()).await?;
                let stream = WebSocket::new(stream, over.alarms, &behind, upgrade.is_binary);
                return Ok(Arrived { stream, address, dialect: Some(path) });
            }
            Route::Answer(response) => (response, request.method != "HEAD"),
        },
        Outcome::Wrong(response) => (response.clone(), true),
    };
    tracing::debug!(%address, status = response.status(), "answered a request");
    write_all(&stream, &response.bytes(with_body)).await?;
    discard(&stream, over.alarms.clock()).await;
    Err(ArrivalError::Answered)
}

/// Tries `call` until it is done, and waits for `readiness` in between. A call that a layer has
/// interrupted leaves others their turn. [common/prompt-2]
fn poll_io(
    mut call: impl FnMut() -> io::Result<usize>,
    mut readiness: impl FnMut() -> Poll<io::Result<()>>,
    stream: &impl Stream,
    waker: &Waker,
) -> Poll<Result<usize, ArrivalError>> {
    loop {
        match call() {
            Ok(count) => return Poll::Ready(Ok(count)),
            Err(error) if error.kind() == ErrorKind::Interrupted => {
                waker.wake_by_ref();
                return Poll::Pending;
            }
            // An error shows in the call.
            Err(error) if error.kind() == ErrorKind::WouldBlock => _ = ready!(readiness()),
            Err(_) => return Poll::Ready(Err(ArrivalError::broken(stream))),
        }
    }
}

/// One read of at most so many bytes, for `take`. Returns how many there were.
fn poll_read(
    stream: &impl Stream,
    bytes_max: usize,
    mut take: impl FnMut(&[u8]),
    cx: &mut Context<'_>,
) -> Poll<Result<usize, ArrivalError>> {
    let read = || {
        with_scratch(|scratch| {
            let most = bytes_max.min(scratch.input.len());
            let count = stream.try_read(&mut scratch.input[..most])?;
            take(&scratch.input[..count]);
            Ok(count)
        })
    };
    let waker = cx.waker().clone();
    let readiness = || {
        // What a layer below has to say, it says now. An error shows in the read.
        let _ = stream.poll_flush(cx);
        stream.poll_readable(cx)
    };
    poll_io(read, readiness, stream, &waker)
}

/// Adds to `head` what comes next, until it is as long as it may be. [common/http-3]
async fn read_more(stream: &impl Stream, head: &mut Vec<u8>) -> Result<(), ArrivalError> {
    let most = HTTP_HEAD_BYTES_MAX - head.len();
    match poll_fn(|cx| poll_read(stream, most, |bytes| head.extend_from_slice(bytes), cx)).await? {
        0 => Err(ArrivalError::Failed),
        _ => Ok(()),
    }
}

async fn write_all(stream: &impl Stream, bytes: &[u8]) -> Result<(), ArrivalError> {
    let mut rest = bytes;
    while !rest.is_empty() {
        let write = |rest: &[u8]| stream.try_write_vectored(&[IoSlice::new(rest)]);
        let poll = |cx: &mut Context<'_>| {
            let waker = cx.waker().clone();
            poll_io(|| write(rest), || stream.poll_writable(cx), stream, &waker)
        };
        let count = poll_fn(poll).await?;
        rest = &rest[count..];
    }
    Ok(())
}

/// Ends our direction and discards what still comes, for a bounded time and number of bytes, so
/// that closing does not destroy the answer. [common/close-2]
async fn discard<C: Clock>(stream: &impl Stream, clock: &C) {
    let late = clock.now() + LINGER;
    let mut timer = clock.timer(late);
    let end = |cx: &mut Context<'_>| {
        let end = || stream.shutdown_write().map(|()| 0);
        let waker = cx.waker().clone();
        poll_io(end, || stream.poll_writable(cx), stream, &waker)
    };
    let ended = poll_fn(|cx| {
        let ended = end(cx).map(|ended| ended.is_ok());
        if ended.is_ready() { ended } else { timer.poll_fired(cx).map(|()| false) }
    });
    let mut left = if ended.await { LINGER_BYTES_MAX as usize } else { 0 };
    while left > 0 && clock.now() < late {
        let read = poll_fn(|cx| {
            let read = poll_read(stream, left, |_| {}, cx).map(|read| read.unwrap_or(0));
            if read.is_ready() { read } else { timer.poll_fired(cx).map(|()| 0) }
        });
        let count = read.await;
        if count == 0 {
            return;
        }
        left -= count;
        yield_now().await; // a flood leaves others their turn
    }
}

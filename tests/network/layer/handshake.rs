//! The arrival of a layered connection: a hello in each direction.

use super::records::{Kind, Sequence, answer, keys, number};
use super::server::{Layered, Wrong};
use parlance_server::arrival::{Arrival, ArrivalError, Arrived, Farewell};
use parlance_server::transport::Stream;
use std::future::Future;
use std::io::{self, IoSlice};
use std::net::IpAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// Serves its connections on a layer, or on one that is wrong on purpose.
pub(crate) struct Layers(pub(crate) Wrong);

pub(crate) struct Handshake<S> {
    stream: Option<S>,
    address: IpAddr,
    wrong: Wrong,
    /// What came, the bytes behind the client's hello too.
    sealed: Vec<u8>,
    /// The keys, once the client's hello has come.
    keys: Option<[u64; 2]>,
    /// What of the server's hello has not been accepted.
    out: Vec<u8>,
}

impl<S: Stream + Unpin> Arrival<S> for Layers {
    type Stream = Layered<S>;
    type Arriving = Handshake<S>;

    fn arrive(&self, stream: S, address: IpAddr) -> Handshake<S> {
        let (sealed, out) = (Vec::new(), Vec::new());
        Handshake { stream: Some(stream), address, wrong: self.0, sealed, keys: None, out }
    }

    /// A client could not open a record before the handshake.
    fn turn_away(&self, _: S, _: &Farewell) {}
}

/// Tries `call` until it is done, and waits for `readiness` in between.
fn poll_io(
    mut call: impl FnMut() -> io::Result<usize>,
    mut readiness: impl FnMut() -> Poll<io::Result<()>>,
) -> Poll<Result<usize, ArrivalError>> {
    loop {
        match call() {
            Ok(count) => return Poll::Ready(Ok(count)),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => _ = ready!(readiness()),
            Err(_) => return Poll::Ready(Err(ArrivalError::Reset)),
        }
    }
}

impl<S: Stream> Handshake<S> {
    fn poll_shaken(&mut self, cx: &mut Context<'_>) -> Poll<Result<[u64; 2], ArrivalError>> {
        let stream = self.stream.as_ref().expect("it arrives once");
        let keys = loop {
            if let Some(keys) = self.keys {
                break keys;
            }
            let mut chunk = [0; 64];
            let read = || stream.try_read(&mut chunk);
            let count = match ready!(poll_io(read, || stream.poll_readable(cx))) {
                Ok(0) => return Poll::Ready(Err(ArrivalError::Failed)),
                read => read?,
            };
            self.sealed.extend(&chunk[..count]);
            let Some(record) = Sequence::new(0).open(&mut self.sealed) else { continue };
            let client = match record {
                Ok((Kind::Hello, content)) => number(&content),
                _ => None,
            };
            let client = client.ok_or(ArrivalError::Failed)?;
            let server = answer(client).to_be_bytes();
            Sequence::new(0).seal(Kind::Hello, &server, &mut self.out);
            self.keys = Some(keys(client));
        };
        while !self.out.is_empty() {
            let write = || stream.try_write_vectored(&[IoSlice::new(&self.out)]);
            let count = ready!(poll_io(write, || stream.poll_writable(cx)))?;
            self.out.drain(..count);
        }
        Poll::Ready(Ok(keys))
    }
}

impl<S: Stream + Unpin> Future for Handshake<S> {
    type Output = Result<Arrived<Layered<S>>, ArrivalError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let keys = ready!(this.poll_shaken(cx))?;
        let below = this.stream.take().expect("it arrives once");
        let sealed = std::mem::take(&mut this.sealed);
        let stream = Layered::new(below, keys, sealed, this.wrong);
        Poll::Ready(Ok(Arrived { stream, address: this.address, dialect: None }))
    }
}

//! An arrival for tests: a line before the session that says where the client comes from, as a
//! proxy would.

use parlance_server::arrival::{Arrival, ArrivalError, Arrived, Farewell, Plain};
use parlance_server::transport::Stream;
use std::future::Future;
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// The longest preamble, LF included.
pub(crate) const PREAMBLE_BYTES_MAX: usize = 60;

/// Reads `FROM address` and LF.
pub(crate) struct Preamble;

pub(crate) struct Reading<S> {
    stream: Option<S>,
    line: Vec<u8>,
}

impl<S: Stream + Unpin> Arrival<S> for Preamble {
    type Stream = S;
    type Arriving = Reading<S>;

    fn arrive(&self, stream: S, _: IpAddr) -> Reading<S> {
        Reading { stream: Some(stream), line: Vec::new() }
    }

    fn turn_away(&self, stream: S, farewell: &Farewell) {
        Plain.turn_away(stream, farewell);
    }
}

impl<S: Stream> Reading<S> {
    /// Reads byte by byte: what follows the line stays in the stream.
    fn poll_line(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), ArrivalError>> {
        let stream = self.stream.as_ref().expect("it arrives once");
        while self.line.last() != Some(&b'\n') {
            if self.line.len() == PREAMBLE_BYTES_MAX {
                return Poll::Ready(Err(ArrivalError::Failed));
            }
            let mut byte = [0];
            match stream.try_read(&mut byte) {
                Ok(0) => return Poll::Ready(Err(ArrivalError::Failed)),
                Ok(_) => self.line.extend(byte),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    // An error shows in the read.
                    let _ = ready!(stream.poll_readable(cx));
                }
                Err(_) => return Poll::Ready(Err(ArrivalError::Reset)),
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: Stream + Unpin> Future for Reading<S> {
    type Output = Result<Arrived<S>, ArrivalError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        if let Err(error) = ready!(this.poll_line(cx)) {
            return Poll::Ready(Err(error));
        }
        let line = str::from_utf8(&this.line).ok();
        let address = line.and_then(|line| line.strip_prefix("FROM ")?.trim_end().parse().ok());
        let arrived = this.stream.take().zip(address);
        let arrived = arrived.map(|(stream, address)| Arrived { stream, address, dialect: None });
        Poll::Ready(arrived.ok_or(ArrivalError::Failed))
    }
}

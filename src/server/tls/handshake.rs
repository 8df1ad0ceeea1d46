//! The handshake of a TLS connection.

use super::Tls;
use super::records::Records;
use super::stream::push;
use crate::arrival::{Arrival, ArrivalError, Arrived};
use crate::connection::scratch::with_scratch;
use crate::proxy::begins_with_header;
use crate::transport::Stream;
use rustls::{ServerConfig, ServerConnection};
use std::fmt::Display;
use std::future::Future;
use std::io::ErrorKind;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

/// The maximum that a client may send before its handshake is over, in bytes. Most send 2 KiB, some
/// twice; the library alone would take, and keep, 64 KiB of each message. [common/tls-2]
const HANDSHAKE_BYTES_MAX: usize = 32 * 1024;

/// How many bytes are read from below in one call.
const CHUNK_BYTES: usize = 4096;

/// How many reads of what came behind a failure are discarded.
const DISCARDS_MAX: usize = 16;

/// What a TLS connection begins with: the type of a record with a part of the handshake.
const HANDSHAKE_RECORD: u8 = 0x16;

/// A handshake, then the arrival of what is inside.
pub struct Handshake<S: Stream, A: Arrival<Tls<S>>>(Step<S, A>);

enum Step<S: Stream, A: Arrival<Tls<S>>> {
    /// Boxed, so that the task of a connection is no larger for it.
    Shaking(Box<Shaking<S, A>>),
    Arriving(A::Arriving),
    Over,
}

struct Shaking<S, A> {
    below: S,
    address: IpAddr,
    tls: Box<ServerConnection>,
    /// How many bytes have come.
    received: usize,
    /// Where the next of them stands.
    records: Records,
    then: A,
}

/// What comes instead of TLS, for the log. The rest of a header is not waited for.
fn not_tls(raw: &[u8]) -> &'static str {
    match begins_with_header(raw) {
        Some(false) => "the client does not speak TLS",
        _ => {
            "the client does not speak TLS, but begins as a PROXY header from outside of \
             --proxy-protocol"
        }
    }
}

/// Why a handshake came to nothing.
enum Failure {
    /// The connection is broken.
    Reset,
    /// The client did not do its part, in words for the log.
    Failed(String),
}

impl<S: Stream, A: Arrival<Tls<S>>> Handshake<S, A> {
    pub(super) fn new(below: S, address: IpAddr, config: &Arc<ServerConfig>, then: A) -> Self {
        let step = match ServerConnection::new(Arc::clone(config)) {
            Ok(tls) => {
                let tls = Box::new(tls);
                Step::Shaking(Box::new(Shaking {
                    below,
                    address,
                    tls,
                    received: 0,
                    records: Records::default(),
                    then,
                }))
            }
            Err(error) => {
                tracing::error!(%error, "no TLS connection can be made");
                Step::Over
            }
        };
        Handshake(step)
    }
}

impl<S: Stream, A> Shaking<S, A> {
    /// Ready once both sides have done their part.
    fn poll_shaken(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        loop {
            match push(&self.below, &mut self.tls) {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    let _ = ready!(self.below.poll_writable(cx)); // an error shows in the write
                    continue;
                }
                Err(_) => return Poll::Ready(Err(Failure::Reset)),
            }
            if !self.tls.is_handshaking() {
                return Poll::Ready(Ok(()));
            }
            let mut chunk = [0; CHUNK_BYTES];
            match self.below.try_read(&mut chunk) {
                Ok(count) => self.take(&chunk[..count])?,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    let _ = ready!(self.below.poll_readable(cx)); // an error shows in the read
                }
                Err(_) => return Poll::Ready(Err(Failure::Reset)),
            }
        }
    }

    /// Takes what has come; nothing is the end of the stream.
    fn take(&mut self, mut raw: &[u8]) -> Result<(), Failure> {
        let failed = |why: &dyn Display| Err(Failure::Failed(why.to_string()));
        match raw.first() {
            None => return failed(&"the client has ended the connection"),
            Some(&HANDSHAKE_RECORD) => {}
            // No alert: it would be bytes without a meaning to it. [common/tls-3]
            Some(_) if self.received == 0 => return failed(&not_tls(raw)),
            Some(_) => {}
        }
        self.received += raw.len();
        self.records.pass(raw);
        if self.received > HANDSHAKE_BYTES_MAX {
            return failed(&"the client's part is too long");
        }
        let mut ended = false;
        // What is behind the alert that ends the client's direction is no part of it.
        while !raw.is_empty() && !ended {
            if let Err(error) = self.tls.read_tls(&mut raw) {
                return failed(&error);
            }
            match self.tls.process_new_packets() {
                Ok(state) => ended = state.peer_has_closed(),
                Err(error) => {
                    let _ = push(&self.below, &mut self.tls); // an alert says why
                    return failed(&error);
                }
            }
        }
        if ended && self.tls.is_handshaking() {
            return failed(&"the client has ended the connection");
        }
        Ok(())
    }

    /// Reads what has come, so far as others need not wait for it.
    fn discard(&self) {
        with_scratch(|scratch| {
            for _ in 0..DISCARDS_MAX {
                match self.below.try_read(&mut scratch.input) {
                    Ok(1..) => {}
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    _ => return,
                }
            }
        });
    }

    /// Closes. What has come is read, so that the close is no reset.
    /// [common/tls-2] [common/tls-3]
    fn fail(&self, failure: Failure) -> ArrivalError {
        match failure {
            Failure::Reset => ArrivalError::broken(&self.below),
            Failure::Failed(why) => {
                let _ = self.below.shutdown_write();
                self.discard();
                ArrivalError::FailedFor(format!("no TLS handshake: {why}").into())
            }
        }
    }
}

impl<S, A> Future for Handshake<S, A>
where
    S: Stream + Unpin,
    A: Arrival<Tls<S>> + Unpin,
{
    type Output = Result<Arrived<A::Stream>, ArrivalError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Handshake(step) = self.get_mut();
        loop {
            match step {
                Step::Shaking(shaking) => {
                    if let Err(failure) = ready!(shaking.poll_shaken(cx)) {
                        return Poll::Ready(Err(shaking.fail(failure)));
                    }
                }
                Step::Arriving(arriving) => return Pin::new(arriving).poll(cx),
                Step::Over => return Poll::Ready(Err(ArrivalError::Failed)),
            }
            if let Step::Shaking(shaken) = std::mem::replace(step, Step::Over) {
                let Shaking { below, address, tls, records, then, .. } = *shaken;
                *step = Step::Arriving(then.arrive(Tls::new(below, tls, records), address));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::not_tls;

    /// [common/proxy-4] [common/tls-3]
    #[test]
    fn the_first_byte_of_a_header_that_comes_in_parts_is_taken_for_one() {
        for header in [&b"P"[..], b"PROXY TC", b"\r\n\r\n\0"] {
            assert!(not_tls(header).contains("--proxy-protocol"));
        }
        for other in [&b"GET / HTTP"[..], b"PRIVMSG", b"USER"] {
            assert!(!not_tls(other).contains("PROXY"));
        }
    }
}

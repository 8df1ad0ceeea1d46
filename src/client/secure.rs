//! A connection with layers over it, as an asynchronous stream.

use super::stream::Stream;
use futures_lite::io::{AsyncRead, AsyncWrite};
use parlance_layers::{Layers, Plan};
use std::cell::RefCell;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

const READ_BYTES: usize = 16 * 1024;

/// Maximum bytes that are sealed before the socket has taken them.
const BATCH_BYTES: usize = 16 * 1024;

/// A connection over `S`; clones are the same one.
#[derive(Debug)]
pub(super) struct Secure<S>(Rc<RefCell<State<S>>>);

#[derive(Debug)]
struct State<S> {
    socket: S,
    layers: Layers,
    buffer: Box<[u8]>,
    /// Whether the sending half is to be closed once everything is sent, and whether it is.
    closing: bool,
    closed: bool,
}

impl<S> Clone for Secure<S> {
    fn clone(&self) -> Secure<S> {
        Secure(Rc::clone(&self.0))
    }
}

impl<S: Stream> Secure<S> {
    /// The connection once its handshakes are over.
    ///
    /// # Errors
    /// The socket's, or in it a [`LayerError`](parlance_layers::LayerError).
    pub(super) async fn open(socket: S, plan: &Plan) -> io::Result<Secure<S>> {
        let mut state = State {
            socket,
            layers: Layers::new(plan),
            buffer: vec![0; READ_BYTES].into(),
            closing: false,
            closed: false,
        };
        poll_fn(|context| state.poll_ready(context)).await?;
        Ok(Secure(Rc::new(RefCell::new(state))))
    }
}

impl<S: Stream> State<S> {
    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.layers.is_ready() {
            if ready!(self.poll_receive(context))? == 0 {
                // A layer that ends in its handshake says so; this is for one that would not.
                return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into()));
            }
        }
        self.poll_send(context)
    }

    /// Reads once from the socket. What is to be sent goes out as well: nobody else may be waiting
    /// for that.
    fn poll_receive(&mut self, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        // A server that takes no more may have said why.
        let _ = self.poll_send(context);
        let read = Pin::new(&mut self.socket).poll_read(context, &mut self.buffer);
        let read = ready!(read)?;
        let taken = match read {
            0 => self.layers.ended(),
            read => self.layers.received(&self.buffer[..read]),
        };
        if let Err(error) = taken {
            // The server is told why, if it can be told at once.
            let _ = self.poll_send(context);
            return Poll::Ready(Err(io::Error::other(error)));
        }
        Poll::Ready(Ok(read))
    }

    /// Writes what is to be sent.
    fn poll_send(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.layers.outgoing().is_empty() {
            let socket = Pin::new(&mut self.socket);
            let written = ready!(socket.poll_write(context, self.layers.outgoing()))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.layers.sent(written);
        }
        if self.closing && !self.closed {
            self.closed = true;
            self.socket.half_close()?;
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: Stream> AsyncRead for Secure<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let mut state = self.0.borrow_mut();
        loop {
            if !state.layers.lines().is_empty() {
                return Poll::Ready(Ok(state.layers.take(buffer)));
            }
            if state.layers.has_ended() || ready!(state.poll_receive(context))? == 0 {
                return Poll::Ready(Ok(0));
            }
        }
    }
}

impl<S: Stream> AsyncWrite for Secure<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let mut state = self.0.borrow_mut();
        ready!(state.poll_send(context))?;
        let batch = &bytes[..bytes.len().min(BATCH_BYTES)];
        state.layers.say(batch);
        // An error is that of the next call: these bytes are taken.
        let _ = state.poll_send(context);
        Poll::Ready(Ok(batch.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.borrow_mut().poll_send(context)
    }

    fn poll_close(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.half_close()?;
        self.0.borrow_mut().poll_send(context)
    }
}

impl<S: Stream> Stream for Secure<S> {
    /// The next read or write sends it.
    fn half_close(&self) -> io::Result<()> {
        let mut state = self.0.borrow_mut();
        if !std::mem::replace(&mut state.closing, true) {
            state.layers.close();
        }
        Ok(())
    }
}

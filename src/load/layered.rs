//! TLS and WebSocket between a member and its socket.

use std::cell::RefCell;
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use parlance_layers::{Layers, Plan, TlsClient, Trust, WebSocketClient};

/// How many bytes of lines are encoded before the socket has taken them.
const BATCH: usize = 64 * 1024;

/// The server, and the layers of every connection to it.
#[derive(Clone, Debug)]
pub(super) struct Route {
    pub(super) address: SocketAddr,
    layers: Option<Plan>,
}

impl Route {
    /// A route without layers.
    #[cfg(test)]
    pub(super) fn plain(address: SocketAddr) -> Route {
        Route { address, layers: None }
    }

    /// A route in TLS, if `tls`, and to the WebSocket endpoint at `path`, if there is one. Every
    /// certificate will do: only this machine is loaded.
    pub(super) fn new(address: SocketAddr, tls: bool, path: Option<String>) -> Route {
        let tls = tls.then(|| {
            let made = TlsClient::new(&address.ip().to_string(), &Trust::Anyone);
            made.expect("an address can be in a certificate")
        });
        let host = address.to_string();
        let websocket = path.map(|path| WebSocketClient { host, path });
        let plan = Plan { tls, websocket };
        Route { address, layers: (!plan.is_plain()).then_some(plan) }
    }

    /// The layers over a socket that blocks, once their handshakes are over.
    pub(super) fn open(&self, mut socket: &TcpStream) -> io::Result<Option<Layered>> {
        let Some(plan) = &self.layers else { return Ok(None) };
        let mut layers = Layers::new(plan);
        let mut buffer = [0; 4096];
        loop {
            socket.write_all(layers.outgoing())?;
            layers.sent(layers.outgoing().len());
            if layers.is_ready() {
                return Ok(Some(Layered(Box::new(RefCell::new(layers)))));
            }
            let read = socket.read(&mut buffer).map_err(|error| match error.kind() {
                ErrorKind::WouldBlock => {
                    io::Error::new(ErrorKind::TimedOut, "the handshake does not end")
                }
                _ => error,
            })?;
            let taken = if read == 0 { layers.ended() } else { layers.received(&buffer[..read]) };
            taken.map_err(io::Error::other)?;
        }
    }
}

/// The layers of one connection.
pub(super) struct Layered(Box<RefCell<Layers>>);

impl Layered {
    /// Reads once; the number of bytes of lines (none at the end of the stream), and whether there
    /// may be more.
    pub(super) fn read(
        &self,
        mut socket: &TcpStream,
        buffer: &mut [u8],
    ) -> io::Result<Option<(usize, bool)>> {
        let mut layers = self.0.borrow_mut();
        let mut full = true;
        if layers.lines().is_empty() {
            let read = match socket.read(buffer) {
                Ok(read) => read,
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    return Ok(Some((0, false)));
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => return Ok(Some((0, true))),
                Err(error) => return Err(error),
            };
            full = read == buffer.len();
            let taken = if read == 0 { layers.ended() } else { layers.received(&buffer[..read]) };
            taken.map_err(io::Error::other)?;
            if layers.has_ended() && layers.lines().is_empty() {
                return Ok(None);
            }
            push(socket, &mut layers)?;
        }
        let count = layers.take(buffer);
        Ok(Some((count, full || !layers.lines().is_empty())))
    }

    /// Writes what is encoded; whether all of it is written.
    pub(super) fn push(&self, socket: &TcpStream) -> io::Result<bool> {
        push(socket, &mut self.0.borrow_mut())
    }

    /// Encodes lines, if everything before is written, and writes them.
    pub(super) fn write(&self, socket: &TcpStream, bytes: &[u8]) -> io::Result<usize> {
        let mut layers = self.0.borrow_mut();
        if !push(socket, &mut layers)? {
            return Err(ErrorKind::WouldBlock.into());
        }
        let batch = &bytes[..bytes.len().min(BATCH)];
        layers.say(batch);
        push(socket, &mut layers)?;
        Ok(batch.len())
    }
}

fn push(mut socket: &TcpStream, layers: &mut Layers) -> io::Result<bool> {
    while !layers.outgoing().is_empty() {
        match socket.write(layers.outgoing()) {
            Ok(written) => layers.sent(written),
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(true)
}

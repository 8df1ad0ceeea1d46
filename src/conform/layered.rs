//! The layers of one connection over its socket, each wait with its end.

use parlance_layers::{LayerError, Layers, Plan};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// How long a server may refuse the bytes that a layer sends by itself, such as a pong.
const CONTROL: Duration = Duration::from_millis(100);
/// How many bytes of lines are encoded before the socket has taken them.
const BATCH: usize = 16 * 1024;

/// Opens the layers over a socket that is connected.
pub(super) fn open(stream: &TcpStream, plan: &Plan, within: Duration) -> io::Result<Layers> {
    let until = Instant::now() + within;
    let mut layers = Layers::new(plan);
    let mut buffer = [0; 4096];
    loop {
        while !layers.outgoing().is_empty() {
            write(stream, &mut layers, until)?;
        }
        if layers.is_ready() {
            return Ok(layers);
        }
        stream.set_read_timeout(Some(left(until)))?;
        let mut reader = stream;
        let taken = match reader.read(&mut buffer) {
            Ok(0) => layers.ended(),
            Ok(read) => layers.received(&buffer[..read]),
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) if is_timeout(&error) => {
                let why = format!("the handshake is not over after {} ms", within.as_millis());
                return Err(io::Error::new(ErrorKind::TimedOut, why));
            }
            Err(error) => return Err(error),
        };
        taken.map_err(io::Error::other)?;
    }
}

/// Writes once; the time until `until` may pass.
fn write(mut stream: &TcpStream, layers: &mut Layers, until: Instant) -> io::Result<()> {
    stream.set_write_timeout(Some(left(until)))?;
    match stream.write(layers.outgoing()) {
        Ok(0) => Err(ErrorKind::WriteZero.into()),
        Ok(written) => {
            layers.sent(written);
            Ok(())
        }
        Err(error) if error.kind() == ErrorKind::Interrupted => Ok(()),
        Err(error) => Err(error),
    }
}

/// The time until then; a timeout of zero would mean none at all.
fn left(until: Instant) -> Duration {
    until.saturating_duration_since(Instant::now()).max(Duration::from_micros(100))
}

fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}

/// Sends all bytes of lines, and what was to be sent before.
pub(super) fn send(
    stream: &TcpStream,
    layers: &mut Layers,
    bytes: &[u8],
    within: Duration,
) -> io::Result<()> {
    let until = Instant::now() + within;
    layers.say(bytes);
    while !layers.outgoing().is_empty() {
        write(stream, layers, until)?;
    }
    Ok(())
}

/// Sends as many bytes of lines as the server takes before `until`, but for one batch; `false` if
/// it ended the connection.
pub(super) fn flood(
    stream: &TcpStream,
    layers: &mut Layers,
    bytes: &[u8],
    until: Instant,
) -> (usize, bool) {
    let mut sent = 0;
    loop {
        while !layers.outgoing().is_empty() {
            if Instant::now() >= until {
                return (sent, true);
            }
            if let Err(error) = write(stream, layers, until) {
                return (sent, is_timeout(&error));
            }
        }
        let batch = &bytes[sent..bytes.len().min(sent + BATCH)];
        if batch.is_empty() {
            return (sent, true);
        }
        layers.say(batch);
        sent += batch.len();
    }
}

/// Sends what a layer has to say by itself, if the server takes it.
pub(super) fn flush(stream: &TcpStream, layers: &mut Layers) {
    let until = Instant::now() + CONTROL;
    while !layers.outgoing().is_empty() && write(stream, layers, until).is_ok() {}
}

/// Takes bytes from the socket, none at its end.
pub(super) fn received(
    stream: &TcpStream,
    layers: &mut Layers,
    bytes: &[u8],
) -> Result<(), LayerError> {
    let taken = if bytes.is_empty() { layers.ended() } else { layers.received(bytes) };
    flush(stream, layers);
    taken
}

//! A conversation over sockets, as long as it goes as predicted.

use super::foretold::Foretold;
use super::script::{Conversation, Step};
use parlance_conform::mutants::Handle;
use socket2::SockRef;
use std::fmt::Write as _;
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

struct Client {
    stream: Option<TcpStream>,
    patience: Duration,
    heard: Vec<u8>,
    ended: bool,
}

/// Plays it to a server of `parlance_conform::mutants`, whose clock can be advanced.
pub(super) fn play_to(
    conversation: &Conversation,
    foretold: &Foretold,
    server: &Handle,
    patience: Duration,
) -> Result<(), String> {
    play(conversation, foretold, server.address(), patience, &|time| server.pass(time))
}

/// A server whose clock cannot be advanced gets no conversation that needs it.
pub(super) fn never(time: Duration) {
    panic!("{time:?} would have to pass");
}

/// Plays it; the error is the first difference from the prediction.
pub(super) fn play(
    conversation: &Conversation,
    foretold: &Foretold,
    address: SocketAddr,
    patience: Duration,
    pass: &dyn Fn(Duration),
) -> Result<(), String> {
    let mut clients: Vec<Client> = Vec::new();
    for (number, (who, step, after)) in foretold.steps.iter().enumerate() {
        let at = |said: String| {
            let mut shown = format!("{}, step {number}, {who}: {step:?}", conversation.name);
            shown.truncate(200);
            write!(shown, ": {said}").unwrap();
            shown
        };
        match step {
            Step::Connect => clients.push(connect(address, patience).map_err(at)?),
            Step::Time(time) => {
                all_accepted(address, patience);
                pass(*time);
            }
            _ => act(&mut clients[*who], step),
        }
        for (id, client) in clients.iter_mut().enumerate() {
            let (length, ended) = after[id];
            client
                .hear(&foretold.heard[id][..length], ended)
                .map_err(|said| at(format!("client {id} {said}")))?;
        }
    }
    Ok(())
}

fn connect(address: SocketAddr, patience: Duration) -> Result<Client, String> {
    let stream = TcpStream::connect(address).map_err(|error| error.to_string())?;
    stream.set_nodelay(true).unwrap();
    stream.set_read_timeout(Some(patience)).unwrap();
    stream.set_write_timeout(Some(patience)).unwrap();
    Ok(Client { stream: Some(stream), patience, heard: Vec::new(), ended: false })
}

/// Waits until the server knows all connected clients: it accepts one after the other. A server
/// that is too wrong for this gets no further anyway.
fn all_accepted(address: SocketAddr, patience: Duration) {
    if let Ok(Client { stream: Some(mut stream), .. }) = connect(address, patience) {
        let _ = stream.shutdown(Shutdown::Write);
        let _ = stream.read_to_end(&mut Vec::new());
    }
}

fn act(client: &mut Client, step: &Step) {
    let Some(stream) = &mut client.stream else { return };
    match step {
        // A missing answer shows that a server is gone.
        Step::Send(bytes) => drop(stream.write_all(bytes)),
        Step::Finish => drop(stream.shutdown(Shutdown::Write)),
        Step::Reset => {
            SockRef::from(&*stream).set_linger(Some(Duration::ZERO)).unwrap();
            client.stream = None;
        }
        Step::Connect | Step::Time(_) => {}
    }
}

impl Client {
    /// Reads until it has heard this; at the end of the stream, no more may follow.
    fn hear(&mut self, wanted: &[u8], end: bool) -> Result<(), String> {
        let begun = Instant::now();
        loop {
            let known = self.heard.len().min(wanted.len());
            if self.heard[..known] != wanted[..known] || (end && self.heard.len() > wanted.len()) {
                return Err(format!("heard {}, not {}", show(&self.heard), show(wanted)));
            }
            let enough = known == wanted.len();
            let Some(stream) = self.stream.as_mut().filter(|_| !self.ended) else {
                return if enough { Ok(()) } else { Err("heard the end".to_owned()) };
            };
            if enough && !end {
                return Ok(());
            }
            let mut buffer = [0; 4096];
            match stream.read(&mut buffer) {
                Ok(0) => self.ended = true,
                Ok(length) => self.heard.extend_from_slice(&buffer[..length]),
                // Its own deadline begins again with each try.
                Err(error)
                    if error.kind() == ErrorKind::Interrupted
                        && begun.elapsed() < self.patience => {}
                Err(error) => return Err(format!("{error}; wanted {} ({end})", show(wanted))),
            }
        }
    }
}

fn show(bytes: &[u8]) -> String {
    format!("{:?}", String::from_utf8_lossy(&bytes[bytes.len().saturating_sub(60)..]))
}

//! A small server around the reference model, with a thread for each thing that waits.
//!
//! It shares no code with the product: sockets are blocking ones of `std`, one lock guards the
//! model and everything else, and two threads serve each connection. The bytes read go to the
//! model, the model's pending bytes go to the sockets, and a ticker checks deadlines. Without
//! faults it is correct.

mod conn;
mod service;
mod shared;
mod threads;

use std::io;
use std::net::{Shutdown, SocketAddr, TcpListener};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, Weak};
use std::time::Duration;

use super::catalogue::KEPT;
use super::fault::Fault;
use super::mutation::Mutation;
use parlance_model::{Config, Dialect};
use service::Service;
use shared::{Shared, locked};

/// A running server. Dropping it closes every connection and ends every thread, at once and without
/// a notice.
pub struct Handle {
    shared: Arc<Shared>,
}

impl Handle {
    /// The address at which it listens.
    pub fn address(&self) -> SocketAddr {
        self.shared.address
    }

    /// Advances the clock of the deadlines by `time`: with deadlines of minutes that are skipped,
    /// no test depends on how fast its machine is.
    pub fn pass(&self, time: Duration) {
        locked(&self.shared.service).skipped += time;
        self.shared.tick.notify_all();
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Release);
        self.shared.wake_listener();
        for stream in locked(&self.shared.streams).iter().filter_map(Weak::upgrade) {
            drop(stream.shutdown(Shutdown::Both)); // it may be gone already
        }
        for conn in locked(&self.shared.service).conns.values() {
            conn.bell.notify_all();
        }
        self.shared.tick.notify_all();
        loop {
            // The accepting thread may have started others meanwhile.
            let Some(thread) = locked(&self.shared.threads).pop() else { return };
            drop(thread.join()); // a panic was its own
        }
    }
}

/// Starts a server of `dialect` on `listener`, which is correct without a `mutation`.
///
/// # Errors
///
/// Fails if the system does not tell the listener's address.
///
/// # Examples
///
/// ```
/// use parlance_conform::mutants::{mutations, serve};
/// use parlance_model::Dialect;
/// use std::io::{Read, Write};
/// use std::net::{TcpListener, TcpStream};
///
/// let fault = mutations().find(|one| one.name == "third-word-of-join-ignored").unwrap();
/// let server = serve(Dialect::Rooms, Some(fault), TcpListener::bind("127.0.0.1:0")?)?;
/// let mut client = TcpStream::connect(server.address())?;
/// client.write_all(b"JOIN foo bar blah\n")?;
/// let mut line = [0; 15];
/// client.read_exact(&mut line)?;
/// assert_eq!(&line, b"bar has joined\n"); // a correct server says ERROR
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn serve(
    dialect: Dialect,
    mutation: Option<&Mutation>,
    listener: TcpListener,
) -> io::Result<Handle> {
    serve_with(dialect, mutation, Config::default(), listener)
}

/// As [`serve`], with other limits and times. A mutation's own numbers go before these.
///
/// # Examples
///
/// ```
/// use parlance_conform::mutants::serve_with;
/// use parlance_model::{Config, Dialect};
/// use std::io::{Read, Write};
/// use std::net::{TcpListener, TcpStream};
/// use std::time::Duration;
///
/// let config = Config { idle: Duration::from_millis(100), ..Config::default() };
/// let server = serve_with(Dialect::Login, None, config, TcpListener::bind("127.0.0.1:0")?)?;
/// let mut client = TcpStream::connect(server.address())?;
/// client.write_all(b"LOGIN jo")?; // half a line is no sign of life
/// let mut heard = String::new();
/// client.read_to_string(&mut heard)?;
/// assert_eq!(heard, "ERR idle-timeout\n");
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
///
/// As [`serve`].
pub fn serve_with(
    dialect: Dialect,
    mutation: Option<&Mutation>,
    config: Config,
    listener: TcpListener,
) -> io::Result<Handle> {
    start(dialect, mutation.map_or(&[], |one| one.faults), &config, listener)
}

/// Starts a correct server of channels that has the extensions.
///
/// # Errors
///
/// As [`serve`].
///
/// # Examples
///
/// ```
/// use parlance_conform::mutants::serve_extended;
/// use std::io::{Read, Write};
/// use std::net::{TcpListener, TcpStream};
///
/// let server = serve_extended(TcpListener::bind("127.0.0.1:0")?)?;
/// let mut client = TcpStream::connect(server.address())?;
/// client.write_all(b"/help\n")?;
/// let mut answer = [0; 11];
/// client.read_exact(&mut answer)?;
/// assert_eq!(&answer, b"OK Help (3)");
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn serve_extended(listener: TcpListener) -> io::Result<Handle> {
    start(Dialect::Channels, &[KEPT], &Config::default(), listener)
}

/// A server with these faults.
pub(super) fn start(
    dialect: Dialect,
    faults: &[Fault],
    config: &Config,
    listener: TcpListener,
) -> io::Result<Handle> {
    let shared = Arc::new(Shared {
        service: Mutex::new(Service::new(dialect, *config, faults)),
        tick: Condvar::new(),
        stop: AtomicBool::new(false),
        address: listener.local_addr()?,
        streams: Mutex::new(Vec::new()),
        threads: Mutex::new(Vec::new()),
    });
    let accepting = Arc::clone(&shared);
    threads::spawn(&shared, move || threads::accept(&accepting, listener));
    let ticking = Arc::clone(&shared);
    threads::spawn(&shared, move || threads::tick(&ticking));
    Ok(Handle { shared })
}

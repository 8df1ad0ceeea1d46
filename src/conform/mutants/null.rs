//! Servers that do not serve. A test that passes against one of them tests nothing.

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

/// Lines that a server of some dialect could send, for the server that sends all of them.
const EVERYTHING: &[u8] = b"\
    OK\nERROR\nERR not-logged-in\njoe has joined\nbob has joined\njoe: hello\nbob: hello\n\
    joe has left\njoe:hello\nbob:hello\nJOINED joe\nMSG joe hello\nLEFT joe\n\
    ERROR unknown-command\nPONG\nUSER joe\nDM joe hello\nINFO joe disconnected\n\
    OK Welcome, joe!\r\nOK Joined #general (0 users)\r\nJOIN #general bob\r\n\
    ROOM #general joe hello\r\nOK Sent\r\nUSERLIST joe bob\r\nROOMLIST #general\r\n\
    ERROR Unknown command\r\nOK Goodbye!\r\n";

/// A server that does not know what is said to it.
///
/// # Examples
///
/// ```
/// use parlance_conform::mutants::Null;
/// use std::io::{Read, Write};
/// use std::net::{TcpListener, TcpStream};
///
/// let server = Null::Parrots.serve(TcpListener::bind("127.0.0.1:0")?)?;
/// let mut client = TcpStream::connect(server.address())?;
/// client.write_all(b"half a line")?; // it does not even wait for the other half
/// let mut heard = [0; 11];
/// client.read_exact(&mut heard)?;
/// assert_eq!(&heard, b"half a line");
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Null {
    /// Its port is closed.
    Refuses,
    /// It accepts, reads, and says nothing.
    Mute,
    /// It accepts and closes.
    Slams,
    /// It answers `ERROR` to every line and stays.
    Errs,
    /// It sends every byte back.
    Parrots,
    /// It sends all sorts of lines, unasked and without end, and reads.
    Babbles,
}

/// A running null server; dropping it ends it.
pub struct NullHandle {
    address: SocketAddr,
    stop: Arc<AtomicBool>,
    streams: Arc<Mutex<Vec<TcpStream>>>,
    accepting: Option<JoinHandle<()>>,
}

impl Null {
    /// All of them.
    pub const ALL: [Null; 6] =
        [Null::Refuses, Null::Mute, Null::Slams, Null::Errs, Null::Parrots, Null::Babbles];

    /// Its name, in a word.
    pub fn name(self) -> &'static str {
        match self {
            Null::Refuses => "refuses",
            Null::Mute => "mute",
            Null::Slams => "slams",
            Null::Errs => "errs",
            Null::Parrots => "parrots",
            Null::Babbles => "babbles",
        }
    }

    /// Starts it. `Refuses` closes the listener at once.
    ///
    /// # Errors
    ///
    /// Fails if the system does not tell the listener's address.
    pub fn serve(self, listener: TcpListener) -> io::Result<NullHandle> {
        let address = listener.local_addr()?;
        let stop = Arc::new(AtomicBool::new(false));
        let streams = Arc::new(Mutex::new(Vec::new()));
        let mut handle = NullHandle { address, stop, streams, accepting: None };
        if self != Null::Refuses {
            let (stop, streams) = (Arc::clone(&handle.stop), Arc::clone(&handle.streams));
            handle.accepting = Some(thread::spawn(move || self.accept(&listener, &stop, &streams)));
        }
        Ok(handle)
    }

    fn accept(self, listener: &TcpListener, stop: &AtomicBool, streams: &Mutex<Vec<TcpStream>>) {
        let mut threads = Vec::new();
        for stream in listener.incoming().flatten() {
            if stop.load(Ordering::Acquire) {
                break;
            }
            let Ok(own) = stream.try_clone() else { continue };
            if self == Null::Slams {
                continue;
            }
            let mut all = streams.lock().unwrap_or_else(PoisonError::into_inner);
            if stop.load(Ordering::Acquire) {
                break; // the stopping thread has already closed the others
            }
            all.push(own);
            drop(all);
            threads.push(thread::spawn(move || self.converse(&stream)));
        }
        for thread in threads {
            drop(thread.join()); // a panic was its own
        }
    }

    /// Serves one connection until it ends.
    fn converse(self, stream: &TcpStream) {
        if self == Null::Babbles {
            thread::scope(|scope| {
                scope.spawn(|| {
                    babble(stream);
                });
                self.answer(stream);
            });
        } else {
            self.answer(stream);
        }
        drop(stream.shutdown(Shutdown::Both)); // it may be gone already
    }

    fn answer(self, mut stream: &TcpStream) {
        let mut buffer = [0; 4096];
        while let Ok(length @ 1..) = stream.read(&mut buffer) {
            let bytes = &buffer[..length];
            let lines = bytes.split(|byte| *byte == b'\n').count() - 1;
            let said = match self {
                Null::Errs => stream.write_all(&b"ERROR\n".repeat(lines)),
                Null::Parrots => stream.write_all(bytes),
                _ => Ok(()),
            };
            if said.is_err() {
                return;
            }
        }
    }
}

/// Sends everything, over and over; slowly enough not to load the machine.
fn babble(mut stream: &TcpStream) {
    while stream.write_all(EVERYTHING).is_ok() {
        thread::sleep(std::time::Duration::from_millis(1));
    }
}

impl NullHandle {
    /// The address at which it listens, or at which nothing listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for NullHandle {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        for stream in self.streams.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            drop(stream.shutdown(Shutdown::Both)); // it may be gone already
        }
        if let Some(accepting) = self.accepting.take() {
            drop(TcpStream::connect(self.address)); // wakes it
            drop(accepting.join()); // a panic was its own
        }
    }
}

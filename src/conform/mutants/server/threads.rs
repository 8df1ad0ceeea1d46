//! The threads: one that accepts, one that watches the clock, two for each connection.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, PoisonError};
use std::thread;
use std::time::Duration;

use socket2::SockRef;

use super::conn::{Conn, Next};
use super::shared::{Shared, locked};
use crate::mutants::fault::Manner;
use parlance_model::ClientId;

/// A write that takes nothing for this time would block.
const BLOCKS: Duration = Duration::from_millis(20);

/// Interval of the clock checks. No client can tell that a deadline is this late.
const TICK: Duration = Duration::from_millis(10);

/// Enough for threads that do little; there may be hundreds of them.
const STACK: usize = 256 * 1024;

/// Starts a thread that the handle will wait for.
pub(super) fn spawn(shared: &Shared, work: impl FnOnce() + Send + 'static) {
    let thread = thread::Builder::new().stack_size(STACK).spawn(work);
    let mut threads = locked(&shared.threads);
    threads.retain(|other| !other.is_finished());
    threads.extend(thread); // without one the connection stays silent, as on a full system
}

/// Accepts until the server stops, or a fault ends the accepting.
pub(super) fn accept(shared: &Arc<Shared>, listener: TcpListener) {
    loop {
        let accepted = listener.accept();
        if shared.stopped() || locked(&shared.service).deaf {
            return; // and the port is closed
        }
        let Ok((stream, _)) = accepted else {
            thread::sleep(TICK); // out of descriptors, which may pass
            continue;
        };
        // Without these it would be slower and less exact, not wrong.
        drop(stream.set_nodelay(true));
        drop(stream.set_write_timeout(Some(BLOCKS)));
        serve(shared, Arc::new(stream));
    }
}

/// Serves one connection.
fn serve(shared: &Arc<Shared>, stream: Arc<TcpStream>) {
    let mut streams = locked(&shared.streams);
    streams.retain(|other| other.strong_count() > 0);
    streams.push(Arc::downgrade(&stream));
    drop(streams);
    if shared.stopped() {
        return; // nobody would end it any more
    }
    let bell = Arc::new(Condvar::new());
    let mut service = locked(&shared.service);
    let open = service.conns.len();
    if service.has(|one| matches!(one, Manner::Crowd(most) if open >= *most)) {
        return;
    }
    let id = service.connect(Conn::new(Arc::clone(&bell)));
    drop(service);
    let writing = (Arc::clone(shared), Arc::clone(&stream), Arc::clone(&bell));
    spawn(shared, move || write(&writing.0, id, &writing.1, &writing.2));
    let reading = Arc::clone(shared);
    spawn(shared, move || read(&reading, id, &stream, &bell));
}

/// Reads one connection, whenever the model would.
fn read(shared: &Shared, id: ClientId, mut stream: &TcpStream, bell: &Condvar) {
    let mut buffer = vec![0; 65_536];
    loop {
        let mut service = locked(&shared.service);
        loop {
            match service.wants(id) {
                _ if shared.stopped() => return,
                None => return,
                Some(true) => break,
                Some(false) => service = bell.wait(service).unwrap_or_else(PoisonError::into_inner),
            }
        }
        drop(service);
        let read = stream.read(&mut buffer);
        let mut service = locked(&shared.service);
        let deaf = service.deaf;
        let going_on = match read {
            Ok(0) => {
                service.end(id);
                false
            }
            Ok(length) => {
                service.read(id, &buffer[..length]);
                true
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => true,
            Err(_) => {
                service.reset(id);
                false
            }
        };
        bell.notify_all();
        let ring_all = service.memory.crashed;
        let deafened = service.deaf && !deaf;
        if ring_all {
            service.conns.values().for_each(|conn| conn.bell.notify_all());
        }
        drop(service);
        if deafened {
            shared.wake_listener();
        }
        if !going_on {
            return;
        }
    }
}

/// Writes one connection, and closes it.
fn write(shared: &Shared, id: ClientId, stream: &TcpStream, bell: &Condvar) {
    let (delay, under_lock) = {
        let service = locked(&shared.service);
        (service.delay(), service.has(|one| *one == Manner::WriteUnderLock))
    };
    let mut service = locked(&shared.service);
    loop {
        match service.next(id) {
            _ if shared.stopped() => break,
            Next::Wait => service = bell.wait(service).unwrap_or_else(PoisonError::into_inner),
            Next::Shut => {
                drop(stream.shutdown(Shutdown::Write)); // it may be gone already
                bell.notify_all();
            }
            Next::Close => break,
            Next::Abort => {
                drop(SockRef::from(stream).set_linger(Some(Duration::ZERO)));
                break;
            }
            Next::Write(bytes) if under_lock => {
                let rest = bytes.len() - written_whatever_it_takes(shared, stream, &bytes);
                service.wrote(id, bytes[bytes.len() - rest..].to_vec());
                if rest > 0 {
                    service.reset(id);
                }
            }
            Next::Write(bytes) => {
                drop(service);
                if let Some(time) = delay {
                    thread::sleep(time);
                }
                let written = written(stream, &bytes);
                service = locked(&shared.service);
                match written {
                    Some(length) => service.wrote(id, bytes[length..].to_vec()),
                    None => service.reset(id),
                }
            }
        }
    }
    service.conns.remove(&id);
    drop(service);
    // Wakes the reader, which holds the connection too. Only a close sends a reset.
    if SockRef::from(stream).linger().ok().flatten().is_none() {
        drop(stream.shutdown(Shutdown::Both));
    } else {
        drop(stream.shutdown(Shutdown::Read));
    }
    bell.notify_all();
}

/// How many bytes a write takes; nothing if the connection is gone.
fn written(mut stream: &TcpStream, bytes: &[u8]) -> Option<usize> {
    match stream.write(bytes) {
        Ok(length) => Some(length),
        Err(error) => match error.kind() {
            ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted => Some(0),
            _ => None,
        },
    }
}

/// Writes until everything is taken, the connection is gone or the server stops.
fn written_whatever_it_takes(shared: &Shared, stream: &TcpStream, bytes: &[u8]) -> usize {
    let mut done = 0;
    while done < bytes.len() && !shared.stopped() {
        match written(stream, &bytes[done..]) {
            Some(length) => done += length,
            None => break,
        }
    }
    done
}

/// Watches the clock.
pub(super) fn tick(shared: &Shared) {
    let mut service = locked(&shared.service);
    while !shared.stopped() {
        service.tick();
        let waited = shared.tick.wait_timeout(service, TICK);
        service = waited.unwrap_or_else(PoisonError::into_inner).0;
    }
}

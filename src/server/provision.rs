//! What the daemon needs of the system before it can serve.
//!
//! The reactors start by themselves when they are first used, and panic if they cannot; so what
//! they need is tried before.

use super::stop::SIGNALS;
use rustix::process::{Resource, getrlimit};
use std::io;
use std::os::unix::net::UnixDatagram;
use std::thread;

/// The descriptors that there have to be besides the listeners: two of the reactor of the clients
/// (epoll, the bell), three of smol's, which looks after the rest (epoll, an event, a timer), both
/// ends of a pipe for signals, a copy of one end for each signal, the alarm of the clock, and one
/// for a client.
const DESCRIPTORS: usize = 2 + 3 + 2 + SIGNALS.len() + 1 + 1;

/// Finds out whether there are enough descriptors for so many listeners, and a thread for
/// smol's reactor.
///
/// # Errors
/// A message for the user, which names the limit and what to do.
pub(super) fn check(listeners: usize) -> Result<(), String> {
    let needed = DESCRIPTORS + listeners;
    let opened: io::Result<Vec<_>> = (0..needed).map(|_| UnixDatagram::unbound()).collect();
    opened.map_err(|error| {
        let limit = limit_of(Resource::Nofile);
        format!("cannot open {needed} descriptors: {error}; raise `ulimit -n`, which is {limit}")
    })?;
    let ran = thread::Builder::new().spawn(|| ()).map(thread::JoinHandle::join);
    ran.map_err(|error| format!("cannot start a thread: {error}; {}", advice_for_threads()))?
        .map_err(|_| "a thread ended before it began".to_owned())
}

/// What to do where there cannot be enough threads.
pub(super) fn advice_for_threads() -> String {
    format!("raise `ulimit -u`, which is {}", limit_of(Resource::Nproc))
}

fn limit_of(resource: Resource) -> String {
    getrlimit(resource).current.map_or_else(|| "unlimited".to_owned(), |limit| limit.to_string())
}

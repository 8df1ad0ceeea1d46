//! Servers that the suite and the load generator start: each leads a process group of its own, and ends with the
//! program that has started it, unless that is killed outright.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "outside the deterministic core: processes and signals are what this is about"
)]

use async_signal::{Signal, Signals};
use futures_lite::StreamExt as _;
use rustix::process::{Pid, Signal as Sent, kill_process_group};
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, Once, PoisonError};

static GROUPS: Mutex<Vec<Pid>> = Mutex::new(Vec::new());

/// An address of loopback whose port is free now; that nobody takes it before the server does is likely.
///
/// # Errors
/// The system's, if it has no port left.
pub fn free_address() -> io::Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()
}

/// The command with something in place of `{port}`. It reads nothing, and what it prints is dropped.
pub fn filled(command: &[String], port: &str) -> Command {
    let mut parts = command.iter().map(|part| part.replace("{port}", port));
    let mut filled = Command::new(parts.next().unwrap_or_default());
    filled.args(parts).stdin(Stdio::null()).stdout(Stdio::null()).process_group(0);
    filled
}

/// Starts what [`filled`] made.
///
/// # Errors
/// The system's: most often there is no such program.
pub fn start(command: &mut Command) -> io::Result<Child> {
    static WATCH: Once = Once::new();
    WATCH.call_once(watch);
    // Nobody is to see the process before it is on the list.
    let mut groups = GROUPS.lock().unwrap_or_else(PoisonError::into_inner);
    let child = command.spawn()?;
    groups.push(Pid::from_child(&child));
    Ok(child)
}

/// Ends a whole group at once. It may be gone already, which is what we want.
pub fn end(child: &mut Child) {
    let group = Pid::from_child(child);
    let _ = kill_process_group(group, Sent::KILL);
    let _ = child.wait();
    // From here on its number may be another's.
    GROUPS.lock().unwrap_or_else(PoisonError::into_inner).retain(|other| *other != group);
}

/// Ends all groups and this program when it is told to stop.
fn watch() {
    let Ok(mut signals) = Signals::new([Signal::Int, Signal::Term, Signal::Hup]) else { return };
    std::thread::spawn(move || {
        let Some(Ok(signal)) = smol::block_on(signals.next()) else { return };
        let groups = GROUPS.lock().unwrap_or_else(PoisonError::into_inner);
        for group in &*groups {
            let _ = kill_process_group(*group, Sent::KILL);
        }
        // As a shell tells it of a process that a signal has ended.
        std::process::exit(128 + signal as i32);
    });
}

//! Servers that the conformance suite and the load generator start. Each leads a process group of
//! its own and ends with the program that started it, unless that program is killed by SIGKILL.
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
static LAST_ACT: Mutex<Option<LastAct>> = Mutex::new(None);

type LastAct = Box<dyn FnOnce() + Send>;

/// A loopback address whose port is free now. Another process can still take it before the server
/// does.
///
/// # Errors
/// The error of the system, if no port is free.
pub fn free_address() -> io::Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()
}

/// The command with `port` in place of `{port}`. Its standard input and output are null.
pub fn filled(command: &[String], port: &str) -> Command {
    let mut parts = command.iter().map(|part| part.replace("{port}", port));
    let mut filled = Command::new(parts.next().unwrap_or_default());
    filled.args(parts).stdin(Stdio::null()).stdout(Stdio::null()).process_group(0);
    filled
}

/// Starts what [`filled`] made.
///
/// # Errors
/// The error of the system: most often, there is no such program.
pub fn start(command: &mut Command) -> io::Result<Child> {
    watch();
    // The lock is held, so that no signal finds a process that is not on the list.
    let mut groups = GROUPS.lock().unwrap_or_else(PoisonError::into_inner);
    let child = command.spawn()?;
    groups.push(Pid::from_child(&child));
    Ok(child)
}

/// Kills the whole group. A group that has ended already is no error.
pub fn end(child: &mut Child) {
    let group = Pid::from_child(child);
    let _ = kill_process_group(group, Sent::KILL);
    let _ = child.wait();
    // From here on another process can have its number.
    GROUPS.lock().unwrap_or_else(PoisonError::into_inner).retain(|other| *other != group);
}

/// Has `act` called when a signal asks this program to stop, before it ends; in place of the act
/// of an earlier call.
pub fn at_interruption(act: impl FnOnce() + Send + 'static) {
    watch();
    *LAST_ACT.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(act));
}

/// Has nothing called any more.
pub fn forget_interruption() {
    LAST_ACT.lock().unwrap_or_else(PoisonError::into_inner).take();
}

/// Watches for signals that ask this program to stop, from the first call on.
fn watch() {
    static WATCH: Once = Once::new();
    WATCH.call_once(watch_signals);
}

/// Kills all groups and ends this program when a signal asks it to stop.
fn watch_signals() {
    let Ok(mut signals) = Signals::new([Signal::Int, Signal::Term, Signal::Hup]) else { return };
    std::thread::spawn(move || {
        let Some(Ok(signal)) = smol::block_on(signals.next()) else { return };
        // Taken first: the act may take a while, and another one may be set meanwhile.
        let act = LAST_ACT.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(act) = act {
            act();
        }
        let groups = GROUPS.lock().unwrap_or_else(PoisonError::into_inner);
        for group in &*groups {
            let _ = kill_process_group(*group, Sent::KILL);
        }
        // The status that a shell reports for a process that a signal ended.
        std::process::exit(128 + signal as i32);
    });
}

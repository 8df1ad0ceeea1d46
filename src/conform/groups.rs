//! The process groups that the suite has started: none outlives it, however it ends.

use async_signal::{Signal, Signals};
use futures_lite::StreamExt as _;
use rustix::process::{Pid, Signal as Sent, kill_process_group};
use std::io;
use std::process::{Child, Command};
use std::sync::{Mutex, Once, PoisonError};

static GROUPS: Mutex<Vec<Pid>> = Mutex::new(Vec::new());

/// Starts a process that leads a group of its own, which ends with the suite.
pub(super) fn start(command: &mut Command) -> io::Result<Child> {
    static WATCH: Once = Once::new();
    WATCH.call_once(watch);
    // Nobody is to see the process before it is on the list.
    let mut groups = GROUPS.lock().unwrap_or_else(PoisonError::into_inner);
    let child = command.spawn()?;
    groups.push(Pid::from_child(&child));
    Ok(child)
}

/// Ends a whole group at once. It may be gone already, which is what we want.
pub(super) fn end(child: &mut Child) {
    let group = Pid::from_child(child);
    let _ = kill_process_group(group, Sent::KILL);
    let _ = child.wait();
    // From here on its number may be another's.
    GROUPS.lock().unwrap_or_else(PoisonError::into_inner).retain(|other| *other != group);
}

/// Ends all groups and the suite when it is told to stop.
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

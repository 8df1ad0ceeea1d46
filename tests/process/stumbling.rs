//! Stopping a process for a moment again and again.

use super::DEADLINE;
use super::reading::{Thread, has_ended, threads};
use rustix::process::{Pid, Signal, kill_process};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Instant;

/// A process that is stopped and continued until this is dropped.
pub struct Stumbling {
    over: Arc<AtomicBool>,
    stops: Arc<AtomicUsize>,
    thread: Option<JoinHandle<()>>,
}

impl Stumbling {
    /// From now on; whoever waits for the process drops this before.
    pub fn of(pid: u32) -> Stumbling {
        let (over, stops) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let (is_over, count) = (Arc::clone(&over), Arc::clone(&stops));
        let thread = thread::spawn(move || {
            while !is_over.load(Ordering::Relaxed) && stumble(pid, &is_over) {
                count.fetch_add(1, Ordering::Relaxed);
            }
        });
        Stumbling { over, stops, thread: Some(thread) }
    }

    /// How often it was stopped and has waited for something since.
    ///
    /// # Panics
    ///
    /// If it will be stopped no more, because it has ended or did not go on: nobody need wait for
    /// another stop.
    pub fn stops(&self) -> usize {
        assert!(self.thread.as_ref().is_some_and(|thread| !thread.is_finished()), "it is over");
        self.stops.load(Ordering::Relaxed)
    }

    /// Goes on until the process has ended, which is not waited for yet; says how often it was
    /// stopped.
    pub fn until_it_ends(mut self) -> usize {
        self.thread.take().expect("it is there until here").join().expect("it only watches");
        self.stops.load(Ordering::Relaxed)
    }
}

impl Drop for Stumbling {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            drop(thread.join()); // a panic was its own
        }
    }
}

/// Stops it and lets each of its threads run until that waits for something; false if the process
/// ends before.
fn stumble(pid: u32, is_over: &AtomicBool) -> bool {
    let pause = Pause::of(pid);
    let stopped = until(pid, || threads(pid).values().all(|thread| thread.state == 'T'));
    // Being stopped is a wait too: counted before, one thread would pass for having gone on.
    let before = threads(pid);
    drop(pause);
    let has_waited =
        |id: &u32, thread: &Thread| before.get(id).is_none_or(|before| thread.waits > before.waits);
    let gone_on = || threads(pid).iter().all(|(id, thread)| has_waited(id, thread));
    stopped && until(pid, || is_over.load(Ordering::Relaxed) || gone_on())
}

/// A process that is stopped until this is dropped, also by a panic.
struct Pause(Pid);

impl Pause {
    fn of(pid: u32) -> Pause {
        let process = Pid::from_raw(pid.cast_signed()).expect("a process has a number");
        kill_process(process, Signal::STOP).expect("it is not waited for yet");
        Pause(process)
    }
}

impl Drop for Pause {
    fn drop(&mut self) {
        let _ = kill_process(self.0, Signal::CONT);
    }
}

/// Waits for something to come about; false if the process ends before.
fn until(pid: u32, is: impl Fn() -> bool) -> bool {
    let begun = Instant::now();
    while !is() {
        if has_ended(pid) {
            return false;
        }
        assert!(begun.elapsed() < DEADLINE, "it neither stops nor waits for anything");
        thread::yield_now();
    }
    true
}

//! The calls of `epoll`.

use super::interest::{Change, Directions};
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use rustix::event::{EventfdFlags, Timespec, eventfd};
use rustix::io::Errno;
use std::io;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::time::Duration;

/// The most events that one wait brings. What is beyond it is told by the next: the kernel goes on
/// where it stopped. More would repeat what the tasks had no time for between two looks.
const EVENTS_MAX: usize = 64;

/// The number of the bell; sources have those from 0.
const BELL: u64 = u64::MAX;

/// An instance of `epoll`, and a bell that ends its wait.
#[derive(Debug)]
pub(crate) struct Kernel {
    epoll: OwnedFd,
    /// Written to end a wait. Edge-triggered, so that nobody has to read it.
    bell: OwnedFd,
}

/// What one wait has brought.
pub(crate) struct Events(Vec<Event>);

impl Events {
    pub(crate) fn new() -> Events {
        Events(Vec::with_capacity(EVENTS_MAX))
    }

    /// The numbers of sources, and in which directions each is ready.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (usize, Directions)> {
        self.0.iter().filter(|event| event.data.u64() != BELL).map(|event| {
            let flags = event.flags;
            let broken = flags.intersects(EventFlags::ERR | EventFlags::HUP);
            let ready = Directions {
                input: broken || flags.contains(EventFlags::IN),
                output: broken || flags.contains(EventFlags::OUT),
            };
            (usize::try_from(event.data.u64()).unwrap_or(usize::MAX), ready)
        })
    }
}

impl Kernel {
    pub(crate) fn new() -> io::Result<Kernel> {
        let epoll = epoll::create(CreateFlags::CLOEXEC)?;
        let bell = eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
        epoll::add(&epoll, &bell, EventData::new_u64(BELL), EventFlags::IN | EventFlags::ET)?;
        Ok(Kernel { epoll, bell })
    }

    /// Tells the kernel what it is to tell of the source `number`.
    ///
    /// # Errors
    /// The system's: it has no memory for it, or no more may be watched.
    pub(crate) fn tell(&self, number: usize, fd: BorrowedFd<'_>, change: Change) -> io::Result<()> {
        let data = EventData::new_u64(number as u64);
        match change {
            Change::Add(directions) => epoll::add(&self.epoll, fd, data, flags(directions))?,
            Change::Modify(directions) => epoll::modify(&self.epoll, fd, data, flags(directions))?,
            Change::Remove => epoll::delete(&self.epoll, fd)?,
        }
        Ok(())
    }

    /// Ends the wait that somebody is in, or else the next one.
    pub(crate) fn end_the_wait(&self) {
        // Nobody reads it, so it is full after 2^64 writes.
        let _ = rustix::io::write(&self.bell, &1_u64.to_ne_bytes());
    }

    /// Waits for events, for at most `timeout`.
    pub(crate) fn wait(&self, events: &mut Events, timeout: Option<Duration>) {
        events.0.clear();
        let into = rustix::buffer::spare_capacity(&mut events.0);
        match epoll::wait(&self.epoll, into, timeout.map(in_millis).as_ref()) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => unreachable!("epoll has no other error for its own descriptor: {error}"),
        }
    }
}

fn flags(directions: Directions) -> EventFlags {
    let mut flags = EventFlags::empty();
    flags.set(EventFlags::IN, directions.input);
    flags.set(EventFlags::OUT, directions.output);
    flags
}

/// Whole milliseconds, rounded up, so that no timer is early: less takes a call that some sandboxes
/// forbid.
fn in_millis(time: Duration) -> Timespec {
    let millis = time.as_nanos().div_ceil(1_000_000);
    let millis = i64::try_from(millis).unwrap_or(i64::MAX).min(i64::from(i32::MAX));
    Timespec { tv_sec: millis / 1000, tv_nsec: (millis % 1000) * 1_000_000 }
}

#[cfg(all(test, not(parlance_loom)))]
mod tests {
    use super::in_millis;
    use std::time::Duration;

    #[test]
    fn a_wait_is_never_shorter_than_its_timer() {
        for (nanos, millis) in [(0, 0), (1, 1), (999_999, 1), (1_000_000, 1), (1_000_001, 2)] {
            let spec = in_millis(Duration::from_nanos(nanos));
            assert_eq!((spec.tv_sec, spec.tv_nsec), (0, millis * 1_000_000), "{nanos} ns");
        }
        let longest = in_millis(Duration::MAX);
        assert_eq!(longest.tv_sec * 1000 + longest.tv_nsec / 1_000_000, i64::from(i32::MAX));
    }
}

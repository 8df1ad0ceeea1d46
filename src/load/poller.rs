//! epoll, called only if the wanted events change.

use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;

use rustix::event::epoll::{self, CreateFlags, EventData, EventFlags};
use rustix::io::Errno;
use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
    timerfd_settime,
};

use super::connection::{Connection, Interest};
use super::error::LoadError;

/// Maximum events per wait.
const BATCH: usize = 1024;

/// The number of the timer. Connections have numbers of their own.
const TIMER: u64 = u64::MAX;

/// An event of the connection with this number.
#[derive(Clone, Copy, Debug)]
pub(super) struct Happening {
    pub(super) number: u64,
    pub(super) writable: bool,
    pub(super) readable: bool,
}

/// An epoll instance and a timer finer than its milliseconds.
pub(super) struct Poller {
    epoll: OwnedFd,
    timer: OwnedFd,
    events: Vec<epoll::Event>,
}

impl Poller {
    /// A poller that watches nothing yet.
    pub(super) fn new() -> Result<Poller, LoadError> {
        let made = || {
            let epoll = epoll::create(CreateFlags::CLOEXEC)?;
            let timer = timerfd_create(
                TimerfdClockId::Monotonic,
                TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC,
            )?;
            epoll::add(&epoll, &timer, EventData::new_u64(TIMER), EventFlags::IN)?;
            Ok::<_, Errno>(Poller { epoll, timer, events: Vec::with_capacity(BATCH) })
        };
        made().map_err(|error| LoadError::io("starting epoll")(error.into()))
    }

    /// Registers the wanted events of a connection, under this number.
    pub(super) fn watch(
        &self,
        connection: &Connection,
        number: u64,
        wanted: Interest,
    ) -> Result<(), LoadError> {
        let before = connection.interest.replace(wanted);
        if before == wanted {
            return Ok(());
        }
        let mut flags = EventFlags::empty();
        flags.set(EventFlags::IN, wanted.read);
        flags.set(EventFlags::OUT, wanted.write);
        let (source, data) = (connection.socket().as_fd(), EventData::new_u64(number));
        let asked = if before == Interest::default() {
            epoll::add(&self.epoll, source, data, flags)
        } else if wanted == Interest::default() {
            epoll::delete(&self.epoll, source)
        } else {
            epoll::modify(&self.epoll, source, data, flags)
        };
        asked.map_err(|error| LoadError::io(connection.who())(error.into()))
    }

    /// Ends the next wait after this time, even without an event; never immediately.
    pub(super) fn wake_after(&self, time: Duration) -> Result<(), LoadError> {
        let value = Timespec::try_from(time.max(Duration::from_nanos(1)))
            .expect("what this program waits for is soon");
        let once = Itimerspec { it_interval: Timespec::default(), it_value: value };
        self.set(&once)
    }

    fn set(&self, timer: &Itimerspec) -> Result<(), LoadError> {
        timerfd_settime(&self.timer, TimerfdTimerFlags::empty(), timer)
            .map(drop)
            .map_err(|error| LoadError::io("setting a timer")(error.into()))
    }

    /// Undoes [`Poller::wake_after`].
    pub(super) fn disarm(&self) -> Result<(), LoadError> {
        let never = Itimerspec { it_interval: Timespec::default(), it_value: Timespec::default() };
        self.set(&never)
    }

    /// Waits for at most `limit` and returns the events.
    pub(super) fn wait(&mut self, limit: Duration) -> Result<&[epoll::Event], LoadError> {
        let limit = Timespec::try_from(limit).expect("a limit of this program is a short time");
        self.events.clear();
        let buffer = rustix::buffer::spare_capacity(&mut self.events);
        match epoll::wait(&self.epoll, buffer, Some(&limit)) {
            Ok(_) | Err(Errno::INTR) => Ok(&self.events),
            Err(error) => Err(LoadError::io("waiting")(error.into())),
        }
    }
}

/// The meaning of an event; `None` for the timer.
pub(super) fn happening(event: &epoll::Event) -> Option<Happening> {
    let (data, flags) = (event.data, event.flags);
    let number = data.u64();
    // A read finds an error or the end of the connection.
    let writable = flags.contains(EventFlags::OUT);
    let readable = !flags.difference(EventFlags::OUT).is_empty();
    (number != TIMER).then_some(Happening { number, writable, readable })
}

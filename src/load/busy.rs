//! Rooms under load: the rate of the server and its cost.

use std::time::Duration;

use super::connection::{Deadline, LIMIT};
use super::error::LoadError;
use super::instruments::{Instruments, nanoseconds};
use super::options::Options;
use super::poller::{Happening, happening};
use super::process::Process;
use super::progress::Progress;
use super::report::Report;
use super::room::Room;
use super::run_context::RunContext;
use super::schedule::Schedule;
use super::server::Server;
use super::snapshot::{Snapshot, report};

/// Interval at which stalled rooms are looked after.
const TICK: Duration = Duration::from_millis(1);

/// Maximum wait for the last lines.
const DRAIN_LIMIT: Duration = Duration::from_secs(10);

/// Waits of a `TICK` each after the last line, for lines that no sender sent.
const LAST_LOOKS: u32 = 20;

/// Maximum lines of an open loop that are composed before arrivals are read.
const BURST: usize = 4096;

/// The source of permission to send.
enum Pace {
    /// Receipts: this many lines of each sender are in flight.
    Window(u64),
    /// The clock.
    Rate(Schedule),
    /// Nothing; sending is over.
    Stopped,
}

/// Runs the load and reports what was measured between the warm-up and the end.
pub(super) fn measure(
    options: &Options,
    server: &Server,
    instruments: Instruments,
) -> Result<Report, LoadError> {
    let (process, progress) = (server.process(), Progress::new(options.quiet));
    progress.phase(options.rooms_in_words());
    let mut load = Load::open(options, server, instruments)?;
    load.start()?;

    progress.phase(format_args!(
        "{}: {} s to warm up, then {} s are measured",
        options.load_in_words(),
        options.warmup.as_secs_f64(),
        options.seconds.as_secs_f64()
    ));
    load.run(options.warmup, |_| Ok(()))?;
    load.run_context.latency.clear();
    let begun = load.snapshot(process)?;
    let (mut before, mut highest, mut passed) = (begun.clone(), None, 0);
    load.run(options.seconds, |load| {
        let after = load.snapshot(process)?;
        passed += 1;
        highest = highest.max(after.resident());
        progress.second(passed, options.seconds, after.rate_since(&before));
        before = after;
        Ok(())
    })?;
    let after = load.snapshot(process)?;
    progress.end();
    progress.phase("waiting for the last lines, and for any that nobody sent");
    load.drain()?;
    let mut report = report(options, &begun, &after, highest)?;
    load.run_context.latency.report(&mut report);
    Ok(report)
}

/// The rooms and their schedule.
struct Load {
    rooms: Vec<Room>,
    run_context: RunContext,
    pace: Pace,
    /// The number of senders in each room.
    senders: usize,
    /// The time at which stalled rooms were last looked after.
    ticked: u64,
    /// Empty between passes; kept for its allocation.
    happenings: Vec<Happening>,
}

impl Load {
    /// All members of all rooms join.
    fn open(
        options: &Options,
        server: &Server,
        instruments: Instruments,
    ) -> Result<Load, LoadError> {
        let mut run_context = RunContext::new(instruments)?;
        let plan = options.plan(server.address());
        let deadline = Deadline::new("joining", LIMIT);
        let rooms = (0..options.rooms)
            .map(|room| plan.open_room(room, options.members, &mut run_context.buffer, deadline))
            .collect::<Result<Vec<_>, LoadError>>()?;
        let pace = match options.rate {
            Some(rate) => Pace::Rate(Schedule::new(run_context.now(), rate)),
            None => Pace::Window(options.window.into()),
        };
        let senders = options.senders as usize;
        Ok(Load { rooms, run_context, pace, senders, ticked: 0, happenings: Vec::new() })
    }

    fn snapshot(&self, server: Option<&Process>) -> Result<Snapshot, LoadError> {
        Snapshot::take(&self.rooms, &self.run_context.instruments, server)
    }

    fn start(&mut self) -> Result<(), LoadError> {
        for room in &mut self.rooms {
            match self.pace {
                Pace::Window(window) => {
                    room.watch_driver(&self.run_context)?;
                    room.fill(window, &self.run_context)?;
                }
                _ => room.watch_all(&self.run_context)?,
            }
        }
        Ok(())
    }

    /// Runs for `time`, and calls `each` after each second and at the end.
    fn run(
        &mut self,
        time: Duration,
        mut each: impl FnMut(&Load) -> Result<(), LoadError>,
    ) -> Result<(), LoadError> {
        let mut now = self.run_context.now();
        let end = now + nanoseconds(time);
        while now < end {
            let until = end.min(now + nanoseconds(Duration::from_secs(1)));
            while now < until {
                self.pass()?;
                now = self.run_context.now();
            }
            each(self)?;
        }
        Ok(())
    }

    /// Sends due lines and handles events.
    fn pass(&mut self) -> Result<(), LoadError> {
        self.send_due()?;
        let events = self.run_context.poller.wait(TICK)?;
        // Rooms need the poller, so its events are copied first.
        let mut happenings = std::mem::take(&mut self.happenings);
        happenings.extend(events.iter().filter_map(happening));
        for it in happenings.drain(..) {
            let (number, slot) = split(it.number);
            let room = &mut self.rooms[number];
            if it.writable {
                room.flush(&self.run_context)?;
            }
            if it.readable {
                match self.pace {
                    Pace::Window(window) => room.drive(Some(window), &mut self.run_context)?,
                    Pace::Rate(_) | Pace::Stopped => room.listen(slot, &mut self.run_context)?,
                }
            }
        }
        self.happenings = happenings;
        if matches!(self.pace, Pace::Window(_)) {
            self.tick()?;
        }
        Ok(())
    }

    /// Looks after stalled rooms, once per interval.
    fn tick(&mut self) -> Result<(), LoadError> {
        let now = self.run_context.now();
        if now - self.ticked >= nanoseconds(TICK) {
            self.ticked = now;
            self.rooms.iter_mut().try_for_each(|room| room.tick(&mut self.run_context))?;
        }
        Ok(())
    }

    /// Sends the due lines of an open loop, and sets the timer for the next one.
    fn send_due(&mut self) -> Result<(), LoadError> {
        let Pace::Rate(schedule) = &mut self.pace else { return Ok(()) };
        let (count, mut touched) = (self.rooms.len(), Vec::new());
        let now = self.run_context.now();
        for (number, due) in std::iter::from_fn(|| schedule.take_due(now)).take(BURST) {
            // Room by room, then the next sender of each.
            let index = usize::try_from(number).expect("a run has fewer lines");
            let room = index % count;
            self.rooms[room].say(index / count % self.senders, due);
            if touched.len() < count {
                touched.push(room);
            }
        }
        let left = schedule.next_due().saturating_sub(now);
        touched.into_iter().try_for_each(|room| self.rooms[room].flush(&self.run_context))?;
        self.run_context.poller.wake_after(Duration::from_nanos(left))
    }

    /// Sends no further line. The latencies of those that are on their way still count: a server
    /// that stalls at the end must not look fast.
    fn stop(&mut self) -> Result<(), LoadError> {
        self.pace = match self.pace {
            Pace::Window(_) => Pace::Window(0),
            _ => Pace::Stopped,
        };
        self.run_context.poller.disarm()
    }

    /// Stops sending, waits until all members have received all lines, and checks that no further
    /// line arrives.
    fn drain(&mut self) -> Result<(), LoadError> {
        self.stop()?;
        let end = self.run_context.now() + nanoseconds(DRAIN_LIMIT);
        while !self.rooms.iter().all(Room::is_drained) {
            if self.run_context.now() >= end {
                let what = "the last deliveries and receipts".to_owned();
                return Err(LoadError::Stalled { what, seconds: DRAIN_LIMIT.as_secs() });
            }
            self.pass()?;
            for room in self.rooms.iter_mut().filter(|room| !room.is_drained()) {
                match self.pace {
                    Pace::Window(_) => room.drive_all(&mut self.run_context)?,
                    _ => room.listen_to_all(&mut self.run_context)?,
                }
            }
        }
        self.listen_after_the_last()
    }

    /// Listens to all members for a while: whatever comes now, nobody sent.
    fn listen_after_the_last(&mut self) -> Result<(), LoadError> {
        self.rooms.iter().try_for_each(|room| room.watch_all(&self.run_context))?;
        for _ in 0..LAST_LOOKS {
            self.pass()?;
        }
        self.rooms.iter_mut().try_for_each(|room| {
            room.read_all(&mut self.run_context)?;
            room.expect_nothing_more()
        })
    }
}

/// The room and the connection in it that have this number.
fn split(number: u64) -> (usize, usize) {
    let half = |value| usize::try_from(value).expect("it was a usize before");
    (half(number >> 32), half(number & u64::from(u32::MAX)))
}

//! Rooms under load: how fast the server delivers, and what that costs it.

use std::rc::Rc;
use std::time::Duration;

use futures_lite::future;
use smol::channel::{Sender as Channel, bounded};
use smol::{LocalExecutor, Timer};

use super::error::LoadError;
use super::join::{Joined, join_rooms};
use super::member::Buffer;
use super::options::Options;
use super::process::Process;
use super::report::Report;
use super::room::Room;
use super::sender::Sender;
use super::snapshot::{Snapshot, report};

/// How often rooms that stand still are looked after.
const TICK: Duration = Duration::from_millis(1);

/// How long the last lines may take to arrive.
const DRAIN_LIMIT: Duration = Duration::from_secs(10);

/// How long to listen after the last line for lines that nobody sent.
const GRACE: Duration = Duration::from_millis(20);

/// Runs the load and reports what was measured between the warm-up and the end.
pub(super) async fn measure(
    executor: &LocalExecutor<'_>,
    options: &Options,
) -> Result<Report, LoadError> {
    let server = options.pid.map(Process::Number);
    server.map(Process::cpu_time).transpose()?; // better to hear now than later that it is not there
    let buffer = Rc::new(Buffer::new());
    let sizes = vec![options.members; options.rooms as usize];
    let joined = join_rooms(executor, options.target, sizes, &buffer).await?;
    let rooms: Vec<_> = joined.into_iter().map(|joined| Rc::new(room(joined, options))).collect();

    let (failed, failure) = bounded(1);
    start(executor, &rooms, &buffer, &failed);
    let running = async {
        Timer::after(Duration::from_secs(options.warmup.into())).await;
        let before = Snapshot::take(&rooms, server)?;
        Timer::after(Duration::from_secs(options.seconds.into())).await;
        let after = Snapshot::take(&rooms, server)?;
        drain(&rooms, &buffer).await?;
        report(options, &before, &after)
    };
    let failing = async { Err(failure.recv().await.expect("a sender is held above")) };
    future::or(failing, running).await
}

fn room(joined: Joined, options: &Options) -> Room {
    let start = joined.stream.borrow().end();
    let sender = Sender::new(&joined.first, options.size, options.window, start);
    Room::new(joined.members, joined.stream, sender)
}

/// Starts the tasks that serve `rooms`; the first to fail says so on `failed`.
fn start(
    executor: &LocalExecutor<'_>,
    rooms: &[Rc<Room>],
    buffer: &Rc<Buffer>,
    failed: &Channel<LoadError>,
) {
    for room in rooms {
        let (room, buffer, failed) = (room.clone(), buffer.clone(), failed.clone());
        let task = executor.spawn(async move {
            let error = future::poll_fn(|cx| room.poll_driver(&buffer, cx)).await;
            // If the channel is full another failure came first, and one is enough.
            let _ = failed.try_send(error);
        });
        task.detach();
    }
    let (rooms, buffer, failed) = (rooms.to_vec(), buffer.clone(), failed.clone());
    let ticking = executor.spawn(async move {
        loop {
            Timer::after(TICK).await;
            if let Err(error) = rooms.iter().try_for_each(|room| room.tick(&buffer)) {
                let _ = failed.try_send(error); // as above
            }
        }
    });
    ticking.detach();
}

/// Waits until everybody has received everything, and nothing more comes.
async fn drain(rooms: &[Rc<Room>], buffer: &Buffer) -> Result<(), LoadError> {
    let arriving = async {
        // Each room must still be alive: one that stood still would only have made the figures smaller.
        for room in rooms {
            let lines = room.lines();
            while room.lines() == lines {
                Timer::after(TICK).await;
            }
        }
        for room in rooms {
            room.stop();
        }
        while !rooms.iter().all(|room| room.is_drained()) {
            Timer::after(TICK).await;
        }
        Timer::after(GRACE).await;
        rooms.iter().try_for_each(|room| room.check_silence(buffer))
    };
    let late = async {
        Timer::after(DRAIN_LIMIT).await;
        Err(LoadError::Stalled { what: "the last deliveries", seconds: DRAIN_LIMIT.as_secs() })
    };
    future::or(arriving, late).await
}

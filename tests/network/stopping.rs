//! Goal: a server of several worlds stops all of them together, lets nobody in meanwhile, and ends
//! at once when it is asked twice.
//!
//! Method: the daemon's own [`until_stopped`] over two scripted worlds on one executor; the
//! requests to stop come out of a channel. A stalled reader keeps one world from being drained.
//!
//! Limits: two worlds, one listener each; signals, processes and sockets are the daemon's tests.

use super::clock::VirtualClock;
use super::executor::Executor;
use super::house::{LOOPBACK, TICK};
use super::lock;
use super::random::Random;
use super::stream::{Door, ScriptedListener};
use super::wire::{Client, End, Quirks, Wire};
use crate::speech::{LOBBY, ROOMS, Speech};
use parlance_core::limits::Limits;
use parlance_core::protocol::DIALECTS;
use parlance_server::arrival::Plain;
use parlance_server::transport::Clock;
use parlance_server::{Asked, Clients, Service, Stopped, serve, until_stopped};
use smol::channel::Sender;
use std::sync::{Arc, Mutex};
use std::time::Duration;

const FLUSH: Duration = Duration::from_secs(5);
const DRAIN_TIME: Duration = Duration::from_secs(30);

/// Two worlds in one server.
struct Worlds {
    executor: Executor,
    clock: VirtualClock,
    doors: [Door; 2],
    /// Asks the server to drain or to stop.
    asks: Sender<Asked>,
    stopped: Arc<Mutex<Option<Stopped>>>,
    clients: Vec<Client>,
}

impl Worlds {
    fn of(speeches: [&'static Speech; 2]) -> Worlds {
        let executor = Executor::new(Random::new(7));
        Worlds::served_by(&executor.clone(), executor, speeches)
    }

    /// The tasks of connections run on an executor of their own.
    fn served_by(
        connections: &Executor,
        executor: Executor,
        speeches: [&'static Speech; 2],
    ) -> Worlds {
        let clock = VirtualClock::default();
        let doors = [Door::default(), Door::default()];
        let mut services = Vec::new();
        let mut accepting = Vec::new();
        for (speech, door) in speeches.iter().zip(&doors) {
            let dialect = DIALECTS.iter().find(|dialect| dialect.name() == speech.dialect);
            let dialect = *dialect.expect("every dialect of the table is served");
            let service = Service::new(dialect, Limits::default(), clock.clone());
            let listener = ScriptedListener(door.clone());
            let loops = serve(listener, Plain, Arc::clone(&service), connections.clone());
            accepting.push(executor.start(loops));
            services.push(service);
        }
        let (asks, requests) = smol::channel::unbounded();
        let stopped = Arc::new(Mutex::new(None));
        let (result, closing) = (Arc::clone(&stopped), executor.clone());
        executor.start(async move {
            let close = async {
                for number in accepting {
                    closing.cancel(number);
                }
            };
            let time = || DRAIN_TIME;
            let clients = Clients { services: &services, reception: None, drain_time: &time };
            let how = until_stopped(Box::pin(requests), close, &clients).await;
            *lock(&result) = Some(how);
        });
        Worlds { executor, clock, doors, asks, stopped, clients: Vec::new() }
    }

    /// A client at the door of one of the worlds.
    fn knock(&mut self, world: usize) -> Client {
        let client = Wire::new(Random::new(9), Quirks::NONE);
        self.clients.push(Arc::clone(&client));
        self.doors[world].knock(&client, LOOPBACK);
        self.settle();
        client
    }

    fn settle(&self) {
        let moves = |client: &Client| client.deliver(usize::MAX) + client.read(usize::MAX);
        loop {
            self.executor.run();
            if self.clients.iter().map(moves).sum::<usize>() == 0 {
                return;
            }
        }
    }

    /// A member of rooms, the first world, that does not read and has more pending than its
    /// wire holds.
    fn stalled_member(&mut self) -> Client {
        let client = self.knock(0);
        client.post(&ROOMS.enter("slow"));
        self.settle();
        client.stall();
        client.post(&b"hello\n".repeat(20_000));
        self.settle();
        client
    }

    fn ask_to_stop(&self) {
        self.ask(Asked::Stop);
    }

    fn ask(&self, asked: Asked) {
        self.asks.try_send(asked).expect("it waits for requests");
        self.settle();
    }

    fn stopped(&self) -> Option<Stopped> {
        *lock(&self.stopped)
    }

    fn pass(&self, span: Duration) {
        let until = self.clock.now() + span;
        while let Some(due) = self.clock.next_due().filter(|due| *due <= until) {
            self.clock.set(due.max(self.clock.now()));
            self.settle();
        }
        self.clock.set(until);
        self.settle();
    }
}

impl Drop for Worlds {
    fn drop(&mut self) {
        self.executor.clear();
    }
}

/// [common/shutdown-2]
#[test]
fn all_worlds_are_told_before_one_is_waited_for() {
    let mut worlds = Worlds::of([&ROOMS, &LOBBY]);
    let (slow, idle) = (worlds.stalled_member(), worlds.knock(1));
    worlds.ask_to_stop();
    assert_eq!((slow.end(), idle.end()), (End::Open, End::Closed), "and no time has passed");
    assert_eq!(worlds.stopped(), None);
    worlds.pass(FLUSH.saturating_sub(TICK));
    assert_eq!(worlds.stopped(), None);
    worlds.pass(TICK);
    assert!(slow.is_closed());
    assert_eq!(worlds.stopped(), Some(Stopped::Drained));
}

/// [common/shutdown-2]
#[test]
fn nobody_is_let_in_while_it_drains() {
    let mut worlds = Worlds::of([&ROOMS, &LOBBY]);
    let _slow = worlds.stalled_member();
    worlds.ask_to_stop();
    assert_eq!(worlds.stopped(), None, "it drains");
    for world in [0, 1] {
        assert!(worlds.doors[world].is_closed(), "the door of world {world} is closed");
        assert_eq!(worlds.knock(world).end(), End::Open, "nobody has touched it");
    }
}

/// A busy server polls each connection late. [common/shutdown-2]
#[test]
fn a_connection_that_nobody_polls_does_not_keep_the_server() {
    const LINGER: Duration = Duration::from_secs(1);
    let idle_executor = Executor::new(Random::new(8));
    let executor = Executor::new(Random::new(7));
    let mut worlds = Worlds::served_by(&idle_executor, executor, [&ROOMS, &LOBBY]);
    worlds.knock(0);
    worlds.ask_to_stop();
    worlds.pass((FLUSH + LINGER).saturating_sub(TICK));
    assert_eq!(worlds.stopped(), None);
    worlds.pass(TICK);
    assert_eq!(worlds.stopped(), Some(Stopped::Drained));
    idle_executor.clear();
}

/// [common/shutdown-3]
#[test]
fn a_second_request_ends_the_drain() {
    let mut worlds = Worlds::of([&ROOMS, &LOBBY]);
    let slow = worlds.stalled_member();
    worlds.ask_to_stop();
    assert_eq!((slow.end(), worlds.stopped()), (End::Open, None));
    worlds.ask_to_stop();
    assert_eq!((slow.end(), worlds.stopped()), (End::Open, Some(Stopped::Hurried)));
}

/// [common/drain-1]
#[test]
fn a_drain_lets_clients_go_on_until_the_last_has_gone() {
    let mut worlds = Worlds::of([&ROOMS, &LOBBY]);
    let (ann, joe) = (worlds.knock(0), worlds.knock(1));
    worlds.ask(Asked::Drain);
    for world in [0, 1] {
        assert!(worlds.doors[world].is_closed(), "the door of world {world} is closed");
    }
    ann.post(&ROOMS.enter("ann"));
    ann.post(b"hello\n");
    worlds.pass(DRAIN_TIME.saturating_sub(TICK));
    assert!(ann.heard().ends_with("ann: hello\n"), "{}", ann.heard());
    assert_eq!((ann.end(), worlds.stopped()), (End::Open, None));
    ann.half_close();
    joe.half_close();
    worlds.settle();
    assert_eq!((ann.end(), joe.end()), (End::Closed, End::Closed));
    assert_eq!(worlds.stopped(), Some(Stopped::Drained));
}

/// [common/drain-1] [common/shutdown-2]
#[test]
fn the_end_of_a_drain_is_a_stop() {
    let mut worlds = Worlds::of([&ROOMS, &LOBBY]);
    let (slow, idle) = (worlds.stalled_member(), worlds.knock(1));
    idle.post(&LOBBY.enter("idle")); // or it would be closed in time itself
    worlds.ask(Asked::Drain);
    worlds.ask(Asked::Drain); // which changes nothing
    worlds.pass(DRAIN_TIME.saturating_sub(TICK));
    assert_eq!((idle.end(), worlds.stopped()), (End::Open, None));
    worlds.pass(TICK);
    assert_eq!((idle.end(), worlds.stopped()), (End::Closed, Some(Stopped::Drained)));
    assert!(slow.is_closed(), "it was evicted meanwhile");
}

/// [common/drain-1] [common/shutdown-3]
#[test]
fn a_request_to_stop_ends_a_drain_and_a_second_one_the_stop() {
    let mut worlds = Worlds::of([&ROOMS, &LOBBY]);
    let (slow, idle) = (worlds.stalled_member(), worlds.knock(1));
    worlds.ask(Asked::Drain);
    worlds.ask_to_stop();
    assert_eq!((slow.end(), idle.end(), worlds.stopped()), (End::Open, End::Closed, None));
    worlds.ask(Asked::Drain); // no second request to stop
    assert_eq!(worlds.stopped(), None);
    worlds.ask_to_stop();
    assert_eq!((slow.end(), worlds.stopped()), (End::Open, Some(Stopped::Hurried)));
}

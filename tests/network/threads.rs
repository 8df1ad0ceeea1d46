//! Goal: floods evict nobody who reads, and one stalled member costs its room 250 ms, on two
//! threads as on one.
//!
//! Method: smol's executor on two threads, readers and senders as tasks beside the server's own, a
//! clock that only the test moves. The test acts when every task sleeps.
//!
//! Limits: which interleavings occur is chance; loom's tests are exhaustive, on far less code.

use super::clock::VirtualClock;
use super::house::{LOOPBACK, TICK, before};
use super::layer::handshake::Layers;
use super::layer::server::Wrong;
use super::pool::Pool;
use super::random::Random;
use super::stream::{Door, ScriptedListener, ScriptedStream};
use super::wire::{Client, Quirks, Wire};
use parlance_core::limits::Limits;
use parlance_core::protocol::rooms::Rooms;
use parlance_core::registry::Census;
use parlance_server::arrival::{Arrival, Plain};
use parlance_server::transport::{Clock, Spawn};
use parlance_server::{Service, serve};
use std::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;

const READERS: usize = 10;
const STALL_BUDGET: Duration = Duration::from_millis(250);
const LOOK_INTERVAL: Duration = Duration::from_millis(50);
const MIB: usize = 1024 * 1024;

struct Hall<'pool> {
    pool: &'pool Pool,
    clock: VirtualClock,
    service: Arc<Service<VirtualClock>>,
    door: Door,
    accepting: smol::Task<()>,
    random: Random,
    wire: fn(Random, Quirks) -> Client,
    members: Vec<Client>,
}

impl Hall<'_> {
    fn new(pool: &Pool) -> Hall<'_> {
        Hall::behind(Plain, Wire::new, pool)
    }

    fn behind(
        arrival: impl Arrival<ScriptedStream>,
        wire: fn(Random, Quirks) -> Client,
        pool: &Pool,
    ) -> Hall<'_> {
        let (clock, door) = (VirtualClock::default(), Door::default());
        let service = Service::new(&Rooms, Limits::default(), clock.clone());
        let listener = ScriptedListener(door.clone());
        let accepting = pool.start(serve(listener, arrival, Arc::clone(&service), pool.clone()));
        let random = Random::new(1);
        Hall { pool, clock, service, door, accepting, random, wire, members: Vec::new() }
    }

    /// A member that reads in a task of its own. All join before anybody says anything.
    fn member(&mut self, name: &str) -> Client {
        let client = (self.wire)(self.random.fork(), Quirks { percent: 5, ..Quirks::NONE });
        self.door.knock(&client, LOOPBACK);
        client.post(format!("JOIN default_room {name}\n").as_bytes());
        client.deliver(usize::MAX);
        let reader = Arc::clone(&client);
        self.pool.spawn(poll_fn(move |cx| reader.poll_read_all(cx)));
        self.pool.wait_until_idle();
        client.deliver(usize::MAX); // what waited for the end of a handshake
        self.pool.wait_until_idle();
        self.members.push(Arc::clone(&client));
        client
    }

    /// Forgets the joins and lets every sender send its lines.
    fn flood(&self, floods: &[(Client, String)]) {
        for member in &self.members {
            member.heard();
        }
        for (sender, lines) in floods {
            sender.post(lines.as_bytes());
            let sender = Arc::clone(sender);
            self.pool.spawn(poll_fn(move |cx| sender.poll_deliver_all(cx)));
        }
        self.pool.wait_until_idle();
    }

    fn pass(&self, span: Duration) {
        self.clock.set(self.clock.now() + span);
        self.pool.wait_until_idle();
    }

    fn everyone_leaves(self) {
        for member in &self.members {
            member.half_close();
            member.deliver(usize::MAX);
        }
        self.pool.wait_until_idle();
        assert_eq!(self.service.registry().census(), Census::default());
        assert_eq!(self.service.connections(), 0);
        smol::block_on(self.accepting.cancel());
    }
}

/// Lines of `len` bytes, LF included, `bytes` in all, each with its place in the sequence.
fn lines(len: usize, bytes: usize) -> Vec<String> {
    let line = |n: usize| match len {
        1 => String::new(),
        2 => (n % 10).to_string(),
        _ => format!("{n:0width$}", width = len - 1),
    };
    (0..bytes / len).map(line).collect()
}

/// What each sender of `lines` posts.
fn input(lines: &[String]) -> String {
    lines.concat_with("", "\n")
}

/// What the room hears of it.
fn output(name: &str, lines: &[String]) -> String {
    lines.concat_with(&format!("{name}: "), "\n")
}

trait ConcatWith {
    fn concat_with(&self, before: &str, after: &str) -> String;
}

impl ConcatWith for [String] {
    fn concat_with(&self, before: &str, after: &str) -> String {
        let mut all = String::new();
        for line in self {
            all.extend([before, line, after]);
        }
        all
    }
}

/// The lines that begin with `prefix`, as they came.
fn part(heard: &str, prefix: &str) -> String {
    heard.split_inclusive('\n').filter(|line| line.starts_with(prefix)).collect()
}

/// One sender floods ten readers with `bytes` in lines of `len`.
fn one_sender_floods(len: usize, bytes: usize) {
    Pool::run(|pool| {
        let mut default_room = Hall::new(pool);
        let sender = default_room.member("s");
        for number in 0..READERS {
            default_room.member(&format!("r{number}"));
        }
        let lines = lines(len, bytes);
        default_room.flood(&[(sender, input(&lines))]);
        let wanted = output("s", &lines);
        for member in &default_room.members {
            assert!(member.heard() == wanted, "a reader was not sent every byte");
        }
        default_room.everyone_leaves();
    });
}

/// [common/flow-1]
#[test]
fn a_flood_of_empty_lines_evicts_no_client_and_loses_nothing() {
    one_sender_floods(1, MIB);
}

/// [common/flow-1]
#[test]
fn a_flood_of_one_byte_lines_evicts_no_client_and_loses_nothing() {
    one_sender_floods(2, 2 * MIB);
}

/// [common/flow-1]
#[test]
fn a_flood_of_64_byte_lines_evicts_no_client_and_loses_nothing() {
    one_sender_floods(64, 4 * MIB);
}

/// [common/flow-1] [common/order-1]
#[test]
fn floods_of_several_senders_evict_no_client_and_have_one_order() {
    Pool::run(|pool| three_senders_flood(Hall::new(pool), MIB));
}

/// As above.
#[test]
fn floods_over_a_layer_evict_no_client_and_have_one_order() {
    let layers = Layers(Wrong::Nothing);
    Pool::run(|pool| three_senders_flood(Hall::behind(layers, Wire::layered, pool), MIB / 8));
}

fn three_senders_flood(mut default_room: Hall<'_>, bytes: usize) {
    let senders = [0, 1, 2].map(|number| default_room.member(&format!("s{number}")));
    for number in 0..READERS {
        default_room.member(&format!("r{number}"));
    }
    let lines = lines(64, bytes);
    default_room.flood(&senders.map(|sender| (sender, input(&lines))));
    let order = default_room.members[0].heard();
    for member in &default_room.members[1..] {
        assert!(member.heard() == order, "two members were sent different orders");
    }
    let wanted = ["s0", "s1", "s2"].map(|name| output(name, &lines));
    assert_eq!(order.len(), wanted.iter().map(String::len).sum::<usize>());
    for (name, wanted) in ["s0", "s1", "s2"].iter().zip(wanted) {
        assert!(part(&order, name) == wanted, "{name}'s lines");
    }
    default_room.everyone_leaves();
}

/// [common/flow-3] [common/flow-4] [common/outbox-4]
#[test]
fn one_stalled_member_costs_a_flooded_room_250_ms_and_itself_its_place() {
    Pool::run(|pool| {
        let mut default_room = Hall::new(pool);
        let senders = [0, 1].map(|number| default_room.member(&format!("s{number}")));
        for number in 0..READERS {
            default_room.member(&format!("r{number}"));
        }
        let stalled = default_room.member("stalled");
        stalled.stall();
        default_room.members.pop();
        let lines = lines(64, 2 * MIB);
        default_room.flood(&senders.each_ref().map(|sender| (Arc::clone(sender), input(&lines))));
        let waiting = senders.each_ref().map(|sender| sender.unread());
        assert!(waiting.iter().all(|unread| *unread > 0), "every sender is held");
        for _ in 0..4 {
            default_room.pass(LOOK_INTERVAL);
        }
        default_room.pass(before(STALL_BUDGET.saturating_sub(4 * LOOK_INTERVAL)));
        assert_eq!(senders.each_ref().map(|sender| sender.unread()), waiting, "and still is");
        assert!(!stalled.is_closed());
        default_room.pass(TICK);
        assert!(stalled.is_closed(), "it has run into its bound");
        stalled.resume();
        let order = default_room.members[0].heard();
        for member in &default_room.members[1..] {
            assert!(member.heard() == order, "two members were sent different orders");
        }
        let wanted = ["s0", "s1"].map(|name| output(name, &lines));
        let told = "stalled has left\n";
        assert_eq!(order.len(), wanted.iter().map(String::len).sum::<usize>() + told.len());
        assert_eq!(part(&order, "stalled"), told);
        for (name, wanted) in ["s0", "s1"].iter().zip(wanted) {
            assert!(part(&order, name) == wanted, "{name}'s lines");
        }
        default_room.everyone_leaves();
    });
}

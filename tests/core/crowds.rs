//! Goal: a crowded room works in turns, in the order of waiting, and loses nothing.
//!
//! Method: as many members as one turn cannot serve, on the registry itself; a waker that counts
//! stands for the task of each sender. Limits: one thread; how turns and writes of real connections
//! follow each other is the matter of the tests over the scripted network.

use parlance_core::limits::{CROWD_MEMBERS_MIN, TURN_ENTRIES_MAX};
use parlance_core::protocol::rooms::Rooms;
use parlance_core::protocol::{Answer, Name, Request};
use parlance_core::registry::{CallContext, Client, Registry};
use parlance_core::time::Time;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Wake, Waker};

/// Counts how often it is woken.
#[derive(Default)]
struct Bell(AtomicUsize);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

impl Bell {
    fn rings(&self) -> usize {
        self.0.swap(0, Ordering::Relaxed)
    }
}

fn idle() -> CallContext<'static> {
    CallContext::new(Time::ZERO, Waker::noop())
}

/// A room of `count` members; none has the turn.
fn crowd(count: usize) -> (Registry, Vec<Client>) {
    let registry = Registry::new(&Rooms, parlance_core::limits::Limits::default());
    let join = |number| {
        let mut client = registry.connect();
        let name = Name::new(format!("m{number}").as_bytes(), 20).expect("a name");
        let room = Name::new(b"den", 20).expect("a name");
        let answer = client.submit(Request::Enter { room, name }, &mut idle());
        assert_eq!(answer, Answer::Entered);
        client.pass_turn(&mut idle());
        client
    };
    let members = (0..count).map(join).collect();
    (registry, members)
}

fn publish(client: &mut Client, bell: &Arc<Bell>) -> Answer {
    let waker = Waker::from(Arc::clone(bell));
    let lines = format!("line of {}\n", client.id()).into_bytes();
    client.submit(Request::Publish { lines }, &mut CallContext::new(Time::ZERO, &waker))
}

/// All lines pending for `client`.
fn heard(client: &Client) -> Vec<String> {
    let (mut lines, mut batch) = (Vec::new(), Vec::new());
    loop {
        client.outlet().take(&mut batch, Waker::noop());
        if batch.is_empty() {
            break;
        }
        let bytes: Vec<u8> = batch.iter().flat_map(|entry| entry.bytes().to_vec()).collect();
        client.outlet().settle(&mut batch, bytes.len(), false, &mut idle());
        lines.extend(String::from_utf8(bytes).expect("ASCII").lines().map(str::to_owned));
    }
    lines
}

/// Discards the lines pending for all `members`.
fn discard(members: &[Client]) {
    for member in members {
        heard(member);
    }
}

/// [common/flow-8]
#[test]
fn a_turn_of_a_crowded_room_is_bounded_and_senders_go_on_in_the_order_of_waiting() {
    let (_registry, mut members) = crowd(2 * CROWD_MEMBERS_MIN);
    let fits = TURN_ENTRIES_MAX / members.len();
    let bells: Vec<_> = members.iter().map(|_| Arc::new(Bell::default())).collect();
    discard(&members);
    for (number, (member, bell)) in members.iter_mut().zip(&bells).enumerate() {
        let waits = matches!(publish(member, bell), Answer::Wait { .. });
        // Members within the first turn publish; all others wait for their turn.
        assert_eq!(waits, number >= fits, "member {number}");
    }
    assert!(members[0].has_turn() && !members[1].has_turn());
    members[0].pass_turn(&mut idle());
    let woken: Vec<usize> = (0..members.len()).filter(|&at| bells[at].rings() > 0).collect();
    assert_eq!(woken, (fits..2 * fits).collect::<Vec<_>>());
}

/// [common/flow-8] [common/order-1]
#[test]
fn every_member_of_a_crowd_hears_every_line_in_one_order() {
    let count = CROWD_MEMBERS_MIN + 50;
    let (_registry, mut members) = crowd(count);
    discard(&members);
    let bell = Arc::new(Bell::default());
    let mut waiting: Vec<usize> = (0..count).collect();
    let mut turns = 0;
    while !waiting.is_empty() {
        waiting.retain(|&at| matches!(publish(&mut members[at], &bell), Answer::Wait { .. }));
        for member in &mut members {
            member.pass_turn(&mut idle());
        }
        turns += 1;
    }
    assert_eq!(turns, count.div_ceil(TURN_ENTRIES_MAX / count), "each turn serves as many as fit");
    let first = heard(&members[0]);
    assert_eq!(first.len(), count);
    assert!(members.iter().skip(1).all(|member| heard(member) == first));
}

/// [common/flow-8] [common/outbox-6]
#[test]
fn departures_within_a_turn_are_announced_together() {
    let (registry, mut members) = crowd(CROWD_MEMBERS_MIN + 2);
    discard(&members);
    let bell = Arc::new(Bell::default());
    assert_eq!(publish(&mut members[0], &bell), Answer::Published);
    members.truncate(members.len() - 2); // two of them depart
    assert_eq!(heard(&members[1]).len(), 1, "the departures wait for the end of the turn");
    // A line before the notices would be in the room's order and not reach the clients that left.
    let late = publish(&mut members[1], &bell);
    assert!(matches!(late, Answer::Wait { .. }), "{late:?}");
    members[0].pass_turn(&mut idle());
    let notices = heard(&members[1]);
    assert_eq!(notices.len(), 2);
    assert!(notices.iter().all(|notice| notice.ends_with("has left")), "{notices:?}");
    assert_eq!(registry.census().members, CROWD_MEMBERS_MIN);
    drop(members);
    assert_eq!(registry.census(), parlance_core::registry::Census::default());
}

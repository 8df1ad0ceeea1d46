//! Goal: the bounds of an outbox hold to the byte. Method: one member of a room that reads nothing,
//! and runs whose charge comes to a bound exactly, or to one byte more. Limits: one bound at a
//! time; the model tests cover several together.

use parlance_core::limits::{
    CHUNK_BYTES, CHUNK_BYTES_MAX, ENTRY_BYTES, HIGH_WATER_BYTES, Limits, READ_BYTES_MAX,
    SMALL_READ_BYTES_MAX, STALL_BUDGET,
};
use parlance_core::protocol::login::Login;
use parlance_core::protocol::rooms::Rooms;
use parlance_core::protocol::{Answer, Name, Request};
use parlance_core::registry::{CallContext, Client, Entry, OutboxState, Registry};
use parlance_core::time::Time;
use std::task::Waker;

fn join(registry: &Registry, name: &[u8]) -> Client {
    let mut client = registry.connect();
    let room = Name::new(b"r", 20).expect("a name");
    let name = Name::new(name, 20).expect("a name");
    let request = Request::Enter { room, name };
    assert_eq!(client.submit(request, &mut call()), Answer::Entered);
    client.pass_turn(&mut call()); // the room may be crowded
    client
}

fn call() -> CallContext<'static> {
    CallContext::new(Time::ZERO, Waker::noop())
}

/// Takes all pending entries.
fn read_all(client: &Client) {
    let mut batch = Vec::new();
    client.outlet().take(&mut batch, Waker::noop());
    let queued = batch.iter().map(|entry| entry.bytes().len()).sum();
    client.outlet().settle(&mut batch, queued, false, &mut call());
    assert_eq!(client.charge(), 0);
}

/// Publishes one run that costs each member `charge`.
fn publish(client: &mut Client, charge: usize) -> Answer {
    let answer =
        client.submit(Request::Publish { lines: vec![b'\n'; charge - ENTRY_BYTES] }, &mut call());
    read_all(client);
    answer
}

/// A room of a sender that reads, and a member that has read nothing but the joins.
fn room(limits: Limits) -> (Client, Client) {
    let registry = Registry::new(&Rooms, limits);
    let (sender, silent) = (join(&registry, b"sender"), join(&registry, b"silent"));
    read_all(&sender);
    read_all(&silent);
    (sender, silent)
}

/// [common/flow-1] [common/outbox-3]
#[test]
fn a_member_at_the_high_water_mark_holds_no_sender_and_one_byte_more_does() {
    let (mut sender, silent) = room(Limits::default());
    assert_eq!(publish(&mut sender, HIGH_WATER_BYTES), Answer::Published);
    assert_eq!(silent.charge(), HIGH_WATER_BYTES);
    assert_eq!(publish(&mut sender, ENTRY_BYTES + 1), Answer::Published);
    assert!(matches!(publish(&mut sender, ENTRY_BYTES + 1), Answer::Wait { .. }));
}

/// [common/outbox-4]
#[test]
fn an_outbox_may_be_full_to_the_byte_and_not_fuller() {
    for (over, outbox_state) in [(0, OutboxState::Open), (1, OutboxState::Evicted)] {
        let limits = Limits { outbox_bytes_max: 40_000, ..Limits::default() };
        let (mut sender, silent) = room(limits);
        assert_eq!(publish(&mut sender, 30_000), Answer::Published);
        assert_eq!(publish(&mut sender, 10_000 + over), Answer::Published);
        assert_eq!(silent.outbox_state(), outbox_state, "{over} over the bound");
    }
}

/// [common/outbox-9]
#[test]
fn all_outboxes_together_may_be_full_to_the_byte_and_not_fuller() {
    let limits = Limits { total_bytes_max: 1_000, ..Limits::default() };
    let registry = Registry::new(&Rooms, limits);
    let mut clients = [(); 3].map(|()| registry.connect());
    let mut charged = |client: usize, bytes: usize| {
        let request = Request::Reply { lines: vec![b'\n'; bytes - ENTRY_BYTES - CHUNK_BYTES] };
        assert_eq!(clients[client].submit(request, &mut call()), Answer::Done);
        (clients.each_ref().map(Client::outbox_state), registry.census().charge)
    };
    charged(0, 300);
    assert_eq!(charged(1, 700), ([OutboxState::Open; 3], 1_000), "full");
    // The greatest of those that wait equally long is evicted, and then a sixteenth is free.
    let states = [OutboxState::Open, OutboxState::Evicted, OutboxState::Open];
    assert_eq!(charged(2, 638), (states, 938), "938 of 1,000 may remain");
}

/// [common/outbox-9]
#[test]
fn clients_are_evicted_until_a_sixteenth_of_the_bound_is_free() {
    let limits = Limits { total_bytes_max: 1_600, ..Limits::default() };
    let registry = Registry::new(&Rooms, limits);
    let mut clients = [(); 3].map(|()| registry.connect());
    // Without the second eviction 1,501 bytes would remain: over fifteen sixteenths of the bound.
    for (client, bytes, millis) in [(0, 601, 1), (1, 300, 1), (2, 1_501, 2)] {
        let request = Request::Reply { lines: vec![b'\n'; bytes - ENTRY_BYTES - CHUNK_BYTES] };
        let time = Time::from_nanos(millis * 1_000_000);
        let mut call = CallContext::new(time, Waker::noop());
        assert_eq!(clients[client].submit(request, &mut call), Answer::Done);
    }
    // The third is a newcomer; with 1,500 bytes of it the others are enough.
    let states = clients.each_ref().map(Client::outbox_state);
    assert_eq!(states, [OutboxState::Evicted; 3], "one byte too many is left");
}

/// A newcomer with a long list pending is not evicted for clients that never read.
/// [common/outbox-9]
#[test]
fn the_client_that_holds_memory_for_longest_is_evicted_and_not_the_largest() {
    let limits = Limits { total_bytes_max: 10_000, ..Limits::default() };
    let registry = Registry::new(&Rooms, limits);
    let [mut first, mut second, mut late] = [(); 3].map(|()| registry.connect());
    let reply = |bytes| Request::Reply { lines: vec![b'\n'; bytes] };
    let at = |millis: u64| CallContext::new(Time::from_nanos(millis * 1_000_000), Waker::noop());
    assert_eq!(first.submit(reply(1_000), &mut at(2_000)), Answer::Done);
    assert_eq!(second.submit(reply(1_000), &mut at(1_000)), Answer::Done);
    assert_eq!(late.submit(reply(8_000), &mut at(3_000)), Answer::Done);
    let states = [&first, &second, &late].map(Client::outbox_state);
    assert_eq!(states, [OutboxState::Open, OutboxState::Evicted, OutboxState::Open]);
}

/// Held input is memory too. It goes with the client that is evicted. [common/outbox-9]
#[test]
fn held_input_counts_towards_the_total() {
    let limits = Limits { total_bytes_max: 10_000, ..Limits::default() };
    let registry = Registry::new(&Rooms, limits);
    let [mut holds, mut other] = [(); 2].map(|()| registry.connect());
    assert_eq!(holds.read_bytes_max(), READ_BYTES_MAX);
    holds.holds_input(6_000, &mut call());
    assert_eq!(registry.census().charge, 6_000);
    assert_eq!(other.read_bytes_max(), SMALL_READ_BYTES_MAX, "more than half is used");
    other.holds_input(4_001, &mut call());
    assert_eq!(holds.outbox_state(), OutboxState::Evicted);
    assert_eq!(registry.census().charge, 4_001);
    holds.holds_input(0, &mut call());
    drop((holds, other));
    assert_eq!(registry.census().charge, 0);
}

/// Publishes a run as long as the high-water mark once the members that do not read hold it no
/// longer, and says when that is.
fn publish_past_stalled(sender: &mut Client, mut now: Time) -> Time {
    read_all(sender);
    let mut request = Request::Publish { lines: vec![b'\n'; HIGH_WATER_BYTES - ENTRY_BYTES] };
    loop {
        match sender.submit(request, &mut CallContext::new(now, Waker::noop())) {
            Answer::Wait { request: again, until } => (request, now) = (again, until),
            answer => {
                assert_eq!(answer, Answer::Published);
                return now;
            }
        }
    }
}

fn notice(number: usize) -> String {
    format!("INFO member-{number:06} disconnected\n")
}

/// So many members of login that [`notice`] is about, whose sockets take nothing and whose
/// outboxes are full to one more such run.
fn full(registry: &Registry, anchor: &mut Client, count: usize) -> Vec<Client> {
    let name = |number| format!("member-{number:06}").into_bytes();
    let others: Vec<_> = (0..count).map(|number| join(registry, &name(number))).collect();
    // Their sockets take nothing, so that their stall budgets are exhausted.
    for other in &others {
        let mut batch = Vec::new();
        other.outlet().take(&mut batch, Waker::noop());
        other.outlet().settle(&mut batch, 0, true, &mut call());
    }
    read_all(anchor);
    for _ in 0..2 {
        assert_eq!(publish(anchor, HIGH_WATER_BYTES), Answer::Published);
    }
    others
}

/// What `client` is to be sent.
fn pending(client: &Client) -> Vec<Vec<u8>> {
    let mut batch = Vec::new();
    client.outlet().take(&mut batch, Waker::noop());
    batch.iter().map(|entry: &Entry| entry.bytes().to_vec()).collect()
}

/// How many notices fit into one entry.
const NOTICES_MAX: usize = CHUNK_BYTES_MAX / "INFO member-000000 disconnected\n".len();

fn of_three_runs() -> Registry {
    let limits = Limits { outbox_bytes_max: 3 * HIGH_WATER_BYTES, ..Limits::default() };
    Registry::new(&Login, limits)
}

/// [common/outbox-6]
#[test]
fn a_wave_of_departures_is_split_between_lines_where_an_entry_would_be_too_long() {
    assert_eq!(NOTICES_MAX * notice(0).len(), CHUNK_BYTES_MAX);
    let registry = of_three_runs();
    let mut anchor = join(&registry, b"anchor");
    let others = full(&registry, &mut anchor, NOTICES_MAX + 1);
    let now = publish_past_stalled(&mut anchor, Time::ZERO);
    assert_eq!(publish_past_stalled(&mut anchor, now), now);
    assert_eq!(now, Time::ZERO + STALL_BUDGET);
    assert!(others.iter().all(|other| other.outbox_state() == OutboxState::Evicted));
    let whole = (0..NOTICES_MAX).map(notice).collect::<String>();
    let told = pending(&anchor);
    assert_eq!(told[1..], [whole.as_bytes(), notice(NOTICES_MAX).as_bytes()]);
    assert_eq!(anchor.outbox_state(), OutboxState::Open);
}

/// Each entry of a wave may evict others: those of the first leave, though the last entry evicts
/// nobody. [common/outbox-5] [common/outbox-6]
#[test]
fn a_member_that_the_first_of_several_notices_evicts_departs() {
    let registry = of_three_runs();
    let mut anchor = join(&registry, b"anchor");
    let others = full(&registry, &mut anchor, NOTICES_MAX + 1);
    let late = join(&registry, b"late"); // has room for the two runs, but not for the notice
    let now = publish_past_stalled(&mut anchor, Time::ZERO);
    publish_past_stalled(&mut anchor, now);
    assert!(others.iter().all(|other| other.outbox_state() == OutboxState::Evicted));
    assert_eq!(late.outbox_state(), OutboxState::Evicted);
    assert_eq!(pending(&anchor).last().expect("notices"), b"INFO late disconnected\n");
    assert_eq!(registry.census().members, 1);
}

/// What a connection is writing at the moment is freed when it has written it. [common/outbox-9]
#[test]
fn without_pending_lines_the_total_may_exceed_its_bound_for_a_while() {
    let limits = Limits { total_bytes_max: 1_000, ..Limits::default() };
    let registry = Registry::new(&Rooms, limits);
    let [mut writing, mut other] = [registry.connect(), registry.connect()];
    let reply = || Request::Reply { lines: vec![b'\n'; 1_000 - ENTRY_BYTES - CHUNK_BYTES] };
    assert_eq!(writing.submit(reply(), &mut call()), Answer::Done);
    let mut batch = Vec::new();
    writing.outlet().take(&mut batch, Waker::noop());
    other.submit(reply(), &mut call());
    assert_eq!([writing.outbox_state(), other.outbox_state()], [OutboxState::Evicted; 2]);
    assert_eq!(registry.census().charge, 1_000);
    writing.outlet().settle(&mut batch, 0, false, &mut call());
    assert_eq!((batch.len(), registry.census().charge), (0, 0));
}

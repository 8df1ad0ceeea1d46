//! Goal: whoever speaks to many, or much, does not keep everybody else waiting.
//!
//! Method: the executor is taken one poll at a time, and what the server reads and writes in each
//! is counted.
//!
//! Limits: counts, not durations; that the executor lets every task have its turn is its own
//! business.

use super::house::House;
use super::wire::{Client, Quirks};
use crate::speech::{CHANNELS, ROOMS};
use parlance_core::limits::{CrowdLimits, Limits};
use std::net::IpAddr;

/// To how many clients a connection has something written in one poll, at most.
const WRITES_MAX: usize = 64;

/// More than two full polls of writes.
const CROWD: usize = 150;

/// The most bytes of one read.
const READ_BYTES_MAX: usize = 64 * 1024;

/// The most bytes written to one client in one poll.
const WRITE_BYTES_MAX: usize = 64 * 1024;

fn crowd(house: &mut House) -> Vec<Client> {
    let clients: Vec<_> = (0..CROWD).map(|n| house.member("den", &format!("m{n}"))).collect();
    for client in &clients {
        client.heard();
    }
    clients
}

/// Lets everything happen that follows without the clients' help, and calls `look` after each poll
/// with the number of writes in it.
fn each_poll(house: &House, mut look: impl FnMut(usize)) {
    let mut before = house.writes();
    while house.executor.step() {
        let after = house.writes();
        look(after - before);
        before = after;
    }
}

/// [common/prompt-2]
#[test]
fn a_line_in_a_crowd_is_written_to_64_at_a_time() {
    for seed in 0..3 {
        let mut house = House::serving(&ROOMS, seed, Limits::default());
        let members = crowd(&mut house);
        members[0].post(b"hello\n");
        members[0].deliver(usize::MAX);
        let mut polls = 0;
        each_poll(&house, |writes| {
            assert!(writes <= WRITES_MAX, "{writes} clients were written to in one poll");
            polls += usize::from(writes > 0);
        });
        assert!(polls > CROWD / WRITES_MAX, "{polls} polls have written to {CROWD} clients");
        house.settle();
        assert!(members.iter().all(|member| member.heard() == "m0: hello\n"));
    }
}

/// Lines of another room are not kept waiting until the last of the crowd has its own.
/// [common/prompt-2]
#[test]
fn a_small_room_is_served_in_the_middle_of_a_line_for_a_crowd() {
    let in_between = |seed| {
        let mut house = House::serving(&ROOMS, seed, Limits::default());
        let members = crowd(&mut house);
        let pair = ["ann", "joe"].map(|name| house.member("nook", name));
        members[0].post(b"hello\n");
        pair[0].post(b"hi\n");
        let before = house.writes();
        for client in pair.iter().chain(&members) {
            client.deliver(usize::MAX);
        }
        while pair[1].waiting() == 0 && house.executor.step() {}
        let done = house.writes() - before;
        (WRITES_MAX..CROWD).contains(&done)
    };
    assert!((0..20).any(in_between), "the order is the seed's, but never was the pair in between");
}

/// A departure is told to a crowd in parts too, and whoever sees the end of the connection finds it
/// told. [common/prompt-2] [common/eos-6]
#[test]
fn a_departure_is_told_to_64_at_a_time_and_before_the_connection_ends() {
    for seed in 0..3 {
        let mut house = House::serving(&ROOMS, seed, Limits::default());
        let members = crowd(&mut house);
        let (leaver, others) = members.split_first().expect("there is a crowd");
        leaver.half_close();
        leaver.deliver(usize::MAX);
        each_poll(&house, |writes| {
            assert!(writes <= WRITES_MAX, "{writes} clients were written to in one poll");
            let told = others.iter().filter(|other| other.waiting() > 0).count();
            assert!(!leaver.is_closed() || told == CROWD - 1, "it is closed, {told} are told");
        });
        assert!(leaver.is_closed());
        house.settle();
        assert!(others.iter().all(|other| other.heard() == "m0 has left\n"));
    }
}

/// Bytes that one poll queues for a read in which each line is a run of its own. The audience
/// reads, or is stalled with lines pending.
fn queued_by_one_poll(seed: u64, reads: bool) -> usize {
    let mut house = House::serving(&CHANNELS, seed, Limits::default());
    house.quirks.down_max = if reads { Quirks::NONE.down_max } else { 200 };
    let members = crowd(&mut house);
    if !reads {
        for member in &members[1..] {
            member.stall();
        }
        house.say(&members[0], &"x".repeat(300));
    }
    members[0].post(&b"hi\n/what\n".repeat(300));
    members[0].deliver(usize::MAX);
    let queued = |house: &House| house.service.registry().census().charge;
    let (mut before, mut most) = (queued(&house), 0);
    each_poll(&house, |_| {
        let after = queued(&house);
        most = most.max(after.saturating_sub(before));
        before = after;
    });
    most
}

/// [common/prompt-2]
#[test]
fn runs_for_a_crowd_are_published_a_few_at_a_time() {
    const ENTRY: usize = 64 + "m0: hi\n".len();
    for seed in 0..3 {
        let queued = queued_by_one_poll(seed, true);
        assert!(queued < 2 * CROWD * ENTRY, "{queued} bytes in one poll, to members who read");
        let queued = queued_by_one_poll(seed, false);
        assert!(queued < (1_024 + 2 * CROWD) * ENTRY, "{queued} bytes in one poll, to others");
    }
}

/// Alone in a room or not. [common/prompt-2]
#[test]
fn a_flooding_client_is_read_once_per_poll() {
    for (seed, others) in [(0, 0), (1, 0), (2, 1), (3, 1), (4, 2)] {
        let mut house = House::serving(&ROOMS, seed, Limits::default());
        house.quirks = Quirks { up_max: 1 << 20, down_max: 4 << 20, ..Quirks::NONE };
        let sender = house.member("den", "ann");
        let readers: Vec<_> = (0..others).map(|n| house.member("den", &format!("m{n}"))).collect();
        house.settle();
        for reader in &readers {
            reader.heard();
        }
        let line = b"0123456789abcde\n"; // of these a read has a whole number
        sender.post(&line.repeat((1 << 20) / line.len()));
        sender.deliver(usize::MAX);
        let mut unread = sender.unread();
        while house.executor.step() {
            let read = unread - sender.unread();
            assert!(read <= READ_BYTES_MAX, "{read} bytes were read in one poll");
            unread -= read;
        }
        house.settle();
        let wanted = (line.len() + "ann: ".len()) << 16;
        assert!(readers.iter().all(|reader| reader.received_len() == wanted));
    }
}

/// A client that reads everything at once gets a long list in parts. [common/prompt-2]
#[test]
fn a_long_list_is_written_in_parts() {
    const ROOMS_MAX: usize = 2_200; // of 32 bytes each
    let mut house = House::serving(&CHANNELS, 0, Limits::default());
    house.quirks = Quirks { up_max: 1 << 20, down_max: 4 << 20, ..Quirks::NONE };
    let room = |n: usize| format!("{n:031}");
    let _guests: Vec<_> =
        (0..ROOMS_MAX).map(|n| house.member(&room(n), &format!("m{n}"))).collect();
    let asker = house.member(&room(0), "asker");
    asker.heard();
    asker.post(b"ROOMS\n");
    asker.deliver(usize::MAX);
    let (mut before, mut parts) = (asker.waiting(), 0);
    each_poll(&house, |_| {
        let after = asker.waiting();
        assert!(after - before <= WRITE_BYTES_MAX, "{} bytes in one poll", after - before);
        parts += usize::from(after > before);
        before = after;
    });
    assert!(parts > ROOMS_MAX * 32 / WRITE_BYTES_MAX, "{parts} parts");
    house.settle();
    assert_eq!(asker.heard().len(), "ROOMLIST\r\n".len() + ROOMS_MAX * 32);
}

/// A list is work for each of its names, whether or not it is rendered anew. [common/prompt-2]
#[test]
fn lists_are_given_a_few_at_a_time() {
    const ROOMS_MAX: usize = 300;
    for seed in 0..3 {
        let mut house = House::serving(&CHANNELS, seed, Limits::default());
        let _guests: Vec<_> =
            (0..ROOMS_MAX).map(|n| house.member(&format!("r{n}"), &format!("m{n}"))).collect();
        let asker = house.member("r0", "asker");
        asker.heard();
        house.send(&asker, "ROOMS\n");
        let list = asker.heard();
        asker.post(&b"ROOMS\n".repeat(20));
        asker.deliver(usize::MAX);
        let given = |house: &House| house.service.registry().census().charge + asker.waiting();
        let (mut before, mut most, mut polls) = (given(&house), 0, 0);
        each_poll(&house, |_| {
            let after = given(&house);
            most = most.max(after.saturating_sub(before));
            polls += usize::from(after > before);
            before = after;
        });
        // Three have fewer than 1,024 names together, and the last is given whole.
        assert!(most < 5 * list.len(), "{most} bytes in one poll");
        assert!(polls >= 5, "{polls} polls");
        house.settle();
        assert_eq!(asker.heard(), list.repeat(20));
    }
}

/// All have a room of their own, and much to say at once. [common/prompt-2]
#[test]
fn the_share_of_each_shrinks_when_a_thousand_are_busy() {
    const LINE: usize = 10_000;
    const SAID: usize = 7 * LINE; // more than one read
    let mut house = House::serving(&ROOMS, 0, Limits::default());
    house.quirks.down_max = 2 * SAID;
    let members: Vec<_> =
        (0..1_300).map(|n| house.member(&format!("r{n}"), &format!("m{n}"))).collect();
    let said = format!("{}\n", "x".repeat(LINE - 1)).repeat(SAID / LINE);
    for member in &members {
        member.post(said.as_bytes());
        member.deliver(usize::MAX);
    }
    let mut unread: Vec<usize> = members.iter().map(|member| member.unread()).collect();
    let mut reads = Vec::new();
    while house.executor.step() {
        let now: Vec<usize> = members.iter().map(|member| member.unread()).collect();
        let read: usize = unread.iter().zip(&now).map(|(before, after)| before - after).sum();
        // The last bytes of a client are few anyway.
        if read > 0 && unread.iter().all(|unread| *unread < SAID) {
            reads.push(read);
        }
        unread = now;
    }
    // Many of them wait for their own lines to be written, and so are not counted.
    let first = &reads[..100];
    assert!(first.iter().all(|read| *read <= READ_BYTES_MAX / 4), "{first:?}");
    house.settle();
    assert!(members.iter().all(|member| member.heard().len() > SAID));
}

/// [common/prompt-2]
#[test]
fn a_thousand_busy_clients_of_one_address_do_not_delay_another_address_by_their_number() {
    const CLIENTS: usize = 1_300;
    const LINE: usize = 10_000;
    const SAID: usize = 7 * LINE; // in reads of a page
    let mut house = House::serving(&ROOMS, 0, Limits::default());
    (house.quirks.up_max, house.quirks.down_max) = (SAID, 2 * SAID);
    let crowd: Vec<_> =
        (0..CLIENTS).map(|n| house.member(&format!("r{n}"), &format!("m{n}"))).collect();
    let other = house.knock(IpAddr::from([192, 0, 2, 1]));
    other.post(&house.speech.enter_room("nook", "ann"));
    house.settle();
    let said = format!("{}\n", "x".repeat(LINE - 1)).repeat(SAID / LINE);
    for member in &crowd {
        member.post(said.as_bytes());
        member.deliver(usize::MAX);
    }
    // All of the crowd have had their first share, and wait for the next.
    while crowd.iter().any(|member| member.unread() == SAID) && house.executor.step() {}
    other.post(said.as_bytes());
    other.deliver(usize::MAX);
    let mut polls = 0;
    while other.unread() > 0 && house.executor.step() {
        polls += 1;
    }
    // In eighteen shares, each of which waits for 64 polls, and for more as chance has it. In the
    // order of all these would be 23,000 polls.
    assert!(polls < 5_000, "{polls} polls");
    assert!(crowd.iter().filter(|member| member.unread() > 0).count() > CLIENTS / 2);
    house.settle();
    assert!(crowd.iter().chain([&other]).all(|client| client.heard().len() > SAID));
}

/// Each does less than a share, a thousand together do not. [common/prompt-2]
#[test]
fn clients_that_are_woken_wait_with_the_busy_ones_of_their_address() {
    const CLIENTS: usize = 1_000;
    let mut house = House::serving(&CHANNELS, 0, Limits::default());
    let busy: Vec<_> = (0..100).map(|n| house.member(&format!("b{n}"), &format!("b{n}"))).collect();
    let woken: Vec<_> =
        (0..CLIENTS).map(|n| house.member(&format!("r{n}"), &format!("m{n}"))).collect();
    let other = house.knock(IpAddr::from([192, 0, 2, 1]));
    other.post(&house.speech.enter_room("nook", "ann"));
    house.settle();
    let much = b"x\n/\n".repeat(16_384); // each line ends a run
    for member in &busy {
        member.post(&much);
        member.deliver(usize::MAX);
    }
    while busy.iter().any(|member| member.unread() == much.len()) && house.executor.step() {}
    for client in woken.iter().chain([&other]) {
        client.post(b"hello\n");
        client.deliver(usize::MAX);
    }
    // Each is polled once, to find out that it has to wait.
    while house.executor.ready() > 2 * 64 && house.executor.step() {}
    let mut polls = 0;
    while other.unread() > 0 && house.executor.step() {
        polls += 1;
    }
    let unread = woken.iter().filter(|client| client.unread() > 0).count();
    assert!(polls < 500 && unread > CLIENTS / 2, "{polls} polls, {unread} of {CLIENTS} wait");
    house.settle();
    assert!(woken.iter().all(|client| client.heard().contains("hello")));
}

/// Thirteen hundred busy clients of one address, a client of the same address in the room "nook",
/// and `count` others there, all of another address.
fn a_guest_of_a_busy_address(house: &mut House, count: u8) -> (Vec<Client>, Client, Vec<Client>) {
    const CLIENTS: usize = 1_300;
    const LINE: usize = 10_000;
    const SAID: usize = 7 * LINE;
    (house.quirks.up_max, house.quirks.down_max) = (SAID, 2 * SAID);
    let crowd: Vec<_> =
        (0..CLIENTS).map(|n| house.member(&format!("r{n}"), &format!("m{n}"))).collect();
    let guest = house.member("nook", "guest");
    let others: Vec<_> = (0..count)
        .map(|n| {
            let other = house.knock(IpAddr::from([192, 0, 2, 1]));
            other.post(&house.speech.enter_room("nook", &format!("o{n}")));
            house.settle();
            other
        })
        .collect();
    for other in &others {
        other.heard();
    }
    let said = format!("{}\n", "x".repeat(LINE - 1)).repeat(SAID / LINE);
    for member in &crowd {
        member.post(said.as_bytes());
        member.deliver(usize::MAX);
    }
    // All of the crowd have had their first share, and wait for the next.
    while crowd.iter().any(|member| member.unread() == SAID) && house.executor.step() {}
    (crowd, guest, others)
}

/// How many polls it takes until `client` has heard `text`.
fn polls_until_heard(house: &House, client: &Client, text: &str) -> usize {
    let (mut polls, mut heard) = (0, String::new());
    while !heard.contains(text) && house.executor.step() {
        client.read(usize::MAX);
        heard += &client.heard();
        polls += 1;
    }
    assert!(heard.contains(text), "{heard:?}");
    polls
}

/// Those whom the line of a busy address has yet to reach are reached in its time.
/// [common/prompt-2]
#[test]
fn a_busy_address_delays_no_line_of_a_room_in_which_it_has_spoken() {
    let mut house = House::serving(&ROOMS, 0, Limits::default());
    let (_crowd, guest, others) = a_guest_of_a_busy_address(&mut house, 100);
    guest.post(b"hi\n");
    guest.deliver(usize::MAX);
    while guest.unread() > 0 && house.executor.step() {}
    others[0].post(b"hello\n");
    others[0].deliver(usize::MAX);
    for listener in [&others[1], &others[99]] {
        let polls = polls_until_heard(&house, listener, "hello");
        assert!(polls < 500, "{polls} polls");
    }
    house.settle();
}

/// [common/prompt-2] [common/flow-8]
#[test]
fn a_busy_address_passes_its_turn_in_a_crowd_in_its_time() {
    let crowd = CrowdLimits { members_min: 4, ..CrowdLimits::default() };
    let mut house = House::serving(&ROOMS, 0, Limits { crowd, ..Limits::default() });
    let (_crowd, guest, others) = a_guest_of_a_busy_address(&mut house, 4);
    guest.post(b"hi\n");
    guest.deliver(usize::MAX);
    while guest.unread() > 0 && house.executor.step() {}
    // A departure within the turn lets all others wait for its end.
    others[3].reset(false);
    while others[0].waiting() == 0 && house.executor.step() {}
    others[0].post(b"hello\n");
    others[0].deliver(usize::MAX);
    let polls = polls_until_heard(&house, &others[1], "hello");
    assert!(polls < 500, "{polls} polls");
    house.settle();
}

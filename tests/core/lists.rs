//! Goal: a long list of members is the list of that moment, though it is rendered once for all that
//! ask.
//!
//! Method: a room whose list is kept; after each kind of change it is asked for again. Limits: one
//! thread; shorter lists are the matter of the model tests.

use parlance_core::limits::Limits;
use parlance_core::protocol::dialect::Listing;
use parlance_core::protocol::login::Login;
use parlance_core::protocol::{Answer, Name, Request};
use parlance_core::registry::{CallContext, Client, Registry};
use parlance_core::time::Time;
use std::task::Waker;

/// So many names of twenty bytes are a list that is kept.
const MEMBERS: usize = 300;

fn call() -> CallContext<'static> {
    CallContext::new(Time::ZERO, Waker::noop())
}

fn member(registry: &Registry, number: usize) -> Client {
    let mut client = registry.connect();
    let name = Name::new(format!("member-number-{number:06}").as_bytes(), 20).expect("a name");
    let room = Name::new(b"hall", 20).expect("a name");
    assert_eq!(client.submit(Request::Enter { room, name }, &mut call()), Answer::Entered);
    client.pass_turn(&mut call());
    client
}

/// Takes all that is pending for `client`.
fn read_all(client: &Client) -> Vec<u8> {
    let (mut read, mut batch) = (Vec::new(), Vec::new());
    loop {
        client.outlet().take(&mut batch, Waker::noop());
        let taken: Vec<u8> = batch.iter().flat_map(|entry| entry.bytes().to_vec()).collect();
        read.extend_from_slice(&taken);
        if !client.outlet().settle(&mut batch, taken.len(), false, &mut call()) {
            return read;
        }
    }
}

/// How many names the list has, and how many of this member.
fn listed(asker: &mut Client, number: usize) -> (usize, usize) {
    read_all(asker);
    assert_eq!(asker.submit(Request::List(Listing::Members), &mut call()), Answer::Done);
    let list = String::from_utf8(read_all(asker)).expect("names are ASCII");
    (list.matches("member-number-").count(), list.matches(&format!("{number:06}")).count())
}

/// [common/reply-1]
#[test]
fn a_long_list_of_members_shows_each_join_departure_and_eviction() {
    let limits = Limits { outbox_bytes_max: 100_000, ..Limits::default() };
    let registry = Registry::new(&Login, limits);
    let mut members: Vec<_> = (0..MEMBERS).map(|number| member(&registry, number)).collect();
    let mut asker = members.remove(0);
    assert_eq!(listed(&mut asker, 7), (MEMBERS, 1));
    let late = member(&registry, MEMBERS);
    assert_eq!(listed(&mut asker, MEMBERS), (MEMBERS + 1, 1));
    assert_eq!(listed(&mut asker, MEMBERS), (MEMBERS + 1, 1), "the kept one");
    drop(late);
    asker.pass_turn(&mut call());
    assert_eq!(listed(&mut asker, MEMBERS), (MEMBERS, 0));
    // All others refuse bytes, and the lines of one of them evict them.
    let lines = vec![b'\n'; 60_000];
    for _ in 0..2 {
        let answer = asker.submit(Request::Publish { lines: lines.clone() }, &mut call());
        assert_eq!(answer, Answer::Published);
        read_all(&asker);
        asker.pass_turn(&mut call());
    }
    assert_eq!(listed(&mut asker, 7), (1, 0));
}

/// What all that ask are sent is in memory once. [common/outbox-9]
#[test]
fn a_thousand_that_ask_share_one_list() {
    let registry = Registry::new(&Login, Limits::default());
    let mut members: Vec<_> = (0..MEMBERS).map(|number| member(&registry, number)).collect();
    let before = registry.census().charge;
    let list = Request::List(Listing::Members);
    assert_eq!(members[0].submit(list, &mut call()), Answer::Done);
    let one = registry.census().charge - before;
    for member in &mut members[1..] {
        let list = Request::List(Listing::Members);
        assert_eq!(member.submit(list, &mut call()), Answer::Done);
    }
    let all = registry.census().charge - before;
    assert!(one > MEMBERS * 20 && all < one + MEMBERS * 100, "{one} for one, {all} for all");
}

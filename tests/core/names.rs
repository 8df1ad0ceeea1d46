//! Names and evictions.
//!
//! Goal: an eviction releases the client's name in the same step, not when its connection notices.
//! Method: the registry without connections: the test keeps the evicted client's handle while
//! another client claims its name. Limits: one registry, one thread; all other kinds of departure
//! are in `tests/network`.

use parlance_core::limits::{HIGH_WATER_BYTES, Limits};
use parlance_core::protocol::{Answer, DIALECTS, Name, Request};
use parlance_core::registry::{CallContext, Client, Registry};
use parlance_core::time::Time;
use std::task::Waker;

fn name(text: &str) -> Name {
    Name::new(text.as_bytes(), 32).expect("it is a name")
}

fn ask(client: &mut Client, request: Request) -> Answer {
    client.submit(request, &mut CallContext::new(Time::ZERO, Waker::noop()))
}

fn enter(client: &mut Client, user: &str) -> Answer {
    ask(client, Request::Enter { room: name("hall"), name: name(user) })
}

/// A registry of `dialect` with little room in its outboxes, where ann and joe are.
fn ann_and_joe(dialect: &str, limits: Limits) -> (Registry, Client, Client) {
    let dialect = DIALECTS.iter().find(|each| each.name() == dialect).expect("it is served");
    let registry = Registry::new(*dialect, limits);
    let (mut ann, mut joe) = (registry.connect(), registry.connect());
    assert_eq!(enter(&mut ann, "ann"), Answer::Entered);
    assert_eq!(enter(&mut joe, "joe"), Answer::Entered);
    (registry, ann, joe)
}

fn narrow() -> Limits {
    Limits { outbox_bytes_max: 10_000, ..Limits::default() }
}

/// The old joe is evicted and still connected; a new one gets the name.
fn assert_free(registry: &Registry, joe: &Client) {
    assert_eq!(joe.outbox_state(), parlance_core::registry::OutboxState::Evicted);
    assert_eq!(enter(&mut registry.connect(), "joe"), Answer::Entered);
}

/// [common/unique-2] [common/unique-1] [common/outbox-5]
#[test]
fn the_name_of_a_client_evicted_by_a_line_is_free_when_the_line_is_out() {
    let (registry, mut ann, joe) = ann_and_joe("simple", narrow());
    for _ in 0..3 {
        let lines = vec![b'\n'; 4_000];
        assert_eq!(ask(&mut ann, Request::Publish { lines }), Answer::Published);
    }
    assert_free(&registry, &joe);
}

/// [common/unique-2] [common/tell-3]
#[test]
fn the_name_of_a_client_evicted_by_a_private_line_is_free_at_once() {
    let (registry, mut ann, joe) = ann_and_joe("login", narrow());
    let mut tell =
        || ask(&mut ann, Request::Tell { to: name("joe"), line: Ok(vec![b'\n'; 4_000]) });
    assert_eq!([tell(), tell(), tell()], [Answer::Done, Answer::Done, Answer::Refused]);
    // Before another word to it, which would find out too.
    assert_free(&registry, &joe);
    assert_eq!(tell(), Answer::Refused, "nobody has it now");
}

/// [common/unique-2] [common/outbox-9]
#[test]
fn the_name_of_the_largest_backlog_is_free_when_it_is_evicted() {
    let limits = Limits { total_bytes_max: HIGH_WATER_BYTES / 2, ..Limits::default() };
    let (registry, mut ann, joe) = ann_and_joe("simple", limits);
    let lines = vec![b'\n'; HIGH_WATER_BYTES / 2];
    assert_eq!(ask(&mut ann, Request::Publish { lines }), Answer::Published);
    assert_free(&registry, &joe);
}

//! Close reasons.
//!
//! Goal: the session or the registry knows the reason of every ending.
//!
//! Method: one ending after the other, without connections.
//!
//! Limits: one client at a time; what the shell does with the reason is not here.

use parlance_core::limits::Limits;
use parlance_core::protocol::login::Login;
use parlance_core::protocol::rooms::Rooms;
use parlance_core::protocol::{Answer, CloseReason, Dialect, Request, Session};
use parlance_core::registry::{CallContext, Client, OutboxState, Registry};
use parlance_core::time::Time;
use std::task::Waker;

/// The reason of a session after `end`, and of its end.
fn session(
    dialect: &'static dyn Dialect,
    end: impl FnOnce(&mut Session),
) -> (Option<CloseReason>, Option<Request>) {
    let mut session = Session::new(dialect, &Limits::default(), Time::ZERO);
    assert_eq!(session.close_reason(), None);
    end(&mut session);
    (session.close_reason(), session.take_request())
}

#[test]
fn a_session_knows_the_endings_of_its_client_and_its_clock() {
    let late = |session: &mut Session| session.time(session.deadline());
    let endings = [
        (session(&Rooms, Session::end_of_stream), CloseReason::EndOfStream),
        (session(&Rooms, Session::reset), CloseReason::Reset),
        (session(&Rooms, late), CloseReason::FirstLineLate),
        (session(&Login, late), CloseReason::Idle),
        (
            session(&Rooms, |session| {
                session.feed(b"hello\n", Time::ZERO);
            }),
            CloseReason::ProtocolFault,
        ),
        (
            session(&Rooms, |session| {
                session.feed(b"\x16\x03\x01", Time::ZERO);
            }),
            CloseReason::TlsHello,
        ),
        (
            session(&parlance_core::protocol::channels::Channels, |session| {
                session.feed(b"QUIT\n", Time::ZERO);
            }),
            CloseReason::Quit,
        ),
    ];
    for ((reason, request), expected) in endings {
        assert_eq!(reason, Some(expected));
        assert!(matches!(request, Some(Request::Depart { .. })), "{expected:?}");
    }
}

/// The registry ended the client first.
#[test]
fn a_session_that_is_gone_leaves_the_reason_to_the_registry() {
    let mut session = Session::new(&Rooms, &Limits::default(), Time::ZERO);
    session.end_of_stream();
    assert!(session.take_request().is_some());
    session.answer(Answer::Gone);
    assert_eq!(session.close_reason(), None);
}

fn call() -> CallContext<'static> {
    CallContext::new(Time::ZERO, Waker::noop())
}

fn reply(client: &mut Client) {
    let lines = vec![b'\n'; 600];
    client.submit(Request::Reply { lines }, &mut call());
}

#[test]
fn the_registry_knows_a_stall_the_total_bound_and_the_shutdown() {
    let limits = Limits { total_bytes_max: 1_000, ..Limits::default() };
    let stall = limits.stall;
    let registry = Registry::new(&Rooms, limits);
    let [mut stalled, mut largest, other] = [(); 3].map(|()| registry.connect());

    reply(&mut stalled);
    let mut batch = Vec::new();
    stalled.outlet().take(&mut batch, Waker::noop());
    stalled.outlet().settle(&mut batch, 0, true, &mut call());
    assert_eq!(stalled.close_reason(), None);
    stalled.expire(&mut CallContext::new(Time::ZERO + stall, Waker::noop()));
    assert_eq!(stalled.close_reason(), Some(CloseReason::Stalled));

    reply(&mut largest);
    reply(&mut largest);
    assert_eq!(largest.outbox_state(), OutboxState::Evicted);
    registry.shutdown(&mut call());
    let reasons = [largest.close_reason(), other.close_reason()];
    assert_eq!(reasons, [Some(CloseReason::TotalBound), Some(CloseReason::Shutdown)]);
}

#[test]
fn a_client_that_departs_has_no_reason_of_the_registry() {
    let mut client = Registry::new(&Rooms, Limits::default()).connect();
    client.submit(Request::Depart { farewell: Vec::new() }, &mut call());
    assert_eq!(client.close_reason(), None);
}

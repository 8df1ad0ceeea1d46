//! Clients that speak TLS to a listener without it.
//!
//! Goal: the mistake is answered at once, wherever the stream is cut, and no line of a dialect is
//! taken for it. Method: hellos and lines that are nearly hellos are fed to sessions of every
//! dialect, without a registry. Limits: hellos are their first bytes; real ones are sent in
//! `tests/sockets/tls.rs`.

use parlance_core::limits::Limits;
use parlance_core::protocol::dialect::Dialect;
use parlance_core::protocol::{Answer, CloseReason, DIALECTS, Fault, Request, Session};
use parlance_core::time::Time;

/// The beginning of what OpenSSL sends.
const HELLO: &[u8] = b"\x16\x03\x01\x01\x2c\x01\x00\x01\x28\x03\x03";

fn session(dialect: &'static dyn Dialect) -> Session {
    Session::new(dialect, &Limits::default(), Time::ZERO)
}

/// [common/tls-9] [common/close-1]
#[test]
fn a_hello_ends_the_session_of_a_client_without_a_name_with_its_second_byte() {
    for dialect in DIALECTS {
        let mut farewell = Vec::new();
        dialect.fault(&Fault::TlsHello, &mut farewell);
        for cut in [1, 2, HELLO.len()] {
            let mut session = session(*dialect);
            let (first, rest) = HELLO.split_at(cut);
            assert_eq!(session.feed(first, Time::ZERO), cut);
            assert_eq!(session.close_reason().is_some(), cut > 1, "{dialect:?}");
            assert_eq!(session.feed(rest, Time::ZERO), rest.len(), "what follows is discarded");
            assert_eq!(session.close_reason(), Some(CloseReason::TlsHello));
            let depart = Request::Depart { farewell: farewell.clone() };
            assert_eq!(session.take_request(), Some(depart), "{dialect:?}");
        }
    }
}

/// A long line says nothing about its end, and a hello says what it is. [common/tls-9]
#[test]
fn a_hello_is_a_hello_however_long_it_is() {
    let mut session = session(DIALECTS[0]);
    session.feed(&[HELLO, &[b'x'; 20_000]].concat(), Time::ZERO);
    assert_eq!(session.close_reason(), Some(CloseReason::TlsHello));
}

/// [common/tls-9]
#[test]
fn only_the_beginning_of_a_line_is_taken_for_a_hello() {
    let login = DIALECTS.iter().find(|dialect| dialect.name() == "login").expect("it is one");
    let mut session = session(*login);
    let mut input = &b"\x16\n\x03\n\x16\x02\n \x16\x03\nLOGIN boss\n\x16\x03\x01\n"[..];
    while !input.is_empty() {
        input = &input[session.feed(input, Time::ZERO)..];
        match session.take_request() {
            Some(Request::Reply { .. }) => session.answer(Answer::Done),
            Some(Request::Enter { .. }) => session.answer(Answer::Entered),
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(session.close_reason(), None, "and a client with a name may say what it likes");
}

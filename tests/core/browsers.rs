//! Lines that a web page makes a browser send.
//!
//! Goal: no page chats as the people that visit it. Method: HTTP requests with lines of the dialect
//! as their bodies are fed to sessions of every dialect, without a registry. Limits: a handful of
//! requests; the model has others, and compares the bytes that are sent.

use parlance_core::limits::Limits;
use parlance_core::protocol::dialect::Dialect;
use parlance_core::protocol::http::is_request;
use parlance_core::protocol::{Answer, CloseReason, DIALECTS, Request, Session};
use parlance_core::time::Time;

const BODY: &str = "JOIN den boss\nLOGIN boss\nUSERNAME boss\nJOIN boss\nboss\nfree lunch\n";

/// What the session of a client that sends `input` asks for first, and why it ends.
fn first(dialect: &'static dyn Dialect, input: &str) -> (Option<Request>, Option<CloseReason>) {
    let mut session = Session::new(dialect, &Limits::default(), Time::ZERO);
    let taken = session.feed(input.as_bytes(), Time::ZERO);
    let (request, reason) = (session.take_request(), session.close_reason());
    if reason.is_some() {
        assert_eq!(taken, input.len(), "the body is discarded");
        session.answer(Answer::Departed);
        assert_eq!(session.feed(BODY.as_bytes(), Time::ZERO), BODY.len());
        assert_eq!(session.take_request(), None);
    }
    (request, reason)
}

/// [common/http-1] [common/close-1]
#[test]
fn a_request_of_http_ends_the_session_of_a_client_without_a_name() {
    for dialect in DIALECTS {
        let mut error = Vec::new();
        dialect.fault(&parlance_core::protocol::Fault::HttpRequest, &mut error);
        for line in ["GET / HTTP/1.1", "POST /x?y HTTP/1.1\r", "OPTIONS * HTTP/1.0", "q q HTTP/2"] {
            let (request, reason) = first(*dialect, &format!("{line}\nHost: x\n\n{BODY}"));
            assert_eq!(request, Some(Request::Depart { farewell: error.clone() }), "{dialect:?}");
            assert_eq!(reason, Some(CloseReason::ProtocolFault), "{dialect:?}, {line:?}");
        }
    }
}

/// A name may look like the version of HTTP. [rooms/join-1] [common/http-1]
#[test]
fn a_valid_line_is_obeyed_whatever_it_looks_like() {
    let (request, reason) = first(DIALECTS[0], "JOIN den HTTP/1.1\n");
    assert!(matches!(request, Some(Request::Enter { .. })), "{request:?}");
    assert_eq!(reason, None);
}

/// [common/http-1]
#[test]
fn a_request_is_a_method_a_target_and_a_version() {
    for line in ["GET / HTTP/1.1", "!#$%&'*+-.^_`|~09azAZ x HTTP/0", "M-SEARCH * HTTP/1.1"] {
        assert!(is_request(line.as_bytes()), "{line}");
    }
    let others = [
        "",
        "GET /",
        "GET  HTTP/1.1",
        "GET / HTTP/",
        "GET / HTTP/x",
        "GET / http/1.1",
        "GET /  HTTP/1.1",
        "GET / HTTP/1.1 ",
        " / HTTP/1.1",
        "G:T / HTTP/1.1",
        "MSG see GET / HTTP/1.1",
        "HTTP/1.1 200 OK",
    ];
    for line in others {
        assert!(!is_request(line.as_bytes()), "{line}");
    }
}

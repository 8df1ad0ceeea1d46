//! A fence is a question that this server is known to answer.

use super::server::Part::{Says, Silent};
use super::server::play;
use crate::bounds::Bounds;
use crate::declarations::Condition;
use crate::dialect::{COMMON, dialect};
use crate::runner::{Manner, Runner};
use crate::script::Book;
use crate::server::Server;
use crate::spec::Spec;
use crate::voice::Fence;
use std::time::{Duration, Instant};

/// Whether a fence holds on a server without the optional question, which it refuses, if this is
/// known of it.
fn holds(found: Option<&str>) -> bool {
    let spec = Spec::of(&[COMMON, dialect("login").expect("it is there").spec]);
    let clause = || "login/ping-1".to_owned();
    let when = Condition { clause: clause(), reading: "pong".to_owned(), so: true };
    let fence = |when: Option<Condition>, sent: &str, seen: &str| {
        let ours = when.is_none();
        Fence { when, ours, sent: sent.to_owned(), seen: seen.to_owned() }
    };
    let mut book = Book { dialect: "login", ..Book::default() };
    book.voice.fences =
        vec![fence(Some(when), "PING\\n", "PONG\\n"), fence(None, "{text}\\n", "ERR{..}\\n")];
    let bounds = Bounds { patience: 0.25, end: Instant::now() + Duration::from_secs(60) };
    let server = Server::attach(play(&[Says("ERR what\n")], &[Silent]), bounds);
    let manner = Manner { seed: 1, quick: true, jobs: 1, document_only: false };
    let runner = Runner::new((&spec, &book), &server, bounds, manner);
    runner.readings().probed = true;
    if let Some(found) = found {
        runner.readings().note(&clause(), found, "a test").expect("the first");
    }
    runner.attempt("0123456".to_owned()).fence("a", "{ann}", "fence").is_ok()
}

#[test]
fn a_question_that_no_probe_could_try_is_no_fence() {
    assert!(holds(None));
    assert!(holds(Some("unknown")));
    assert!(!holds(Some("pong")), "it has answered before");
}

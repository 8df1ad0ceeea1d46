//! Where all clients hear each other, the garbage that an attempt has sent may be heard later.

use super::sees;
use super::server::Part::{Says, Silent};
use super::server::play;
use crate::attempt::Played;
use crate::bounds::Bounds;
use crate::dialect::{COMMON, dialect};
use crate::failure::{Outcome, Trouble};
use crate::play::play as play_steps;
use crate::runner::{Manner, Runner};
use crate::script::Book;
use crate::server::Server;
use crate::spec::Spec;
use std::time::{Duration, Instant};

/// What comes of an attempt that has sent garbage or not, if the server says this and `ho0123456`
/// is wanted.
fn heard(after_garbage: bool, says: &'static str) -> Played {
    let spec = Spec::of(&[COMMON, dialect("lobby").expect("it is there").spec]);
    let mut book = Book { dialect: "lobby", ..Book::default() };
    book.voice.one_world = true;
    let bounds = Bounds { patience: 0.25, end: Instant::now() + Duration::from_secs(60) };
    let server = Server::attach(play(&[Says(says)], &[Silent]), bounds);
    let manner = Manner { seed: 1, quick: true, jobs: 1, document_only: false };
    let runner = Runner::new((&spec, &book), &server, bounds, manner);
    let mut attempt = runner.attempt("0123456".to_owned());
    attempt.after_garbage = after_garbage;
    play_steps(&mut attempt, &[super::sends("hello\\n"), sees("ho0123456\\n")])
}

#[test]
fn a_line_of_a_garbage_client_says_nothing_about_the_others() {
    assert!(heard(true, "7u: \u{7}\nho0123456\n").is_ok());
    let mismatch = |played: Played| match played {
        Err(Trouble::Failure(failure)) => matches!(failure.outcome, Outcome::Mismatch { .. }),
        _ => false,
    };
    assert!(mismatch(heard(false, "7u: \u{7}\nho0123456\n")), "nothing explains the line");
    assert!(mismatch(heard(true, "ha0123456\nho0123456\n")), "the line is its own");
    assert!(mismatch(heard(true, "ha\n")), "no answer came but this");
}

//! Goal: each verdict of the runner follows from what a server did, in every attempt.
//!
//! Method: a server plays a part for each connection, in the order in which attempts connect, and a
//! small book has one case and a control. So a test leads the runner to one verdict, which another
//! rule of the runner would not give.
//!
//! Limits: a server that must see cut bytes sees them in pieces unless the machine stops for longer
//! than the pauses; no test fails for that alone.

mod fences;
mod garbage;
mod server;
mod verdicts;

use crate::bounds::Bounds;
use crate::dialect::{COMMON, dialect};
use crate::result::CaseResult;
use crate::runner::{Manner, Runner};
use crate::script::{Action, Book, Case, Reading, Step};
use crate::server::Server;
use crate::spec::Spec;
use server::{Part, play};
use std::time::{Duration, Instant};

/// A clause of the level MUST, and a PROFILE clause; what they say does not matter here.
const MUST: &str = "rooms/join-1";
const PROFILE: &str = "common/eos-2";

fn step(action: Action) -> Step {
    Step { who: "a".to_owned(), when: None, action, stage: None }
}

fn sends(line: &str) -> Step {
    step(Action::Send(line.to_owned()))
}

fn sees(line: &str) -> Step {
    step(Action::Expect { bytes: line.to_owned(), proves: false })
}

fn one_of(lines: &[&str]) -> Step {
    let reading = |line: &&str| Reading {
        name: format!("says-{}", line.trim_end_matches("\\n")),
        bytes: (*line).to_owned(),
        last: false,
    };
    step(Action::OneOf(lines.iter().map(reading).collect()))
}

/// The result of a case with these steps, if the server plays these parts in the attempts, and
/// those in the proofs that follow them; the last part of each goes on.
fn judged(clause: &str, steps: Vec<Step>, parts: &[Part], proofs: &[Part]) -> CaseResult {
    let id = format!("{clause}/trial");
    let case =
        Case { id, clause: clause.to_owned(), says: "Wrong.".to_owned(), steps, ..Case::default() };
    let book = Book {
        dialect: "rooms",
        control: vec![sends("ping\\n"), sees("pong\\n")],
        cases: vec![case],
        ..Book::default()
    };
    let spec = Spec::of(&[COMMON, dialect("rooms").expect("it is there").spec]);
    let bounds = Bounds { patience: 0.25, end: Instant::now() + Duration::from_secs(60) };
    let server = Server::attach(play(parts, proofs), bounds);
    let manner = Manner { seed: 1, quick: true, jobs: 1, document_only: false };
    Runner::new((&spec, &book), &server, bounds, manner).judged(&book.cases[0])
}

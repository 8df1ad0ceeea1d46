//! How a server can fail a step.

use super::escapes::shown;
use super::stage::Stage;

/// Where and how a server did something that is not allowed.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    pub(super) who: String,
    pub(super) outcome: Outcome,
    /// What was allowed there, for people.
    pub(super) allowed: Vec<String>,
    pub(super) place: Place,
}

/// Where in its case a step failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    /// What the step is about, if it is one that most cases have.
    pub(super) stage: Option<Stage>,
    /// Whether the case had not got as far as what it is about.
    pub(super) before: bool,
    /// Whether an error came, in other words than the wanted ones.
    pub(super) words: bool,
}

/// How a step failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Other bytes than the allowed ones, from byte `at` of `got` on.
    Mismatch { at: usize, got: Vec<u8> },
    /// Bytes where there should have been none.
    Surplus { got: Vec<u8> },
    /// The end of the stream after `after` of the right bytes.
    End { after: usize },
    /// A reset after `after` of the right bytes.
    Reset { after: usize },
    /// Nothing arrived for `millis`, after `after` of the right bytes.
    Timeout { after: usize, millis: u128 },
    /// The server does not accept a connection.
    NotConnected(String),
    /// A broken rule about many events, in words.
    Rule(String),
    /// Something that did not happen in time, in words.
    Overdue(String),
    /// The process of the server ended.
    Crash(String),
    /// The server answers nobody any more, in words.
    Silence(String),
}

impl Outcome {
    /// The name of the kind, for machines.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Outcome::Mismatch { .. } => "mismatch",
            Outcome::Surplus { .. } => "surplus",
            Outcome::End { .. } => "end-of-stream",
            Outcome::Reset { .. } => "reset",
            Outcome::Timeout { .. } | Outcome::Overdue(_) | Outcome::Silence(_) => "timeout",
            Outcome::NotConnected(_) => "not-connected",
            Outcome::Rule(_) => "rule",
            Outcome::Crash(_) => "crash",
        }
    }

    /// One sentence about it.
    pub(super) fn told(&self, who: &str) -> String {
        match self {
            Outcome::Mismatch { at, got } => {
                format!("{who}: byte {} is wrong: {} came", at + 1, beginning(got))
            }
            Outcome::Surplus { got } => format!("{who}: {} came, and nothing may", beginning(got)),
            Outcome::End { after } => format!("{who}: the server ended the stream{}", then(*after)),
            Outcome::Reset { after } => format!("{who}: the connection was reset{}", then(*after)),
            Outcome::Timeout { after, millis } => {
                format!("{who}: nothing came for {millis} ms{}", then(*after))
            }
            Outcome::NotConnected(why) => format!("{who}: cannot connect: {why}"),
            Outcome::Rule(what) | Outcome::Overdue(what) => what.clone(),
            Outcome::Crash(how) => format!("the server ended: {how}"),
            Outcome::Silence(how) => {
                format!("the server serves nobody any more: of two new clients, {how}")
            }
        }
    }
}

/// Maximum number of characters that a sentence quotes; the transcript shows more.
const QUOTED: usize = 60;

fn beginning(bytes: &[u8]) -> String {
    let text = shown(bytes);
    match text.char_indices().nth(QUOTED) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

fn then(after: usize) -> String {
    if after == 0 { String::new() } else { format!(" after {after} right bytes") }
}

/// Why an attempt did not reach its end.
#[derive(Clone, Debug)]
pub(super) enum Trouble {
    /// The server did something wrong.
    Failure(Box<Failure>),
    /// The suite could not find out, and why.
    Unknown(String),
}

impl Trouble {
    pub(super) fn failure(who: &str, outcome: Outcome, allowed: Vec<String>) -> Trouble {
        let (who, place) = (who.to_owned(), Place::default());
        Trouble::Failure(Box::new(Failure { who, outcome, allowed, place }))
    }

    /// Like [`rule`](Trouble::rule), but a slow machine explains it as well.
    pub(super) fn overdue(what: impl Into<String>, allowed: &str) -> Trouble {
        Trouble::failure("all", Outcome::Overdue(what.into()), vec![allowed.to_owned()])
    }

    pub(super) fn rule(what: impl Into<String>, allowed: &str) -> Trouble {
        Trouble::failure("all", Outcome::Rule(what.into()), vec![allowed.to_owned()])
    }
}

//! The seams at which a server can be wrong.

use std::time::Duration;

use super::scene::{Cause, Event, Scene};
use parlance_model::Config;

/// A fault, or a reading, at one seam. Several of them are applied one after the other.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fault {
    /// What one read returned becomes what is taken.
    Read(fn(&mut Scene<'_>, Vec<u8>) -> Vec<u8>),
    /// A whole line, with its terminator, becomes what the model is told: lines, or nothing.
    Line(fn(&mut Scene<'_>, Vec<u8>) -> Vec<u8>),
    /// The unfinished line at the end of a stream becomes what the model is told before the end.
    Last(fn(&mut Scene<'_>, Vec<u8>) -> Vec<u8>),
    /// What is made of the end of a stream, or of a reset.
    Event(fn(&mut Scene<'_>, Event) -> Fate),
    /// What one event makes the model send to one client becomes what is sent.
    Said(fn(&mut Scene<'_>, &Cause, Vec<u8>) -> Vec<u8>),
    /// How connections end, and how time passes.
    Manner(Manner),
    /// Other numbers.
    Config(fn(&mut Config)),
}

/// What becomes of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// The model is told.
    Told,
    /// The model is not told, and the connection is closed: a ghost stays behind.
    Ghost,
}

/// How connections are treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manner {
    /// After the last line the connection is reset at once.
    AbortAfterLastLine,
    /// After the last line the connection stays open.
    StayAfterLastLine,
    /// Every write waits so long before.
    Delay(Duration),
    /// A client is greeted before it has said anything.
    Greet,
    /// Lines may be so long, LF and CR included.
    LineLimit(usize),
    /// A write that blocks holds everything up.
    WriteUnderLock,
    /// Not more than so many clients at a time.
    Crowd(usize),
    /// The first reset of a client without a name ends the accepting of others.
    DeafAfterReset,
}

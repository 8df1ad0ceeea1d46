//! The seams at which a server can be wrong.

use std::time::Duration;

use super::scene::{Cause, Event, Scene};
use parlance_model::Config;

/// A fault, or a reading, at one seam. Several are applied one after the other.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fault {
    /// Changes the bytes of one read before they are processed.
    Read(fn(&mut Scene<'_>, Vec<u8>) -> Vec<u8>),
    /// Changes a whole line, with its terminator, before the model is told of it: into several
    /// lines, or none.
    Line(fn(&mut Scene<'_>, Vec<u8>) -> Vec<u8>),
    /// Changes the unfinished line at the end of a stream before the model is told of the end.
    Last(fn(&mut Scene<'_>, Vec<u8>) -> Vec<u8>),
    /// Decides what follows from the end of a stream, or from a reset.
    Event(fn(&mut Scene<'_>, Event) -> Fate),
    /// Changes the bytes that the model sends to one client for one event.
    Said(fn(&mut Scene<'_>, &Cause, Vec<u8>) -> Vec<u8>),
    /// Changes how connections end, and how time passes.
    Manner(Manner),
    /// Changes the limits.
    Config(fn(&mut Config)),
}

/// What follows from an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// The model is told.
    Told,
    /// The model is not told, and the connection is closed: a ghost is left.
    Ghost,
}

/// How connections are treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manner {
    /// After the last line the connection is reset at once.
    AbortAfterLastLine,
    /// After the last line the connection stays open.
    StayAfterLastLine,
    /// Every write is delayed by this time.
    Delay(Duration),
    /// A client is greeted before it has sent anything.
    Greet,
    /// Maximum length of a line, LF and CR included.
    LineLimit(usize),
    /// A write that blocks holds everything up.
    WriteUnderLock,
    /// Maximum number of clients at a time.
    Crowd(usize),
    /// After the first reset of a client without a name, no other client is accepted.
    DeafAfterReset,
}

//! Whether a call on one direction of a stream is worth trying.

use std::io;
use std::task::Poll;

/// What is known of one direction of a stream.
///
/// Readiness is a hint. A reactor answers *pending* although the event has come until it has
/// looked; async-io does so in the tick of the registration, and again after each wake. So a poll
/// that a wake has started tries the call once, whatever the reactor answers, and no deadline is
/// judged before that. [common/idle-2] [common/outbox-8]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Readiness {
    /// The call is tried without asking the reactor.
    Ready,
    /// The last call was refused, or emptied the stream. No wake is registered yet.
    Refused,
    /// The call was refused and a wake is registered.
    Registered,
    /// A wake was registered in an earlier poll. The call was not tried in this one yet.
    Untried,
}

impl Readiness {
    /// A poll begins. If a deadline `is_due`, the call is tried before the deadline is judged.
    pub(super) fn poll_begins(&mut self, is_due: bool) {
        let tries = *self == Readiness::Registered || (is_due && *self == Readiness::Refused);
        if tries {
            *self = Readiness::Untried;
        }
    }

    /// Whether to make the call now. If not, a wake is registered.
    ///
    /// The reactor is asked before the call: its answer seldom costs a system call, and *ready* has
    /// to be consumed, or it would be given again after the call.
    pub(super) fn allows(&mut self, ask: impl FnOnce() -> Poll<io::Result<()>>) -> bool {
        let untried = *self == Readiness::Untried;
        match self {
            Readiness::Ready => return true,
            Readiness::Registered => return false,
            Readiness::Refused | Readiness::Untried => {}
        }
        // An error shows in the call.
        *self = if ask().is_ready() { Readiness::Ready } else { Readiness::Registered };
        untried || *self == Readiness::Ready
    }

    /// The call was refused or emptied the stream. A registered wake stays registered.
    pub(super) fn refused(&mut self) {
        if *self != Readiness::Registered {
            *self = Readiness::Refused;
        }
    }
}

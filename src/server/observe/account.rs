//! What is known of a connection at its end.

use super::bound::Bound;
use parlance_core::protocol::{Fault, Name};
use parlance_core::registry::{LastFigures, Sent};
use std::net::IpAddr;
use std::time::Duration;

/// What a client was and did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Account {
    /// The name it had, or asked for.
    pub(crate) name: Option<Name>,
    /// The room it was in, or asked for.
    pub(crate) room: Option<Name>,
    /// Bytes of input, before any layer.
    pub(crate) bytes_in: u64,
    /// Lines of input.
    pub(crate) lines_in: u64,
    /// What its connection has accepted.
    pub(crate) sent: Sent,
    /// For how long its input was held.
    pub(crate) held: Duration,
    /// The charge of its outbox that is dropped, in bytes.
    pub(crate) unsent: usize,
    /// What was wrong with the line that ended the connection.
    pub(crate) fault: Option<Fault>,
    /// How it stood when the registry ended it.
    pub(crate) last: Option<LastFigures>,
    /// The bound that it met, if the reason alone does not say.
    pub(crate) bound: Option<Bound>,
    /// The address that its arrival has found, if there was no place for it.
    pub(crate) found: Option<IpAddr>,
    /// What its arrival, or a layer, says of its failure.
    pub(crate) why: Option<Box<str>>,
}

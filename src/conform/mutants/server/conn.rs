//! One connection, as the service knows it.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar};

use crate::mutants::scene::{Cause, Own};

/// Bytes to be sent, in order.
pub(super) enum Mark {
    /// This many of the model's pending bytes, and their cause.
    Queued(usize, Arc<Cause>),
    /// Bytes that the model knows nothing about.
    Also(Vec<u8>),
}

/// A queue of input that the model was not told of yet.
pub(super) type Pieces = VecDeque<Vec<u8>>;

/// The next action of a writer.
pub(super) enum Next {
    /// Write these bytes.
    Write(Vec<u8>),
    /// Shut down the sending half.
    Shut,
    /// Close the connection.
    Close,
    /// Close it with a reset.
    Abort,
    /// Nothing, until the bell rings.
    Wait,
}

/// One connection.
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own about a socket")]
pub(super) struct Conn {
    /// Rings when something may have changed for this connection.
    pub(super) bell: Arc<Condvar>,
    /// The beginning of a line.
    pub(super) tail: Vec<u8>,
    pub(super) pieces: Pieces,
    /// The end of the stream was read.
    pub(super) ended: bool,
    pub(super) marks: VecDeque<Mark>,
    /// Taken from the model, and not yet released by a mark.
    pub(super) raw: Vec<u8>,
    /// To be written.
    pub(super) pending: Vec<u8>,
    /// The last write did not take everything.
    pub(super) blocked: bool,
    /// The sending half is shut down.
    pub(super) shut: bool,
    /// The model was not told that the connection is gone.
    pub(super) ghost: bool,
    pub(super) own: Own,
}

impl Conn {
    pub(super) fn new(bell: Arc<Condvar>) -> Conn {
        Conn {
            bell,
            tail: Vec::new(),
            pieces: Pieces::new(),
            ended: false,
            marks: VecDeque::new(),
            raw: Vec::new(),
            pending: Vec::new(),
            blocked: false,
            shut: false,
            ghost: false,
            own: Own::default(),
        }
    }
}

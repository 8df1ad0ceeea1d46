//! The end of an outbox from which it is written.

use super::call_context::CallContext;
use super::entry::Entry;
use super::outbox::Taken;
use super::peer::Peer;
use crate::sync::Arc;
use std::task::Waker;

/// The most entries taken for one write; as many slices as one vectored write is given.
pub const BATCH_ENTRIES_MAX: usize = 64;

/// Hands out what one client is owed, to whoever writes it: the task of its connection, or another
/// that has something for it. Clones hand out the same; one that outlives its client has nothing.
///
/// # Contract
///
/// [`take`](Outlet::take) moves what is owed into a batch. Every batch is given back with
/// [`settle`](Outlet::settle), and whoever has settled one takes again if it is told so, or has another take: those
/// who came meanwhile were answered [`Taken::Elsewhere`] and rely on that.
///
/// ```
/// use parlance_core::limits::Limits;
/// use parlance_core::protocol::{Request, rooms::Rooms};
/// use parlance_core::registry::{Registry, OutboxState, Taken, CallContext};
/// use parlance_core::time::Time;
/// use std::task::Waker;
///
/// let registry = Registry::new(&Rooms, Limits::default());
/// let mut turn = CallContext::new(Time::ZERO, Waker::noop());
/// let mut joe = registry.connect();
/// let outlet = joe.outlet();
/// joe.submit(Request::Reply { lines: b"hello\n".to_vec() }, &mut turn);
///
/// let (mut batch, mut other) = (Vec::new(), Vec::new());
/// assert_eq!(outlet.take(&mut batch, Waker::noop()), Taken::Batch);
/// assert_eq!(joe.outlet().take(&mut other, Waker::noop()), Taken::Elsewhere(OutboxState::Open));
/// assert!(!outlet.settle(&mut batch, 6, false, &mut turn)); // nothing is left
/// ```
#[derive(Clone, Debug)]
pub struct Outlet {
    pub(super) peer: Arc<Peer>,
}

impl Outlet {
    /// Moves what is owed into `batch`, which must be empty, in the order it is owed: up to
    /// [`BATCH_ENTRIES_MAX`] entries. If nothing is, `caller` is woken when that changes.
    pub fn take(&self, batch: &mut Vec<Entry>, caller: &Waker) -> Taken {
        debug_assert!(batch.is_empty(), "the batch before was not settled");
        self.peer.outbox().take(batch, BATCH_ENTRIES_MAX, caller)
    }

    /// Gives `batch` back after the connection has accepted its first `accepted` bytes. With
    /// `refused`, it accepts no more at the moment: the caller of `call` is woken if the client is closed or
    /// evicted meanwhile. That may have happened since the batch was taken: look at
    /// [`outbox_state`](super::Client::standing) before going to sleep.
    ///
    /// True if the caller must take again. False if it need not: it is woken when something is owed, or, if the
    /// connection `refused`, it tries again when the connection accepts more.
    pub fn settle(
        &self,
        batch: &mut Vec<Entry>,
        accepted: usize,
        refused: bool,
        call: &mut CallContext<'_>,
    ) -> bool {
        let mut outbox = self.peer.outbox();
        let more = outbox.settle(batch, accepted, refused, call);
        self.peer.note(&outbox);
        more
    }
}

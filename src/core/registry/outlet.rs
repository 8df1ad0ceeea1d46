//! The reading end of an outbox, used by the task that writes to the connection.

use super::call_context::CallContext;
use super::entry::Entry;
use super::outbox::Taken;
use super::peer::Peer;
use crate::sync::Arc;
use std::task::Waker;

/// The maximum of entries in a batch, which is one vectored write.
pub const BATCH_ENTRIES_MAX: usize = 64;

/// Hands out the pending entries of one client to the task that writes them: the task of its
/// connection, or the task of a sender. Clones share the outbox. An outlet that outlives its client
/// has no entries.
///
/// # Contract
///
/// [`take`](Outlet::take) moves pending entries into a batch. Every batch is given back with
/// [`settle`](Outlet::settle). If `settle` returns true, the caller takes again or has another task
/// do so: tasks that came meanwhile were answered [`Taken::Elsewhere`] and rely on that.
///
/// ```
/// use parlance_core::limits::Limits;
/// use parlance_core::protocol::{Request, rooms::Rooms};
/// use parlance_core::registry::{Registry, OutboxState, Taken, CallContext};
/// use parlance_core::time::Time;
/// use std::task::Waker;
///
/// let registry = Registry::new(&Rooms, Limits::default());
/// let mut call = CallContext::new(Time::ZERO, Waker::noop());
/// let mut joe = registry.connect();
/// let outlet = joe.outlet();
/// joe.submit(Request::Reply { lines: b"hello\n".to_vec() }, &mut call);
///
/// let (mut batch, mut other) = (Vec::new(), Vec::new());
/// assert_eq!(outlet.take(&mut batch, Waker::noop()), Taken::Batch);
/// assert_eq!(joe.outlet().take(&mut other, Waker::noop()), Taken::Elsewhere(OutboxState::Open));
/// assert!(!outlet.settle(&mut batch, 6, false, &mut call)); // nothing is left
/// ```
#[derive(Clone, Debug)]
pub struct Outlet {
    pub(super) peer: Arc<Peer>,
}

impl Outlet {
    /// Moves up to [`BATCH_ENTRIES_MAX`] pending entries, in order, into `batch`, which must be
    /// empty. If there is none, `caller` is woken when that changes.
    pub fn take(&self, batch: &mut Vec<Entry>, caller: &Waker) -> Taken {
        debug_assert!(batch.is_empty(), "the batch before was not settled");
        self.peer.outbox().take(batch, BATCH_ENTRIES_MAX, caller)
    }

    /// Gives `batch` back after the connection has accepted its first `accepted` bytes. `refused`
    /// says that the connection accepts no more at the moment: then the caller of `call` is woken
    /// if the client is closed or evicted meanwhile. That may have happened since the batch was
    /// taken: look at [`outbox_state`](super::Client::outbox_state) before going to sleep.
    ///
    /// Returns true if the caller must take again. If not, the caller is woken when an entry is
    /// appended or, if the connection `refused`, tries again when the connection accepts more.
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

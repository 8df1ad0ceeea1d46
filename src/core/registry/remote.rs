//! A client as others than its connection reach it.

use super::call_context::CallContext;
use super::figures::Sent;
use super::outbox::OutboxState;
use super::peer::Peer;
use super::shared::Shared;
use crate::protocol::{CloseReason, Fault};
use crate::sync::Arc;
use crate::time::Time;
use std::time::Duration;

/// An operator's handle on a client: to look at it, and to end it. It keeps nothing alive that
/// others see: a client departs with its own handle.
#[derive(Clone, Debug)]
pub struct Remote {
    shared: Arc<Shared>,
    peer: Arc<Peer>,
}

impl Remote {
    pub(super) fn new(shared: &Arc<Shared>, peer: &Arc<Peer>) -> Remote {
        Remote { shared: Arc::clone(shared), peer: Arc::clone(peer) }
    }

    /// Ends the client for `reason`, which [`Client::close_reason`](super::Client::close_reason)
    /// knows from now on; false if it has ended already. Its last line is that for `fault`, behind
    /// what is pending. Its room hears of the departure, and its name is free, before this returns.
    /// [common/kick-1] [common/kick-2]
    pub fn kick(&self, reason: CloseReason, fault: &Fault, call: &mut CallContext<'_>) -> bool {
        Remote::kick_all(&[self], reason, fault, call) == [true]
    }

    /// Ends all of `remotes`, clients of one registry, as [`kick`](Remote::kick) ends one; false
    /// for each that has ended already. A room hears of all its departures together, and none of
    /// those that go hears of another.
    pub fn kick_all(
        remotes: &[&Remote],
        reason: CloseReason,
        fault: &Fault,
        call: &mut CallContext<'_>,
    ) -> Vec<bool> {
        let Some(Remote { shared, .. }) = remotes.first() else { return Vec::new() };
        debug_assert!(remotes.iter().all(|remote| Arc::ptr_eq(&remote.shared, shared)));
        let peers: Vec<&Peer> = remotes.iter().map(|remote| &*remote.peer).collect();
        let kicked = shared.kick(&peers, (reason, fault), call);
        shared.enforce_total(call);
        kicked
    }

    /// Whether it can still be sent lines: it has not departed, and was not ended.
    pub fn is_open(&self) -> bool {
        self.peer.outbox().state() == OutboxState::Open
    }

    /// What its connection has accepted so far.
    pub fn sent(&self) -> Sent {
        self.peer.outbox().sent()
    }

    /// The charge of its outbox, in bytes. [common/outbox-3]
    pub fn charge(&self) -> usize {
        self.peer.outbox().charge()
    }

    /// For how long its connection has accepted no byte of those offered, at `now`.
    pub fn refuses_for(&self, now: Time) -> Duration {
        now.since(self.peer.outbox().refusing_since())
    }
}

//! The end of a client at the word of an operator: it was kicked, or its name is banned.

use super::banned_names::BannedName;
use super::call_context::CallContext;
use super::client::Client;
use super::peer::Peer;
use super::shared::Shared;
use crate::protocol::{CloseReason, Fault, Name};

impl Shared {
    /// Ends `peer` for `reason`; false if it has ended already. It leaves its room and its name is
    /// free at once. Pending lines stay, the one for `fault` is the last. [common/kick-1]
    /// [common/kick-2]
    pub(super) fn kick(
        &self,
        peer: &Peer,
        (reason, fault): (CloseReason, &Fault),
        call: &mut CallContext<'_>,
    ) -> bool {
        let mut farewell = Vec::new();
        self.delivery.dialect.fault(fault, &mut farewell);
        let ended = peer.close(self.delivery.chunk(farewell), reason, &self.delivery.ledger, call);
        if ended {
            self.remove_evicted(&[peer], call);
        }
        ended
    }
}

impl Client {
    /// Whether `name` is banned; then the client has ended. [common/ban-2]
    pub(super) fn is_banned(&self, name: &Name, call: &mut CallContext<'_>) -> bool {
        let Some(BannedName { why, .. }) = self.shared.banned_names.find(name, call.now) else {
            return false;
        };
        self.shared.kick(&self.peer, (CloseReason::Banned, &Fault::Banned(why)), call);
        true
    }
}

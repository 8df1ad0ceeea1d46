//! The end of a client at the word of an operator: it was kicked, or its name is banned.

use super::banned_names::BannedName;
use super::call_context::CallContext;
use super::client::Client;
use super::peer::Peer;
use super::shared::Shared;
use crate::protocol::{CloseReason, Fault, Name};

impl Shared {
    /// Ends `peers` for `reason`; false for each that has ended already. They leave their rooms and
    /// their names are free at once. Pending lines stay, the one for `fault` is the last.
    /// [common/kick-1] [common/kick-2]
    ///
    /// All are ended before the first departure is announced: so nobody is told of one who goes at
    /// the same moment, and a room is gone through once for all of them.
    pub(super) fn kick(
        &self,
        peers: &[&Peer],
        (reason, fault): (CloseReason, &Fault),
        call: &mut CallContext<'_>,
    ) -> Vec<bool> {
        let mut farewell = Vec::new();
        self.delivery.dialect.fault(fault, &mut farewell);
        let (farewell, ledger) = (self.delivery.chunk(farewell), &self.delivery.ledger);
        let mut close = |peer: &&Peer| peer.close(farewell.clone(), reason, ledger, call);
        let ended: Vec<bool> = peers.iter().map(&mut close).collect();
        let gone = peers.iter().zip(&ended).filter(|(_, ended)| **ended);
        self.remove_evicted(&gone.map(|(peer, _)| *peer).collect::<Vec<_>>(), call);
        ended
    }
}

impl Client {
    /// Whether `name` is banned and the client asks for it, which then has ended. [common/ban-2]
    ///
    /// One that has its name asks for none when it enters a room: those who are there when a
    /// configuration bans their name stay. [common/ban-4]
    pub(super) fn is_banned(&self, name: &Name, call: &mut CallContext<'_>) -> bool {
        if self.peer.has_name() {
            return false;
        }
        let Some(BannedName { why, .. }) = self.shared.banned_names.find(name, call.now) else {
            return false;
        };
        self.shared.kick(&[&self.peer], (CloseReason::Banned, &Fault::Banned(why)), call);
        true
    }
}
